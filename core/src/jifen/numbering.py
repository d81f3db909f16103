"""Decides how households, villages, items and days become numbers, in the one order in which everything is scored.

This is also the last guard: a deed that names what is not there is refused here, whatever reader it came through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen import frames
from jifen.base import EPOCH
from jifen.columns import days, filled, numbered, numbers
from jifen.counting import Deeds
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.period import Period
    from jifen.program import Program
    from jifen.runs import Whole

NEVER: Final = np.iinfo(np.int64).max
_ALWAYS: Final = -(2**31)


@frozen(eq=False)
class Subjects:
    """Households and villages as numbers, in order of village and subject; a village's numbers follow each other."""

    frame: pl.DataFrame
    """village, subject, is_household"""

    @classmethod
    def of(cls, inputs: Inputs) -> Subjects:
        """Of all households and villages. Raises `Refused` where a household has a village's code as its number."""
        households = inputs.households.select(
            pl.col("village").cast(pl.String),
            pl.col("household").cast(pl.String).alias("subject"),
            pl.lit(value=True).alias("is_household"),
        )
        villages = inputs.villages.select(
            pl.col("village").cast(pl.String),
            pl.col("village").cast(pl.String).alias("subject"),
            pl.lit(value=False).alias("is_household"),
        )
        both = pl.concat([households, villages]).sort("village", "subject")
        if both["subject"].n_unique() < both.height:
            doubled = both.filter(pl.col("subject").is_duplicated())["subject"].unique().sort()
            raise Refused([Problem("settle.subject-twice", facts={"subject": who}) for who in doubled])
        strangers = set(households["village"].unique()) - set(villages["village"])
        if strangers:
            raise Refused([Problem("settle.unknown-village", facts={"village": name}) for name in sorted(strangers)])
        return cls(both)


def number_deeds(program: Program, subjects: Subjects, given: pl.DataFrame, period: Period) -> Deeds:
    """The deeds in order of subject, date and deed, with numbers for subject and item; sorts only where it must."""
    frame = frames.DEEDS.check(given, "deeds")
    # Rows of one subject mostly follow each other: look up each stretch, not each row.
    who = frame["subject"].cast(pl.String)
    starts = np.flatnonzero(np.append([True], (who[1:] != who[:-1]).to_numpy())) if len(who) else np.zeros(0, np.int64)
    found = numbers(who[starts], pl.Enum(subjects.frame["subject"]))
    subject = np.repeat(found, np.diff(starts, append=frame.height))
    codes, statuses, grades = frame.select_seq(program.coding).get_columns()
    item = program.in_force.numbers(numbered(codes), frame["village"], frame["date"])
    deeds = Deeds(frame, subject, item, days(frame["date"]), statuses.to_numpy(), filled(grades, 0).to_numpy())
    _check_deeds(program, subjects, deeds, period)
    day = deeds.day
    ordered = bool(((subject[1:] > subject[:-1]) | ((subject[1:] == subject[:-1]) & (day[1:] >= day[:-1]))).all())
    if ordered:
        tied = (subject[1:] == subject[:-1]) & (day[1:] == day[:-1])
        ordered = bool((~tied | (frame["deed"][1:] > frame["deed"][:-1]).to_numpy()).all())
    if ordered:
        return deeds
    columns = pl.DataFrame({"subject": subject, "day": day, "deed": frame["deed"].cast(pl.String)})
    return deeds.taken(columns.select(pl.arg_sort_by("subject", "day", "deed")).to_series().to_numpy())


def _check_deeds(program: Program, subjects: Subjects, deeds: Deeds, period: Period) -> None:
    """The last guard for callers that did not go through a reader; readers name the rows."""
    # Rows from nowhere, numbered -1, are asked about in the last cell of each table.
    for_household, named = np.append(program.of_household, False), np.append(program.named, False)
    is_household = np.append(subjects.frame["is_household"].to_numpy(), False)
    subject, item, quantity = deeds.subject, deeds.item, filled(deeds.frame["quantity"], 0).to_numpy()
    first, last = ((day - EPOCH).days for day in (period.start, period.end))
    wrong = {
        "settle.unknown-subject": subject < 0,
        "settle.unknown-item": item < 0,
        "settle.wrong-subject": (subject >= 0) & (item >= 0) & (is_household[subject] != for_household[item]),
        "settle.outside-period": (deeds.day < first) | (deeds.day > last),
        "settle.negative-quantity": (quantity < 0) & ~named[item],
    }
    problems = [
        Problem(code, facts={"count": int(mask.sum()), "deed": deeds.frame["deed"][int(np.flatnonzero(mask)[0])]})
        for code, mask in wrong.items()
        if mask.any()
    ]
    if problems:
        raise Refused(problems)


def first_days(subjects: Subjects, participants: pl.DataFrame) -> Whole:
    """The first day of each subject, as days since 1970; `NEVER` for households that do not take part.

    `participants` are the households of `subjects`, in their order.
    """
    # A household without a first day has always taken part; a village always does.
    found = np.full(subjects.frame.height, _ALWAYS, dtype=np.int64)
    found[subjects.frame["is_household"].to_numpy()] = np.where(
        participants["participates"].to_numpy(), days(participants["since"], _ALWAYS), NEVER
    )
    return found
