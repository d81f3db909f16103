"""Decides how a settlement takes in new records: only the households that they concern are scored again (R20).

Ranks, village scores and rewards are brought up to date from there; the result is that of a settlement from scratch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import evolve

from jifen import frames
from jifen.awards import settle_batch
from jifen.checking import admit_deeds
from jifen.columns import among, at, gathered
from jifen.concluding import conclude
from jifen.entered import with_entries
from jifen.library import as_frame
from jifen.numbering import Subjects, first_days, number_deeds
from jifen.parts import Part
from jifen.problems import Problem, Refused
from jifen.standing import rank

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.program import Program
    from jifen.runs import Mask
    from jifen.settlement import Settlement


def updated(settlement: Settlement, records: object) -> Settlement:
    """The settlement with more records, as `jifen.settle` takes them; a number that is there already is replaced.

    Raises `Refused` (``settle.no-origin``) for a settlement that was read from a folder, with all rows that cannot be
    used, and as `jifen.flow.settle` does.
    """
    origin = settlement.origin
    if origin is None:
        raise Refused([Problem("settle.no-origin")])
    new = _usable(settlement, origin.inputs, as_frame(records, frames.DEEDS))
    old = origin.inputs.deeds
    replaced = among(old["deed"], new["deed"].to_list())
    gone = gathered(old, at(np.flatnonzero(replaced)))
    touched = _different(new["subject"], gone["subject"])
    left = old if gone.is_empty() else old.filter(pl.Series(~replaced))
    deeds = pl.concat([left, new], how="vertical_relaxed")
    read = origin.inputs.rows_in
    inputs = evolve(
        origin.inputs,
        deeds=deeds,
        rows_in=read + new.height - gone.height if read else 0,
        origins=_places(origin.inputs.origins, replaced, new.height),
    )
    mine = gathered(deeds, at(np.flatnonzero(among(deeds["subject"], touched))))
    again = _again(settlement, origin.program, origin.subjects, touched, mine, inputs.corrections)
    part = _merged(settlement, origin.subjects, touched, again, inputs)
    made = conclude(settlement.book, origin.registry, inputs, settlement.period, settlement.town, part)
    return evolve(made, origin=evolve(origin, inputs=inputs, known=origin.subjects))


def _usable(settlement: Settlement, inputs: Inputs, records: pl.DataFrame) -> pl.DataFrame:
    """The records, checked as those of a file are, beside the registers of their villages and households."""
    villages = _different(records["village"])
    theirs = among(inputs.households["household"], _different(records["subject"]))
    theirs &= among(inputs.households["village"], villages)
    mine = gathered(inputs.villages, at(np.flatnonzero(among(inputs.villages["village"], villages))))
    homes = gathered(inputs.households, at(np.flatnonzero(theirs)))
    return frames.plain(admit_deeds(records, mine, homes, settlement.book, settlement.period))


def _different(*columns: pl.Series) -> list[str]:
    """The texts that occur, each once."""
    texts = dict.fromkeys(text for column in columns for text in column.to_list())
    return [text for text in texts if text is not None]


def _places(origins: pl.DataFrame | None, replaced: Mask, more: int) -> pl.DataFrame | None:
    """Where the rows of deeds stand in their files; the new ones stand in none."""
    if origins is None:
        return None
    return pl.concat([origins.filter(pl.Series(~replaced)), origins.clear(more)])


def _again(
    settlement: Settlement,
    program: Program,
    subjects: Subjects,
    touched: list[str],
    deeds: pl.DataFrame,
    corrections: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """The frames of the subjects that are touched, scored by themselves. A stranger is refused by the numbering."""
    mine = Subjects(gathered(subjects.frame, at(np.flatnonzero(among(subjects.frame["subject"], touched)))))
    theirs = among(settlement.participants["household"], touched)
    numbered = number_deeds(program, mine, deeds, settlement.period)
    since = first_days(mine, gathered(settlement.participants, at(np.flatnonzero(theirs))))
    entries = gathered(corrections, at(np.flatnonzero(among(corrections["subject"], touched))))
    done = settle_batch(program, settlement.period, mine.frame, 0, since, numbered, entries)
    awards, points, refused = with_entries(
        settlement.book, entries, done.standings, done.awards, done.category_points, done.refused
    )
    found = {"awards": awards, "cuts": done.cuts, "refused": refused, "category_points": points}
    return {**found, "standings": done.standings}


def _merged(
    settlement: Settlement,
    subjects: Subjects,
    touched: list[str],
    again: dict[str, pl.DataFrame],
    inputs: Inputs,
) -> Part:
    """Old rows of the others and new rows of those, in the order of a settlement from scratch."""
    found = {}
    for name, new in again.items():
        whose = "household" if name == "standings" else "subject"
        found[name] = _spliced(getattr(settlement, name), new, whose, subjects, touched)
    refused = found["refused"]
    if inputs.corrections.height:
        refused = refused.filter(~pl.col("deed").cast(pl.String).str.starts_with("correct:"))
    found["standings"] = rank(settlement.book, found["standings"], found["category_points"])
    cancelled = int(among(refused["outcome"], ["cancelled"]).sum())
    not_counted = refused.height - cancelled
    return Part(
        settlement.participants,
        counted=inputs.deeds.height - refused.height,
        not_counted=not_counted,
        cancelled=cancelled,
        **found,
    )


def _spliced(old: pl.DataFrame, new: pl.DataFrame, whose: str, subjects: Subjects, touched: list[str]) -> pl.DataFrame:
    """The rows of those who are touched in place of their old ones; who had none is put where the order wants it."""
    found = among(old[whose], touched)
    mine = np.flatnonzero(found)
    if len(touched) == 1 and mine.size and mine[-1] - mine[0] + 1 == mine.size:
        before, after = old[: int(mine[0])], old[int(mine[-1]) + 1 :]
        if old.dtypes == new.dtypes:
            return before.vstack(new).vstack(after)
        return pl.concat([before, new, after], how="vertical_relaxed")
    both = pl.concat([old.filter(pl.Series(~found)), new], how="vertical_relaxed")
    place = both[whose].cast(pl.String).cast(pl.Enum(subjects.frame["subject"])).to_physical()
    return both[place.arg_sort()] if not place.is_sorted() else both
