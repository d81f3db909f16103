"""Decides whether limits do what the rule book says, no more and no less."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jifen_conformance.check import Kind, check, expect
from jifen_conformance.plain_limits import sums

if TYPE_CHECKING:
    from jifen.settlement import Settlement

    from jifen_conformance.target import Target

SCORED = (Kind.TOWN, Kind.CATEGORY)


@check("A02", since="0.1", kinds=SCORED)
def limits_are_never_exceeded(target: Target) -> None:
    """No limit of the rule book is exceeded in any window, counted a second time in plain Python.

    Why: a limit that leaks gives one household what its neighbours may not have.
    Mend: let the core apply limits; a scorer returns points before any limit.
    """
    for trial in target.trials:
        within(trial.settlement, trial.book.name)


def within(settlement: Settlement, name: str) -> None:
    """That every bound is kept. Raises `Broken`."""
    for found in sums(settlement):
        given = f"limit {found.limit} ({found.told}) of {found.whose}, by {name}"
        expect(found.within, given, f"{found.after} after it, {found.before} before it (in the smallest unit)")


@check("A03", since="0.1", kinds=SCORED)
def limits_cut_no_more_than_they_must(target: Target) -> None:
    """A limit leaves as much as fits, and an award is its points by the rule plus what each limit changed.

    Why: whoever lost points to a limit must be shown exactly which limit took how many.
    Mend: leave awards and cuts as the core returns them.
    """
    for trial in target.trials:
        needed(trial.settlement, trial.book.name)


def needed(settlement: Settlement, name: str) -> None:
    """That nothing more was cut, and that the cuts add up. Raises `Broken`."""
    changes: Counter[str] = Counter()
    for deed, change in settlement.cuts.select("deed", "change").iter_rows():
        changes[deed] += change
    for deed, gross, points in settlement.awards.select("deed", "gross", "points").iter_rows():
        told = f"{gross} by the rule, {changes[deed]} by limits, yet {points} given"
        expect(gross + changes[deed] == points, f"deed {deed}, by {name}", told)
    for found in sums(settlement):
        given = f"limit {found.limit} ({found.told}) of {found.whose}, by {name}"
        expect(found.needed, given, f"{found.after} after it, {found.before} before it (in the smallest unit)")
