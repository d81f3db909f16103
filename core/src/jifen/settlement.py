"""Decides what a settlement is: its frames, the rules and the period it was made from, and the sum of its rows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl
from attrs import field, frozen

from jifen import frames
from jifen.frames import Frame
from jifen.model import RuleBook
from jifen.period import Period

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.numbering import Subjects
    from jifen.program import Program
    from jifen.registry import Registry

OUTPUT: dict[str, Frame] = {
    "participants": frames.PARTICIPANTS,
    "awards": frames.AWARDS,
    "cuts": frames.CUTS,
    "refused": frames.REFUSED,
    "category_points": frames.CATEGORY_POINTS,
    "standings": frames.STANDINGS,
    "village_parts": frames.VILLAGE_PARTS,
    "village_scores": frames.VILLAGE_SCORES,
    "rewards": frames.REWARDS,
    "exchanges": frames.EXCHANGES,
    "purse_entries": frames.PURSE_ENTRIES,
}
"""The frames of a settlement in the order of the flow; each is one Parquet file."""


@frozen
class RowCount:
    """Nothing is dropped silently: rows_in = awarded + refused + cancelled + set_aside (R22)."""

    rows_in: int
    awarded: int
    refused: int
    cancelled: int
    set_aside: int

    @property
    def adds_up(self) -> bool:
        """Whether every row that came in is accounted for."""
        return self.rows_in == self.awarded + self.refused + self.cancelled + self.set_aside


@frozen(eq=False)
class Origin:
    """What a settlement was made from, while it is at hand: a settlement that was read from a folder has none."""

    registry: Registry
    inputs: Inputs
    program: Program
    known: Subjects | None = None
    """Households and villages in their order, where they are known from before; they stay as records come in."""

    @cached_property
    def subjects(self) -> Subjects:
        """Households and villages in their order, made once somebody asks for them."""
        from jifen.numbering import Subjects

        return self.known or Subjects.of(self.inputs)


@frozen(eq=False)
class Settlement:
    """One town's settled period. Rows of every frame have a fixed order: the same input gives the same bytes."""

    town: str
    book: RuleBook
    period: Period
    participants: pl.DataFrame
    awards: pl.DataFrame
    cuts: pl.DataFrame
    refused: pl.DataFrame
    category_points: pl.DataFrame
    standings: pl.DataFrame
    village_parts: pl.DataFrame
    village_scores: pl.DataFrame
    rewards: pl.DataFrame
    rows: RowCount
    exchanges: pl.DataFrame = field(factory=frames.EXCHANGES.empty)
    purse_entries: pl.DataFrame = field(factory=frames.PURSE_ENTRIES.empty)

    origin: Origin | None = field(default=None, repr=False)

    def update(self, records: object) -> Settlement:
        """The settlement with more records, or with others in place of those of the same number.

        Only what they concern is scored again, and the result is that of a settlement from scratch.
        `records` are a table as `jifen.settle` takes it. Raises `Refused` as `jifen.updating.updated` does.
        """
        from jifen.updating import updated

        return updated(self, records)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name, as in `OUTPUT`."""
        return {name: getattr(self, name) for name in OUTPUT}
