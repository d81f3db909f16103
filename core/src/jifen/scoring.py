"""Decides how many points each row of a batch gets: measure, schedule, then the limits level by level, in one pass.

Nothing here loops over deeds or households: the loops go over the rule book's items and limits, and each turn of a loop
is a handful of operations on whole columns.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import define, field, frozen

from jifen import frames
from jifen.frames import QUANTITY_UNIT
from jifen.limits import Bound, Rows
from jifen.model import Measure, Window
from jifen.problems import Problem, Refused
from jifen.runs import guard, largest_of
from jifen.schedule import half_up

if TYPE_CHECKING:
    from jifen.limits import Limiter
    from jifen.program import Compiled, Program
    from jifen.runs import Mask, Whole

NOTHING: Final = np.iinfo(np.int64).min
"""Stands for an empty cell in an integer column until the frame is made."""

DEED, BASE, PUT_RIGHT, VETO = range(4)
KINDS: Final = ("deed", "base", "put-right", "veto")


@frozen(eq=False)
class Batch:
    """The rows of some whole villages that count, in order of subject, date (base scores first) and deed.

    `columns` are those of `jifen.frames.DEEDS`; `refers` is the row that a put-right row mends, -1 for none; `grade` is
    the number of the grade in `Program.grades`. Empty quantities and grades are 0: no item that needs one meets them.
    """

    columns: pl.DataFrame
    subject: Whole
    item: Whole
    month: Whole
    kind: Whole
    refers: Whole
    quantity: Whole
    grade: Whole

    def member(self) -> Whole:
        """Members as numbers; rows without a member are a member of their own."""
        return self.columns["member"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy()


@frozen(eq=False)
class Cut:
    """What one limit changed."""

    limiter: Limiter
    bound: Bound


@define(eq=False)
class Scored:
    """The points of each row, and how they came about; `NOTHING` where a column does not apply."""

    amount: Whole
    before: Whole
    after: Whole
    gross: Whole
    points: Whole
    side: Whole
    cuts: list[Cut] = field(factory=list)


def score(program: Program, batch: Batch) -> Scored:
    """Scores a batch. Raises `Refused` for sums beyond 64 bits and for a plugin's scorer that breaks its frame."""
    size = batch.subject.size
    nothing, zero = np.full(size, NOTHING, dtype=np.int64), np.zeros(size, dtype=np.int64)
    scored = Scored(nothing, nothing.copy(), nothing.copy(), zero, zero.copy(), zero.copy())
    # An earlier row's window is the window of what puts it right.
    month = np.where(batch.refers >= 0, batch.month[batch.refers], batch.month)
    member = batch.member() if program.by_member else None
    rows = Rows(batch.subject, member, month, scored.side, batch.kind != BASE)
    counts = np.ones(size, dtype=np.bool_)
    order = np.argsort(batch.item.astype(np.uint16), kind="stable")
    edges = np.searchsorted(batch.item[order], np.arange(len(program.items) + 1))
    places = [order[start:end] for start, end in pairwise(edges.tolist())]
    _score_by_plugins(program, batch, scored)
    # What puts right comes after what it puts right: it takes its points from there.
    for put_right in (False, True):
        for compiled, mine in zip(program.items, places, strict=True):
            if mine.size and (compiled.item.put_right is not None) is put_right:
                counted_on = _together(mine, [places[number] for number in compiled.amounts])
                _score_item(compiled, mine, counted_on, batch, rows, scored)
                seen = _together(mine, [places[number] for number in compiled.before])
                for limiter in compiled.limits:
                    _limit(limiter, mine, seen, rows, scored, counts)
    for upper in program.uppers:
        mine = np.flatnonzero(upper.mask[batch.item])
        if mine.size:
            earlier = [np.flatnonzero(upper.before[batch.item])] if upper.before.any() else []
            _limit(upper.limiter, mine, _together(mine, earlier), rows, scored, counts)
    return scored


def _together(mine: Whole, earlier: list[Whole]) -> Whole:
    """Rows of a rule with those of the rules before it that it counts on, in the order of the batch (R16)."""
    return np.sort(np.concatenate([mine, *earlier])) if any(rows.size for rows in earlier) else mine


def _score_item(compiled: Compiled, mine: Whole, counted_on: Whole, batch: Batch, rows: Rows, scored: Scored) -> None:
    kind = batch.kind[mine]
    if compiled.base:
        base = mine[kind == BASE]
        scored.gross[base] = compiled.base
        deeds = mine[kind != BASE]
    else:
        deeds = mine
    if compiled.item.put_right is not None:
        _put_right(compiled, deeds, batch, scored)
    elif not compiled.by_plugin and deeds.size:
        _measure(compiled, deeds, counted_on, batch, rows, scored)
    scored.points[mine] = scored.gross[mine]
    side = np.where(scored.gross[mine] < 0, -1, 1)
    scored.side[mine] = np.where(kind == PUT_RIGHT, -1, side)


def _put_right(compiled: Compiled, deeds: Whole, batch: Batch, scored: Scored) -> None:
    taken = np.minimum(scored.points[batch.refers[deeds]], 0)
    guard(2 * (largest_of(taken) + 1) * (compiled.share.numerator + compiled.share.denominator))
    scored.gross[deeds] = half_up(-taken * compiled.share.numerator, compiled.share.denominator)


