"""Decides which pages are one step away: those of the reader's own role, else those of the village being looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from jifen.words import title

from jifen_office import hooks
from jifen_office.access.models import Role, User
from jifen_office.access.roles import HOUSEHOLD, standings
from jifen_office.pages.speech import speaking
from jifen_office.register.models import Town, Village

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from jifen_office.access.roles import Standing


@frozen
class Entry:
    """One way: an address and its words."""

    address: str
    words: str


PUBLIC: Final = (("village", _("本村")), ("rules", _("规则")), ("posted", _("公示")), ("honours", _("荣誉榜")))
OWN: Final = (
    ("points", _("我的积分")),
    ("month", _("本月可做")),
    ("objections", _("异议")),
    ("exchange", _("兑换")),
)
OFFICES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    Role.LEADER: (
        ("desk", _("今日待办")),
        ("record", _("登记事项")),
        ("round", _("整组检查")),
        ("households", _("家庭户")),
    ),
    Role.CLERK: (
        ("desk", _("今日待办")),
        ("record", _("登记事项")),
        ("round", _("整组检查")),
        ("households", _("家庭户")),
        ("records", _("记录")),
        ("notice", _("公示")),
        ("books", _("账务")),
        ("layer", _("村级细则")),
        ("settings", _("村设置")),
    ),
    Role.COMMITTEE: (
        ("queue", _("待审核")),
        ("objected", _("异议处理")),
        ("records", _("记录")),
        ("decisions", _("我的决定")),
        ("sample", _("抽查复核")),
    ),
    Role.KEEPER: (("counter", _("兑换台")), ("stock", _("库存")), ("owed", _("结算"))),
}
"""Pages of the roles in a village."""


def menu_of(request: HttpRequest, village: Village | None) -> list[Entry]:
    """The ways from a page, in order and each once."""
    user = getattr(request, "user", None)
    found: dict[str, Entry] = {}
    for standing in standings(user if isinstance(user, User) else None):
        for entry in (*_ways(standing, user), *_of_plugins(standing)):
            found.setdefault(entry.address, entry)
    if village is not None and not found:
        for entry in _to(PUBLIC, village=village.code):
            found.setdefault(entry.address, entry)
    return list(found.values())


def _ways(standing: Standing, user: object) -> Iterator[Entry]:
    if standing.role == HOUSEHOLD and isinstance(user, User) and user.household is not None:
        home = user.household
        yield from _to(OWN, village=home.village.code, household=home.code)
        yield from _to(PUBLIC[1:], village=home.village.code)
    elif standing.role in OFFICES and standing.place.village is not None:
        yield from _to(OFFICES[standing.role], village=Village.objects.get(pk=standing.place.village).code)
    elif standing.role == Role.TOWN and standing.place.town is not None:
        code = Town.objects.get(pk=standing.place.town).code
        yield from _to((("town", _("全镇")), ("exports", _("账务")), ("layers", _("村级细则"))), town=code)
        yield from _to((("audit", _("审计")),))
    elif standing.role == Role.DISTRICT:
        yield from _to((("district", _("全区")), ("audit", _("审计"))))


def _of_plugins(standing: Standing) -> Iterator[Entry]:
    """Pages that plugins add for a role."""
    for pages in hooks.installed():
        for entry in pages.menu:
            if standing.role in entry.roles:
                with speaking():
                    yield Entry(reverse(f"{pages.name}:{entry.view}"), title(entry.title))


def _to(ways: tuple[tuple[str, str], ...], **place: str) -> Iterator[Entry]:
    for name, words in ways:
        yield Entry(reverse(name, kwargs=place), gettext(words))


def home_of(user: User) -> str:
    """Where somebody begins."""
    for standing in standings(user):
        for entry in _ways(standing, user):
            return entry.address
    return reverse("public")
