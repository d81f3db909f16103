"""Decides how many points each row of a batch gets: measure, schedule, then the limits level by level, in one pass.

Nothing here loops over deeds, households or items: items that do not count on each other are a group, and a group is
scored, and each level of its limits looked at, by a handful of operations on whole columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import define, field, frozen

from jifen import frames
from jifen.columns import at, filled
from jifen.frames import QUANTITY_UNIT
from jifen.grouping import BY_GRADE, BY_MARKS, BY_MENDED, BY_NAMED, BY_NOTHING, BY_READING, BY_SCHEDULE
from jifen.limits import Bound, Rows
from jifen.problems import Problem, Refused
from jifen.runs import Runs, guard, largest_of
from jifen.schedule import half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jifen.grouping import Group, Level
    from jifen.program import Program
    from jifen.runs import Mask, Whole

NOTHING: Final = np.iinfo(np.int64).min
"""Stands for an empty cell in an integer column until the frame is made."""

DEED, BASE, PUT_RIGHT, VETO = range(4)
KINDS: Final = ("deed", "base", "put-right", "veto")
_NO_ROWS: Final = np.zeros(0, dtype=np.int64)


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
    grade: NDArray[np.unsignedinteger]

    def member(self, items: Mask) -> Whole | None:
        """Members as numbers, in rows of the items that ask for them; rows without one are a member of their own."""
        asked = np.flatnonzero(items[self.item])
        names = self.columns["member"][at(asked)]
        if names.null_count() == asked.size:
            return None
        member = np.zeros(self.subject.size, dtype=np.int64)
        member[asked] = filled(names.rank("dense").cast(pl.Int64), 0).to_numpy()
        return member


@define(eq=False)
class Scored:
    """The points of each row, and how they came about; `NOTHING` where a column does not apply."""

    amount: Whole
    before: Whole
    after: Whole
    gross: Whole
    points: Whole
    side: Whole
    cuts: list[Bound] = field(factory=list)


def score(program: Program, batch: Batch) -> Scored:
    """Scores a batch. Raises `Refused` for sums beyond 64 bits and for a plugin's scorer that breaks its frame."""
    size = batch.subject.size
    nothing, zero = np.full(size, NOTHING, dtype=np.int64), np.zeros(size, dtype=np.int64)
    scored = Scored(nothing, nothing.copy(), nothing.copy(), zero, zero.copy(), zero.copy())
    # An earlier row's window is the window of what puts it right.
    month = np.where(batch.refers >= 0, batch.month[batch.refers], batch.month)
    rows = Rows.of(batch.subject, month, batch.member(program.of_member), scored.side, batch.kind != BASE)
    counts = np.ones(size, dtype=np.bool_)
    order = np.argsort(batch.item.astype(np.uint16), kind="stable")
    item = batch.item[order]
    _score_by_plugins(program, batch, scored)
    for group in program.groups:
        mine = order if group.items.all() else order[group.items[item]]
        if mine.size:
            _score_group(program, group, mine, batch, rows, scored)
            earlier = np.flatnonzero(group.before[batch.item]) if group.before.any() else _NO_ROWS
            for level in group.levels:
                _limit(level, mine, earlier, batch, rows, scored, counts)
    for upper in program.uppers:
        mine = np.flatnonzero(upper.items[batch.item])
        earlier = np.flatnonzero(upper.before[batch.item]) if upper.before.any() else _NO_ROWS
        _limit(upper.level, mine, earlier, batch, rows, scored, counts)
    return scored


def _score_group(program: Program, group: Group, mine: Whole, batch: Batch, rows: Rows, scored: Scored) -> None:
    """The points of some items before any limit; the rows of an item follow each other in `mine`."""
    kind, item = batch.kind[mine], batch.item[mine]
    if group.base:
        base = np.flatnonzero(kind == BASE)
        scored.gross[mine[base]] = program.base[item[base]]
    measured = np.where(kind == BASE, BY_NOTHING, program.measures[item])
    for measure, scorer in _SCORERS.items():
        if measure in group.measures:
            deeds = mine[measured == measure]
            if deeds.size:
                scorer(program, group, deeds, batch, rows, scored)
    scored.points[mine] = scored.gross[mine]
    scored.side[mine] = np.where((scored.gross[mine] < 0) | (kind == PUT_RIGHT), -1, 1)


def _put_right(program: Program, _: Group, deeds: Whole, batch: Batch, _rows: Rows, scored: Scored) -> None:
    taken, item = np.minimum(scored.points[batch.refers[deeds]], 0), batch.item[deeds]
    share, whole = program.share[item], program.share_of[item]
    guard(2 * (largest_of(taken) + 1) * (largest_of(share) + largest_of(whole)))
    scored.gross[deeds] = half_up(-taken * share, whole)


