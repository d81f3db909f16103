"""Decides how a settlement is spoilt on purpose: a target whose engine does one thing wrong, where no plugin could.

What the core keeps for every plugin (limits, sums, ranks) can only be shown to be looked at by an engine that breaks it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve, fields, frozen
from jifen_conformance.target import Target, Trial

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.settlement import Settlement

    Engine = Callable[[Callable[..., Settlement], RuleBook, Inputs, Period], Settlement]


@frozen(eq=False, slots=False)
class Faulty(Target):
    """A target whose engine is spoilt; `busy` adds so many deeds of an item to one household in March."""

    engine: Engine | None = None
    busy: tuple[str, int] = ("", 0)

    def settle(self, book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        """Settles by the spoilt engine, which is handed the sound one."""
        if self.engine is None:
            return super().settle(book, inputs, period)
        return self.engine(super().settle, book, inputs, period)

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The trials, with the busy household."""
        found = super().trials
        return tuple(Busy(self, trial.book, trial.period) for trial in found) if self.busy[1] else found


class Busy(Trial):
    """A trial in which one household did a thing often in one month."""

    @cached_property
    def inputs(self) -> Inputs:
        """The invented town with these deeds more."""
        made = super().inputs
        code, many = self.target.busy if isinstance(self.target, Faulty) else ("", 0)
        deeds = made.deeds.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        first = deeds.filter((pl.col("item") == code) & (pl.col("status") == "approved")).head(1)
        march = pl.date(self.period.start.year, 3, pl.int_range(1, many + 1))
        more = pl.concat([first] * many).with_columns(
            pl.format("busy-{}", pl.int_range(1, many + 1)).alias("deed"), march.alias("date"), march.alias("recorded")
        )
        return evolve(made, deeds=pl.concat([deeds, more]))


def faulty(target: Target, engine: Engine | None = None, busy: tuple[str, int] = ("", 0)) -> Faulty:
    """The target with a spoilt engine."""
    values: dict[str, Any] = {str(field.alias): getattr(target, field.name) for field in fields(Target)}
    return Faulty(**values, engine=engine, busy=busy)


def after(spoil: Callable[[Settlement], Settlement]) -> Engine:
    """An engine that spoils what comes out."""

    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        return spoil(settle(book, inputs, period))

    return engine


def before(spoil: Callable[[Inputs], Inputs]) -> Engine:
    """An engine that spoils what goes in."""

    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        return settle(book, spoil(inputs), period)

    return engine


def by_other_rules(change: Callable[[RuleBook], RuleBook]) -> Engine:
    """An engine that settles by other rules than it says."""

    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        return evolve(settle(change(book), inputs, period), book=book)

    return engine
