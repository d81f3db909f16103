"""Decides how often an item occurs in an invented year, when, and whether it gives or takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from jifen.deed_rules import takes_deeds
from jifen.in_force import books_in
from jifen.model import Measure, Subject, Window

if TYPE_CHECKING:
    import numpy.typing as npt
    from jifen.model import Item, RuleBook
    from jifen.period import Period

WINDOWS = {
    Window.DEED: 12,
    Window.MONTH: 12,
    Window.TWO_MONTHS: 6,
    Window.QUARTER: 4,
    Window.HALF_YEAR: 2,
    Window.YEAR: 1,
    Window.ALL: 1,
}
"""How many windows a year has; a window of one deed is met about once a month."""
_MONTHS = (0.7, 0.7, 1.1, 1.2, 1.2, 1.0, 0.8, 0.8, 1.1, 1.3, 1.1, 1.0)
"""Less is done in the cold and at the Spring Festival, and in the heat."""
_SATURDAY = 5
_FEW = 0.08


def takes_points(item: Item) -> bool:
    """Whether the item only ever takes points, or bars: a deed that nobody wants."""
    if item.veto:
        return True
    values = [*item.ladder, *item.grades.values()]
    values += [rate.points for rate in item.rates] + [step.points for step in (*item.tiers, *item.bands)]
    values += [item.points] if item.points is not None else []
    values += [item.named.most] if item.named is not None else []
    return bool(values) and max(values) <= 0 and min(values) < 0


def yearly(item: Item) -> float:
    """How many deeds of the item one subject has in a year, roughly; somewhat under what its limits let count."""
    if item.put_right or not takes_deeds(item):
        return 0.0
    if takes_points(item):
        if item.subject is Subject.VILLAGE:
            return 0.15
        return 0.002 if item.veto else 2.0 if item.base else 0.5 if item.ladder else 0.25
    bounds = [limit.times * WINDOWS[limit.per] for limit in item.every_limit if limit.times is not None]
    if bounds:
        return min(24.0, 0.8 * min(bounds))
    if item.measure in {Measure.GRADE, Measure.READING, Measure.MARKS}:
        return 6.0
    return 8.0 if item.tiers else 4.0


def weights(items: tuple[Item, ...]) -> npt.NDArray[np.float64]:
    """The share of each item among the ordinary deeds of households; what crosses the bottom line is rare (R10)."""
    bottom_line = {item.category for item in items if item.veto}

    def share(item: Item) -> float:
        if item.subject is not Subject.HOUSEHOLD:
            return 0.0
        return yearly(item) * (_FEW if takes_points(item) and item.category in bottom_line else 1.0)

    return np.array([share(item) for item in items])


def day_weights(period: Period) -> npt.NDArray[np.float64]:
    """How much is done on each day of the period: more at weekends, by season."""
    days = [period.start + timedelta(days=day) for day in range((period.end - period.start).days + 1)]
    return np.array([_MONTHS[day.month - 1] * (1.7 if day.weekday() >= _SATURDAY else 1.0) for day in days])


def by_member(book: RuleBook) -> set[str]:
    """The items whose deeds must name the member."""
    shared = {
        code for each in books_in(book) for limit in each.limits if limit.of.value == "member" for code in limit.items
    }
    own = {
        item.code
        for item in book.items
        if item.of.value == "member" or any(limit.of.value == "member" for limit in item.limits)
    }
    return shared | own
