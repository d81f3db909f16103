"""Decides how amounts run on: the segmented running sum over int64 columns, with which everything is scored.

Rows that belong together (one subject, one window) form a *run*; within a run they stand in order of date, then deed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Mask = NDArray[np.bool_]

LARGEST: Final = 2**62
"""No running sum may reach this; NumPy's integers would wrap silently at 2**63."""


def guard(largest: int) -> None:
    """Raises `Refused` (``settle.overflow``) where a sum could leave the range of exact integers."""
    if largest >= LARGEST:
        raise Refused([Problem("settle.overflow", facts={"largest": largest})])


def largest_of(values: Whole) -> int:
    """The largest magnitude, as a Python integer."""
    return max(int(values.max()), -int(values.min())) if values.size else 0


def joint(*keys: Whole) -> Whole:
    """One key for several: it orders as they do, the first above the second."""
    key = keys[0]
    for other in keys[1:]:
        if other.size:
            low = int(other.min())
            width = int(other.max()) - low + 1
            guard(largest_of(key) * width + width)
            key = key * width + (other - low)
    return key


@frozen(eq=False)
class Runs:
    """Which rows form a run.

    `order` brings them together (None: they already are); `first` is each row's first row of its run, and the longest
    run has `longest` rows.
    """

    order: Whole | None
    first: Whole
    longest: int

    @classmethod
    def of(cls, key: Whole) -> Runs:
        """Runs of equal keys. Rows keep their order within a run; already contiguous sorted keys cost no sort."""
        order = None
        if key.size and bool((key[1:] < key[:-1]).any()):
            order = np.argsort(key, kind="stable")
            key = key[order]
        new = np.empty(key.size, dtype=np.bool_)
        new[:1] = True
        np.not_equal(key[1:], key[:-1], out=new[1:])
        rows = np.arange(key.size)
        first = np.maximum.accumulate(np.where(new, rows, 0))
        return cls(order, first, int((rows - first).max()) + 1 if key.size else 0)

    def running(self, values: Whole) -> tuple[Whole, Whole]:
        """The sum of a row's run before it and after it, in the rows' own order.

        Raises `Refused` (``settle.overflow``) rather than wrap. The sum over all runs may: a run's own stays exact.
        """
        if not values.size:
            return values, values
        guard(largest_of(values) * self.longest)
        if self.order is not None:
            values = values[self.order]
        total = np.cumsum(values)
        before = total - values
        before -= before[self.first]
        after = before + values
        if self.order is None:
            return before, after
        back_before, back_after = np.empty_like(before), np.empty_like(after)
        back_before[self.order] = before
        back_after[self.order] = after
        return back_before, back_after
