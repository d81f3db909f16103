"""Decides what differs between two rule books on the same data: points, money, grades, ranks, villages (R2, R16).

Both settlements are whole settlements; a comparison only lays their frames side by side. What the households win and
lose adds up to the difference of the totals, and each household's rules add up to its own.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen

from jifen.dataset import read_folder
from jifen.model import Status
from jifen.whatif import movements, rewarded, splitting, thresholds
from jifen.whatif.sides import Side, settle_both

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.inputs import Reading
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.registry import Registry
    from jifen.whatif.by import By

_ORDER: Final = (Status.SAMPLE, Status.DRAFT, Status.APPROVED)


@frozen(eq=False)
class Comparison:
    """One period under two books. Points are in the finer unit of the two, `10**-places` of a point.

    The frames are those of `jifen.whatif.columns`; each has a fixed order, so that a comparison is told the same way
    every time.
    """

    period: Period
    before: Side
    after: Side
    unread: pl.DataFrame
    """Rows that one of the books alone cannot use."""

    @property
    def places(self) -> int:
        """How many decimals points have here: those of the finer book."""
        return max(self.before.book.places, self.after.book.places)

    @property
    def marked(self) -> RuleBook:
        """The book whose mark everything printed must show: the one that has come less far."""
        return min((self.after.book, self.before.book), key=lambda book: _ORDER.index(book.marked))

    @cached_property
    def households(self) -> pl.DataFrame:
        """HOUSEHOLDS."""
        return movements.households(self.before, self.after, self.places)

    @cached_property
    def items(self) -> pl.DataFrame:
        """ITEMS."""
        return movements.items(self.before, self.after, self.places)

    @cached_property
    def rules(self) -> pl.DataFrame:
        """RULES."""
        return movements.rules(self.items)

    @cached_property
    def categories(self) -> pl.DataFrame:
        """CATEGORIES."""
        order = [category.name for book in (self.after.book, self.before.book) for category in book.categories]
        return movements.categories(self.items, list(dict.fromkeys(order)))

    @cached_property
    def grades(self) -> pl.DataFrame:
        """GRADES."""
        return movements.grades(self.before, self.after, self.households)

    @cached_property
    def villages(self) -> pl.DataFrame:
        """VILLAGES."""
        return movements.villages(self.before, self.after, self.households, self.places)

    @cached_property
    def rewards(self) -> pl.DataFrame:
        """REWARDS."""
        return rewarded.rewards(self.before, self.after)

    @cached_property
    def near(self) -> pl.DataFrame:
        """NEAR."""
        return thresholds.near(self.after.book, self.near_households)

    @cached_property
    def near_households(self) -> pl.DataFrame:
        """The rows of HOUSEHOLDS that are near a threshold, with `near` (a grade), `least` and `ahead` in `places`."""
        book = self.after.book
        return thresholds.near_households(book, self.households, movements.scale(book, self.places))

    @cached_property
    def whole(self) -> dict[str, int]:
        """SPLITS for all households together."""
        return splitting.whole(self.households)

    @cached_property
    def village_names(self) -> dict[str, str]:
        """The villages' names by their codes."""
        return dict(self.before.inputs.villages.select(pl.col("village", "name").cast(pl.String)).iter_rows())

    @property
    def distance(self) -> int:
        """How far from a threshold is near, in `places`."""
        book = self.after.book
        return thresholds.distance(book) * movements.scale(book, self.places)

    @property
    def same(self) -> bool:
        """Whether nothing differs: no points, grade, rank, bar, money, village score or reward, and no row unread."""
        moved = any(_differs(self.households, name) for name in ("before", "grade", "rank", "barred", "money"))
        return not (
            moved
            or self.unread.height
            or (self.items["change"] != 0).any()
            or _differs(self.villages, "before")
            or (self.rewards["new"] + self.rewards["gone"] != 0).any()
            or _differs(self.rewards, "money")
        )

    @property
    def village_rules(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Side and villages whose own rules only its book has: a draft's file, for one, is read without them."""
        have = {name: [layer.village for layer in side.book.layers] for name, side in self._sides}
        alone = {
            name: tuple(village for village in villages if not all(village in other for other in have.values()))
            for name, villages in have.items()
        }
        return tuple((name, villages) for name, villages in alone.items() if villages)

    @property
    def _sides(self) -> tuple[tuple[str, Side], ...]:
        return ("before", self.before), ("after", self.after)

    def split(self, by: By) -> pl.DataFrame:
        """SPLITS."""
        return splitting.split(self.households, by, self.village_names)

    def total(self, side: str) -> int:
        """The points of all households under one book (`before` or `after`)."""
        return int(self.households[side].sum())


def _differs(frame: pl.DataFrame, name: str) -> bool:
    pair = ("before", "after") if name == "before" else (f"before_{name}", f"after_{name}")
    return bool(frame[pair[0]].ne_missing(frame[pair[1]]).any())


def compare(
    books: tuple[RuleBook, RuleBook], registry: Registry, reading: Reading, period: Period, *, set_aside: bool = False
) -> Comparison:
    """Settles a period under both books on the same data; a draft as if it were in force.

    Raises what either settlement refuses, and `Refused` for rows that neither book can use, unless `set_aside`.
    """
    sides, unread = settle_both(books, registry, reading, period, set_aside=set_aside)
    return Comparison(period, *sides, unread)


def compare_folder(
    books: tuple[RuleBook, RuleBook], registry: Registry, folder: Path, period: Period, *, set_aside: bool = False
) -> Comparison:
    """`compare` on a folder of data, which is read once; what `jifen.dataset.read_folder` refuses comes through."""
    reading, _ = read_folder(folder, books[0], registry)
    return compare(books, registry, reading, period, set_aside=set_aside)
