"""Decides which pages are looked at: each address of the office's own table, for everybody whom its tables let in.

    python -m plugins.office.browser.within plugins.office.browser.addresses VILLAGE USER…

prints them as JSON. A new page whose address holds a village, a household or a town is among them by itself; one that
holds a number of its own kind is missed by name until `_numbered` knows where such a number comes from.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.models import AnonymousUser
from django.urls import get_resolver, reverse
from jifen_office.access.models import User
from jifen_office.access.roles import Place, households, may
from jifen_office.access.routes import declared, every
from jifen_office.pages.clock import today
from jifen_office.process.models import Evidence, Objection, Record, State
from jifen_office.process.proposing import to_conclude
from jifen_office.process.recording import whose
from jifen_office.process.reviewing import queue
from jifen_office.register.models import Village
from jifen_office.shop.models import Voucher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet
    from django.urls import URLPattern
    from jifen_office.register.models import Household

Words = dict[str, object]
"""Keywords of an address."""

OPERATORS: Final = "office.operate"
"""Django's own site for operators: its pages are Django's."""


def main(code: str, names: list[str]) -> list[dict[str, str]]:
    """Every address of everybody named, in the order of the table; the empty name is nobody."""
    village = Village.objects.select_related("town").get(code=code)
    found = []
    for name in names:
        user = User.objects.get(username=name) if name else AnonymousUser()
        for pattern, view in every(get_resolver().url_patterns):
            asked = _addresses(pattern, view, village, user)
            found += [{"user": name, "view": view, "address": address} for address in asked]
    return found


def _addresses(pattern: URLPattern, view: str, village: Village, user: User | AnonymousUser) -> Iterator[str]:
    asked = declared(pattern.callback)
    if asked is None or asked.permission == OPERATORS or view.startswith("operate:"):
        return
    words = {word for ways in get_resolver().reverse_dict.getlist(view) for word in ways[0][0][1]}
    homes = households(user, asked.permission).filter(village=village, erased=None).select_related("village")
    given: Words = {"village": village.code, "town": village.town.code}
    home = homes.exclude(accounts=None).order_by("code").first()  # one that takes part
    given |= {"household": home.code} if home else {}
    if view in _NUMBERED:
        numbered = _NUMBERED[view](village, homes, user)
        if numbered is None:
            return
        given |= numbered
    if words - set(given):
        if "household" in words and home is None:
            return
        raise LookupError(f"{view}: say in _NUMBERED where {words - set(given)} come from")
    place = Place(village.town_id, village.pk) if "village" in words else Place(village.town_id) if words else Place()
    if "household" in words:
        place = Place.of(village.households.get(code=given["household"]))
    if not may(user, asked.permission, place):
        return
    address = reverse(view, kwargs={word: given[word] for word in words})
    asks = _ASKED.get(view)
    yield from (address + query for query in asks(given)) if asks else (address,)


def _of(record: Record | None) -> Words | None:
    if record is None:
        return None
    return {"number": record.number, **({"household": record.household.code} if record.household else {})}


def _own(state: str) -> Callable[[Village, QuerySet[Household], Any], Words | None]:
    """The first record of a state of a household within reach."""
    return lambda _, homes, user: _of(
        Record.objects.filter(household__in=homes, state=state).select_related("household").order_by("number").first()
    )


def _of_village(village: Village, _: object, user: Any) -> Words | None:
    """The first record of the village itself, for who reaches all of it."""
    if not may(user, "record.list", whose(None, village)):
        return None
    return _of(village.records.filter(household=None).order_by("number").first())


def _voucher(_: Village, homes: QuerySet[Household], __: object) -> Words | None:
    """A voucher that waits, else any."""
    found = Voucher.objects.filter(household__in=homes).select_related("household").order_by("-state", "number").first()
    return {"number": found.number, "household": found.household.code} if found else None


def _evidence(_: Village, homes: QuerySet[Household], __: object) -> Words | None:
    found = Evidence.objects.filter(record__household__in=homes).exclude(file="").first()
    home = found.record.household if found else None
    return {"number": found.pk, "household": home.code} if found and home else None


def _card(_: Village, __: object, ___: object) -> Words | None:
    found = User.objects.exclude(household=None).order_by("pk").first()
    return {"card": found.username} if found else None


def _objection(village: Village, _: object, __: object) -> Words | None:
    found = Objection.objects.filter(record__village=village, granted=None).first()
    return {"number": found.pk} if found else None


_NUMBERED: Final[dict[str, Callable[[Village, Any, Any], Words | None]]] = {
    "card": _card,
    "sheet": lambda village, *_: {"number": village.notices.latest("posted", "pk").number},
    "record_of": _own(State.FINAL),
    "object_to": _own(State.POSTED),
    "evidence": _evidence,
    "voucher": _voucher,
    "void_voucher": _voucher,
    "at_counter": _voucher,
    "review": lambda village, _, user: _of(queue(user, village, today=today()).first()),
    "objection": _objection,
    "cancel": _own(State.FINAL),
    "more_evidence": _own(State.RECORDED),
    "withdraw": _own(State.RECORDED),
    "village_record": _of_village,
    "proposal": _own(State.FINAL),
    "conclusion": lambda village, *_: _of(to_conclude(village, today()).first()),
    "decide_layer": lambda *_: None,  # takes a form alone
}
"""Where the numbers in addresses come from; None where there is no such thing for who asks."""

_ASKED: Final[dict[str, Callable[[Words], tuple[str, ...]]]] = {
    "record": lambda given: ("", *(f"?household={given['household']}&item={item}" for item in ("A06", "A07", "D08"))),
    "report": lambda _: ("", "?item=A09"),
    "round_sheet": lambda given: tuple(
        f"?group={Village.objects.get(code=given['village']).households.earliest('code').group}&item={item}&date={today()}"
        for item in ("A01", "WS02")
    ),
    "counter": lambda _: ("", "?number=123"),
    "sample": lambda _: ("", "?seed=7&count=5"),
}
"""What is asked with an address, where its page shows something else then."""


if __name__ == "__main__":
    json.dump(main(sys.argv[1], sys.argv[2:]), sys.stdout)
