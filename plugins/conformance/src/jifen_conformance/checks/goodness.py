"""Decides whether good deeds are good and bad ones bad: one more never moves a total the wrong way (R11, R17)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from jifen.model import Subject

from jifen_conformance.check import Kind, check, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.model import Item

    from jifen_conformance.target import Target, Trial

SCORED = (Kind.TOWN, Kind.CATEGORY)
LAST = "~one-more"
"""A number that sorts behind all others, so that the one more deed is the last of its day."""


def values_of(item: Item) -> list[Decimal]:
    """What a deed of an item can be worth; the base score is no deed's."""
    values = [rate.points for rate in item.rates] + [step.points for step in (*item.tiers, *item.bands)]
    values += [*item.ladder, *item.grades.values()]
    return values + ([item.points] if item.points is not None else [])


@check("A04", since="0.1", kinds=SCORED, capability="monotone")
def one_more_good_deed_never_lowers_a_total(target: Target) -> None:
    """One more deed of an item that only gives, as the last of the period, never lowers the household's total.

    Why: nobody may be worse off for having helped.
    Mend: let tiers and brackets rise, and write what takes points as an item of its own.
    """
    for trial in target.trials:
        _one_more(trial, lambda item: min(values_of(item), default=Decimal(-1)) >= 0, lambda change: change >= 0)


@check("A05", since="0.1", kinds=SCORED, capability="monotone")
def one_more_bad_deed_never_raises_a_total(target: Target) -> None:
    """One more deed of an item that only takes, as the last of the period, never raises the household's total.

    Why: a rule that pays for a breach is no rule.
    Mend: let a ladder of deductions go on taking, and write what gives points as an item of its own.
    """
    for trial in target.trials:
        _one_more(trial, lambda item: max(values_of(item), default=Decimal(1)) <= 0, lambda change: change <= 0)


def _one_more(trial: Trial, which: Callable[[Item], bool], good: Callable[[int], bool]) -> None:
    """Each item by itself, each household at once: the deeds of different households do not meet."""
    totals = _totals(trial.settlement.standings)
    deeds = trial.inputs.deeds.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    approved = deeds.filter(pl.col("status") == "approved")
    for item in trial.book.items:
        if item.subject is not Subject.HOUSEHOLD or item.veto or item.put_right or not which(item):
            continue
        sample = approved.filter(pl.col("item") == item.code).head(1)
        homes = [home for home, village in totals if item.holds_in(village)]
        if not sample.height or not homes:
            continue
        more = pl.concat([sample] * len(homes)).with_columns(
            pl.Series("subject", homes),
            pl.Series("deed", [f"{LAST}-{home}" for home in homes]),
            pl.lit(trial.period.end).alias("date"),
            pl.lit(trial.period.end).alias("recorded"),
            pl.lit(None, dtype=pl.String).alias("member"),
        )
        villages = dict(totals.keys())
        more = more.with_columns(pl.col("subject").replace_strict(villages).alias("village"))
        after = _totals(trial.again(deeds=pl.concat([deeds, more])).standings)
        for (home, village), total in totals.items():
            change = after[home, village] - total
            given = f"one more deed of {item.code} for household {home} on {trial.period.end}, by {trial.book.name}"
            expect(good(change), given, f"its total changed by {change} (in the smallest unit)")


def _totals(standings: pl.DataFrame) -> dict[tuple[str, str], int]:
    rows = standings.select(pl.col("household", "village").cast(pl.String), "total").iter_rows()
    return {(household, village): total for household, village, total in rows}
