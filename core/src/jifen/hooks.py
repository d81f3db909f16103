"""Decides the hooks: each is called once, at start-up, and returns objects that the core calls later.

Adding a hook is a minor change, removing one a major one, after two minors of deprecation warnings. `API` is the level
that a manifest states; `tests/` holds a snapshot of all specs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.offers import (
        Category,
        Command,
        EligibilityRule,
        ExecutorOffer,
        Reader,
        RewardPolicy,
        Town,
        VillageAggregation,
        Writer,
    )

PROJECT: Final = "jifen"
API: Final = 1

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def jifen_eligibility() -> Sequence[EligibilityRule]:  # type: ignore[empty-body]
    """Rules that say who takes part and on what ground (R2 to R5)."""


@hookspec
def jifen_categories() -> Sequence[Category]:  # type: ignore[empty-body]
    """Categories of items: deeds to awards (R6 to R11, R13, R14)."""


@hookspec
def jifen_village_aggregations() -> Sequence[VillageAggregation]:  # type: ignore[empty-body]
    """Ways from standings and village deeds to the parts of a village's score (R12 to R14)."""


@hookspec
def jifen_reward_policies() -> Sequence[RewardPolicy]:  # type: ignore[empty-body]
    """Ways from standings and village scores to honours, exchange budgets and proposals (R17 to R19)."""


@hookspec
def jifen_towns() -> Sequence[Town]:  # type: ignore[empty-body]
    """Towns whose rule books this distribution ships."""


@hookspec
def jifen_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """Commands of the command line."""


@hookspec
def jifen_readers() -> Sequence[Reader]:  # type: ignore[empty-body]
    """Inputs: file endings and how they become frames."""


@hookspec
def jifen_writers() -> Sequence[Writer]:  # type: ignore[empty-body]
    """Outputs: what is written beside a settlement's frames."""


@hookspec
def jifen_executors() -> Sequence[ExecutorOffer]:  # type: ignore[empty-body]
    """Places where villages are settled: an executor for `jifen settle --executor`."""
