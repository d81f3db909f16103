"""Decides what a limit leaves of each row: functions of the running sum, so that totals never depend on order.

The order within a limit: times, then what is given and what is taken each for itself, then the net sum. A row that puts
an earlier one right runs in the same sum as what it corrects (it lowers what was taken). Limits that cut different rows
are one pass, each row by its own limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from attrs import frozen

from jifen.model import Limit, Of, Partial, SharedLimit, Window
from jifen.period import MONTHS
from jifen.runs import LARGEST, Runs, guard
from jifen.schedule import smallest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from jifen.runs import Mask, Whole

T = TypeVar("T", bound=np.generic)

BOUNDS: Final = ("times", "gives", "takes", "net")
"""The kinds of bound, in the order in which they are looked at."""
UNBOUND: Final = LARGEST
"""Stands for a bound that is not there; no sum reaches it."""
YEAR: Final = MONTHS[Window.YEAR]
_EVER: Final = 2**40
"""So many months are one window."""


@frozen(eq=False)
class Rows:
    """The columns that limits look at, one entry a row; rows that run together are in order of date and deed.

    Beside those that keys are made of stands the number of different values that they can have, from 0.
    """

    subject: Whole
    subjects: int
    month: Whole
    """Months since the beginning of a year, of the day whose window the row counts in."""
    months: int
    member: Whole | None
    members: int
    side: Whole
    """+1 for points given, -1 for points taken (and for what puts those right)."""
    is_deed: Mask
    """False for base scores, which never use up a `times`."""

    @classmethod
    def of(cls, subject: Whole, month: Whole, member: Whole | None, side: Whole, is_deed: Mask) -> Rows:
        """Months come as months since 1970."""
        first = int(subject.min()) if subject.size else 0
        january = int(month.min()) // YEAR * YEAR if month.size else 0
        return cls(
            subject - first,
            int(subject.max()) - first + 1 if subject.size else 1,
            month - january,
            int(month.max()) - january + 1 if month.size else 1,
            member,
            1 if member is None or not member.size else int(member.max()) + 1,
            side,
            is_deed,
        )


def _between(least: Whole, values: Whole, most: Whole) -> Whole:
    return np.minimum(np.maximum(values, least), most)


def pick(table: NDArray[T], which: Whole) -> NDArray[T]:
    """The cell of each row; of a table of one cell, that one for all."""
    return table if table.size == 1 else table[which]


@frozen(eq=False)
class Windows:
    """In what several counters run: each in its own window, for a household or for a member of it."""

    months: Whole
    by_deed: Mask
    by_member: Mask
    some_by_deed: bool
    some_by_member: bool

    @classmethod
    def of(cls, counters: Sequence[tuple[Window, Of]]) -> Windows:
        """By number of the counter."""
        return cls(
            np.array([_EVER if per is Window.ALL else MONTHS.get(per, 1) for per, _ in counters], dtype=np.int64),
            np.array([per is Window.DEED for per, _ in counters], dtype=np.bool_),
            np.array([of is Of.MEMBER for _, of in counters], dtype=np.bool_),
            any(per is Window.DEED for per, _ in counters),
            any(of is Of.MEMBER for _, of in counters),
        )

    def keys(self, which: Whole, seen: Whole, rows: Rows) -> Whole:
        """The same number for rows, of those `seen`, that run in one sum of the counter `which`."""
        width = max(seen.size, rows.months) if self.some_by_deed else rows.months
        by_member = self.some_by_member and rows.member is not None
        guard(self.months.size * rows.subjects * (rows.members if by_member else 1) * width)
        window = rows.month[seen] // pick(self.months, which)
        if self.some_by_deed:
            window = np.where(pick(self.by_deed, which), np.arange(seen.size), window)
        key = rows.subject[seen]
        if self.months.size > 1:
            key = key + which * rows.subjects
        if by_member and rows.member is not None:
            key = key * rows.members + np.where(pick(self.by_member, which), rows.member[seen], 0)
        return key * width + window


@frozen(eq=False)
class Bound:
    """One kind of bound that changed something: rows, whose limit it was, sums around them, what was added to each."""

    name: str
    rows: Whole
    limit: Whole
    """The number of the limit in `jifen.program.Program.limiters`."""
    before: Whole
    after: Whole
    change: Whole


@frozen
class Limiter:
    """A limit in integers: where it stands (`level`, `code`) and its bounds in the book's smallest unit."""

    level: str
    code: str
    per: Window
    of: Of
    partial: Partial
    times: int | None
    gives: int | None
    takes: int | None
    floor: int | None
    ceiling: int | None

    @classmethod
    def of_limit(cls, level: str, code: str, limit: Limit | SharedLimit, unit: int) -> Limiter:
        """From the rule book's words."""

        def whole(value: Decimal | None) -> int | None:
            return None if value is None else smallest(value, unit)

        return cls(
            level,
            code,
            limit.per,
            limit.of,
            limit.partial,
            limit.times,
            whole(limit.gives),
            whole(limit.takes),
            whole(limit.floor),
            whole(limit.ceiling),
        )


