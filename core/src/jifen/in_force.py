"""Decides which rule a deed falls under: by its item's code, its village, and its day (R15, R16)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen.base import EPOCH
from jifen.columns import days as days_of
from jifen.columns import numbers as numbers_of

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.runs import Mask, Whole

NONE: Final = -1
"""The number of a deed's rule where its village has no rule of that code on that day."""


def books_in(book: RuleBook) -> tuple[RuleBook, ...]:
    """The books that follow each other in a period, oldest first; the book itself is the last."""
    return (*book.earlier, book)


def stretches(book: RuleBook) -> list[int]:
    """For each item, the position in `books_in` of the book that it is of."""
    of = {each.valid_to: at for at, each in enumerate(book.earlier)}
    return [len(book.earlier) if item.until is None else of[item.until] for item in book.items]


@frozen(eq=False)
class InForce:
    """What finds the rules of deeds, made once a book."""

    book: RuleBook
    codes: pl.Enum
    """The codes of its items, each once."""
    town_wide: Whole
    """The position in `book.items`, by book of `books_in` and number of the code; `NONE` in the last column."""
    scoped: tuple[tuple[int, int, int], ...]
    """The items of some villages alone: position, book of `books_in`, number of the code."""

    @classmethod
    def of(cls, book: RuleBook) -> InForce:
        """Of a book with those before it in the period."""
        codes: dict[str, int] = {}
        for item in book.items:
            codes.setdefault(item.code, len(codes))
        of = stretches(book)
        town_wide = np.full((len(book.earlier) + 1, len(codes) + 1), NONE, dtype=np.int64)
        for number, item in enumerate(book.items):
            if not item.only_in:
                town_wide[of[number], codes[item.code]] = number
        scoped = tuple(
            (number, of[number], codes[item.code])
            for number, item in enumerate(book.items)
            if item.only_in or item.not_in
        )
        return cls(book, pl.Enum(list(codes)), town_wide, scoped)

    def numbers(self, code: Whole, villages: pl.Series, days: pl.Series) -> Whole:
        """The position in `book.items` of the rule for each deed, `code` being numbers of `codes` (-1: none).

        `NONE` where there is none. A deed without a day is looked up in the last book.
        """
        when = _stretches(self.book, days) if self.book.earlier else 0
        numbers: Whole = self.town_wide[when, code]
        if self.scoped:
            names = villages.cast(pl.String)
            for number, of, mine in self.scoped:
                item = self.book.items[number]
                there = names.is_in(item.only_in or item.not_in).fill_null(value=False).to_numpy()
                # What is switched off or restated is left behind first: a village's own items stand after the town's.
                numbers[there & (code == mine) & (when == of)] = number if item.only_in else NONE
        if self.book.earlier:
            numbers[paused(self.book, days)] = NONE
        return numbers


def item_numbers(book: RuleBook, items: pl.Series, villages: pl.Series, days: pl.Series) -> Whole:
    """The position in `book.items` of the rule for each deed; `NONE` where there is none."""
    found = InForce.of(book)
    return found.numbers(numbers_of(items, found.codes), villages, days)


def _stretches(book: RuleBook, days: pl.Series) -> Whole:
    """The position in `books_in` of the book in force on each day."""
    ends = np.array([(each.valid_to - EPOCH).days for each in book.earlier], dtype=np.int64)
    last = int(ends[-1]) + 1
    return np.searchsorted(ends, days_of(days, last)).astype(np.int64)


def paused(book: RuleBook, days: pl.Series) -> Mask:
    """Which days lie between two books, so that no rules hold on them."""
    day = days_of(days)
    between = np.zeros(day.size, dtype=np.bool_)
    for before, after in pairwise(books_in(book)):
        between |= (day > (before.valid_to - EPOCH).days) & (day < (after.valid_from - EPOCH).days)
    return between
