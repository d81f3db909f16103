"""Decides how rules were used in a settled period, and so what to look at first when they are revised (R2, R16).

Everything is counted from the settlement's own frames. Definitions:

- an item was *recorded* by its deeds, whether they counted or not; *used* by subjects that have an award of it;
- a limit *concerns* the subjects that have an award of an item under it, and *cut* those of whom it changed an award;
- an item *decides* the places of the households whose place in their village would be another one if the points of the
  item, as they are after all limits, were taken out of every total; ties are told apart as the book says. Items stand
  by how many places these households would move all together.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen

from jifen.deed_rules import takes_deeds
from jifen.frames import Column, Frame
from jifen.in_force import books_in
from jifen.model import Subject
from jifen.standing import rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.model import Limit, RuleBook, SharedLimit
    from jifen.settlement import Settlement

MOST: Final = 2
"""A limit hits most where it cut at least one in so many of those whom it concerns."""

ITEMS: Final = Frame(
    "usage_items",
    (
        Column("item", pl.String, "code of the item"),
        Column("category", pl.String, "name of its category"),
        Column("subject", pl.String, "household or village"),
        Column("takes_deeds", pl.Boolean, "whether deeds of it can be recorded"),
        Column("recorded", pl.Int64, "deeds that were recorded, cancelled ones left out"),
        Column("counted", pl.Int64, "those that count"),
        Column("subjects", pl.Int64, "households or villages that have an award of it"),
        Column("of", pl.Int64, "households that take part, or villages"),
        Column("worth", pl.Int64, "subjects to which it gives or takes points, after all limits"),
        Column("points", pl.Int64, "points after all limits, in the book's smallest unit"),
        Column("places", pl.Int64, "households that would have another place in their village without its points"),
        Column("shift", pl.Int64, "places that these would move, all together"),
    ),
    key=("item",),
)
"""A row for each item, in the book's order."""

LIMITS: Final = Frame(
    "usage_limits",
    (
        Column("level", pl.String, "item, shared, category or total"),
        Column("limit", pl.String, "code of the limit within its level"),
        Column("concerned", pl.Int64, "subjects that have an award of an item under it"),
        Column("cut", pl.Int64, "subjects of whom it changed an award"),
        Column("rows", pl.Int64, "awards that it changed"),
        Column("change", pl.Int64, "what it added to them: minus where less was given"),
    ),
    key=("level", "limit"),
)
"""A row for each limit, item by item, then shared, of categories, and of the total."""

GRADES: Final = Frame(
    "usage_grades",
    (Column("grade", pl.String, "code of the grade"), Column("households", pl.Int64, "households that have it")),
    key=("grade",),
)


class Look(StrEnum):
    """What to look at, the most pressing first."""

    HITS_MOST = "hits-most"
    """A limit that cuts most of those whom it concerns: what is done beyond it is not rewarded."""
    UNUSED = "unused"
    """An item of which nothing was recorded."""
    NOTHING_COUNTED = "nothing-counted"
    """An item of which deeds were recorded, but none counts."""
    WORTHLESS = "worthless"
    """An item that was used but gave or took nothing from anybody."""
    NOBODY = "nobody"
    """A grade that nobody reaches."""
    EVERYBODY = "everybody"
    """A grade that everybody has."""
    DECIDES = "decides"
    """An item that decides places: a fault in it shows in the rankings."""
    NEVER_BINDS = "never-binds"
    """A limit that changed nothing, though it concerns somebody."""


