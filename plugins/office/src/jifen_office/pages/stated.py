"""Decides what states and kinds are called on pages: by the labels of the models, which are translated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from jifen_office.access import audit
from jifen_office.access.models import Role
from jifen_office.access.roles import HOUSEHOLD
from jifen_office.ledger.models import EntryKind
from jifen_office.process.models import Kind, State, StepKind
from jifen_office.shop.models import VoucherState

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Final[Mapping[str, Mapping[str, object]]] = {
    "state": dict(State.choices),
    "step": dict(StepKind.choices),
    "entry": dict(EntryKind.choices),
    "voucher": dict(VoucherState.choices),
    "kind": dict(Kind.choices),
    "role": {HOUSEHOLD: _("家庭户"), **dict(Role.choices)},
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
    """The word of a code in the reader's language; `of` is a key of `WORDS`."""
    return str(WORDS[of][value])
