"""Decides what only a whole town can tell: places, village scores, rewards, exchange, and that no row was lost.

These steps run on small frames: standings, and the few awards that villages and penalties rest on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import asdict

from jifen import frames
from jifen.entered import KIND as ENTERED
from jifen.exchanging import exchange
from jifen.model import Subject
from jifen.offers import RewardView, VillageView
from jifen.problems import Problem, Refused
from jifen.settlement import RowCount, Settlement
from jifen.standing import rank

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.offers import RewardPolicy
    from jifen.parts import Part
    from jifen.period import Period
    from jifen.registry import Registry


def conclude(book: RuleBook, registry: Registry, inputs: Inputs, period: Period, town: str, part: Part) -> Settlement:
    """The settlement of a town from all of its villages.

    Of `part.awards` only those are looked at that `looked_at` lets through; of `inputs` not the deeds.
    Raises `Refused` where rows were lost and where a plugin returns a frame that is not as declared.
    """
    villages, households = inputs.villages.sort("village"), inputs.households.sort("village", "household")
    rows = _row_count(inputs, part)
    standings = rank(book, part.standings, part.category_points)
    view = VillageView(book, villages, households, part.participants, standings, part.awards.filter(_of_villages(book)))
    aggregation = registry.aggregation(book.village.use)
    village_parts = frames.VILLAGE_PARTS.check(aggregation.aggregate(view, book.village.options), aggregation.name)
    scores = _village_scores(villages, part.participants, village_parts)
    policy = registry.reward_policy(book.rewards.use)
    penal = part.awards.filter(_penal(book, policy))
    reward_view = RewardView(book, households, part.participants, standings, scores, penal)
    rewards = frames.REWARDS.check(policy.reward(reward_view, book.rewards.options), policy.name)
    exchanges, purse_entries = exchange(book, period, inputs, part.awards, standings)
    return Settlement(
        town, book, period, part.participants, part.awards, part.cuts, part.refused, part.category_points, standings,
        village_parts.sort("village", maintain_order=True), scores, rewards, rows, exchanges, purse_entries,
    )  # fmt: skip


def looked_at(book: RuleBook, registry: Registry) -> pl.Expr:
    """The awards that a town's end is concluded from; with purses all of them."""
    if book.purses:
        return pl.lit(value=True)
    return _of_villages(book) | _penal(book, registry.reward_policy(book.rewards.use))


def _entered() -> pl.Expr:
    return pl.col("kind").cast(pl.String) == ENTERED


def _of_villages(book: RuleBook) -> pl.Expr:
    """Awards of villages themselves; entries of earlier periods may be of items that the book has no more."""
    items = [item.code for item in book.items if item.subject is not Subject.HOUSEHOLD]
    own = pl.col("subject").cast(pl.String) == pl.col("village").cast(pl.String)
    return pl.col("item").cast(pl.String).is_in(items) | (_entered() & own)


def _penal(book: RuleBook, policy: RewardPolicy) -> pl.Expr:
    """Awards on which a penalty may rest: misdeeds of this period, whatever a limit left of them."""
    if policy.grounds is not None:
        named = pl.col("item").cast(pl.String).is_in(sorted(policy.grounds(book.rewards.options)))
        return named & _misdeeds(book)
    return _misdeeds(book)


def _misdeeds(book: RuleBook) -> pl.Expr:
    vetoes = [item.code for item in book.items if item.veto]
    return ((pl.col("gross") < 0) | pl.col("item").cast(pl.String).is_in(vetoes)) & ~_entered()


def _row_count(inputs: Inputs, part: Part) -> RowCount:
    """The sum of the rows of deeds. What was read is counted by the reader, so that the sum can fail to add up."""
    aside = sum(row.frame == "deeds" for row in inputs.set_aside)
    rows_in = inputs.rows_in or inputs.deeds.height + aside
    rows = RowCount(rows_in, part.counted, part.not_counted, part.cancelled, aside)
    if not rows.adds_up:
        raise Refused([Problem("settle.rows-lost", facts=asdict(rows))])
    return rows


def _village_scores(villages: pl.DataFrame, participants: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    homes = participants.group_by("village").agg(
        pl.len().cast(pl.Int64).alias("households"), pl.col("participates").sum().cast(pl.Int64).alias("participants")
    )
    points = parts.group_by("village").agg(pl.col("points").sum())
    both = villages.select("village").join(points, on="village", how="left").join(homes, on="village", how="left")
    return (
        both.with_columns(pl.col("points", "households", "participants").fill_null(0))
        .with_columns(pl.col("points").rank("min", descending=True).cast(pl.Int64).alias("rank"))
        .sort("rank", "village")
        .select(frames.VILLAGE_SCORES.names)
    )
