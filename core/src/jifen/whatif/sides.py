"""Decides what a side of a comparison is: a rule book as if it were in force, what it takes in, and its settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import evolve, frozen

from jifen.flow import settle
from jifen.offers import RewardView
from jifen.whatif.reading import take_both

if TYPE_CHECKING:
    from jifen.inputs import Inputs, Reading
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.registry import Registry
    from jifen.settlement import Settlement


@frozen(eq=False)
class Side:
    """What one of the two books makes of the data."""

    book: RuleBook
    inputs: Inputs
    settlement: Settlement
    ceilings: dict[str, int]
    """The most fen that each reward may cost in this town, by its code; under ``""`` all of them together."""


def settle_both(
    books: tuple[RuleBook, RuleBook], registry: Registry, reading: Reading, period: Period, *, set_aside: bool = False
) -> tuple[tuple[Side, Side], pl.DataFrame]:
    """Both settlements, and the rows that one book alone cannot use (`columns.UNREAD`).

    Raises what `jifen.whatif.reading.take_both` and `jifen.flow.settle` refuse.
    """
    first, second = (in_force(book, period) for book in books)
    taken, unread = take_both(first, second, reading, period, set_aside=set_aside)
    return (_side(first, registry, taken[0], period), _side(second, registry, taken[1], period)), unread


def in_force(book: RuleBook, period: Period) -> RuleBook:
    """The book as if it held for the whole period; one that was made of several keeps the days of each."""
    return book if book.earlier else evolve(book, valid_from=period.start, valid_to=period.end)


def _side(book: RuleBook, registry: Registry, inputs: Inputs, period: Period) -> Side:
    settlement = settle(book, registry, inputs, period)
    policy = registry.reward_policy(book.rewards.use)
    ceilings: dict[str, int] = {}
    if policy.ceilings is not None:
        view = RewardView(
            book,
            inputs.households,
            settlement.participants,
            settlement.standings,
            settlement.village_scores,
            settlement.awards.clear(),
        )
        ceilings = dict(policy.ceilings(view, book.rewards.options))
    return Side(book, inputs, settlement, ceilings)
