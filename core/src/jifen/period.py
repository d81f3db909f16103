"""Decides what a settlement period is: a year, half-year, quarter or month by its name, with its first and last day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from attrs import frozen

from jifen.model import Window
from jifen.problems import Problem, Refused

MONTHS = {
    Window.MONTH: 1,
    Window.TWO_MONTHS: 2,
    Window.QUARTER: 3,
    Window.HALF_YEAR: 6,
    Window.YEAR: 12,
}
"""How many months each window has; windows begin with the calendar year."""


@frozen
class Period:
    """A settlement period: ``2025``, ``2025-H1``, ``2025-Q2``, ``2025-03``, or several: ``2025-Q4..2026-01``.

    Both days belong to it.
    """

    name: str
    start: date
    end: date
    months: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period of a name. Raises `Refused` (``settle.bad-period``) for any other text."""
        first, between, last = text.strip().partition("..")
        if not between:
            return cls._simple(text)
        try:
            begin, end = cls._simple(first), cls._simple(last)
        except Refused as refused:
            raise Refused([Problem("settle.bad-period", facts={"got": text})]) from refused
        if begin.end >= end.start:
            raise Refused([Problem("settle.bad-period", facts={"got": text})])
        months = (end.end.year - begin.start.year) * 12 + end.end.month - begin.start.month + 1
        return cls(f"{begin.name}..{end.name}", begin.start, end.end, months)

    @classmethod
    def _simple(cls, text: str) -> Period:
        found = re.fullmatch(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?", text.strip())
        if not found or int(found[1]) == 0:
            raise Refused([Problem("settle.bad-period", facts={"got": text})])
        year = int(found[1])
        if found[2]:
            months, part = 6, int(found[2])
        elif found[3]:
            months, part = 3, int(found[3])
        elif found[4]:
            months, part = 1, int(found[4])
        else:
            months, part = 12, 1
        last = months * part
        return cls(text.strip(), date(year, last - months + 1, 1), date(year, last, monthrange(year, last)[1]), months)

    def holds_whole(self, per: Window) -> bool:
        """Whether the period cuts none of these windows."""
        months = MONTHS.get(per, 1)
        return (self.start.month - 1) % months == 0 and self.months % months == 0


def starts_window(per: Window, day: date) -> bool:
    """Whether a window begins on a day; one over all time begins with its period only."""
    return per in MONTHS and day.day == 1 and (day.month - 1) % MONTHS[per] == 0
