"""Decides what was announced and would be another now: grades, ranks, bars, rewards, village scores, exchanges.

It is listed for people to see. Nothing of it is changed: an honour that was given stays given.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from jifen.exchanging import FEN, GRANTED
from jifen.frames import ANNOUNCED

if TYPE_CHECKING:
    from jifen.settlement import Settlement

_KEY: Final = ("what", "village", "subject", "code")
YUAN: Final = " ¥"
"""Stands between the title of a reward and its money."""


def announced(old: Settlement, new: Settlement) -> pl.DataFrame:
    """ANNOUNCED: each thing that differs, by what it is, village, subject and code; sums of money come last."""
    was, would_be = (_told(settlement).rename({"told": name}) for settlement, name in ((old, "was"), (new, "would_be")))
    both = was.join(would_be, on=list(_KEY), how="full", coalesce=True, nulls_equal=True)
    differ = both.filter(pl.col("was").ne_missing(pl.col("would_be")))
    order = ("grade", "barred", "reward", "exchange", "village-points", "village-rank", "rank")
    placed = differ.with_columns(
        pl.col("what").replace_strict(order, range(len(order))).alias("place"),
        # A share of a pool moves for everybody when it moves for one.
        pl.coalesce("was", "would_be").str.contains(YUAN, literal=True).alias("money"),
    ).sort("money", "place", *_KEY[1:], "was", "would_be")
    return ANNOUNCED.check(placed.select(ANNOUNCED.names), "announced")


def _told(settlement: Settlement) -> pl.DataFrame:
    """what, village, subject, code, told: everything that a settlement announces, one row a thing."""
    texts = pl.col("village").cast(pl.String)
    standings, nothing = settlement.standings, pl.lit(None, dtype=pl.String).alias("code")
    whose = pl.col("household").cast(pl.String).alias("subject")
    parts = [
        standings.select(pl.lit(what).alias("what"), texts, whose, nothing, pl.col(what).cast(pl.String).alias("told"))
        for what in ("grade", "rank")
    ]
    barred = pl.when("barred").then(pl.lit("barred")).alias("told")
    parts.append(standings.select(pl.lit("barred").alias("what"), texts, whose, nothing, barred))
    own = texts.alias("subject")
    scores = settlement.village_scores
    scored = pl.col("points").map_elements(lambda units: _decimal(units, settlement.book.places), pl.String)
    for what, told in (("village-points", scored), ("village-rank", pl.col("rank").cast(pl.String))):
        parts.append(scores.select(pl.lit(what).alias("what"), texts, own, nothing, told.alias("told")))
    parts += [_rewards(settlement), _exchanges(settlement)]
    return pl.concat(parts).filter(pl.col("told").is_not_null())


def _decimal(units: int, places: int) -> str:
    return format(Decimal(units).scaleb(-places), "f")


def _rewards(settlement: Settlement) -> pl.DataFrame:
    """A reward is told by its title and its money; the points behind it may differ and leave it as it was."""
    money = pl.col("money").map_elements(lambda fen: f"{YUAN}{Decimal(fen) / FEN:.2f}", pl.String).fill_null("")
    return (
        settlement.rewards.select(
            pl.lit("reward").alias("what"),
            pl.col("village", "subject").cast(pl.String),
            pl.concat_str(pl.col("kind", "code").cast(pl.String), separator=":").alias("code"),
            pl.concat_str(pl.col("title").cast(pl.String), money).alias("told"),
        )
        .group_by(_KEY)
        .agg(pl.col("told").sort().str.join("; "))
        .select(*_KEY, "told")
    )


def _exchanges(settlement: Settlement) -> pl.DataFrame:
    outcome = pl.col("outcome").cast(pl.String)
    pieces = pl.concat_str(outcome, pl.lit(" "), pl.col("pieces").cast(pl.String))
    return settlement.exchanges.select(
        pl.lit("exchange").alias("what"),
        pl.col("village").cast(pl.String),
        pl.col("household").cast(pl.String).alias("subject"),
        pl.col("request").cast(pl.String).alias("code"),
        pl.when(outcome == GRANTED).then(pieces).otherwise(outcome).alias("told"),
    )
