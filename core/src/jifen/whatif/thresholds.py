"""Decides which households are near a grade: within a stated distance of its threshold, on either side.

The distance is a quarter of the smallest gap between two thresholds of the book, at least one of its smallest units; a
book with one threshold takes a fiftieth of it. So nobody is near two thresholds at once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from jifen.schedule import smallest
from jifen.standing import grade_codes
from jifen.whatif import columns

if TYPE_CHECKING:
    from jifen.model import Grade, RuleBook

GAP_PARTS: Final = 4
ALONE_PARTS: Final = 50


def thresholds(book: RuleBook) -> dict[str, int]:
    """The least total that reaches each grade, in the book's smallest unit; a grade for all the rest has none."""
    return {grade.code: least for grade in book.grades if (least := _least(grade, book.unit)) is not None}


def _least(grade: Grade, unit: int) -> int | None:
    if grade.above is not None:
        return smallest(grade.above, unit) + 1
    return None if grade.at_least is None else smallest(grade.at_least, unit)


def distance(book: RuleBook) -> int:
    """How far from a threshold is near, in the book's smallest unit; 0 for a book without thresholds."""
    bounds = sorted(thresholds(book).values())
    gaps = [high - low for low, high in pairwise(bounds) if high > low]
    if gaps:
        return max(min(gaps) // GAP_PARTS, 1)
    return max(abs(bounds[0]) // ALONE_PARTS, 1) if bounds else 0


def near_households(book: RuleBook, households: pl.DataFrame, scale: int) -> pl.DataFrame:
    """Households near a threshold, with the grade `near`, its least total `least` and how far they are `ahead` of it.

    `households` has their totals in `after`, of whose unit `scale` make one of the book's, and their `after_grade`. In
    the order of the grades. A household whose grade a veto decides is near nothing.
    """
    there = households.filter(pl.col("after").is_not_null())
    totals = there["after"].to_numpy() // scale
    by_points = grade_codes(book, totals, np.full(totals.size, -1, dtype=np.int64))
    free = there.filter(by_points.eq_missing(there["after_grade"]))
    far = distance(book) * scale
    found = [
        free.filter(pl.col("after").is_between(least * scale - far, least * scale + far, closed="left")).with_columns(
            pl.lit(code).alias("near"), least=pl.lit(least * scale, dtype=pl.Int64)
        )
        for code, least in thresholds(book).items()
    ]
    nothing = free.clear().with_columns(near=pl.lit(None, dtype=pl.String), least=pl.lit(None, dtype=pl.Int64))
    return pl.concat([nothing, *found]).with_columns(ahead=pl.col("after") - pl.col("least"))


def near(book: RuleBook, found: pl.DataFrame) -> pl.DataFrame:
    """`columns.NEAR` of what `near_households` found, a row for each grade with a threshold."""
    rows = []
    for code in thresholds(book):
        ahead = found.filter(pl.col("near") == code)["ahead"]
        rows.append({"grade": code, "below": (ahead < 0).sum(), "above": (ahead >= 0).sum()})
    return columns.NEAR.make(rows)