@frozen(eq=False)
class Usage:
    """How the rules of a settlement were used: ITEMS, LIMITS, GRADES, and how many take part."""

    book: RuleBook
    items: pl.DataFrame
    limits: pl.DataFrame
    grades: pl.DataFrame
    households: int

    def rows(self, look: Look) -> pl.DataFrame:
        """The rows of one kind, of ITEMS, LIMITS or GRADES, the most pressing first, then by code."""
        households, cut, concerned = pl.col("households"), pl.col("cut"), pl.col("concerned")
        idle = [item.code for item in self.book.items if item.veto is not None or item.put_right is not None]
        wanted = {
            Look.HITS_MOST: (cut > 0) & (cut * MOST >= concerned),
            Look.UNUSED: pl.col("takes_deeds") & (pl.col("recorded") == 0),
            Look.NOTHING_COUNTED: (pl.col("recorded") > 0) & (pl.col("counted") == 0),
            # A veto, and what lifts it, is not there to give points.
            Look.WORTHLESS: (pl.col("counted") > 0) & (pl.col("worth") == 0) & ~pl.col("item").is_in(idle),
            Look.NOBODY: (households == 0) & (self.households > 0),
            Look.EVERYBODY: (households == self.households) & (self.households > 0),
            Look.DECIDES: pl.col("places") > 0,
            Look.NEVER_BINDS: (cut == 0) & (concerned > 0),
        }
        frames = {Look.HITS_MOST: self.limits, Look.NEVER_BINDS: self.limits}
        frames |= {Look.NOBODY: self.grades, Look.EVERYBODY: self.grades}
        rows = frames.get(look, self.items).filter(wanted[look])
        if look is Look.DECIDES:
            return rows.sort("shift", "places", "item", descending=[True, True, False])
        if "limit" in rows.columns:
            # Shares are compared as whole millionths: exact enough for an order that is the same everywhere.
            return rows.sort(
                cut * 1_000_000 // concerned, concerned, "level", "limit", descending=[True, True, False, False]
            )
        return rows


def usage(settlement: Settlement) -> Usage:
    """How the rules of a settlement were used."""
    awards = settlement.awards.select(
        pl.col("deed", "village", "subject", "category", "item", "kind").cast(pl.String), "points"
    )
    return Usage(
        settlement.book,
        _items(settlement, awards),
        _limits(settlement, awards),
        _grades(settlement),
        settlement.standings.height,
    )


def _items(settlement: Settlement, awards: pl.DataFrame) -> pl.DataFrame:
    counted = awards.group_by("item").agg(
        counted=pl.col("kind").is_in(["deed", "put-right"]).sum(), subjects=pl.col("subject").n_unique()
    )
    worth = awards.group_by("item", "subject").agg(pl.col("points").sum())
    summed = worth.group_by("item").agg(worth=(pl.col("points") != 0).sum(), points=pl.col("points").sum())
    refused = (
        settlement.refused.filter(pl.col("outcome").cast(pl.String) == "refused")
        .group_by(pl.col("item").cast(pl.String))
        .agg(refused=pl.len())
    )
    known = {item.code: item for item in settlement.book.items}
    rows = pl.DataFrame(
        {
            "item": list(known),
            "category": [item.category for item in known.values()],
            "subject": [item.subject.value for item in known.values()],
            "takes_deeds": [takes_deeds(item) for item in known.values()],
        },
        schema={"item": pl.String, "category": pl.String, "subject": pl.String, "takes_deeds": pl.Boolean},
    )
    sizes = {
        Subject.HOUSEHOLD.value: settlement.standings.height,
        Subject.VILLAGE.value: settlement.village_scores.height,
    }
    for other in (counted, summed, refused, _places(settlement, worth)):
        rows = rows.join(other, on="item", how="left", maintain_order="left")
    numbers = ("counted", "subjects", "worth", "points", "refused", "places", "shift")
    rows = rows.with_columns(pl.col(numbers).fill_null(0).cast(pl.Int64)).with_columns(
        recorded=pl.col("counted") + pl.col("refused"),
        of=pl.col("subject").replace_strict(sizes, return_dtype=pl.Int64),
    )
    return ITEMS.check(rows.select(ITEMS.names), "usage")


