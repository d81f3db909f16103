"""Decides whether a score depends on nothing but what goes in: not on order, batches, processes, or what ran before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from jifen.offers import Category

from jifen_conformance.capabilities import ELSEWHERE
from jifen_conformance.check import Broken, check, expect
from jifen_conformance.comparing import between, difference, ordered
from jifen_conformance.elsewhere import observed
from jifen_conformance.handing import handed, shuffled

if TYPE_CHECKING:
    from jifen_conformance.target import Target, Trial

OF_A_VILLAGE: Final = (
    "participants", "awards", "cuts", "refused", "category_points", "standings", "village_parts",
)  # fmt: skip
"""The frames that must not change by which other villages are there: all before ranks and rewards of the town."""
SEED: Final = 7


@check("S01", since="0.1")
def twice_the_same(target: Target) -> None:
    """The same input settled twice gives the same rows.

    Why: who asks again must get the same answer.
    Mend: take out of the scoring whatever counts calls, keeps results, or draws at random.
    """
    for trial in target.trials:
        told = difference(trial.settlement.frames(), trial.again().frames())
        expect(not told, f"the same data twice in one process, {trial.book.name}", told)


@check("S02", since="0.1", capability=ELSEWHERE)
def same_in_another_process(target: Target) -> None:
    """Another process, with another hash seed and time zone, gives the same rows.

    Why: the district settles on several machines, and all must agree to the last unit.
    Mend: sort before you go over a set or a dictionary made from one; never use `hash`, `id` or local time.
    """
    for trial, frames in zip(target.trials, observed(target).frames, strict=True):
        told = difference(trial.settlement.frames(), frames)
        expect(not told, f"{trial.book.name} in two processes", told)


@check("S03", since="0.1")
def order_does_not_matter(target: Target) -> None:
    """The rows of villages, households and deeds, and of every frame that an object is handed, may stand in any order.

    Why: an office sorts its workbook as it likes, and no household may lose points by it.
    Mend: sort by what decides, and by number where that ties; a Polars join or group_by does not keep order.
    """
    for trial in target.trials:
        mixed = {name: _mixed(getattr(trial.inputs, name)) for name in ("villages", "households", "deeds", "requests")}
        told = difference(trial.settlement.frames(), trial.again(**mixed).frames())
        expect(not told, f"villages, households and deeds shuffled, {trial.book.name}", told)
        for call in handed(trial):
            if isinstance(call.offer, Category):
                continue  # a scorer is promised its deeds in the order of date and number
            again = call.function(*shuffled(call.arguments, SEED))
            told = between(ordered(call.answer), ordered(again))
            expect(not told, f"the frames of {call.offer.name} shuffled, {trial.book.name}", told)


def _mixed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sample(fraction=1, shuffle=True, seed=SEED)


@check("S04", since="0.1")
def batches_do_not_matter(target: Target) -> None:
    """A village settled by itself has the rows that it has among others.

    Why: a district is settled in batches of villages, on as many machines as there are.
    Mend: look at one village's rows at a time; nothing but ranks and rewards of the town sees other villages.
    """
    for trial in target.trials:
        for village in trial.inputs.villages["village"]:
            alone, among = trial.again(**of_village(trial, village)).frames(), trial.settlement.frames()
            mine = {name: of(among[name], village) for name in OF_A_VILLAGE}
            told = difference(mine, {name: of(alone[name], village) for name in OF_A_VILLAGE})
            expect(not told, f"village {village} among others and by itself, {trial.book.name}", told)


def of_village(trial: Trial, village: str) -> dict[str, pl.DataFrame]:
    """The inputs of one village."""
    return {name: of(getattr(trial.inputs, name), village) for name in ("villages", "households", "deeds", "requests")}


def of(frame: pl.DataFrame, village: str) -> pl.DataFrame:
    """The rows of one village."""
    return frame.filter(pl.col("village").cast(pl.String) == village)


@check("S10", since="0.1")
def inputs_are_untouched(target: Target) -> None:
    """What goes in, and every frame that an object is handed, is the same after it has worked.

    Why: others are handed the same frames; a change in one place would move points in another.
    Mend: make new columns (`with_columns`) and never write into a frame that you were given.
    """
    for trial in target.trials:
        before = _copies(trial)
        for call in handed(trial):
            for name, frame in call.after.items():
                told = between(call.before[name], frame)
                expect(not told, f"{call.offer.name}, the frame {name}", f"before and after: {told}")
        told = difference(before, _copies(trial))
        if told:
            raise Broken(f"the input of {trial.book.name}", f"before and after: {told}")


def _copies(trial: Trial) -> dict[str, Any]:
    names = ("villages", "households", "deeds", "requests", "openings")
    return {name: getattr(trial.inputs, name).clone() for name in names}
