"""Decides what a village's honours page says: honours, grades in numbers, the first places; masked names only (R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen.masking import mask
from jifen.words import say, title

from jifen_office.access.models import User
from jifen_office.pages.figures import share
from jifen_office.pages.speech import speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.settlement import Settlement

    from jifen_office.register.models import Village

PLACES: Final = 10
MOST_ROWS: Final = 20
"""Where so many share the last place that the board would overflow, the rest is given as a number."""


@frozen
class Person:
    """A household as it may be named in public: masked name and villager group."""

    name: str
    group: str


@frozen
class Place:
    """One line of the ranking; `total` in the book's smallest unit."""

    rank: int
    person: Person
    grade: str
    total: int


@frozen
class Honour:
    """An honour or a line of the red list, and who has it."""

    title: str
    clause: str
    people: tuple[Person, ...]


@frozen
class GradeCount:
    """How many households have a grade, of how many."""

    name: str
    count: int
    of: int
    share: str


def masked_names(village: Village) -> dict[str, Person]:
    """The village's households by number, as they may be named."""
    rows = village.households.filter(erased=None).values_list("code", "name", "group")
    return {code: Person(mask(name), group) for code, name, group in rows}


def leaders(settlement: Settlement, names: Mapping[str, Person]) -> tuple[Place, ...]:
    """The first places with everyone who shares the last of them."""
    grades = _grade_names(settlement)
    rows = (
        settlement.standings.filter(pl.col("rank") <= PLACES)
        .with_columns(pl.col("household", "grade").cast(pl.String))
        .sort("rank", "household")
        .select("rank", "household", "grade", "total")
    )
    return tuple(
        Place(rank, names[household], grades.get(grade, ""), total)
        for rank, household, grade, total in rows.head(MOST_ROWS).iter_rows()
        if household in names
    )


def own_place(settlement: Settlement, viewer: object) -> tuple[int, int] | None:
    """The place of the household whose card looks at the page, and of how many; None for everyone else."""
    home = viewer.household if isinstance(viewer, User) else None
    if home is None:
        return None
    found = settlement.standings.filter(pl.col("household").cast(pl.String) == home.code)["rank"]
    return None if found.is_empty() else (int(found[0]), settlement.standings.height)


def grades(settlement: Settlement) -> tuple[GradeCount, ...]:
    """The book's grades, highest first, and households without one where there are any; empty without grades."""
    counted = dict(
        settlement.standings.group_by(pl.col("grade").cast(pl.String).fill_null("")).len().iter_rows(),
    )
    named = _grade_names(settlement)
    if named and "" in counted:
        with speaking():
            named[""] = say("explain.no-grade")
    of = settlement.standings.height
    return tuple(
        GradeCount(name, counted.get(code, 0), of, share(counted.get(code, 0), of)) for code, name in named.items()
    )


def honours(settlement: Settlement, names: Mapping[str, Person]) -> tuple[Honour, ...]:
    """Honours and red list in the settlement's order."""
    rows = settlement.rewards.with_columns(pl.col("kind", "code", "subject").cast(pl.String))
    rows = rows.filter(pl.col("kind").is_in(["honour", "red-list"]))
    found = []
    for _, group in rows.group_by("kind", "code", maintain_order=True):
        best = group.sort("points", descending=True, nulls_last=True, maintain_order=True)
        people = tuple(names[code] for code in best["subject"] if code in names)
        if people:
            found.append(Honour(group["title"][0], group["clause"][0], people))
    return tuple(found)


def _grade_names(settlement: Settlement) -> dict[str, str]:
    with speaking():
        return {grade.code: title(grade.name) for grade in settlement.book.grades}
