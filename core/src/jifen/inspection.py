"""Decides which inspection cells there are and which are still open: an item with `inspect` has one a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from jifen.base import windows
from jifen.model import Subject, Window
from jifen.period import MONTHS

if TYPE_CHECKING:
    from jifen.settlement import Settlement

CELLS: Final = {
    "village": pl.String,
    "subject": pl.String,
    "item": pl.String,
    "first": pl.Date,
    "last": pl.Date,
}
"""Columns of `open_cells`: whose cell of which item, and the days between which it is looked at."""

_MONTHS_A_YEAR: Final = 12


def cells_a_year(per: Window) -> int:
    """How many cells a window makes in a year; 1 where it has no months."""
    return _MONTHS_A_YEAR // MONTHS.get(per, _MONTHS_A_YEAR)


def open_cells(settlement: Settlement) -> pl.DataFrame:
    """`CELLS` in which no finding counted: what is still to be looked at, by village, subject, item and time (R20).

    The subjects of an item are the participants of the villages in which it holds, from the window of their first day
    on; for an item of villages, those villages.
    """
    book, period = settlement.book, settlement.period
    homes = (
        settlement.participants.filter("participates")
        .select(pl.col("village", "household").cast(pl.String), "since")
        .rename({"household": "subject"})
    )
    places = settlement.village_scores.select(pl.col("village").cast(pl.String)).with_columns(
        pl.col("village").alias("subject"), pl.lit(None, dtype=pl.Date).alias("since")
    )
    found = [pl.DataFrame(schema=CELLS)]
    for item in book.items:
        if item.inspect is None:
            continue
        whose = homes if item.subject is Subject.HOUSEHOLD else places
        listed = pl.col("village").is_in(item.only_in or item.not_in)
        whose = whose.filter(listed if item.only_in else ~listed)
        seen = settlement.awards.filter(
            (pl.col("item").cast(pl.String) == item.code) & (pl.col("kind").cast(pl.String) == "deed")
        ).select(pl.col("subject").cast(pl.String), "date")
        for _, first, last in windows(item.inspect, period):
            done = seen.filter(pl.col("date").is_between(first, last)).select("subject").unique()
            still = whose.filter(pl.col("since").is_null() | (pl.col("since") <= last)).join(
                done, on="subject", how="anti"
            )
            found.append(
                still.select("village", "subject", item=pl.lit(item.code), first=pl.lit(first), last=pl.lit(last))
            )
    return pl.concat(found).sort("village", "subject", "item", "first")
