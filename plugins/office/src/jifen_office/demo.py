"""Decides what an office to try looks like: two invented towns, an account for every role, records at every step.

Everything is entered through the services that the pages call, in the names of the demo's people and on days of 2025:
so it has passed every check that holds in earnest. ``python -m jifen_office.demo FOLDER`` makes one.
"""

from __future__ import annotations

import os
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.problems import Problem, Refused
from jifen.words import say

from jifen_office.demo_village import TODAY
from jifen_office.project.folder import VARIABLE, OfficeFolder

if TYPE_CHECKING:
    from pathlib import Path

    from jifen_office.demo_village import People
    from jifen_office.register.models import Town, Village

TOWNS: Final = {
    "qinghe": (("QH01", "青溪村"), ("QH02", "荷塘村")),
    "wangchao": (("WC01", "听涛村"), ("WC02", "望海村")),
}
PASSWORD: Final = "demo-2025-jifen"  # noqa: S105 - told to everyone, for invented people
HOUSEHOLDS: Final = 40
"""In each village."""
DEEDS: Final = 6
"""For each household, over the year; about half of them lie before `TODAY`."""
CARDS: Final = 3


@frozen
class Given:
    """An account of the demo, to be printed."""

    role: str
    place: str
    username: str
    password: str


def make(folder: Path, households: int = HOUSEHOLDS) -> list[Given]:
    """A demo office in a folder that is empty or not there; its accounts.

    Raises `Refused` (``office.demo.not-empty``), and where jifen-demo, which invents the people, is not installed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused([Problem("office.demo.not-empty", facts={"folder": folder})])
    try:
        import jifen_demo  # noqa: F401 - asked for before anything is made
    except ModuleNotFoundError as missing:
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": "jifen-demo"})]) from missing
    os.environ[VARIABLE] = str(folder.absolute())
    here = OfficeFolder.here()
    here.make_keys()
    here.evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
    from jifen_office.commands.init import set_up

    set_up()
    return fill(households)


def fill(households: int) -> list[Given]:
    """Fills an office that is set up and empty."""
    from django.db import transaction

    from jifen_office.access import people
    from jifen_office.access.models import Role

    with transaction.atomic():
        people.enrol("operator", "区运维", operator=True, password=PASSWORD, hashed=_hashed())
        given = [Given(say("office.demo.operator"), "/operate/", "operator", PASSWORD)]
        for code, places in TOWNS.items():
            given += _town(code, places, households)
        given.append(_account("district", "区经办", Role.DISTRICT, "", ""))
    return given


def _town(code: str, places: tuple[tuple[str, str], ...], households: int) -> list[Given]:
    from jifen.period import Period
    from jifen_demo import invent

    from jifen_office import rules
    from jifen_office.access.models import Role
    from jifen_office.demo_village import months, shop
    from jifen_office.register.intake import take_in
    from jifen_office.register.models import Town

    book, year = rules.book_of(code, TODAY), Period.parse(str(TODAY.year))
    inputs = invent(book, period=year, households=households, deeds_per_household=DEEDS, places=places)
    take_in(inputs, code, TODAY)
    town = Town.objects.get(code=code)
    given = [_account(f"{code}-town", f"{town.name}经办", Role.TOWN, town.name, "", town=town)]
    for number, village in enumerate(town.villages.order_by("code"), 1):
        who, accounts = _people(village, f"{code}{number}")
        months(who, inputs.deeds)
        if book.shop is not None:
            shop(who)
        given += [*accounts, *_cards(who)]
    return given


@cache
def _hashed() -> str:
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def _account(
    username: str,
    name: str,
    role: str,
    place: str,
    group: str,
    town: Town | None = None,
    village: Village | None = None,
) -> Given:
    from jifen_office.access import people
    from jifen_office.access.models import Role

    made = people.enrol(username, name, password=PASSWORD, hashed=_hashed())
    people.appoint(made.user, Role(role), since=date(TODAY.year, 1, 1), town=town, village=village, group=group)
    return Given(str(Role(role).label), place, username, PASSWORD)


def _people(village: Village, stem: str) -> tuple[People, list[Given]]:
    """The people of a village, named after it: ``qinghe1-clerk`` and so on."""
    from jifen_office.access.models import Role, User
    from jifen_office.demo_village import People

    group = village.households.order_by("group").values_list("group", flat=True)[0]
    wanted = [
        ("clerk", "钱文书", Role.CLERK),
        ("leader", "孙组长", Role.LEADER),
        ("keeper", "李掌柜", Role.KEEPER),
        *((f"committee{n}", f"{name}委员", Role.COMMITTEE) for n, name in enumerate("赵吴郑", 1)),
    ]
    accounts = [
        _account(
            f"{stem}-{name}",
            f"{village.name}{title}",
            role,
            village.name if role is not Role.LEADER else f"{village.name}{group}",
            group if role is Role.LEADER else "",
            village=village,
        )
        for name, title, role in wanted
    ]
    clerk, _, keeper, *committee = (User.objects.get(username=each.username) for each in accounts)
    return People(village, clerk, keeper, tuple(committee)), accounts


def _cards(who: People) -> list[Given]:
    from jifen_office.access import cards
    from jifen_office.demo_village import at, richest

    found = richest(who.village)[:CARDS]
    made = [
        cards.issue(each, key=who.key("card", each.code), by=who.clerk, now=at(date(2025, 5, 21))) for each in found
    ]
    place = who.village.name
    return [
        Given(say("office.demo.household"), f"{place} {card.household.name}", card.number, card.pin) for card in made
    ]


if __name__ == "__main__":
    import sys

    from jifen.commands import main

    sys.exit(main(["office", "demo", *sys.argv[1:]]))