def _measure(compiled: Compiled, deeds: Whole, counted_on: Whole, batch: Batch, rows: Rows, scored: Scored) -> None:
    item = compiled.item
    if item.measure is Measure.GRADE:
        scored.gross[deeds] = compiled.grades[batch.grade[deeds]]
    elif item.measure is Measure.NAMED:
        named = batch.quantity[deeds]
        guard(2 * (largest_of(named) + 1) * (abs(compiled.mark_points) + 1))
        scored.gross[deeds] = half_up(named * compiled.mark_points, QUANTITY_UNIT)
    elif item.measure is Measure.MARKS:
        _marks(compiled, deeds, batch, scored)
    elif item.measure is Measure.READING and compiled.bands is not None:
        readings = batch.quantity[deeds]
        scored.amount[deeds] = readings
        scored.gross[deeds] = compiled.bands(readings)
    else:
        _schedule(compiled, deeds, counted_on, batch, rows, scored)


def _marks(compiled: Compiled, deeds: Whole, batch: Batch, scored: Scored) -> None:
    """The mean without the highest and lowest marks; the points are rounded once, half up, from the exact sum."""
    out = compiled.item.marks.leave_out if compiled.item.marks else 0
    kept = batch.columns.select(
        pl.col("marks").gather(deeds).list.sort().list.slice(out, pl.col("marks").gather(deeds).list.len() - 2 * out)
    )["marks"]
    total, count = kept.list.sum().to_numpy(), kept.list.len().cast(pl.Int64).to_numpy()
    scored.amount[deeds] = half_up(total, count)
    if compiled.bands is not None:
        # A threshold in whole thousandths is reached by the exact mean just where it is reached by the mean cut off.
        scored.gross[deeds] = compiled.bands(total // count)
        return
    guard(2 * (largest_of(total) + 1) * (abs(compiled.mark_points) + 1))
    scored.gross[deeds] = half_up(total * compiled.mark_points, count * QUANTITY_UNIT)


def _schedule(compiled: Compiled, deeds: Whole, counted_on: Whole, batch: Batch, rows: Rows, scored: Scored) -> None:
    item, schedule = compiled.item, compiled.schedule
    if schedule is None:
        return
    quantities = item.measure is Measure.QUANTITY
    amount = batch.quantity[deeds] if quantities else np.ones(deeds.size, dtype=np.int64)
    scored.amount[deeds] = amount
    if item.per is Window.DEED:
        scored.gross[deeds] = schedule(amount) - schedule(np.zeros(1, dtype=np.int64))
        return
    if compiled.amounts and counted_on.size:
        running = counted_on[batch.kind[counted_on] == DEED]
        own = np.isin(running, deeds, assume_unique=True)
        runs = rows.take(running).runs(item.per, item.of)
        before, after = (sums[own] for sums in runs.running(scored.amount[running]))
    else:
        before, after = rows.take(deeds).runs(item.per, item.of).running(amount)
    scored.before[deeds], scored.after[deeds] = before, after
    scored.gross[deeds] = schedule(after) - schedule(before)


def _score_by_plugins(program: Program, batch: Batch, scored: Scored) -> None:
    for category, scorer in program.scorers.items():
        numbers = [
            number
            for number, compiled in enumerate(program.items)
            if compiled.by_plugin and compiled.item.category == category
        ]
        mine = np.flatnonzero(np.isin(batch.item, numbers) & (batch.kind == DEED))
        items = tuple(program.book.items[number] for number in numbers)
        deeds = batch.columns[mine].select(frames.DEEDS.names)
        gross = frames.GROSS.check(scorer(deeds, items), origin=category)
        # Polars joins do not keep row order, so the rows are brought back by their deed.
        found = deeds.select("deed").with_row_index("row").join(gross, on="deed", how="left").sort("row")
        missing = found["gross"].null_count()
        if missing or gross.height != mine.size:
            facts = {"category": category, "missing": missing, "surplus": gross.height - mine.size + missing}
            raise Refused([Problem("settle.scorer-rows", facts=facts)])
        scored.gross[mine] = _in_units(program, category, found)
        scored.amount[mine] = found["amount"].fill_null(NOTHING).to_numpy()


def _in_units(program: Program, category: str, found: pl.DataFrame) -> Whole:
    """A scorer's thousandths of a point in the book's smallest unit. Raises `Refused` where they are finer than it."""
    thousandths, unit = found["gross"].to_numpy(), program.book.unit
    guard((largest_of(thousandths) + 1) * unit)
    finer = np.flatnonzero(thousandths * unit % QUANTITY_UNIT)
    if finer.size:
        facts = {"category": category, "deed": found["deed"][int(finer[0])], "places": program.book.places}
        raise Refused([Problem("settle.scorer-too-fine", facts={**facts, "count": int(finer.size)})])
    return np.asarray(thousandths * unit // QUANTITY_UNIT, dtype=np.int64)


def _limit(limiter: Limiter, mine: Whole, seen: Whole, rows: Rows, scored: Scored, counts: Mask) -> None:
    """Cuts `mine`; all that are `seen` run in the sums."""
    points, seen_counts = scored.points[seen], counts[seen]
    open_to = None if seen is mine else np.isin(seen, mine, assume_unique=True)
    for bound in limiter.apply(rows.take(seen), points, seen_counts, open_to):
        moved = Bound(bound.name, seen[bound.rows], bound.before, bound.after, bound.change)
        scored.cuts.append(Cut(limiter, moved))
    scored.points[seen] = points
    counts[seen] = seen_counts
