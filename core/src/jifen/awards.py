"""Decides how a batch of whole villages becomes frames: deeds that count, base scores, points, vetoes, standings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen import frames
from jifen.base import base_rows
from jifen.columns import at, emptied, empty, filled, gathered
from jifen.counting import reasons, refused_frame
from jifen.entered import entered_sums
from jifen.frames import coded
from jifen.limits import BOUNDS
from jifen.scoring import BASE, KINDS, NOTHING, PUT_RIGHT, VETO, Batch, score
from jifen.standing import NO_CEILING, category_points, grade_codes, sums, vetoes

if TYPE_CHECKING:
    from jifen.base import Bases
    from jifen.counting import Deeds
    from jifen.period import Period
    from jifen.program import Program
    from jifen.runs import Whole
    from jifen.scoring import Scored
    from jifen.standing import Vetoes


KIND_WORDS: Final = coded("kind", KINDS)
_BOUND_WORDS: Final = pl.Series("bound", BOUNDS, dtype=pl.String)
_VETO_OF: Final = pl.Series("deed", ["veto:"])
_CARRIED: Final = ["deed", "quantity", "grade", "marks", "member", "refers", "note", "recorded_by", "approved_by"]
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
    reason, mended = reasons(program, deeds, _full(since, first))
    refused = refused_frame(deeds, reason)
    counting = np.flatnonzero(reason == 0)
    households = np.where(subjects["is_household"].to_numpy(), since, np.iinfo(np.int64).max)
    base = base_rows(program, period, subjects, first, households)
    batch, days = _merge(program, deeds, counting, mended, base)
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
    awards = _awards(program, subjects, first, batch, days, scored, held.strikes[struck], surplus[struck])
    standings = _standings(program, subjects, since, batch, held, given, taken)
    cuts = _cuts(program, subjects, first, batch, scored)
    return Settled(awards, cuts, refused, points, standings, counting.size)


def _full(since: Whole, first: int) -> Whole:
    """The first days, so that a subject's number in the town finds its own."""
    if first == 0:
        return since
    shifted = np.full(first + since.size, np.iinfo(np.int64).max, dtype=np.int64)
    shifted[first:] = since
    return shifted


def _merge(program: Program, deeds: Deeds, counting: Whole, mended: Whole, base: Bases) -> tuple[Batch, Whole]:
    """The deeds that count and base scores in one order: subject, day, base scores first, deed.

    `mended` is the row of the deed that each deed puts right.
    """
    subject, item, day = deeds.subject[counting], deeds.item[counting], deeds.day[counting]
    kind, grade, place = np.zeros(subject.size, dtype=np.int64), deeds.grade[counting], counting
    if program.menders.any():
        kind[program.menders[item]] = PUT_RIGHT
    columns = deeds.frame if program.scorers else deeds.frame[_CARRIED]
    if base.subject.size:
        subject, item, day = (
            np.concatenate([own, others])
            for own, others in ((base.subject, subject), (base.item, item), (base.day, day))
        )
        kind = np.concatenate([np.full(base.subject.size, BASE, dtype=np.int64), kind])
        low = int(day.min())
        # Both halves are in order, and a stable sort of two ordered halves is a merge.
        key = subject * (int(day.max()) - low + 1) + (day - low)
        order = np.argsort(key, kind="stable")
        subject, item, day, kind = subject[order], item[order], day[order], kind[order]
        place = np.concatenate([np.zeros(base.subject.size, dtype=np.int64), counting])[order]
        # A row that is gathered from nowhere is empty.
        grade = np.concatenate([np.zeros(base.subject.size, dtype=grade.dtype), grade])[order]
        deed = base.deed.clone().append(columns["deed"].cast(pl.String)[at(counting)])[at(order)]
        columns = gathered(columns, emptied(at(place), kind == BASE))
        columns.replace_column(columns.get_column_index("deed"), deed)
    elif counting.size < deeds.frame.height:
        columns = gathered(columns, at(counting))
    refers = np.full(subject.size, -1, dtype=np.int64)
    mending = np.flatnonzero(kind == PUT_RIGHT)
    if mending.size:
        now, others = np.full(deeds.frame.height, -1, dtype=np.int64), np.flatnonzero(kind != BASE)
        now[place[others]] = others
        refers[mending] = now[mended[place[mending]]]
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    quantity = filled(columns["quantity"], 0).to_numpy()
    return Batch(columns, subject, item, month, kind, refers, quantity, grade), day


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


