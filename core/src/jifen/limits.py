"""Decides what a limit leaves of each row: functions of the running sum, so that totals never depend on order.

The order within a limit: times, then what is given and what is taken each for itself, then the net sum. A row that puts
an earlier one right runs in the same sum as what it corrects (it lowers what was taken).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from jifen.model import Limit, Of, Partial, SharedLimit, Window
from jifen.period import MONTHS
from jifen.runs import Runs
from jifen.schedule import smallest

if TYPE_CHECKING:
    from decimal import Decimal

    from jifen.runs import Mask, Whole


@frozen(eq=False)
class Rows:
    """The columns that limits look at, one entry a row, in order of subject, date and deed."""

    subject: Whole
    member: Whole | None
    month: Whole
    """Months since year 0, of the day whose window the row counts in."""
    side: Whole
    """+1 for points given, -1 for points taken (and for what puts those right)."""
    is_deed: Mask
    """False for base scores, which never use up a `times`."""

    def window(self, per: Window) -> Whole:
        """The number of the window that each row falls in."""
        if per is Window.DEED:
            return np.arange(self.month.size, dtype=np.int64)
        return np.zeros_like(self.month) if per is Window.ALL else self.month // MONTHS[per]

    def runs(self, per: Window, of: Of) -> Runs:
        """The runs of a window for each subject, or for each member of it."""
        if of is Of.MEMBER and self.member is not None:
            return Runs.of(self.subject, self.member, self.window(per))
        return Runs.of(self.subject, self.window(per))

    def take(self, rows: Whole) -> Rows:
        """Some of the rows, in the order given."""
        member = None if self.member is None else self.member[rows]
        return Rows(self.subject[rows], member, self.month[rows], self.side[rows], self.is_deed[rows])


@frozen(eq=False)
class Bound:
    """One bound that changed something: the rows, running sums around them, and what it added to each."""

    name: str
    rows: Whole
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

    def apply(self, rows: Rows, points: Whole, counts: Mask, open_to: Mask | None = None) -> list[Bound]:
        """Cuts `points` (and clears `counts` where a `times` is used up) in place; returns what each bound changed.

        Only rows that are `open_to` change are cut (None: all); the others, of earlier rules, run in the sums.
        """
        runs = rows.runs(self.per, self.of)
        found: list[Bound] = []
        if self.times is not None:
            found += self._times(runs, rows, points, counts, open_to)
        for name, side, bound in (("gives", 1, self.gives), ("takes", -1, self.takes)):
            if bound is not None:
                found += self._side(name, side, bound, runs, rows, points, open_to)
        if self.floor is not None or self.ceiling is not None:
            before, after = runs.running(points)
            left = np.clip(after, self.floor, self.ceiling) - np.clip(before, self.floor, self.ceiling)
            found += _changed("net", points, left, before, after, open_to)
        return found

    def _times(self, runs: Runs, rows: Rows, points: Whole, counts: Mask, open_to: Mask | None) -> list[Bound]:
        tally = (rows.is_deed & counts).astype(np.int64)
        before, after = runs.running(tally)
        over = (after > (self.times or 0)) & (tally == 1)
        over = over if open_to is None else over & open_to
        counts[over] = False
        return _changed("times", points, np.where(over, 0, points), before, after, None)

    def _side(
        self, name: str, side: int, bound: int, runs: Runs, rows: Rows, points: Whole, open_to: Mask | None
    ) -> list[Bound]:
        mine = rows.side == side
        magnitudes = np.where(mine, points * side, 0)
        before, after = runs.running(magnitudes)
        if self.partial is Partial.DROP:
            left = np.where(after <= bound, magnitudes, 0)
        else:
            left = np.minimum(after, bound) - np.minimum(before, bound)
        return _changed(name, points, np.where(mine, left * side, points), before, after, open_to)


def _changed(name: str, points: Whole, left: Whole, before: Whole, after: Whole, open_to: Mask | None) -> list[Bound]:
    rows = np.flatnonzero(left != points if open_to is None else (left != points) & open_to)
    if not rows.size:
        return []
    change = left[rows] - points[rows]
    points[rows] = left[rows]
    return [Bound(name, rows, before[rows], after[rows], change)]
