"""The baseline that towns start from: who takes part, sample items, the village's score in three parts, and rewards.

Only names are here; what computes is imported when a hook is called, so that a command line starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.hooks import hookimpl
from jifen.words import add_catalogue

if TYPE_CHECKING:
    from jifen.offers import Category, Command, EligibilityRule, RewardPolicy, VillageAggregation

add_catalogue("jifen_pudong")


@hookimpl
def jifen_eligibility() -> tuple[EligibilityRule, ...]:
    """``pudong.three-presences`` (R2 to R5)."""
    from jifen_pudong.eligibility import THREE_PRESENCES

    return (THREE_PRESENCES,)


@hookimpl
def jifen_categories() -> tuple[Category, ...]:
    """The five categories of households, property management apart, and two of villages (R6 to R11, R13, R14)."""
    from jifen.offers import Category

    return Category.all_of(__name__)


@hookimpl
def jifen_village_aggregations() -> tuple[VillageAggregation, ...]:
    """``pudong.three-part`` (R12 to R14) and ``pudong.assessment`` (R26)."""
    from jifen_pudong.assessment import ASSESSMENT
    from jifen_pudong.three_part import THREE_PART

    return THREE_PART, ASSESSMENT


@hookimpl
def jifen_reward_policies() -> tuple[RewardPolicy, ...]:
    """``pudong.honours-and-exchange`` (R17 to R19)."""
    from jifen_pudong.rewards import HONOURS_AND_EXCHANGE

    return (HONOURS_AND_EXCHANGE,)


@hookimpl
def jifen_commands() -> tuple[Command, ...]:
    """`jifen district` (R24 to R27)."""
    from jifen.offers import Command

    return (Command("district", "district.help", "jifen_pudong.district.command:district"),)