def _places(settlement: Settlement, worth: pl.DataFrame) -> pl.DataFrame:
    """item, places, shift: how many households would have another place without it, and how far they would move."""
    book = settlement.book
    standings = settlement.standings.with_columns(pl.col("village", "household").cast(pl.String))
    points = settlement.category_points.with_columns(pl.col("subject", "category").cast(pl.String))
    found = []
    for item in dict.fromkeys((item.code, item.category) for item in book.items if item.subject is Subject.HOUSEHOLD):
        mine = worth.filter(pl.col("item") == item[0]).select("subject", less="points")
        without = standings.join(mine, left_on="household", right_on="subject", how="left", maintain_order="left")
        without = without.with_columns(total=pl.col("total") - pl.col("less").fill_null(0)).drop("less")
        left = points
        if item[1] in book.ranking.ties:
            less = pl.when(pl.col("category") == item[1]).then(pl.col("less").fill_null(0)).otherwise(0)
            left = points.join(mine, on="subject", how="left", maintain_order="left")
            left = left.with_columns(points=pl.col("points") - less).drop("less")
        ranked = rank(book, without, left)
        moved = (ranked["rank"] - standings["rank"]).abs()
        found.append({"item": item[0], "places": int((moved > 0).sum()), "shift": int(moved.sum())})
    return pl.DataFrame(found, schema={"item": pl.String, "places": pl.Int64, "shift": pl.Int64})


def limits_of(book: RuleBook) -> Iterator[tuple[str, str, tuple[str, ...], Limit | SharedLimit]]:
    """Level, code, the items under it, and the limit itself, of every limit of a book and those before it."""
    seen: set[tuple[str, str]] = set()
    for level, code, items, limit in _each_limit(book):
        if (level, code) not in seen:
            seen.add((level, code))
            yield level, code, items, limit


def _each_limit(book: RuleBook) -> Iterator[tuple[str, str, tuple[str, ...], Limit | SharedLimit]]:
    for item in book.items:
        for number, limit in enumerate(item.every_limit, 1):
            yield "item", f"{item.code}#{number}", (item.code,), limit
    for each in reversed(books_in(book)):
        for shared in each.limits:
            yield "shared", shared.code, shared.items, shared
    for each in reversed(books_in(book)):
        for category in each.categories:
            under = tuple(item.code for item in book.items if item.category == category.name)
            for number, limit in enumerate(category.limits, 1):
                yield "category", f"{category.name}#{number}", under, limit
    under = tuple(item.code for item in book.items if item.subject is Subject.HOUSEHOLD)
    for each in reversed(books_in(book)):
        for number, limit in enumerate(each.total.limits, 1):
            yield "total", f"total#{number}", under, limit


def _limits(settlement: Settlement, awards: pl.DataFrame) -> pl.DataFrame:
    cuts = settlement.cuts.with_columns(pl.col("level", "limit", "subject", "deed").cast(pl.String))
    counted = cuts.group_by("level", "limit").agg(
        cut=pl.col("subject").n_unique(), rows=pl.struct("subject", "deed").n_unique(), change=pl.col("change").sum()
    )
    found = {(level, limit): (cut, rows, change) for level, limit, cut, rows, change in counted.iter_rows()}
    used = awards.select("item", "subject").unique()
    rows = []
    for level, code, items, _ in limits_of(settlement.book):
        concerned = used.filter(pl.col("item").is_in(items))["subject"].n_unique()
        cut, changed, change = found.get((level, code), (0, 0, 0))
        told = {"level": level, "limit": code, "concerned": concerned}
        rows.append({**told, "cut": cut, "rows": changed, "change": change})
    return LIMITS.make(rows)


def _grades(settlement: Settlement) -> pl.DataFrame:
    counted = settlement.standings["grade"].cast(pl.String).drop_nulls().value_counts()
    have = dict(counted.iter_rows())
    return GRADES.make([{"grade": each.code, "households": have.get(each.code, 0)} for each in settlement.book.grades])
