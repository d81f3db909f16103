"""Decides what a page tells of the categories: base scores, points given and taken, for the town and each village."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen
from jifen.model import Subject
from jifen.words import say

from jifen_report.bars import Segment, bar
from jifen_report.figures import decimals, half_up, written

if TYPE_CHECKING:
    from collections.abc import Collection

    from jifen.settlement import Settlement
    from markupsafe import Markup

    from jifen_report.spoken import Spoken


@frozen
class Sums:
    """Points of one category, in the smallest unit."""

    base: int
    given: int
    taken: int


@frozen
class CategoryRow:
    """One category: base score, points given beside it, points taken, and both as a bar to the two sides of zero."""

    name: str
    base: str
    given: str
    taken: str
    bar: Markup


@frozen
class Small:
    """The categories of one village, on the scale of all villages."""

    name: str
    rows: tuple[CategoryRow, ...]


def sides(settlement: Settlement) -> pl.DataFrame:
    """village, category, base, given, taken: sums of the awards of households.

    Base scores stand apart, for they would hide what people do; what puts right lowers what was taken.
    """
    book = settlement.book
    items = [item.code for item in book.items if item.subject is Subject.HOUSEHOLD]
    kind = pl.col("kind").cast(pl.String)
    base, taken = kind == "base", (pl.col("gross") < 0) | (kind == "put-right")
    return (
        settlement.awards.lazy()
        .filter(pl.col("item").cast(pl.String).is_in(items))
        .group_by(pl.col("village").cast(pl.String), pl.col("category").cast(pl.String))
        .agg(
            base=pl.col("points").filter(base).sum(),
            given=pl.col("points").filter(~base & ~taken).sum(),
            taken=pl.col("points").filter(~base & taken).sum(),
        )
        .sort("village", "category")
        .collect()
    )


def town_rows(settlement: Settlement, spoken: Spoken, points: pl.DataFrame) -> tuple[CategoryRow, ...]:
    """The categories of the town in the book's order; those without an award of a household are left out."""
    sums = points.group_by("category").agg(pl.col("base", "given", "taken").sum())
    values = {category: Sums(base, given, taken) for category, base, given, taken in sums.iter_rows()}
    axis = _axis(values.values())
    return _rows(values, _order(settlement, values), spoken, settlement.book.places, axis)


def village_cards(settlement: Settlement, spoken: Spoken, points: pl.DataFrame) -> tuple[Small, ...]:
    """For each village by rank the points of its average participant, to one decimal, on one scale for all."""
    scores = settlement.village_scores.with_columns(pl.col("village").cast(pl.String)).sort("rank", "village")
    unit = settlement.book.unit
    by_village: dict[str, dict[str, Sums]] = {}
    participants = dict(scores.select("village", "participants").iter_rows())
    for village, category, *sums in points.iter_rows():
        heads = participants.get(village) or 1
        means = Sums(*(half_up(value * 10, unit * heads) for value in sums))
        by_village.setdefault(village, {})[category] = means
    order = _order(settlement, {category for found in by_village.values() for category in found})
    axis = _axis([means for found in by_village.values() for means in found.values()])
    cards = []
    for village in scores["village"]:
        values = {category: by_village.get(village, {}).get(category, Sums(0, 0, 0)) for category in order}
        cards.append(Small(spoken.village(village), _rows(values, order, spoken, 1, axis)))
    return tuple(cards)


def _order(settlement: Settlement, there: Collection[str]) -> list[str]:
    return [each.name for each in settlement.book.categories if each.name in there]


def _axis(values: Collection[Sums]) -> tuple[int, int]:
    low = min((each.taken for each in values), default=0)
    return min(low, 0), max((each.given for each in values), default=0)


def _rows(
    values: dict[str, Sums], order: list[str], spoken: Spoken, places: int, axis: tuple[int, int]
) -> tuple[CategoryRow, ...]:
    shown = decimals([value for each in values.values() for value in (each.base, each.given, each.taken)], places)
    rows = []
    for category in order:
        each, name = values[category], spoken.category(category)
        up, down = written(each.given, places, shown, plus=True), written(each.taken, places, shown)
        told = say("report.category-told", name=name, given=up, taken=down)
        segments = [Segment(max(each.given, 0), "give"), Segment(min(each.taken, 0), "take")]
        rows.append(CategoryRow(name, written(each.base, places, shown), up, down, bar(segments, *axis, told)))
    return tuple(rows)
