"""Decides what only a whole town can tell: village scores, rewards, exchange, and that no row was lost.

These steps run on small frames: standings, and the few awards that villages and penalties rest on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import asdict

from jifen import frames
from jifen.columns import among, at, gathered, in_order, numbers
from jifen.entered import KIND as ENTERED
from jifen.exchanging import exchange
from jifen.model import Subject
from jifen.offers import RewardView, VillageView
from jifen.problems import Problem, Refused
from jifen.settlement import RowCount, Settlement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.offers import RewardPolicy
    from jifen.parts import Part
    from jifen.period import Period
    from jifen.registry import Registry
    from jifen.runs import Mask


def conclude(book: RuleBook, registry: Registry, inputs: Inputs, period: Period, town: str, part: Part) -> Settlement:
    """The settlement of a town from all of its villages.

    Of `part.awards` only those are looked at that `looked_at` lets through; of `inputs` not the deeds.
    Raises `Refused` where rows were lost and where a plugin returns a frame that is not as declared.
    """
    villages, households = inputs.villages.sort("village"), in_order(inputs.households, "village", "household")
    rows = _row_count(inputs, part)
    own = gathered(part.awards, at(np.flatnonzero(_of_villages(book, part.awards))))
    view = VillageView(book, villages, households, part.participants, part.standings, own)
    aggregation = registry.aggregation(book.village.use)
    village_parts = frames.VILLAGE_PARTS.check(aggregation.aggregate(view, book.village.options), aggregation.name)
    scores = _village_scores(villages, part.participants, village_parts)
    policy = registry.reward_policy(book.rewards.use)
    penal = gathered(part.awards, at(_penal(book, policy, part.awards)))
    reward_view = RewardView(book, households, part.participants, part.standings, scores, penal)
    rewards = frames.REWARDS.check(policy.reward(reward_view, book.rewards.options), policy.name)
    exchanges, purse_entries = exchange(book, period, inputs, part.awards, part.standings)
    return Settlement(
        town, book, period, part.participants, part.awards, part.cuts, part.refused, part.category_points,
        part.standings, village_parts.sort("village", maintain_order=True), scores, rewards, rows,
        exchanges, purse_entries,
    )  # fmt: skip


def looked_at(book: RuleBook, registry: Registry, awards: pl.DataFrame) -> pl.DataFrame:
    """Those of the awards that a town's end is concluded from; with purses all of them."""
    if book.purses:
        return awards
    which = _of_villages(book, awards)
    which[_penal(book, registry.reward_policy(book.rewards.use), awards)] = True
    return gathered(awards, at(np.flatnonzero(which)))


def _of_villages(book: RuleBook, awards: pl.DataFrame) -> Mask:
    """Awards of villages themselves; entries of earlier periods may be of items that the book has no more."""
    found = among(awards["item"], [item.code for item in book.items if item.subject is not Subject.HOUSEHOLD])
    entered = among(awards["kind"], [ENTERED])
    if entered.any():
        found |= entered & (awards["subject"].cast(pl.String) == awards["village"].cast(pl.String)).to_numpy()
    return found


def _penal(book: RuleBook, policy: RewardPolicy, awards: pl.DataFrame) -> NDArray[np.intp]:
    """Rows on which a penalty may rest: misdeeds of this period, whatever a limit left of them."""
    gross, item, kind = awards["gross"], awards["item"], awards["kind"]
    rows = np.arange(awards.height)
    if policy.grounds is not None:
        rows = np.flatnonzero(among(item, policy.grounds(book.rewards.options)))
        gross, item, kind = (column[at(rows)] for column in (gross, item, kind))
    vetoes = [rule.code for rule in book.items if rule.veto]
    misdeeds = (gross.to_numpy() < 0) | among(item, vetoes)
    return rows[misdeeds & ~among(kind, [ENTERED])]


def _row_count(inputs: Inputs, part: Part) -> RowCount:
    """The sum of the rows of deeds. What was read is counted by the reader, so that the sum can fail to add up."""
    aside = sum(row.frame == "deeds" for row in inputs.set_aside)
    rows_in = inputs.rows_in or inputs.deeds.height + aside
    rows = RowCount(rows_in, part.counted, part.not_counted, part.cancelled, aside)
    if not rows.adds_up:
        raise Refused([Problem("settle.rows-lost", facts=asdict(rows))])
    return rows


def _village_scores(villages: pl.DataFrame, participants: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """VILLAGE_SCORES, by rank and village; `villages` are in order."""
    known = pl.Enum(villages["village"].cast(pl.String))
    size = villages.height
    home, part = numbers(participants["village"], known), numbers(parts["village"], known)
    points = np.zeros(size, dtype=np.int64)
    np.add.at(points, part[part >= 0], parts["points"].to_numpy()[part >= 0])
    place = size - np.searchsorted(np.sort(points), points, side="right") + 1
    order = np.argsort(place, kind="stable")
    homes = np.bincount(home[home >= 0], minlength=size)
    taking_part = np.bincount(home[(home >= 0) & participants["participates"].to_numpy()], minlength=size)
    return pl.DataFrame(
        [
            villages["village"][at(order)],
            *(
                pl.Series(name, values[order], dtype=pl.Int64)
                for name, values in (
                    ("points", points),
                    ("households", homes),
                    ("participants", taking_part),
                    ("rank", place),
                )
            ),
        ]
    )[frames.VILLAGE_SCORES.names]