@frozen(eq=False)
class Limits:
    """Limits that cut different rows, so that all of them are one pass."""

    first: int
    """The number of the first of them in `jifen.program.Program.limiters`; the others follow it."""
    windows: Windows
    drop: Mask
    bounds: dict[str, Whole]
    """`times`, `gives`, `takes`, `floor` and `ceiling` of each."""
    kinds: tuple[tuple[str, Mask | None], ...]
    """The kinds of bound that there are, in their order, and which limits have one (None: all)."""

    @classmethod
    def of(cls, limiters: Sequence[Limiter], first: int) -> Limits:
        """By number in `limiters`."""

        def table(name: str, unbound: int) -> Whole:
            bounds = [getattr(limiter, name) for limiter in limiters]
            return np.array([unbound if bound is None else bound for bound in bounds], dtype=np.int64)

        bounds = {name: table(name, UNBOUND) for name in ("times", "gives", "takes", "ceiling")}
        bounds["floor"] = table("floor", -UNBOUND)
        there = {name: bounds[name] < UNBOUND for name in ("times", "gives", "takes")}
        there["net"] = (bounds["floor"] > -UNBOUND) | (bounds["ceiling"] < UNBOUND)
        return cls(
            first,
            Windows.of([(limiter.per, limiter.of) for limiter in limiters]),
            np.array([limiter.partial is Partial.DROP for limiter in limiters], dtype=np.bool_),
            bounds,
            tuple((name, None if there[name].all() else there[name]) for name in BOUNDS if there[name].any()),
        )

    def apply(
        self, which: Whole, seen: Whole, rows: Rows, points: Whole, counts: Mask, open_to: Mask | None
    ) -> Iterator[Bound]:
        """Cuts `points` (and clears `counts` where a `times` is used up) in place; gives what each bound changed.

        `seen` are the rows, `which` is the limit of each. Only those that are `open_to` change are cut (None: all); the
        others, of earlier rules, run in the sums.
        """
        keys, whole = self.windows.keys(which, seen, rows), None
        for name, bounded in self.kinds:
            mine, limit, may = seen, which, open_to
            here = None if bounded is None else np.flatnonzero(bounded[which])
            if here is None or here.size == seen.size:
                runs = whole = whole or Runs.of(keys)
            elif here.size:
                mine, limit, may = seen[here], which[here], None if may is None else may[here]
                runs = Runs.of(keys[here])
            else:
                continue
            now = points[mine]
            if name == "times":
                tally = counts[mine] & rows.is_deed[mine]
                before, after = runs.running(tally.astype(np.int64))
                over = (after > pick(self.bounds["times"], limit)) & tally
                over = over if may is None else over & may
                counts[mine[over]] = False
                left = np.where(over, 0, now)
            elif name == "net":
                before, after = runs.running(now)
                floor, ceiling = (pick(self.bounds[end], limit) for end in ("floor", "ceiling"))
                left = _between(floor, after, ceiling) - _between(floor, before, ceiling)
            else:
                before, after, left = self._side(name, limit, runs, now, rows.side[mine])
            moved = np.flatnonzero(left != now if may is None else (left != now) & may)
            if moved.size:
                cut, change = mine[moved], left[moved] - now[moved]
                points[cut] = left[moved]
                yield Bound(name, cut, self.first + limit[moved], before[moved], after[moved], change)

    def _side(self, name: str, limit: Whole, runs: Runs, now: Whole, side: Whole) -> tuple[Whole, Whole, Whole]:
        """The sums of what is given or taken before and after each row, and the points that are left."""
        sign = 1 if name == "gives" else -1
        mine = side == sign
        magnitudes = np.where(mine, now * sign, 0)
        before, after = runs.running(magnitudes)
        bound, drop = pick(self.bounds[name], limit), pick(self.drop, limit)
        left = np.minimum(after, bound) - np.minimum(before, bound)
        if drop.any():
            left = np.where(drop, np.where(after <= bound, magnitudes, 0), left)
        return before, after, np.where(mine, left * sign, now)
