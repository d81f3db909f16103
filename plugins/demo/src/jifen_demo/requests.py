"""Decides what invented households ask to have for their points, where the rule book has a shop."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from jifen import frames

from jifen_demo.names import weighted

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.period import Period
    from numpy.random import Generator

    from jifen_demo.register import Village

_ASK = 0.4
"""The share of households that ask at all; those who do ask up to three times."""
_OFF_DAY = 0.05
"""The share that comes on a day on which nothing is exchanged."""
_WITHDRAWN = 0.04


def request(rng: Generator, book: RuleBook, village: Village, period: Period) -> pl.DataFrame:
    """REQUESTS of the village's households, numbered by day; none where the book has no shop."""
    if book.shop is None:
        return frames.REQUESTS.empty()
    homes = np.repeat(
        np.arange(village.households.height), np.where(rng.random(village.households.height) < _ASK, 3, 0)
    )
    homes = homes[rng.random(len(homes)) < 0.6]  # noqa: PLR2004 - a rough share
    every = [period.start + timedelta(days=day) for day in range((period.end - period.start).days + 1)]
    open_days = [day for day in every if not book.shop.days or day.day in book.shop.days] or every
    usual = rng.integers(0, len(open_days), len(homes))
    odd = rng.integers(0, len(every), len(homes))
    off = rng.random(len(homes)) < _OFF_DAY
    dates = [every[odd[at]] if off[at] else open_days[usual[at]] for at in range(len(homes))]
    goods = weighted(rng, [2.0 / (place + 1) for place in range(len(book.shop.goods))], len(homes))
    pieces = 1 + (rng.random(len(homes)) < 0.1)  # noqa: PLR2004 - a rough share
    withdrawn = rng.random(len(homes)) < _WITHDRAWN
    table = pl.DataFrame(
        {
            "village": [village.code] * len(homes),
            "household": village.households["household"].cast(pl.String).gather(homes),
            "good": [book.shop.goods[good].code for good in goods],
            "date": pl.Series(dates, dtype=pl.Date),
            "pieces": pl.Series(pieces, dtype=pl.Int64),
            "status": ["cancelled" if gone else "requested" for gone in withdrawn],
            "note": pl.Series([None] * len(homes), dtype=pl.String),
        }
    ).sort("date", "household", maintain_order=True)
    gone = pl.when(pl.col("status") == "cancelled").then(pl.col("date") + pl.duration(days=1))
    number = pl.lit(f"{village.code}-{period.name}-X") + pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)
    return table.with_columns(number.alias("request"), gone.alias("decided")).select(frames.REQUESTS.names)
