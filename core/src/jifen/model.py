"""Decides what a rule book can say: frozen classes, one for each table of the TOML, and nothing that computes.

Points and quantities stay `Decimal` here, as the book writes them; `jifen.schedule` turns them into integers. The forms
are those of `docs/domain.md`, "Rules as villages really write them".
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from jifen import goods
from jifen.goods import Purse, Shop
from jifen.layers import Below

Names = goods.Names
"""A name in several languages: ``{ zh_CN = "…", en = "…" }``; a plain string is taken as zh_CN."""


class Status(StrEnum):
    """How far a book or an item has come; all but `APPROVED` mark everything that is printed."""

    SAMPLE = "sample"
    DRAFT = "draft"
    APPROVED = "approved"


class Subject(StrEnum):
    """Whose deeds an item scores (R1)."""

    HOUSEHOLD = "household"
    VILLAGE = "village"


class Window(StrEnum):
    """The stretch of time in which amounts run on; `DEED` starts anew with each deed."""

    DEED = "deed"
    MONTH = "month"
    TWO_MONTHS = "two-months"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    ALL = "all"


class Measure(StrEnum):
    """What one deed counts."""

    COUNT = "count"
    QUANTITY = "quantity"
    GRADE = "grade"
    READING = "reading"
    MARKS = "marks"
    NAMED = "named"


class Of(StrEnum):
    """For whom a window's running amount is kept."""

    HOUSEHOLD = "household"
    MEMBER = "member"


class Partial(StrEnum):
    """What happens to the one deed of which only a part still fits under a limit."""

    GIVE = "give"
    DROP = "drop"


class VetoEffect(StrEnum):
    """What a listed act does to the household's standing in the period."""

    LOWEST_GRADE = "lowest-grade"
    NO_HONOURS = "no-honours"
    ZERO_TOTAL = "zero-total"


@frozen
class Approval:
    """Who approved a book, in which document, when (R15)."""

    body: str
    document: str
    date: date


@frozen
class Limit:
    """Bounds on a running sum in a window; several may stand in one limit.

    `times`: how many deeds count. `gives`, `takes`: most points given, or taken (a magnitude). `floor`, `ceiling`:
    bounds of the net sum. `partial` says whether the deed that straddles the bound gives what still fits, or nothing.
    """

    per: Window
    times: int | None = None
    gives: Decimal | None = None
    takes: Decimal | None = None
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    of: Of = Of.HOUSEHOLD
    partial: Partial = Partial.GIVE
    clause: str | None = None


@frozen
class SharedLimit:
    """One limit on several items together."""

    code: str
    items: tuple[str, ...]
    per: Window
    clause: str
    name: Names = field(factory=dict)
    times: int | None = None
    gives: Decimal | None = None
    takes: Decimal | None = None
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    of: Of = Of.HOUSEHOLD
    partial: Partial = Partial.GIVE


@frozen
class Rate:
    """A bracket of a falling rate: `points` for each `each` units, up to `upto` (the last bracket has none)."""

    points: Decimal
    each: Decimal
    upto: Decimal | None = None


@frozen
class Step:
    """A tier or band: from this amount on, so many points."""

    at: Decimal
    points: Decimal


@frozen
class Marks:
    """Several reviewers: how many marks there must be, and how many of the highest and lowest are left out."""

    at_least: int = 1
    leave_out: int = 0


@frozen
class Base:
    """Points that every participant has in each window before anything else."""

    points: Decimal
    per: Window


@frozen
class PutRight:
    """An item whose deed mends an earlier one: which items, which share comes back, within how many days."""

    items: tuple[str, ...]
    share: str = "1/2"
    within_days: int | None = None


@frozen
class Veto:
    """A listed act: its effects, and to what they are lifted once it is put right in the same period."""

    effects: tuple[VetoEffect, ...]
    lifted_total: Decimal | None = None
    lifted_grade: str | None = None


@frozen
class Named:
    """Points that the deed itself names, case by case, within bounds and never 0; the record must give the reason."""

    least: Decimal
    most: Decimal