def _grades(program: Program, _: Group, deeds: Whole, batch: Batch, _rows: Rows, scored: Scored) -> None:
    scored.gross[deeds] = program.grade_points[batch.item[deeds], batch.grade[deeds]]


def _named(program: Program, _: Group, deeds: Whole, batch: Batch, _rows: Rows, scored: Scored) -> None:
    named, each = batch.quantity[deeds], program.mark_points[batch.item[deeds]]
    guard(2 * (largest_of(named) + 1) * (largest_of(each) + 1))
    scored.gross[deeds] = half_up(named * each, QUANTITY_UNIT)


def _readings(program: Program, _: Group, deeds: Whole, batch: Batch, _rows: Rows, scored: Scored) -> None:
    scored.amount[deeds] = batch.quantity[deeds]
    scored.gross[deeds] = program.schedules(batch.item[deeds], batch.quantity[deeds])


def _marks(program: Program, _: Group, deeds: Whole, batch: Batch, _rows: Rows, scored: Scored) -> None:
    """The mean without the highest and lowest marks; the points are rounded once, half up, from the exact sum."""
    item = batch.item[deeds]
    marks, left_out = batch.columns["marks"][at(deeds)], program.leave_out[item]
    size = marks.list.len().cast(pl.Int64).to_numpy()
    row, mark = np.repeat(np.arange(size.size), size), marks.list.explode().to_numpy()
    ends = np.cumsum(size)
    place = np.arange(mark.size) - np.repeat(ends - size, size)
    kept = (place >= left_out[row]) & (place < (size - left_out)[row])
    total, count = np.zeros(size.size, dtype=np.int64), np.maximum(size - 2 * left_out, 0)
    np.add.at(total, row[kept], mark[np.lexsort((mark, row))][kept])
    scored.amount[deeds] = half_up(total, count)
    # A threshold in whole thousandths is reached by the exact mean just where it is reached by the mean cut off.
    banded = program.banded[item]
    scored.gross[deeds[banded]] = program.schedules(item[banded], total[banded] // count[banded])
    by_mark, each = ~banded, program.mark_points[item]
    guard(2 * (largest_of(total) + 1) * (largest_of(each) + 1))
    scored.gross[deeds[by_mark]] = half_up((total * each)[by_mark], (count * QUANTITY_UNIT)[by_mark])


def _schedule(program: Program, group: Group, deeds: Whole, batch: Batch, rows: Rows, scored: Scored) -> None:
    item = batch.item[deeds]
    before, after = np.zeros(deeds.size, dtype=np.int64), np.where(program.by_quantity[item], batch.quantity[deeds], 1)
    scored.amount[deeds] = after
    run_on = np.flatnonzero(program.run_on[item])
    if run_on.size:
        mine = deeds[run_on]
        running, which = mine, item[run_on]
        if group.amounts.any():
            earlier = np.flatnonzero(group.amounts[batch.item] & (batch.kind == DEED))
            running = np.sort(np.concatenate([mine, earlier]))
            which = np.full(running.size, which[0])
        sums = Runs.of(program.windows.keys(which, running, rows)).running(scored.amount[running])
        if running is not mine:
            own = np.isin(running, mine, assume_unique=True)
            sums = sums[0][own], sums[1][own]
        scored.before[mine], scored.after[mine] = before[run_on], after[run_on] = sums
    worth = program.schedules(np.concatenate([item, item]), np.concatenate([after, before]))
    scored.gross[deeds] = worth[: deeds.size] - worth[deeds.size :]


_SCORERS: Final = {
    BY_GRADE: _grades,
    BY_NAMED: _named,
    BY_MARKS: _marks,
    BY_READING: _readings,
    BY_SCHEDULE: _schedule,
    BY_MENDED: _put_right,
}


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


def _limit(level: Level, mine: Whole, earlier: Whole, batch: Batch, rows: Rows, scored: Scored, counts: Mask) -> None:
    """Cuts `mine`; rows of rules before them run in the sums, in the order of the batch, and stay as they are (R16)."""
    which = level.of_item[batch.item[mine]]
    if not level.everywhere:
        mine, which = mine[which >= 0], which[which >= 0]
    if not mine.size:
        return
    seen, open_to = mine, None
    if earlier.size:
        seen = np.sort(np.concatenate([mine, earlier]))
        which = np.zeros(seen.size, dtype=np.int64)
        open_to = np.isin(seen, mine, assume_unique=True)
    scored.cuts += level.limits.apply(which, seen, rows, scored.points, counts, open_to)
