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
from jifen.checking import admit
from jifen.columns import among, at, gathered
from jifen.concluding import conclude
from jifen.entered import with_entries
from jifen.inputs import Reading
from jifen.library import as_frame
from jifen.numbering import Subjects, first_days, number_deeds
from jifen.parts import Part
from jifen.problems import Problem, Refused

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
    touched = pl.concat([new["subject"], gone["subject"].cast(pl.String)]).unique()
    left = old if gone.is_empty() else old.filter(pl.Series(~replaced))
    deeds = pl.concat([left, new], how="vertical_relaxed")
    read = origin.inputs.rows_in
    inputs = evolve(
        origin.inputs,
        deeds=deeds,
        rows_in=read + new.height - gone.height if read else 0,
        origins=_places(origin.inputs.origins, replaced, new.height),
    )
    mine = gathered(deeds, at(np.flatnonzero(among(deeds["subject"], touched.to_list()))))
    subjects = origin.subjects or Subjects.of(origin.inputs)
    again = _again(settlement, origin.program, subjects, touched, mine, inputs.corrections)
    part = _merged(settlement, subjects, touched, again, inputs)
    made = conclude(settlement.book, origin.registry, inputs, settlement.period, settlement.town, part)
    return evolve(made, origin=evolve(origin, inputs=inputs, subjects=subjects))


def _usable(settlement: Settlement, inputs: Inputs, records: pl.DataFrame) -> pl.DataFrame:
    """The records, checked as those of a file are, beside the registers of their villages and households."""
    villages = records["village"].drop_nulls().unique().to_list()
    theirs = among(inputs.households["household"], records["subject"].drop_nulls().unique().to_list())
    theirs &= among(inputs.households["village"], villages)
    tables = {
        "villages": gathered(inputs.villages, at(np.flatnonzero(among(inputs.villages["village"], villages)))),
        "households": gathered(inputs.households, at(np.flatnonzero(theirs))),
        "deeds": records,
    }
    admitted = admit(Reading(tables), settlement.book, settlement.period)
    if admitted.set_aside:
        raise Refused([problem for row in admitted.set_aside for problem in row.problems])
    return frames.plain(admitted.deeds)


def _places(origins: pl.DataFrame | None, replaced: Mask, more: int) -> pl.DataFrame | None:
    """Where the rows of deeds stand in their files; the new ones stand in none."""
    if origins is None:
        return None
    return pl.concat([origins.filter(pl.Series(~replaced)), origins.clear(more)])


def _again(
    settlement: Settlement,
    program: Program,
    subjects: Subjects,
    touched: pl.Series,
    deeds: pl.DataFrame,
    corrections: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """The frames of the subjects that are touched, scored by themselves. A stranger is refused by the numbering."""
    mine = Subjects(gathered(subjects.frame, at(np.flatnonzero(among(subjects.frame["subject"], touched.to_list())))))
    theirs = among(settlement.participants["household"], touched.to_list())
    numbered = number_deeds(settlement.book, mine, deeds, settlement.period)
    since = first_days(mine, gathered(settlement.participants, at(np.flatnonzero(theirs))))
    entries = gathered(corrections, at(np.flatnonzero(among(corrections["subject"], touched.to_list()))))
    done = settle_batch(program, settlement.period, mine.frame, 0, since, numbered, entries)
    awards, points, refused = with_entries(
        settlement.book, entries, done.standings, done.awards, done.category_points, done.refused
    )
    found = {"awards": awards, "cuts": done.cuts, "refused": refused, "category_points": points}
    return {**found, "standings": done.standings}


def _merged(
    settlement: Settlement,
    subjects: Subjects,
    touched: pl.Series,
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
    cancelled = int(among(refused["outcome"], ["cancelled"]).sum())
    not_counted = refused.height - cancelled
    return Part(
        settlement.participants,
        counted=inputs.deeds.height - refused.height,
        not_counted=not_counted,
        cancelled=cancelled,
        **found,
    )


def _spliced(old: pl.DataFrame, new: pl.DataFrame, whose: str, subjects: Subjects, touched: pl.Series) -> pl.DataFrame:
    """The rows of those who are touched in place of their old ones; who had none is put where the order wants it."""
    if len(touched) == 1:
        mine = np.flatnonzero((old[whose].cast(pl.String) == touched[0]).to_numpy())
        low = int(mine[0]) if mine.size else 0
        if mine.size and mine[-1] - low + 1 == mine.size:
            parts = [old[:low], new, old[low + mine.size :]]
            return pl.concat(parts, how="vertical" if old.schema == new.schema else "vertical_relaxed")
    both = pl.concat([old.filter(~pl.col(whose).cast(pl.String).is_in(touched.implode())), new], how="vertical_relaxed")
    place = both[whose].cast(pl.String).cast(pl.Enum(subjects.frame["subject"])).to_physical()
    return both[place.arg_sort()] if not place.is_sorted() else both
