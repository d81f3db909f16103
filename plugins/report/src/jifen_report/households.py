"""Decides what a page tells of households: grades in numbers, leaderboards and honours by masked names (R18, R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen.words import say, title

from jifen_report.bars import Segment, bar
from jifen_report.figures import decimals, share, written

if TYPE_CHECKING:
    from jifen.settlement import Settlement
    from markupsafe import Markup

    from jifen_report.spoken import Person, Spoken

PLACES: Final = 10
MOST_ROWS: Final = 20
"""Where so many share the last place that the board would overflow, the rest is given as a number."""
MOST_NAMES: Final = 40


@frozen
class Place:
    """One line of a leaderboard."""

    rank: int
    person: Person
    grade: str
    points: str


@frozen
class Leaderboard:
    """The first places of a village, and how many more share the last of them."""

    rows: tuple[Place, ...]
    more: int
    last: int


@frozen
class GradeRow:
    """One grade: how many households of the town have it, and of each village in the order of the villages."""

    name: str
    count: str
    share: str
    bar: Markup
    villages: tuple[str, ...]


@frozen
class Honoured:
    """Those of one village who have an honour: masked names, and how many there are in all."""

    village: str
    names: tuple[Person, ...]
    count: int
    more: int


@frozen
class Honour:
    """An honour or a line of the red list, with whom it goes to; villages by name where it is theirs."""

    title: str
    red_list: bool
    clause: str
    villages: tuple[str, ...]
    households: tuple[Honoured, ...]


def leaderboards(settlement: Settlement, spoken: Spoken) -> dict[str, Leaderboard]:
    """By village, the first `PLACES` places with everyone who shares the last one."""
    book, found = settlement.book, {}
    grades = {grade.code: title(grade.name) for grade in book.grades}
    first = (
        settlement.standings.filter(pl.col("rank") <= PLACES)
        .with_columns(pl.col("village", "household", "grade").cast(pl.String))
        .sort("village", "rank", "household")
    )
    for (village,), rows in first.group_by("village", maintain_order=True):
        shown = decimals(rows["total"].to_list(), book.places)
        places = tuple(
            Place(rank, spoken.person(household), grades.get(grade, ""), written(total, book.places, shown))
            for household, rank, grade, total in rows.head(MOST_ROWS)
            .select("household", "rank", "grade", "total")
            .rows()
        )
        found[str(village)] = Leaderboard(places, max(0, rows.height - MOST_ROWS), places[-1].rank)
    return found


def grade_rows(settlement: Settlement, villages: list[str]) -> tuple[GradeRow, ...]:
    """The book's grades and, where there are any, the households without one; empty where the book has no grades."""
    if not settlement.book.grades:
        return ()
    counts: dict[tuple[str, str], int] = {}
    by = settlement.standings.group_by(
        pl.col("village").cast(pl.String), pl.col("grade").cast(pl.String).fill_null("")
    ).len()
    for village, grade, count in by.iter_rows():
        counts[village, grade] = count
    rows, whole = [], settlement.standings.height
    most = 0
    named = [(grade.code, title(grade.name)) for grade in settlement.book.grades]
    if any(grade == "" for _, grade in counts):
        named.append(("", say("report.no-grade")))
    sums = {code: sum(count for (_, grade), count in counts.items() if grade == code) for code, _ in named}
    most = max(sums.values(), default=0)
    for code, name in named:
        count = sums[code]
        told = say("report.grade-told", name=name, count=f"{count:,}", share=share(count, whole))
        each = tuple(f"{counts.get((village, code), 0):,}" for village in villages)
        rows.append(GradeRow(name, f"{count:,}", share(count, whole), bar([Segment(count, "s0")], 0, most, told), each))
    return tuple(rows)


def honours(settlement: Settlement, spoken: Spoken, villages: list[str]) -> tuple[Honour, ...]:
    """Honours and red list in the order of the settlement's rows; within a village by points, then as they stand."""
    rewards = settlement.rewards.with_columns(pl.col("village", "subject", "kind", "code").cast(pl.String))
    rewards = rewards.filter(pl.col("kind").is_in(["honour", "red-list"]))
    order = {village: number for number, village in enumerate(villages)}
    found = []
    for (kind, code), rows in rewards.group_by("kind", "code", maintain_order=True):
        del code
        of_villages = rows.filter(pl.col("subject") == pl.col("village"))
        of_households = rows.filter(pl.col("subject") != pl.col("village"))
        parts = of_households.partition_by("village", maintain_order=True)
        parts.sort(key=lambda part: order.get(part["village"][0], len(order)))
        found.append(
            Honour(
                rows["title"][0],
                kind == "red-list",
                rows["clause"][0],
                tuple(
                    spoken.village(village)
                    for village in sorted(of_villages["village"], key=lambda code: order.get(code, len(order)))
                ),
                tuple(_honoured(part, spoken) for part in parts),
            )
        )
    return tuple(found)


def _honoured(rows: pl.DataFrame, spoken: Spoken) -> Honoured:
    best = rows.sort("points", descending=True, nulls_last=True, maintain_order=True)["subject"].head(MOST_NAMES)
    people = tuple(spoken.person(household) for household in best)
    return Honoured(spoken.village(rows["village"][0]), people, rows.height, max(0, rows.height - MOST_NAMES))
