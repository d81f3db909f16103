"""Decides how a batch of whole villages becomes frames: deeds that count, base scores, points, vetoes, standings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen import frames
from jifen.base import base_rows
from jifen.counting import Deeds, reasons, referred, refused_frame
from jifen.entered import entered_sums
from jifen.frames import coded
from jifen.model import Measure
from jifen.scoring import BASE, KINDS, NOTHING, PUT_RIGHT, VETO, Batch, score
from jifen.standing import NO_CEILING, category_points, grade_codes, sums, vetoes

if TYPE_CHECKING:
    from jifen.period import Period
    from jifen.program import Program
    from jifen.runs import Whole
    from jifen.scoring import Scored
    from jifen.standing import Vetoes


KIND_WORDS: Final = coded("kind", KINDS)
_CARRIED: Final = ("deed", "quantity", "grade", "marks", "member", "refers", "note", "recorded_by", "approved_by")
"""What is looked at in a row that counts; a plugin's scorer is handed all of it."""


@frozen(eq=False)
class Settled:
    """The frames of one batch."""

    awards: pl.DataFrame
    cuts: pl.DataFrame
    refused: pl.DataFrame
    category_points: pl.DataFrame
    standings: pl.DataFrame
    counted: int


def settle_batch(
    program: Program,
    period: Period,
    subjects: pl.DataFrame,
    first: int,
    since: Whole,
    deeds: Deeds,
    corrections: pl.DataFrame,
) -> Settled:
    """Settles whole villages.

    `subjects` (village, subject, is_household) are numbered from `first`; `since` are their first days. Entries of
    `corrections` (CORRECTIONS) count in the standings here; `jifen.entered.with_entries` makes them awards.
    """
    reason = reasons(program, deeds, _full(since, first))
    refused = refused_frame(deeds, reason)
    counting = deeds if not refused.height else deeds.take(reason == 0)
    households = np.where(subjects["is_household"].to_numpy(), since, np.iinfo(np.int64).max)
    batch, days = _merge(program, counting, base_rows(program.book, period, subjects, first, households))
    scored = score(program, batch)
    held = vetoes(program, batch, first, subjects.height)
    given, taken = sums(batch, scored, first, subjects.height)
    surplus = np.maximum(given + taken - held.total, 0)
    struck = np.flatnonzero((held.total < NO_CEILING) & (surplus > 0))
    points = category_points(
        program,
        _with(batch, held.strikes[struck]),
        np.concatenate([scored.points, -surplus[struck]]),
        first,
        subjects,
    )
    taken[struck] -= surplus[struck]
    more_given, more_taken = entered_sums(corrections, subjects, since < np.iinfo(np.int64).max)
    given, taken = given + more_given, taken + more_taken
    awards = _awards(program, subjects, first, batch, days, scored)
    if struck.size:
        awards = _insert_vetoes(awards, held.strikes[struck], surplus[struck])
    standings = _standings(program, subjects, since, batch, held, given, taken)
    cuts = _cuts(subjects, first, batch, scored)
    return Settled(awards, cuts, refused, points, standings, counting.frame.height)


def _full(since: Whole, first: int) -> Whole:
    """The first days, so that a subject's number in the town finds its own."""
    if first == 0:
        return since
    shifted = np.full(first + since.size, np.iinfo(np.int64).max, dtype=np.int64)
    shifted[first:] = since
    return shifted


def _merge(program: Program, deeds: Deeds, base: pl.DataFrame) -> tuple[Batch, Whole]:
    """Deeds and base scores in one order: subject, day, base scores first, deed."""
    columns = deeds.frame if program.scorers else deeds.frame.select(_CARRIED)
    subject, item, day = deeds.subject, deeds.item, deeds.day
    kind = np.zeros(subject.size, dtype=np.int64)
    menders = program.menders
    if menders.any():
        kind[menders[item]] = PUT_RIGHT
    if base.height:
        subject = np.concatenate([base["subject"].to_numpy(), subject])
        item = np.concatenate([base["item"].to_numpy(), item])
        day = np.concatenate([base["day"].to_numpy(), day])
        kind = np.concatenate([np.full(base.height, BASE, dtype=np.int64), kind])
        low = int(day.min())
        # Both halves are in order, and a stable sort of two ordered halves is a merge.
        key = subject * (int(day.max()) - low + 1) + (day - low)
        order = np.argsort(key, kind="stable")
        columns = pl.concat([base.select("deed"), columns], how="diagonal_relaxed")[order]
        subject, item, day, kind = subject[order], item[order], day[order], kind[order]
    refers = np.full(subject.size, -1, dtype=np.int64)
    mending = np.flatnonzero(kind == PUT_RIGHT)
    if mending.size:
        refers[mending] = referred(columns, mending)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    quantity = columns["quantity"].fill_null(0).to_numpy()
    grade = _numbers(columns["grade"], program.grades)
    return Batch(columns, subject, item, month, kind, refers, quantity, grade), day


def _numbers(texts: pl.Series, known: tuple[str, ...]) -> Whole:
    """The number of each text; 0 where it is empty or not known."""
    if not known:
        return np.zeros(len(texts), dtype=np.int64)
    return texts.cast(pl.Enum(known), strict=False).to_physical().fill_null(0).cast(pl.Int64).to_numpy()