def _awards(
    program: Program,
    subjects: pl.DataFrame,
    first: int,
    batch: Batch,
    days: Whole,
    scored: Scored,
    strikes: Whole,
    surplus: Whole,
) -> pl.DataFrame:
    """AWARDS of the batch. A veto that sets the total is a row like any other, right behind the deed that caused it."""
    size = batch.subject.size
    order = np.argsort(np.concatenate([np.arange(size) * 2, strikes * 2 + 1]), kind="stable")
    veto = order >= size

    def with_vetoes(values: Whole, theirs: Whole | int) -> Whole:
        return np.concatenate([values, np.broadcast_to(theirs, strikes.shape)])[order] if strikes.size else values

    row = with_vetoes(np.arange(size), strikes)
    item, columns = batch.item[row], batch.columns
    if strikes.size:
        deed = columns["deed"].cast(pl.String)
        deed = deed.clone().append(_VETO_OF + deed[at(strikes)])[at(order)]
        columns = gathered(columns, at(row))
        columns.replace_column(columns.get_column_index("deed"), deed)
    whose, rule = at(batch.subject[row] - first), at(item)
    return pl.DataFrame(
        [
            columns["deed"],
            subjects["village"][whose],
            subjects["subject"][whose],
            columns["member"],
            *(label[rule] for label in program.labels),
            KIND_WORDS[at(with_vetoes(batch.kind, VETO))],
            pl.Series("date", days[row].astype(np.int32)).cast(pl.Date),
            *(
                emptied(pl.Series(name, values), values == NOTHING)
                for name in ("amount", "before", "after")
                for values in (with_vetoes(getattr(scored, name), NOTHING),)
            ),
            pl.Series("gross", with_vetoes(scored.gross, -surplus)),
            pl.Series("points", with_vetoes(scored.points, -surplus)),
            columns["grade"],
            columns["refers"],
            # What a record that names its own points gives as its reason.
            emptied(columns["note"].alias("reason"), veto | ~program.named[item]),
            columns["recorded_by"],
            columns["approved_by"],
        ]
    )


def _standings(
    program: Program, subjects: pl.DataFrame, since: Whole, batch: Batch, held: Vetoes, given: Whole, taken: Whole
) -> pl.DataFrame:
    mine = np.flatnonzero(subjects["is_household"].to_numpy() & (since < np.iinfo(np.int64).max))
    total = given[mine] + taken[mine]
    rows, none = at(mine), held.deed[mine] < 0
    veto = (
        emptied(batch.columns["deed"][at(np.where(none, 0, held.deed[mine]))].alias("veto"), none)
        if batch.subject.size
        else empty("veto", pl.String, mine.size)
    )
    return pl.DataFrame(
        [
            subjects["village"][rows],
            subjects["subject"][rows].alias("household"),
            pl.Series("given", given[mine]),
            pl.Series("taken", taken[mine]),
            pl.Series("total", total),
            grade_codes(program.book, total, held.grade[mine]),
            pl.Series("rank", np.zeros(mine.size, dtype=np.int64)),
            pl.Series("barred", held.barred[mine]),
            veto,
        ]
    )


def _cuts(program: Program, subjects: pl.DataFrame, first: int, batch: Batch, scored: Scored) -> pl.DataFrame:
    """CUTS in order of the awards, and for each award in the order in which the limits were looked at."""
    if not scored.cuts:
        return frames.CUTS.empty()
    rows = np.concatenate([cut.rows for cut in scored.cuts])
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    limit, before, after, change = (
        np.concatenate([getattr(cut, name) for cut in scored.cuts])[order]
        for name in ("limit", "before", "after", "change")
    )
    bound = np.repeat([BOUNDS.index(cut.name) for cut in scored.cuts], [cut.rows.size for cut in scored.cuts])[order]
    whose, limits = at(batch.subject[rows] - first), at(limit)
    return pl.DataFrame(
        [
            batch.columns["deed"][at(rows)],
            subjects["village"][whose],
            subjects["subject"][whose],
            program.limit_words["level"][limits],
            program.limit_words["limit"][limits],
            _BOUND_WORDS[at(bound)],
            pl.Series("before", before),
            pl.Series("after", after),
            pl.Series("change", change),
        ]
    )
