"""Decides which rule each deed falls under, by position, so that a question about rules is asked once a rule."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import frozen

from jifen.in_force import item_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.findings import Row
    from jifen.model import Item, Measure, RuleBook
    from jifen.runs import Whole


@frozen(eq=False)
class Rules:
    """Which item each deed is of, as a position, so that a question about items is asked once an item."""

    book: RuleBook
    at: Whole
    """The position of each deed's rule in `book.items`; one beyond the last where there is none."""

    @classmethod
    def of(cls, deeds: pl.DataFrame, book: RuleBook) -> Rules:
        """The positions for deeds with their columns `item`, `village` and `date`."""
        numbers = item_numbers(book, deeds["item"], deeds["village"], deeds["date"])
        return cls(book, np.where(numbers < 0, len(book.items), numbers))

    def those(self, which: Callable[[Item], object]) -> pl.Series:
        """The deeds of items of which it is true."""
        true = np.zeros(len(self.book.items) + 1, dtype=np.bool_)
        true[self._there] = [bool(which(self.book.items[number])) for number in self._there]
        return pl.Series(true[self.at])

    @cached_property
    def _there(self) -> list[int]:
        """The positions that some deed has."""
        met = np.bincount(self.at, minlength=len(self.book.items))[: len(self.book.items)]
        return np.flatnonzero(met).tolist()

    def measured(self, measure: Measure) -> pl.Series:
        """The deeds of items with this measure."""
        return self.those(lambda item: item.measure is measure)

    def rule(self, row: Row) -> Item:
        """The rule of a row that has one."""
        return self.book.item(str(row["item"]), str(row["village"]), row["date"])

    def name(self, row: Row) -> Row:
        """Facts that name the row's item."""
        return {"item": row["item"], "name": name_of(self.rule(row))}


def takes_deeds(item: Item) -> bool:
    """Whether deeds of the item can be recorded; a base score alone is given without any."""
    return item.points is not None or bool(
        item.rates
        or item.tiers
        or item.ladder
        or item.grades
        or item.bands
        or item.named
        or item.inspect
        or item.put_right
        or item.veto
        or item.scored_by_plugin
    )


def name_of(item: Item) -> str:
    """The item's name, for a clerk who knows its Chinese one."""
    return item.name.get("zh_CN") or next(iter(item.name.values()), "")
