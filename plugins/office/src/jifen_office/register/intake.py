"""Decides how a town's register comes into the office: villages, households and members from a folder of data.

Taking in the same data again changes nothing; what changed in them is changed here. Nobody is deleted because a table
leaves them out, and a household that was erased stays erased.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from django.db import transaction
from jifen import frames
from jifen.checking import admit
from jifen.dataset import read_folder
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.words import title

from jifen_office import rules
from jifen_office.register.models import Household, Member, Town, Village

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    import polars as pl
    from django.db import models
    from jifen.inputs import Inputs, Reading

_VILLAGE = ("name", "groups", "pilot_groups", "resolution", "resolution_date", "town_approval", "town_approval_date")
_HOUSEHOLD = (
    "group",
    "name",
    "address",
    "site",
    "registered",
    "homestead",
    "living",
    "consent",
    "resolution",
    "resolution_date",
    "stars",
    "star_review",
    "kind",
)
_DAYS = ("consent", "resolution_date", "town_approval_date")


@frozen
class TakenIn:
    """How many rows were new, changed, and left as they were because the household was erased."""

    new_villages: int = 0
    changed_villages: int = 0
    new_households: int = 0
    changed_households: int = 0
    new_members: int = 0
    erased: int = 0


def take_in_folder(folder: Path, town: str, day: date) -> TakenIn:
    """The register of a folder of data, checked as `jifen settle` checks it by the rules of a day.

    Raises `Refused` as `jifen.dataset.read_inputs` and `take_in` do; then nothing was taken in.
    """
    book = rules.book_of(town, day)
    reading, _ = read_folder(folder, book, rules.registry())
    return take_in(reading, town, day)


@transaction.atomic
def take_in(given: Reading | Inputs, town: str, day: date) -> TakenIn:
    """The VILLAGES and HOUSEHOLDS of frames: rows of a number that is known are brought up to date.

    Raises `Refused` with every row that cannot be used, and where a village belongs to another town or a household to
    another village here; then nothing was taken in.
    """
    villages, households = _checked(given, town, day)
    where, new_villages, changed_villages = _villages(villages, _town(town))
    counts = _households(households, where)
    return evolve(counts, new_villages=new_villages, changed_villages=changed_villages)


def _checked(given: Reading | Inputs, town: str, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    from jifen.inputs import Reading

    book = rules.book_of(town, day)
    if not isinstance(given, Reading):
        given = Reading({"villages": given.villages, "households": given.households})
    # Deeds go another way: they are recorded and reviewed.
    tables: dict[str, pl.DataFrame] = {
        name: frame for name, frame in given.frames.items() if name in ("villages", "households")
    }
    aside = tuple(row for row in given.set_aside if row.frame in tables)
    reading = evolve(given, frames={**tables, "deeds": frames.DEEDS.empty()}, set_aside=aside, rows_in=0)
    admitted = admit(reading, book, Period.parse(str(day.year)))
    if admitted.set_aside:
        raise Refused([problem for row in admitted.set_aside for problem in row.problems])
    return frames.plain(admitted.villages), frames.plain(admitted.households)


def _town(code: str) -> Town:
    name = title(rules.registry().town(code).title) or code
    return Town.objects.get_or_create(code=code, defaults={"name": name})[0]


def _villages(rows: pl.DataFrame, town: Town) -> tuple[dict[str, Village], int, int]:
    known = {each.code: each for each in Village.objects.filter(code__in=rows["village"].to_list())}
    strangers = [each for each in known.values() if each.town_id != town.pk]
    if strangers:
        raise Refused(
            [
                Problem("register.village-of-other-town", facts={"village": each.code, "town": each.town.name})
                for each in strangers
            ]
        )
    new = [
        Village(town=town, code=row["village"], **_values(row, _VILLAGE))
        for row in rows.iter_rows(named=True)
        if row["village"] not in known
    ]
    changed = _changed(((known[row["village"]], row) for row in _known(rows, "village", known)), _VILLAGE)
    Village.objects.bulk_create(new)
    for village in changed:
        village.save()
    found = Village.objects.filter(code__in=rows["village"].to_list())
    return {each.code: each for each in found}, len(new), len(changed)


def _households(rows: pl.DataFrame, villages: dict[str, Village]) -> TakenIn:
    known = {each.code: each for each in _in_lots(Household.objects.select_related("village"), rows["household"])}
    moved = [
        Problem(
            "register.household-of-other-village",
            facts={
                "household": row["household"],
                "village": row["village"],
                "home": known[row["household"]].village.code,
            },
        )
        for row in _known(rows, "household", known)
        if known[row["household"]].village.code != row["village"]
    ]
    if moved:
        raise Refused(moved)
    new = [
        Household(village=villages[row["village"]], code=row["household"], **_values(row, _HOUSEHOLD))
        for row in rows.iter_rows(named=True)
        if row["household"] not in known
    ]
    standing = {code: each for code, each in known.items() if each.erased is None}
    changed = _changed(((standing[row["household"]], row) for row in _known(rows, "household", standing)), _HOUSEHOLD)
    Household.objects.bulk_create(new, batch_size=500)
    for household in changed:
        household.save()
    there = {**standing, **{each.code: each for each in new}}
    return TakenIn(
        new_households=len(new),
        changed_households=len(changed),
        new_members=_members(rows, there),
        erased=len(known) - len(standing),
    )


def _members(rows: pl.DataFrame, households: dict[str, Household]) -> int:
    """How many members are new; who is listed no more is removed, unless a record names them."""
    from jifen_office.process.models import Record

    ids = [each.pk for each in households.values()]
    have: dict[tuple[int, str], Member] = {
        (each.household_id, each.name): each for each in _in_lots(Member.objects.all(), ids, "household_id")
    }
    # In the order of the table, for people expect the householder first.
    listed = dict.fromkeys(
        (households[code].pk, name)
        for code, names in rows.select("household", "members").iter_rows()
        if code in households
        for name in names or ()
    )
    new = [Member(household_id=home, name=name) for home, name in listed if (home, name) not in have]
    Member.objects.bulk_create(new, batch_size=500)
    # A table that names no members of a household says nothing about them.
    telling = {home for home, _ in listed}
    left = [have[key].pk for key in have.keys() - listed.keys() if key[0] in telling]
    named = set(Record.objects.filter(member_id__in=left).values_list("member_id", flat=True))
    Member.objects.filter(pk__in=[each for each in left if each not in named]).delete()
    return len(new)


def _in_lots(query: models.QuerySet[Any], values: Iterable[Any], column: str = "code") -> Iterable[Any]:
    """The rows whose column has one of many values; databases take some hundreds at once."""
    listed = list(values)
    for first in range(0, len(listed), 500):
        yield from query.filter(**{f"{column}__in": listed[first : first + 500]})


def _known(rows: pl.DataFrame, key: str, known: dict[str, Any]) -> Iterable[dict[str, Any]]:
    return (row for row in rows.iter_rows(named=True) if row[key] in known)


def _values(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """A row's cells as the model keeps them: no text is an empty text."""
    found = {}
    for name in names:
        value = row[name]
        if value is None and name == "pilot_groups":
            value = []
        elif value is None and name not in _DAYS and name != "stars":
            value = ""
        found[name] = value
    return found


def _changed(pairs: Iterable[tuple[Any, dict[str, Any]]], names: tuple[str, ...]) -> list[Any]:
    """The objects that their rows change, changed."""
    found = []
    for known, row in pairs:
        values = _values(row, names)
        if any(getattr(known, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(known, name, value)
            found.append(known)
    return found
