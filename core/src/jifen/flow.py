"""Decides the order of a settlement: eligibility, awards, standings, village scores, rewards; one pass of columns.

Data flows down only (R22: the awards are the explanation). Villages go through in batches that never split one; ranking
villages and the reward policy see the whole town at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import asdict

from jifen import frames
from jifen.awards import Settled, settle_batch
from jifen.counting import Deeds
from jifen.exchanging import exchange
from jifen.model import Subject
from jifen.numbering import Subjects, first_days, number_deeds
from jifen.offers import RewardView, VillageView
from jifen.problems import Place, Problem, Refused
from jifen.program import Program
from jifen.settlement import RowCount, Settlement
from jifen.standing import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.registry import Registry

BATCH: Final = 400_000
"""About so many deeds make a batch: small enough for the caches and the memory, large enough to forget its overhead."""


def settle(
    book: RuleBook,
    registry: Registry,
    inputs: Inputs,
    period: Period,
    *,
    town: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Settlement:
    """Settles a period.

    `inputs` are frames as in `jifen.frames`; `progress` is told how many villages are done, out of how many. The
    result's rows stand in a fixed order, whatever the order of the inputs' rows.

    Raises `Refused` where the rules count in windows longer than the period, where a deed names what is not there or
    lies outside the period, where a sum leaves 64 bits, and where a plugin returns a frame that is not as declared.
    """
    program = Program.of(book, _scorers(book, registry))
    program.check_period(period)
    frames.VILLAGES.check(inputs.villages, "villages")
    frames.HOUSEHOLDS.check(inputs.households, "households")
    subjects = Subjects.of(inputs)
    villages, households = inputs.villages.sort("village"), inputs.households.sort("village", "household")
    rule = registry.eligibility(book.eligibility.use)
    participants = _participants(rule.decide(households, villages, book.eligibility.options), households, rule.name)
    deeds = number_deeds(book, subjects, inputs.deeds, period)
    since = first_days(subjects, participants)
    parts: list[Settled] = []
    done = 0
    for first, last, count, low, high in _batches(subjects, deeds):
        piece = Deeds(deeds.frame[low:high], deeds.subject[low:high], deeds.item[low:high], deeds.day[low:high])
        parts.append(settle_batch(program, period, subjects.frame[first:last], first, since[first:last], piece))
        done += count
        if progress is not None:
            progress(done, villages.height)
    return _finish(book, registry, inputs, period, town, households, participants, parts)


def _scorers(book: RuleBook, registry: Registry) -> dict[str, Callable[..., pl.DataFrame]]:
    offered = {
        category.name: registry.category(category.name).scorer for category in book.categories if not category.own
    }
    return {name: scorer for name, scorer in offered.items() if scorer is not None}


def _participants(decided: object, households: pl.DataFrame, origin: str) -> pl.DataFrame:
    frame = frames.PARTICIPANTS.check(decided, origin).sort("village", "household")
    same = frame.height == households.height and bool(
        (frame["household"].cast(pl.String) == households["household"].cast(pl.String)).all()
    )
    if not same:
        raise Refused([Problem("settle.participants-rows", Place(file=origin))])
    return frame


def _batches(subjects: Subjects, deeds: Deeds) -> Iterator[tuple[int, int, int, int, int]]:
    """Whole villages: first and last subject, how many villages, first and last deed."""
    village = subjects.frame["village"]
    ends = np.flatnonzero((village != village.shift(-1)).fill_null(value=True).to_numpy()) + 1
    edges = np.searchsorted(deeds.subject, ends)
    first = low = count = 0
    for end, high in zip(ends.tolist(), edges.tolist(), strict=True):
        count += 1
        if high - low >= BATCH or end == len(village):
            yield first, end, count, low, high
            first, low, count = end, high, 0


def _finish(
    book: RuleBook,
    registry: Registry,
    inputs: Inputs,
    period: Period,
    town: str,
    households: pl.DataFrame,
    participants: pl.DataFrame,
    parts: list[Settled],
) -> Settlement:
    villages = inputs.villages.sort("village")

    def joined(name: str, frame: frames.Frame) -> pl.DataFrame:
        return pl.concat([getattr(part, name) for part in parts]) if parts else frame.empty()

    awards, points = joined("awards", frames.AWARDS), joined("category_points", frames.CATEGORY_POINTS)
    refused = joined("refused", frames.REFUSED)
    standings = rank(book, joined("standings", frames.STANDINGS), points)
    village_items = [item.code for item in book.items if item.subject is Subject.VILLAGE]
    view = VillageView(
        book, villages, households, participants, standings, awards.filter(pl.col("item").is_in(village_items))
    )
    aggregation = registry.aggregation(book.village.use)
    village_parts = frames.VILLAGE_PARTS.check(aggregation.aggregate(view, book.village.options), aggregation.name)
    scores = _village_scores(villages, participants, village_parts)
    policy = registry.reward_policy(book.rewards.use)
    vetoes = [item.code for item in book.items if item.veto]
    penal = awards.filter((pl.col("gross") < 0) | pl.col("item").is_in(vetoes))
    reward_view = RewardView(book, households, participants, standings, scores, penal)
    rewards = frames.REWARDS.check(policy.reward(reward_view, book.rewards.options), policy.name)
    exchanges, purse_entries = exchange(book, period, inputs, awards, standings)
    rows = _row_count(inputs, sum(part.counted for part in parts), refused)
    return Settlement(
        town, book, period, participants, awards, joined("cuts", frames.CUTS), refused, points, standings,
        village_parts.sort("village", maintain_order=True), scores, rewards, rows, exchanges, purse_entries,
    )  # fmt: skip


def _row_count(inputs: Inputs, counted: int, refused: pl.DataFrame) -> RowCount:
    """The sum of the rows of deeds. What was read is counted by the reader, so that the sum can fail to add up."""
    cancelled = refused.filter(pl.col("outcome") == "cancelled").height
    aside = sum(row.frame == "deeds" for row in inputs.set_aside)
    rows_in = inputs.rows_in or inputs.deeds.height + aside
    rows = RowCount(rows_in, counted, refused.height - cancelled, cancelled, aside)
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
