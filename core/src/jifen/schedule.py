"""Decides what a running amount is worth: one piecewise function F for every schedule that a rule book can write.

From the amount ``starts[k]`` on, F is ``values[k]`` plus ``rates[k]`` points for each ``units[k]`` beyond it. That says
fixed points, points by quantity, falling rates (brackets), tiers and ladders alike; a deed is awarded
``F(after) - F(before)``. Amounts are never negative, so that division is the same in every engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from jifen.frames import QUANTITY_UNIT
from jifen.model import Measure
from jifen.runs import guard

if TYPE_CHECKING:
    from decimal import Decimal

    from jifen.model import Item
    from jifen.runs import Whole


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
        table = np.array(pieces, dtype=np.int64)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3], item.whole)

    def __call__(self, amounts: Whole) -> Whole:
        """F at each amount. Raises `Refused` (``settle.overflow``) rather than wrap."""
        if not amounts.size:
            return amounts
        most = int(amounts.max())
        guard(2 * (most + 1) * (int(np.abs(self.rates).max()) + 1) + int(np.abs(self.values).max()))
        if self.starts.size == 1:
            return self._piece(amounts, self.rates[0], self.units[0])
        k = np.searchsorted(self.starts, amounts, side="right") - 1
        return self.values[k] + self._piece(amounts - self.starts[k], self.rates[k], self.units[k])

    def _piece(self, beyond: Whole, rates: Whole, units: Whole) -> Whole:
        if self.whole:
            return np.asarray(beyond // units * rates, dtype=np.int64)
        return half_up(beyond * rates, units)
