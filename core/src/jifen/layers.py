"""Decides what a layer of rules may say to the layer below it: district baseline › town › village (R15).

A plugin's ``items.toml`` says in `[below]` what the books that take its categories may change and add, a town's book
says there what its villages may. Both are written in the same terms and held to by the same checks. What a `[below]`
does not say, nobody below may do.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from jifen.document import Document
    from jifen.model import Approval


class Form(StrEnum):
    """How freely a rule may be written; without it, as the layer above writes it."""

    ANY = "any"
    """Measured otherwise, in other windows, by other thresholds and limits; its numbers stay within the ranges."""


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
    """Items of the lower layer's own: how many that give and that take, and how much each may be worth."""

    categories: tuple[str, ...]
    """Categories to which they may belong."""
    bonus: int = 0
    """How many may give points."""
    penalty: int = 0
    """How many may take points, or be a veto."""
    most: Decimal = Decimal(0)
    """The most points, given or taken, of one deed."""
    form: Form | None = None
    """Of which form they may be; without it fixed points, grades or bands, for households."""


@frozen
class Change:
    """What may be changed about some items: those that it names, or all others of a category."""

    items: tuple[str, ...] = ()
    """Codes of the items."""
    points: Range | None = None
    """Every value of the item's schedule that is changed must lie in it."""
    times: Range | None = None
    """Every `times` of the item's limits that is changed must lie in it."""
    off: bool = False
    """Whether the item may be switched off."""
    categories: tuple[str, ...] = ()
    """Names of categories: all of their items that no change names by its code."""
    limit: Range | None = None
    """Every `gives`, `takes`, `floor` and `ceiling` of the item's limits that is changed must lie in it."""
    form: Form | None = None
    """How freely it may be written; without it only the numbers of the ranges change."""


@frozen
class Below:
    """What the layer below may do."""

    own: Own | None = None
    """Items of its own; without it there are none."""
    changes: tuple[Change, ...] = ()
    """Items that it may change, each within its ranges."""


@frozen
class Baseline:
    """What a plugin leaves to the towns whose books take its categories (R15)."""

    below: Below
    """What a town's book may do."""
    written: Document = field(repr=False)
    """The file that says so."""
    approval: Approval | None = None
    """Who approved it; without it its values are samples."""
