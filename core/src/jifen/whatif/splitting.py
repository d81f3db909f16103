"""Decides how winners and losers are split: by village, by villager group, by kind of household."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen.whatif import columns
from jifen.whatif.by import By

if TYPE_CHECKING:
    from collections.abc import Mapping


def split(households: pl.DataFrame, by: By, villages: Mapping[str, str]) -> pl.DataFrame:
    """`columns.SPLITS`, by part; `villages` are their names. A household without a kind is in part ``""``."""
    village = pl.col("village").replace(dict(villages))
    parts = {
        By.VILLAGE: village,
        By.GROUP: pl.concat_str(village, pl.lit(" "), pl.col("group").fill_null("")),
        By.KIND: pl.col("kind").fill_null(""),
    }
    keys = ["part"] if by is By.KIND else ["village", "length", "part"]
    # The second group stands before the tenth.
    return tally(households.with_columns(part=parts[by], length=parts[by].str.len_chars()), keys)


def whole(households: pl.DataFrame) -> dict[str, int]:
    """The one row for all households, part left out."""
    row = tally(households.with_columns(part=pl.lit("")), ["part"]).row(0, named=True) if households.height else {}
    return {name: row.get(name, 0) for name in columns.SPLITS.names if name != "part"}


def tally(households: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Winners, losers and what they gain and lose, in the order of the keys."""
    change, step = pl.col("change"), pl.col("step").fill_null(0)
    summed = households.group_by(keys).agg(
        households=pl.len().cast(pl.Int64),
        winners=(change > 0).sum().cast(pl.Int64),
        losers=(change < 0).sum().cast(pl.Int64),
        unchanged=(change == 0).sum().cast(pl.Int64),
        gained=change.clip(lower_bound=0).sum(),
        lost=change.clip(upper_bound=0).sum(),
        change=change.sum(),
        better=(step > 0).sum().cast(pl.Int64),
        worse=(step < 0).sum().cast(pl.Int64),
    )
    size = 2 * pl.col("households")
    # Half up on the magnitude, the sign kept apart, as everywhere.
    mean = (2 * change.abs() + pl.col("households")) // size * change.sign()
    return summed.with_columns(mean=mean).sort(keys).select(columns.SPLITS.names)
