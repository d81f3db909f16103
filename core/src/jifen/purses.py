"""Decides what is in a purse: the running sum of the awards that go in, what was spent, and resets, as entries.

On one day a reset comes first, then what was earned, then what is exchanged. Points that an award took may bring a
balance below 0; a reset sets it to 0 from either side.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen.base import EPOCH
from jifen.frames import PURSE_ENTRIES
from jifen.goods import Counts
from jifen.runs import Runs, joint

if TYPE_CHECKING:
    from jifen.goods import Purse
    from jifen.period import Period
    from jifen.runs import Whole

_WIDE: Final = 2**31
"""More than any day since 1970, so that household and day make one key."""

_RESET, _OPENING, _AWARD, _EXCHANGE = 1, 0, 2, 3
"""The order of a day's entries; an opening is what was there before the first day."""


def resets_in(purse: Purse, period: Period) -> list[date]:
    """The days of the period at whose start the purse is set to 0; in a year without 29 February the day after."""
    if purse.resets is None:
        return []
    month, day = (int(part) for part in purse.resets.split("-"))
    found = []
    for year in range(period.start.year, period.end.year + 1):
        try:
            on = date(year, month, day)
        except ValueError:
            on = date(year, month + 1, 1)
        if period.start <= on <= period.end:
            found.append(on)
    return found


@frozen(eq=False)
class Flow:
    """What goes into one purse, in order of household and day; the sums start anew at each reset."""

    purse: Purse
    resets: tuple[date, ...]
    rows: pl.DataFrame
    """village, household, entry, kind, date, step, number, day, round, change"""
    numbers: dict[str, int]
    key: Whole
    running: Whole

    @classmethod
    def of(
        cls, purse: Purse, period: Period, awards: pl.DataFrame, standings: pl.DataFrame, openings: pl.DataFrame
    ) -> Flow:
        """Of AWARDS and OPENINGS, for the participants, which are the households of STANDINGS.

        Raises `Refused` (``settle.overflow``) where a sum leaves 64 bits.
        """
        whose = standings.select(pl.col("village", "household").cast(pl.String)).sort("household")
        whose = whose.with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))
        taken = (pl.col("gross") < 0) | pl.col("kind").cast(pl.String).is_in(["put-right", "veto"])
        mine = awards.select(
            pl.col("subject").cast(pl.String).alias("household"),
            pl.col("deed").cast(pl.String).alias("entry"),
            pl.lit("award").alias("kind"),
            "date",
            pl.lit(_AWARD).alias("step"),
            pl.col("points").alias("change"),
            (~taken).alias("given"),
        )
        if purse.counts is Counts.GIVEN:
            mine = mine.filter("given")
        begun = openings.filter(pl.col("purse") == purse.code).select(
            pl.col("household").cast(pl.String),
            pl.lit("").alias("entry"),
            pl.lit("opening").alias("kind"),
            pl.lit(period.start).alias("date"),
            pl.lit(_OPENING).alias("step"),
            pl.col("balance").alias("change"),
        )
        resets = tuple(resets_in(purse, period))
        rows = (
            pl.concat([begun, mine.drop("given").filter(pl.col("change") != 0)])
            .join(whose, on="household", maintain_order="left")
            .with_row_index("row")
            .sort("number", "date", "step", "row")
            .with_columns(day=pl.col("date").to_physical().cast(pl.Int64))
        )
        days = np.array([(on - EPOCH).days for on in resets], dtype=np.int64)
        number, day = rows["number"].to_numpy(), rows["day"].to_numpy()
        rounds = np.searchsorted(days, day, side="right").astype(np.int64)
        # What was there before the period is of the round before a reset on its first day.
        rounds[(rows["step"] == _OPENING).to_numpy()] = 0
        _, after = Runs.of(joint(number, rounds)).running(rows["change"].to_numpy())
        rows = rows.with_columns(pl.Series("round", rounds)).drop("row")
        return cls(
            purse, resets, rows, dict(whose.select("household", "number").iter_rows()), number * _WIDE + day, after
        )

    def round_of(self, on: date) -> int:
        """How many resets there were up to a day, its own counted."""
        return sum(reset <= on for reset in self.resets)

    def earned(self, household: str, on: date) -> int:
        """What went in since the last reset, up to the end of a day."""
        number = self.numbers.get(household)
        if number is None:
            return 0
        at = int(np.searchsorted(self.key, number * _WIDE + (on - EPOCH).days, side="right")) - 1
        if at < 0 or int(self.key[at]) // _WIDE != number or int(self.rows["round"][at]) != self.round_of(on):
            return 0
        return int(self.running[at])


def entries(flow: Flow, exchanges: pl.DataFrame) -> pl.DataFrame:
    """PURSE_ENTRIES of one purse; `exchanges` are the EXCHANGES that were granted and paid from it."""
    known = {"household": pl.String, "number": pl.Int64}
    numbers = pl.DataFrame({"household": list(flow.numbers), "number": list(flow.numbers.values())}, schema=known)
    paid = exchanges.with_columns(pl.col("household").cast(pl.String)).join(
        numbers, on="household", maintain_order="left"
    )
    spent = paid.select(
        pl.col("village").cast(pl.String),
        "household",
        pl.col("request").cast(pl.String).alias("entry"),
        pl.lit("exchange").alias("kind"),
        "date",
        pl.lit(_EXCHANGE).alias("step"),
        "number",
        pl.lit(0).cast(pl.Int64).alias("round"),
        (-pl.col("points")).alias("change"),
    )
    for reset in flow.resets:
        spent = spent.with_columns(round=pl.col("round") + (pl.col("date") >= reset).cast(pl.Int64))
    moved = pl.concat([flow.rows.select(spent.columns), spent])
    left = moved.group_by("village", "household", "number", "round").agg(pl.col("change").sum())
    days = pl.DataFrame(
        {"round": range(len(flow.resets)), "date": flow.resets}, schema={"round": pl.Int64, "date": pl.Date}
    )
    cleared = (
        left.filter(pl.col("change") != 0)
        .join(days, on="round")
        .select(
            "village",
            "household",
            pl.col("date").dt.strftime("%Y-%m-%d").alias("entry"),
            pl.lit("reset").alias("kind"),
            "date",
            pl.lit(_RESET).alias("step"),
            "number",
            "round",
            -pl.col("change"),
        )
    )
    told = pl.concat([moved, cleared]).with_row_index("row").sort("number", "date", "step", "row")
    _, balance = Runs.of(told["number"].to_numpy()).running(told["change"].to_numpy())
    told = told.with_columns(pl.lit(flow.purse.code).alias("purse"), pl.Series("balance", balance))
    return PURSE_ENTRIES.check(told.select(PURSE_ENTRIES.names), flow.purse.code)
