"""Decides whether a number of a rule book can be kept exactly: no finer than the book's unit, and not beyond reason."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from jifen.document import Faults
    from jifen.locate import Path

MOST: Final = 10**9
"""No number of a rule book reaches this, so that sums over a town and a year stay within int64."""

_THOUSANDTHS: Final = 3


@frozen
class Numbers:
    """Checks numbers of one book; `places` is None where the book's own `places` is at fault."""

    places: int | None
    faults: Faults

    def points(self, value: Decimal, path: Path, *, positive: bool = False) -> bool:
        """Whether points fit: no finer than `places`, and above 0 where a magnitude is wanted."""
        return self._fits(value, path, self.places, "rulebook.points-too-fine", positive=positive)

    def quantity(self, value: Decimal, path: Path, *, positive: bool = False, whole: bool = False) -> bool:
        """Whether an amount fits: never negative, no finer than thousandths (`whole`: than one)."""
        if value < 0 and not positive:
            self.faults.add("rulebook.negative", path, got=value)
            return False
        return self._fits(value, path, 0 if whole else _THOUSANDTHS, "rulebook.amount-too-fine", positive=positive)

    def count(self, value: int, path: Path) -> None:
        """A number of times, days or people: 1 at least."""
        self._fits(Decimal(value), path, None, "", positive=True)

    def _fits(self, value: Decimal, path: Path, places: int | None, code: str, *, positive: bool) -> bool:
        before = len(self.faults.problems)
        if abs(value) >= MOST:
            self.faults.add("rulebook.too-large", path, got=value, most=MOST)
        elif positive and value <= 0:
            self.faults.add("rulebook.want-positive", path, got=value)
        elif places is not None and value != round(value, places):
            self.faults.add(code, path, got=value, places=places)
        return len(self.faults.problems) == before
