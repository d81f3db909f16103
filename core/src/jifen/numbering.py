"""Decides how households, villages, items and days become numbers, in the one order in which everything is scored.

This is also the last guard: a deed that names what is not there is refused here, whatever reader it came through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen import frames
from jifen.counting import Deeds
from jifen.in_force import item_numbers
from jifen.model import Measure, Subject
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.runs import Whole

NEVER: Final = np.iinfo(np.int64).max


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
        doubled = both.filter(pl.col("subject").is_duplicated())["subject"].unique().sort()
        if len(doubled):
            raise Refused([Problem("settle.subject-twice", facts={"subject": who}) for who in doubled])
        strangers = set(households["village"]) - set(villages["village"])
        if strangers:
            raise Refused([Problem("settle.unknown-village", facts={"village": name}) for name in sorted(strangers)])
        return cls(both)


def number_deeds(book: RuleBook, subjects: Subjects, given: pl.DataFrame, period: Period) -> Deeds:
    """The deeds in order of subject, date and deed, with numbers for subject and item; sorts only where it must."""
    frame = frames.DEEDS.check(given, "deeds")
    # Rows of one subject mostly follow each other: look up each stretch, not each row.
    who = frame["subject"].cast(pl.String)
    starts = np.flatnonzero(np.append([True], (who[1:] != who[:-1]).to_numpy())) if len(who) else np.zeros(0, np.int64)
    numbers = who[starts].cast(pl.Enum(subjects.frame["subject"]), strict=False).to_physical().cast(pl.Int64)
    subject = np.repeat(numbers.fill_null(-1).to_numpy(), np.diff(starts, append=frame.height))
    item = item_numbers(book, frame["item"], frame["village"], frame["date"])
    day = frame["date"].to_physical().cast(pl.Int64).to_numpy()
    _check_deeds(book, subjects, frame, subject, item, period)
    ordered = bool(((subject[1:] > subject[:-1]) | ((subject[1:] == subject[:-1]) & (day[1:] >= day[:-1]))).all())
    if ordered:
        tied = (subject[1:] == subject[:-1]) & (day[1:] == day[:-1])
        ordered = bool((~tied | (frame["deed"][1:] > frame["deed"][:-1]).to_numpy()).all())
    if not ordered:
        order = (
            pl.DataFrame({"subject": subject, "day": day, "deed": frame["deed"].cast(pl.String)})
            .select(pl.arg_sort_by("subject", "day", "deed"))
            .to_series()
            .to_numpy()
        )
        frame, subject, item, day = frame[order], subject[order], item[order], day[order]
    return Deeds(frame, subject, item, day)


def _check_deeds(
    book: RuleBook, subjects: Subjects, frame: pl.DataFrame, subject: Whole, item: Whole, period: Period
) -> None:
    """The last guard for callers that did not go through a reader; readers name the rows."""
    for_household = np.array([i.subject is Subject.HOUSEHOLD for i in book.items] or [True], dtype=np.bool_)
    is_household = np.append(subjects.frame["is_household"].to_numpy(), False)
    named = np.array([i.measure is Measure.NAMED for i in book.items] or [False], dtype=np.bool_)
    wrong = {
        "settle.unknown-subject": subject < 0,
        "settle.unknown-item": item < 0,
        "settle.wrong-subject": (subject >= 0) & (item >= 0) & (is_household[subject] != for_household[item]),
        "settle.outside-period": ((frame["date"] < period.start) | (frame["date"] > period.end)).to_numpy(),
        "settle.negative-quantity": (frame["quantity"] < 0).fill_null(value=False).to_numpy() & ~named[item],
    }
    problems = [
        Problem(code, facts={"count": int(mask.sum()), "deed": frame["deed"][int(np.flatnonzero(mask)[0])]})
        for code, mask in wrong.items()
        if mask.any()
    ]
    if problems:
        raise Refused(problems)


def first_days(subjects: Subjects, participants: pl.DataFrame) -> Whole:
    """The first day of each subject, as days since 1970; `NEVER` for households that do not take part."""
    joined = subjects.frame.select("subject", "is_household").join(
        participants.select(
            pl.col("household").cast(pl.String).alias("subject"),
            "participates",
            pl.col("since").cast(pl.Int32).cast(pl.Int64),
        ),
        on="subject",
        how="left",
        maintain_order="left",
    )
    # A household without a first day has always taken part; a village always does.
    return (
        joined.select(
            pl.when(~pl.col("is_household"))
            .then(-(2**31))
            .when(pl.col("participates"))
            .then(pl.col("since").fill_null(-(2**31)))
            .otherwise(NEVER)
            .cast(pl.Int64)
        )
        .to_series()
        .to_numpy()
    )
