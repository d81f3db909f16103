"""Decides what a running amount is worth: one piecewise function F for every schedule that a rule book can write.

From the amount ``starts[k]`` on, F is ``values[k]`` plus ``rates[k]`` points for each ``units[k]`` beyond it. That says
fixed points, points by quantity, falling rates (brackets), tiers and ladders alike; a deed is awarded
``F(after) - F(before)``. Amounts are never negative, so that division is the same in every engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from jifen.frames import QUANTITY_UNIT
from jifen.model import Measure
from jifen.runs import LARGEST, guard, largest_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from jifen.model import Item, Step
    from jifen.runs import Mask, Whole

_BELOW: Final = 1
"""So far below 0 the first piece of bands begins: a mean of marks below 0 reaches none of them."""


def smallest(value: Decimal, unit: int) -> int:
    """A value in whole numbers of its smallest unit; the rule book was checked to be no finer."""
    return int(value * unit)


def half_up(numerator: Whole, denominator: Whole | int) -> Whole:
    """The quotient of magnitudes rounded once, half up; the sign is kept apart (half away from 0 for deductions)."""
    magnitude = (2 * np.abs(numerator) + denominator) // (2 * np.asarray(denominator))
    return np.asarray(np.sign(numerator) * magnitude, dtype=np.int64)


@frozen(eq=False)
class Schedule:
    """F as integers: amounts in times or thousandths, points in the book's smallest unit."""

    starts: Whole
    values: Whole
    rates: Whole
    units: Whole
    whole: bool = True

    @classmethod
    def of(cls, item: Item, unit: int) -> Schedule:
        """The schedule of an item whose amounts run on (measure count or quantity)."""
        scale = QUANTITY_UNIT if item.measure is Measure.QUANTITY else 1
        pieces: list[tuple[int, int, int, int]] = []
        if item.tiers:
            pieces = [(0, 0, 0, 1)]
            pieces += [(smallest(step.at, scale), smallest(step.points, unit), 0, 1) for step in item.tiers]
        elif item.ladder:
            value = 0
            for times, points in enumerate(item.ladder):
                pieces.append((times, value, smallest(points, unit), 1))
                value += smallest(points, unit)
        elif item.rates:
            start = value = 0
            for rate in item.rates:
                each, worth = smallest(rate.each, scale), smallest(rate.points, unit)
                pieces.append((start, value, worth, each))
                if rate.upto is not None:
                    end = smallest(rate.upto, scale)
                    value += (end - start) // each * worth
                    start = end
        else:
            each = scale if item.each is None else smallest(item.each, scale)
            pieces = [(0, 0, smallest(item.points, unit) if item.points is not None else 0, each)]
        return cls.made(pieces, whole=item.whole)

    @classmethod
    def bands(cls, steps: tuple[Step, ...], unit: int) -> Schedule:
        """Points by the highest threshold that a reading reaches, in whatever order they stand; below the lowest: 0."""
        bands = sorted((smallest(step.at, QUANTITY_UNIT), smallest(step.points, unit)) for step in steps)
        return cls.made([(-_BELOW, 0, 0, 1), *((max(at, -_BELOW), points, 0, 1) for at, points in bands)])

    @classmethod
    def made(cls, pieces: Sequence[tuple[int, int, int, int]], *, whole: bool = True) -> Schedule:
        """Of pieces: start, value there, rate, and unit beyond it."""
        table = np.array(pieces, dtype=np.int64)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3], whole)

    def __call__(self, amounts: Whole) -> Whole:
        """F at each amount. Raises `Refused` (``settle.overflow``) rather than wrap."""
        return Schedules.of([self])(np.zeros(amounts.size, dtype=np.int64), amounts)


@frozen(eq=False)
class Schedules:
    """The schedules of several items end to end, so that the amounts of all of them are one question."""

    reach: int
    """Beyond this amount no further piece begins in any of them."""
    keys: Whole
    """Where each piece starts: the number of its schedule first, then the amount."""
    starts: Whole
    values: Whole
    rates: Whole
    units: Whole
    whole: Mask
    first: Whole
    """The first piece of each schedule."""
    several: Mask
    """Which schedules have more pieces than one."""
    bounds: tuple[tuple[int, int], ...]
    """The largest rate and the largest value of each schedule."""
    bound: tuple[int, int]
    """The largest of each in all of them."""

    @classmethod
    def of(cls, schedules: Sequence[Schedule | None]) -> Schedules:
        """By number; an item without a schedule is never asked about."""
        none = np.zeros(0, dtype=np.int64)
        starts, values, rates, units = (
            np.concatenate([none, *(getattr(schedule, name) for schedule in schedules if schedule is not None)])
            for name in ("starts", "values", "rates", "units")
        )
        reach = int(starts.max(initial=0)) + 1
        guard(len(schedules) * (reach + _BELOW + 1))
        sizes = np.array([0 if each is None else each.starts.size for each in schedules], dtype=np.int64)
        number = np.repeat(np.arange(sizes.size), sizes)
        bounds = [(0, 0) if each is None else (largest_of(each.rates), largest_of(each.values)) for each in schedules]
        return cls(
            reach,
            number * (reach + _BELOW + 1) + starts + _BELOW,
            starts,
            values,
            rates,
            units,
            np.array([schedule is None or schedule.whole for schedule in schedules], dtype=np.bool_),
            np.cumsum(sizes) - sizes,
            sizes > 1,
            tuple(bounds),
            (largest_of(rates), largest_of(values)),
        )

    def __call__(self, which: Whole, amounts: Whole) -> Whole:
        """F of the schedule `which` at each amount. Raises `Refused` (``settle.overflow``) rather than wrap."""
        if not amounts.size:
            return amounts
        rate, value = self.bound
        if 2 * (int(amounts.max()) + 1) * (rate + 1) + value >= LARGEST:
            self._guard_each(which, amounts)
        piece = self.first[which]
        if self.several.any():
            many = np.flatnonzero(self.several[which])
            key = which[many] * (self.reach + _BELOW + 1) + np.clip(amounts[many], -_BELOW, self.reach) + _BELOW
            piece[many] = np.searchsorted(self.keys, key, side="right") - 1
        beyond, rates, units = amounts - self.starts[piece], self.rates[piece], self.units[piece]
        worth = beyond // units * rates
        if not self.whole.all():
            part = np.flatnonzero(~self.whole[which])
            worth[part] = half_up(beyond[part] * rates[part], units[part])
        return self.values[piece] + worth

    def _guard_each(self, which: Whole, amounts: Whole) -> None:
        """Each amount by what its own schedule can make of it."""
        ends = np.flatnonzero(np.append(which[1:] != which[:-1], [True]))
        most = np.maximum.reduceat(amounts, np.append([0], ends[:-1] + 1))
        for number, amount in zip(which[ends].tolist(), most.tolist(), strict=True):
            rate, value = self.bounds[number]
            guard(2 * (amount + 1) * (rate + 1) + value)