@frozen
class Item:
    """One rule: which behaviour, how it is measured, what it gives or takes, how often, on what evidence (R11).

    Exactly one schedule: `points` (with `each` for quantities), `rates`, `tiers`, `ladder`, `grades`, `bands`,
    `base` (alone or with `points`), `named`, `put_right`, or a `veto` alone. An item with `inspect` is an inspection
    cell: looked at once in each window, so that one finding counts; without a schedule it is kept on record only.
    `only_in` and `not_in` are villages: a village's own rules come from its layer, not from what a book writes.
    """

    code: str
    category: str
    name: Names
    clause: str
    subject: Subject = Subject.HOUSEHOLD
    measure: Measure = Measure.COUNT
    unit: str | None = None
    points: Decimal | None = None
    each: Decimal | None = None
    whole: bool = True
    rates: tuple[Rate, ...] = ()
    tiers: tuple[Step, ...] = ()
    ladder: tuple[Decimal, ...] = ()
    grades: dict[str, Decimal] = field(factory=dict)
    bands: tuple[Step, ...] = ()
    marks: Marks | None = None
    base: Base | None = None
    named: Named | None = None
    inspect: Window | None = None
    per: Window = Window.DEED
    of: Of = Of.HOUSEHOLD
    limits: tuple[Limit, ...] = ()
    evidence: tuple[str, ...] = ()
    approvals: int = 1
    put_right: PutRight | None = None
    veto: Veto | None = None
    status: Status = Status.APPROVED
    note: Names = field(factory=dict)
    scored_by_plugin: bool = False
    only_in: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()

    @property
    def every_limit(self) -> tuple[Limit, ...]:
        """The item's limits, the one of an inspection cell last."""
        return self.limits if self.inspect is None else (*self.limits, Limit(self.inspect, times=1))

    def holds_in(self, village: str) -> bool:
        """Whether it is a rule of this village (R15)."""
        return village in self.only_in if self.only_in else village not in self.not_in


@frozen
class BookCategory:
    """A category that the book composes, by name, with the book's own limits on it; an `own` one is no plugin's."""

    name: str
    clause: str = ""
    title: Names = field(factory=dict)
    limits: tuple[Limit, ...] = ()
    own: bool = False


@frozen
class Total:
    """Bounds of a household's total."""

    limits: tuple[Limit, ...] = ()
    clause: str = ""


@frozen
class Grade:
    """A grade reached above (more than) or from (at least) so many points; the last one may have neither."""

    code: str
    name: Names
    above: Decimal | None = None
    at_least: Decimal | None = None


@frozen
class Ranking:
    """How ties are told apart: categories looked at in turn; none: ties share a place."""

    ties: tuple[str, ...] = ()


@frozen
class Part:
    """A section that names an object of a plugin (`use`) and carries that object's own options, structured."""

    use: str
    options: object = None


@frozen
class VillageLayer:
    """What a village's assembly decided on top of the town's rules: its resolution, and the items it touches (R15)."""

    village: str
    approval: Approval
    items: tuple[str, ...] = ()


@frozen
class RuleBook:
    """One town's rules in the dates in which they hold (R15, R16), composed and checked."""

    name: str
    title: Names
    valid_from: date
    valid_to: date
    status: Status
    eligibility: Part
    village: Part
    rewards: Part
    categories: tuple[BookCategory, ...]
    items: tuple[Item, ...]
    approval: Approval | None = None
    places: int = 3
    limits: tuple[SharedLimit, ...] = ()
    total: Total = field(factory=Total)
    grades: tuple[Grade, ...] = ()
    ranking: Ranking = field(factory=Ranking)
    purses: tuple[Purse, ...] = ()
    shop: Shop | None = None
    below: Below | None = None
    layers: tuple[VillageLayer, ...] = ()
    digest: str = ""

    @property
    def unit(self) -> int:
        """How many of the smallest unit make one point."""
        return int(10**self.places)

    @property
    def marked(self) -> Status:
        """The status that everything printed must show: the book's own, or the least of its items'."""
        order = (Status.SAMPLE, Status.DRAFT, Status.APPROVED)
        return min((self.status, *(item.status for item in self.items)), key=order.index)

    def item(self, code: str, village: str = "") -> Item:
        """The item of a code as it holds in a village (`""`: as the town wrote it). Raises `KeyError`."""
        for item in self.items:
            if item.code == code and item.holds_in(village):
                return item
        raise KeyError(code)

    def items_in(self, village: str = "") -> dict[str, Item]:
        """The items that hold in a village, by code; for `""` those of the town as it wrote them."""
        return {item.code: item for item in self.items if item.holds_in(village)}
