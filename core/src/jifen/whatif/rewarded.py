"""Decides what a change of rules does to honours and money: who has them, what they cost, against what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen.exchanging import GRANTED
from jifen.whatif import columns
from jifen.whatif.movements import NOTHING, texts

if TYPE_CHECKING:
    from jifen.whatif.sides import Side

GOOD = "good"
KINDS = ("honour", "red-list", "exchange", GOOD, "proposal")
"""In the order in which they are told: recognition before goods (R17)."""


def rewards(before: Side, after: Side) -> pl.DataFrame:
    """`columns.REWARDS`: honours, then money, then proposals; a good's money is what it costs the village (R18)."""
    keys = ["kind", "code", "whose"]
    both = (
        _had(before, "before")
        .join(_had(after, "after"), on=keys, how="full", coalesce=True)
        .with_columns(
            pl.col("before", "after").fill_null(value=False), pl.col("before_money", "after_money").fill_null(NOTHING)
        )
    )
    summed = both.group_by("kind", "code").agg(
        pl.col("before", "after", "before_money", "after_money").sum().cast(pl.Int64),
        new=(pl.col("after") & ~pl.col("before")).sum().cast(pl.Int64),
        gone=(pl.col("before") & ~pl.col("after")).sum().cast(pl.Int64),
    )
    order = {kind: at for at, kind in enumerate(KINDS)}
    return (
        summed.with_columns(
            _ceiling(before).alias("before_ceiling"),
            _ceiling(after).alias("after_ceiling"),
            order=pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int64),
        )
        .sort("order", "code")
        .select(columns.REWARDS.names)
    )


def _had(side: Side, name: str) -> pl.DataFrame:
    """kind, code, whose: true, and the money; a request is whose a good is, for a household may have several."""
    rewards = texts(side.settlement.rewards, "kind", "code", "subject", "ground")
    # A household may have several proposals of one kind: each rests on a deed of its own.
    whose = pl.when(pl.col("kind") == "proposal").then(pl.col("ground")).otherwise(pl.col("subject"))
    goods = side.settlement.exchanges.filter(pl.col("outcome").cast(pl.String) == GRANTED)
    both = pl.concat(
        [
            rewards.select("kind", "code", whose.alias("whose"), "money"),
            texts(goods, "good", "request").select(
                pl.lit(GOOD).alias("kind"), pl.col("good").alias("code"), pl.col("request").alias("whose"), "money"
            ),
        ]
    )
    return both.group_by("kind", "code", "whose").agg(
        pl.lit(value=True).alias(name), pl.col("money").sum().alias(f"{name}_money")
    )


def _ceiling(side: Side) -> pl.Expr:
    known = {code: most for code, most in side.ceilings.items() if code}
    if not known:
        return pl.lit(None, dtype=pl.Int64)
    most = pl.col("code").replace_strict(known, default=None, return_dtype=pl.Int64)
    return pl.when(pl.col("kind") == "exchange").then(most)
