"""Decides whether an offer settles at all: every frame that goes through it is as `jifen.frames` declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from jifen import frames
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.problems import Refused
from jifen.settlement import OUTPUT

from jifen_conformance.check import Broken, check, expect
from jifen_conformance.comparing import few
from jifen_conformance.handing import handed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.frames import Frame

    from jifen_conformance.handing import Handed
    from jifen_conformance.target import Target, Trial

RETURNED: Mapping[type, Frame] = {
    EligibilityRule: frames.PARTICIPANTS,
    Category: frames.GROSS,
    VillageAggregation: frames.VILLAGE_PARTS,
    RewardPolicy: frames.REWARDS,
}
"""What the function of each object returns."""


@check("F01", since="0.1")
def frames_are_as_declared(target: Target) -> None:
    """Invented data settles, and every frame has the columns, types and rows that are declared.

    Why: everything after it, the explanation to the villager above all, relies on these columns.
    Mend: return the frame that the hook's reference lists, with one row for each row asked; where windows are
        spoken of, let the book's dates begin and end with them.
    """
    for trial in target.trials:
        given = f"{trial.inputs.deeds.height} deeds of {trial.inputs.households.height} households, {trial.book.name}"
        try:
            settled = trial.settlement.frames()
            calls = handed(trial)
        except Refused as refused:
            raise Broken(given, few(refused.problems)) from refused
        for name, frame in settled.items():
            _as_declared(OUTPUT[name], frame, name, given)
        for call in calls:
            _as_declared(RETURNED[type(call.offer)], call.answer, call.offer.name, given)
            wrong = _strangers(trial, call)
            expect(not wrong, f"{call.offer.name}: {given}", wrong)


def _as_declared(declared: Frame, frame: Any, name: str, given: str) -> None:
    try:
        declared.check(frame, name)
    except Refused as refused:
        raise Broken(given, few(refused.problems)) from refused


def _strangers(trial: Trial, call: Handed) -> str:
    """Rows about what was not among the arguments, in words; an empty text where there are none."""
    if isinstance(call.offer, Category):
        asked, told = _texts(call.arguments[0], "deed"), _texts(call.answer, "deed")
        return f"deeds without a row or asked by nobody: {sorted(asked ^ told)[:5]}" if asked != told else ""
    strange = _texts(call.answer, "village") - _texts(trial.inputs.villages, "village")
    if strange:
        return f"villages that are not there: {sorted(strange)[:5]}"
    return ""


def _texts(frame: pl.DataFrame, column: str) -> set[str]:
    return set(frame[column].cast(pl.String))
