"""Decides what states and kinds are called on pages, in words that are translated; the models keep the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from jifen_office.access import audit
from jifen_office.access.models import Role
from jifen_office.access.roles import HOUSEHOLD
from jifen_office.ledger.models import EntryKind
from jifen_office.process.models import Kind, State, StepKind
from jifen_office.shop.models import VoucherState

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {
        State.RECORDED: _("待审核"),
        State.APPROVED: _("待公示"),
        State.REFUSED: _("未通过"),
        State.POSTED: _("公示中"),
        State.OBJECTED: _("异议处理中"),
        State.FINAL: _("已生效"),
        State.CANCELLED: _("已撤销"),
    },
    "step": {
        StepKind.RECORDED: _("登记"),
        StepKind.APPROVED: _("审核通过"),
        StepKind.REFUSED: _("审核不通过"),
        StepKind.RECUSED: _("回避"),
        StepKind.POSTED: _("公示"),
        StepKind.OBJECTED: _("提出异议"),
        StepKind.UPHELD: _("异议不成立"),
        StepKind.CANCELLED: _("撤销"),
        StepKind.FINAL: _("生效"),
        StepKind.CREDITED: _("入账"),
    },
    "entry": {
        EntryKind.CREDIT: _("记分"),
        EntryKind.REVERSAL: _("冲正"),
        EntryKind.RESERVE: _("预留"),
        EntryKind.HAND_OVER: _("发放"),
        EntryKind.VOID: _("作废"),
        EntryKind.SUPPLY: _("进货"),
        EntryKind.STOCK_TAKING: _("盘点"),
        EntryKind.RESET: _("到期清零"),
        EntryKind.OPEN: _("开账"),
        EntryKind.CLOSE: _("结账"),
    },
    "voucher": {
        VoucherState.RESERVED: _("待领取"),
        VoucherState.HANDED_OVER: _("已领取"),
        VoucherState.VOID: _("已作废"),
    },
    "kind": {Kind.DEED: _("事项"), Kind.PROPOSAL: _("惩戒建议")},
    "role": {
        HOUSEHOLD: _("家庭户"),
        Role.LEADER: _("村民小组长"),
        Role.CLERK: _("村文书"),
        Role.COMMITTEE: _("审核委员"),
        Role.KEEPER: _("兑换点管理员"),
        Role.TOWN: _("镇经办"),
        Role.DISTRICT: _("区经办"),
    },
    "outcome": {
        audit.ASKED: _("提交"),
        audit.SEEN: _("查看"),
        audit.DENIED: _("拒绝"),
        "done": _("办成"),
        "refused": _("未办成"),
        "failed": _("出错"),
    },
}


def stated(value: str, of: str) -> str:
    """The word of a code; `of` is a key of `WORDS`."""
    return gettext(WORDS[of][value])
