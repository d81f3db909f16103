"""Decides what a layer of rules may say to the layer below it: district baseline › town › village (R15).

A town's book says in `[below]` what its villages may change and add. What it does not say, no village may do.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen


@frozen
class Range:
    """From `least` to `most`, both allowed."""

    least: Decimal
    """Lowest value that is allowed."""
    most: Decimal
    """Highest value that is allowed."""

    def holds(self, value: Decimal) -> bool:
        """Whether a value lies in it; a bound may be met exactly."""
        return self.least <= value <= self.most


@frozen
class Own:
    """Items of a village's own: how many that give and that take, and how much each may be worth."""

    categories: tuple[str, ...]
    """Categories to which they may belong."""
    bonus: int = 0
    """How many may give points."""
    penalty: int = 0
    """How many may take points."""
    most: Decimal = Decimal(0)
    """The most points, given or taken, of one deed."""


@frozen
class Change:
    """What may be changed about some items."""

    items: tuple[str, ...]
    """Codes of the items."""
    points: Range | None = None
    """Every value of the item's schedule must stay in it."""
    times: Range | None = None
    """Every `times` of the item's limits must stay in it."""
    off: bool = False
    """Whether the item may be switched off."""


@frozen
class Below:
    """What the layer below may do."""

    own: Own | None = None
    """Items of its own; without it there are none."""
    changes: tuple[Change, ...] = ()
    """Items that it may change, each within its ranges."""
