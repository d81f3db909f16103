"""Decides which rule a deed falls under: by its item's code and its village, which may have rules of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.runs import Whole


def item_numbers(book: RuleBook, items: pl.Series, villages: pl.Series) -> Whole:
    """The position in `book.items` of the rule for each deed; -1 where the village has no rule of that code (R15)."""
    codes = list(dict.fromkeys(item.code for item in book.items))
    code = items.cast(pl.Enum(codes), strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    town_wide = np.full(len(codes) + 1, -1, dtype=np.int64)
    for number, item in enumerate(book.items):
        if not item.only_in:
            town_wide[codes.index(item.code)] = number
    numbers: Whole = town_wide[code]
    scoped = [(number, item) for number, item in enumerate(book.items) if item.only_in or item.not_in]
    if scoped:
        names = villages.cast(pl.String)
        for number, item in scoped:
            there = names.is_in(item.only_in or item.not_in).fill_null(value=False).to_numpy()
            mine = there & (code == codes.index(item.code))
            # What is switched off or restated is left behind first: a village's own items stand after the town's.
            numbers[mine] = number if item.only_in else -1
    return numbers