def _with(batch: Batch, rows: Whole) -> Batch:
    """The batch with some of its rows once more at the end: the vetoes' own rows, for the sums of categories."""
    return Batch(
        batch.columns,
        np.concatenate([batch.subject, batch.subject[rows]]),
        np.concatenate([batch.item, batch.item[rows]]),
        batch.month,
        batch.kind,
        batch.refers,
        batch.quantity,
        batch.grade,
    )


def _optional(name: str, values: Whole) -> pl.Series:
    series = pl.Series(name, values)
    nothing = values == NOTHING
    return series.set(pl.Series(nothing), None) if nothing.any() else series


def _awards(
    program: Program, subjects: pl.DataFrame, first: int, batch: Batch, days: Whole, scored: Scored
) -> pl.DataFrame:
    whose = subjects[["village", "subject"]][batch.subject - first]
    return pl.DataFrame(
        [
            batch.columns["deed"],
            whose["village"],
            whose["subject"],
            batch.columns["member"],
            *program.labels[batch.item].get_columns(),
            KIND_WORDS[batch.kind],
            pl.Series("date", days.astype(np.int32)).cast(pl.Date),
            _optional("amount", scored.amount),
            _optional("before", scored.before),
            _optional("after", scored.after),
            pl.Series("gross", scored.gross),
            pl.Series("points", scored.points),
            batch.columns["grade"],
            batch.columns["refers"],
            _reasons(program, batch),
            batch.columns["recorded_by"],
            batch.columns["approved_by"],
        ]
    )


def _reasons(program: Program, batch: Batch) -> pl.Series:
    """What a record that names its own points gives as its reason."""
    named = np.array([item.measure is Measure.NAMED for item in program.book.items], dtype=np.bool_)
    if not named.any():
        return pl.Series("reason", [None], dtype=pl.String).new_from_index(0, batch.subject.size)
    return batch.columns["note"].alias("reason").set(pl.Series(~named[batch.item]), None)


def _insert_vetoes(awards: pl.DataFrame, deeds: Whole, surplus: Whole) -> pl.DataFrame:
    """A veto that sets the total is a row like any other, right behind the deed that caused it."""
    rows = awards[deeds].with_columns(
        pl.concat_str(pl.lit("veto:"), "deed").alias("deed"),
        KIND_WORDS[np.full(deeds.size, VETO)],
        *(pl.lit(None, dtype=pl.Int64).alias(name) for name in ("amount", "before", "after")),
        pl.lit(None, dtype=pl.String).alias("reason"),
        pl.Series("gross", -surplus),
        pl.Series("points", -surplus),
    )
    place = np.concatenate([np.arange(awards.height) * 2, deeds * 2 + 1])
    return pl.concat([awards, rows])[np.argsort(place, kind="stable")]


def _standings(
    program: Program, subjects: pl.DataFrame, since: Whole, batch: Batch, held: Vetoes, given: Whole, taken: Whole
) -> pl.DataFrame:
    mine = np.flatnonzero(subjects["is_household"].to_numpy() & (since < np.iinfo(np.int64).max))
    total = given[mine] + taken[mine]
    deed = batch.columns["deed"][np.maximum(held.deed[mine], 0)] if batch.subject.size else None
    veto = (
        pl.Series("veto", [None] * mine.size, dtype=pl.String)
        if deed is None
        else deed.set(pl.Series(held.deed[mine] < 0), None)
    )
    whose = subjects[["village", "subject"]][mine]
    return pl.DataFrame(
        [
            whose["village"],
            whose["subject"].alias("household"),
            pl.Series("given", given[mine]),
            pl.Series("taken", taken[mine]),
            pl.Series("total", total),
            grade_codes(program.book, total, held.grade[mine]),
            pl.Series("rank", np.zeros(mine.size, dtype=np.int64)),
            pl.Series("barred", held.barred[mine]),
            veto.alias("veto"),
        ]
    )


def _cuts(subjects: pl.DataFrame, first: int, batch: Batch, scored: Scored) -> pl.DataFrame:
    """CUTS in order of the awards, and for each award in the order in which the limits were looked at."""
    if not scored.cuts:
        return frames.CUTS.empty()
    rows = np.concatenate([cut.bound.rows for cut in scored.cuts])
    sizes = np.array([cut.bound.rows.size for cut in scored.cuts])
    number = np.repeat(np.arange(sizes.size), sizes)

    labels = pl.DataFrame(
        {
            "level": [cut.limiter.level for cut in scored.cuts],
            "limit": [cut.limiter.code for cut in scored.cuts],
            "bound": [cut.bound.name for cut in scored.cuts],
        }
    )
    whose = subjects[["village", "subject"]][batch.subject[rows] - first]
    frame = pl.DataFrame(
        [
            batch.columns["deed"][rows],
            whose["village"],
            whose["subject"],
            *labels[number].get_columns(),
            pl.Series("before", np.concatenate([cut.bound.before for cut in scored.cuts])),
            pl.Series("after", np.concatenate([cut.bound.after for cut in scored.cuts])),
            pl.Series("change", np.concatenate([cut.bound.change for cut in scored.cuts])),
        ]
    )
    return frame[np.argsort(rows, kind="stable")]
