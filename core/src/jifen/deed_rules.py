"""Decides which rule each deed falls under, by position, so that a question about rules is asked once a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from attrs import frozen

from jifen.register_checks import alike

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.findings import Row
    from jifen.model import Item, Measure, RuleBook


@frozen(eq=False)
class Rules:
    """Which item each deed is of, as a position, so that a question about items is asked once an item."""

    book: RuleBook
    items: dict[str, Item]
    at: np.ndarray[Any, np.dtype[np.uint32]]

    @classmethod
    def of(cls, column: pl.Series, book: RuleBook) -> Rules:
        """The positions for a column of item codes; a code that the book does not have is at the end."""
        items = {item.code: item for item in book.items}
        codes = alike(items, column)
        table = pl.DataFrame({"item": codes, "at": pl.Series(range(len(codes)), dtype=pl.UInt32)})
        found = column.to_frame("item").join(table.drop_nulls(), on="item", how="left", maintain_order="left")
        return cls(book, items, found["at"].fill_null(len(items)).to_numpy())

    def those(self, which: Callable[[Item], object]) -> pl.Series:
        """The deeds of items of which it is true."""
        return pl.Series(np.array([*(bool(which(item)) for item in self.items.values()), False])[self.at])

    def measured(self, measure: Measure) -> pl.Series:
        """The deeds of items with this measure."""
        return self.those(lambda item: item.measure is measure)

    def name(self, row: Row) -> Row:
        """Facts that name the row's item."""
        return {"item": row["item"], "name": name_of(self.items[str(row["item"])])}


def takes_deeds(item: Item) -> bool:
    """Whether deeds of the item can be recorded; a base score alone is given without any."""
    return item.points is not None or bool(
        item.rates or item.tiers or item.ladder or item.grades or item.bands or item.put_right or item.veto
    )


def name_of(item: Item) -> str:
    """The item's name, for a clerk who knows its Chinese one."""
    return item.name.get("zh_CN") or next(iter(item.name.values()), "")
