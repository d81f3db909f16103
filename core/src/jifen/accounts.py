"""Decides what an explanation consists of: accounts of a household, a deed and a village, as data (R22).

Points and amounts are exact decimals, as people read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from jifen.model import Item, Limit, SharedLimit


@frozen
class Cutting:
    """What one limit changed: sums before and after are times or points, as the limit counts; `change` is in points."""

    level: str
    code: str
    bound: str
    limit: Limit | SharedLimit
    """The rule book's limit, with the one bound that did it."""
    clause: str
    before: Decimal
    after: Decimal
    change: Decimal


@frozen
class Point:
    """One award: the deed, the rule, the running amount, what each limit cut, who recorded and who approved it."""

    deed: str
    subject: str
    village: str
    kind: str
    date: date
    item: Item
    clause: str
    member: str | None
    amount: Decimal | None
    before: Decimal | None
    after: Decimal | None
    gross: Decimal
    points: Decimal
    cuts: tuple[Cutting, ...]
    grade: str | None
    """The grade of a finding."""
    refers: str | None
    """The deed that this one puts right."""
    recorded_by: str | None
    approved_by: str | None
    reason: str | None = None
    """The record's own reason, where it names its points case by case."""


@frozen
class Refusal:
    """A deed that gave nothing, and why; `reason` is a key of the catalogues."""

    deed: str
    subject: str
    village: str
    item: Item
    date: date
    outcome: str
    reason: str


@frozen
class Share:
    """What a category came to."""

    category: str
    title: dict[str, str]
    points: Decimal


@frozen
class Standing:
    """Where a household stands in its village."""

    given: Decimal
    taken: Decimal
    total: Decimal
    grade: str | None
    rank: int
    of: int
    barred: bool
    veto: str | None


@frozen
class PurseAccount:
    """A purse at the end of the period: what went in, what was paid for goods, what resets cleared, what is left."""

    purse: str
    name: dict[str, str]
    before: Decimal
    """What was in it when the period began."""
    earned: Decimal
    spent: Decimal
    """As a number above or equal to 0."""
    cleared: Decimal
    balance: Decimal


@frozen
class Exchanged:
    """A request for goods and what became of it; `reason` is a key of the catalogues."""

    request: str
    day: date
    good: str
    name: dict[str, str]
    pieces: int
    outcome: str
    reason: str | None
    points: Decimal
    until: date | None
    clause: str


@frozen
class HouseholdAccount:
    """Everything that makes a household's total. `standing` is None for a household that does not take part."""

    household: str
    village: str
    participates: bool
    ground: str
    """Key of the words: the ground on which it takes part, or the reason why it does not."""
    since: date | None
    points: tuple[Point, ...]
    refusals: tuple[Refusal, ...]
    categories: tuple[Share, ...]
    standing: Standing | None
    rewards: tuple[dict[str, Any], ...] = ()
    purses: tuple[PurseAccount, ...] = ()
    exchanges: tuple[Exchanged, ...] = ()


@frozen
class Line:
    """One line of a part of a village's score; a ratio where it is one."""

    part: str
    detail: str
    item: Item | None
    points: Decimal
    numerator: Decimal | None
    denominator: int | None
    unit: str | None
    """What the numerator counts: points or households."""
    clause: str


@frozen
class VillageAccount:
    """Everything that makes a village's score: its parts (R12 to R14) and its own deeds."""

    village: str
    points: Decimal
    rank: int
    of: int
    households: int
    participants: int
    lines: tuple[Line, ...]
    deeds: tuple[Point, ...]
    refusals: tuple[Refusal, ...] = ()
