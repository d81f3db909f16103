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
from jifen.due_process import Process
from jifen.goods import Purse, Shop
from jifen.layers import Below

Names = goods.Names
"""A name in several languages: ``{ zh_CN = "…", en = "…" }``; a plain string is taken as zh_CN."""


class Status(StrEnum):
    """How far a book or an item has come; all but `approved` mark everything that is printed."""

    SAMPLE = "sample"
    """Invented values to begin from (样张)."""
    DRAFT = "draft"
    """Proposed, not yet decided."""
    APPROVED = "approved"
    """In force as the town approved it."""


class Subject(StrEnum):
    """Whose deeds an item scores (R1)."""

    HOUSEHOLD = "household"
    VILLAGE = "village"
    TOWN = "town"
    """Only in a district's book, whose units are towns (R26): the frame VILLAGES then holds the district's towns."""


class Window(StrEnum):
    """The stretch of time in which amounts run on."""

    DEED = "deed"
    """Each deed by itself."""
    MONTH = "month"
    TWO_MONTHS = "two-months"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    ALL = "all"
    """The whole settled period."""


class Measure(StrEnum):
    """What one deed counts."""

    COUNT = "count"
    """Once for each deed."""
    QUANTITY = "quantity"
    """The deed's amount, such as hours or yuan."""
    GRADE = "grade"
    """The grade that was found."""
    READING = "reading"
    """A reading, such as a percentage."""
    MARKS = "marks"
    """The mean of several reviewers' marks."""
    NAMED = "named"
    """The points that the deed names itself."""


class Of(StrEnum):
    """For whom a window's running amount is kept."""

    HOUSEHOLD = "household"
    """One for the whole household."""
    MEMBER = "member"
    """One for each member."""


class Partial(StrEnum):
    """What happens to the one deed of which only a part still fits under a limit."""

    GIVE = "give"
    """It gives what still fits."""
    DROP = "drop"
    """It gives nothing."""


class VetoEffect(StrEnum):
    """What a listed act does to the household's standing in the period."""

    LOWEST_GRADE = "lowest-grade"
    """The household has the book's lowest grade."""
    NO_HONOURS = "no-honours"
    """No honours in the period."""
    ZERO_TOTAL = "zero-total"
    """The total is 0."""


class AtChange(StrEnum):
    """What becomes of running amounts and sums where rules change within a window (R16)."""

    CARRY = "carry"
    """What was counted and given under the rules before goes on counting."""
    ANEW = "anew"
    """They begin at 0 with the new rules."""


@frozen
class Approval:
    """Who approved a book, in which document, when (R15)."""

    body: str
    """Who approved it."""
    document: str
    """Number or title of the document."""
    date: date
    """The day of the approval; not after the first day on which the rules hold."""


@frozen
class Limit:
    """Bounds on a running sum in a window; several may stand in one limit."""

    per: Window
    """The window in which sums run."""
    times: int | None = None
    """How many deeds count."""
    gives: Decimal | None = None
    """Most points that are given."""
    takes: Decimal | None = None
    """Most points that are taken, written without a minus."""
    floor: Decimal | None = None
    """Lowest net sum; at most 0."""
    ceiling: Decimal | None = None
    """Highest net sum; at least 0."""
    of: Of = Of.HOUSEHOLD
    """Whether the sum runs for the household or for each member."""
    partial: Partial = Partial.GIVE
    """Whether the deed that straddles a bound gives what still fits, or nothing."""
    clause: str | None = None
    """Clause of the limit, where it is not the item's."""


@frozen
class SharedLimit:
    """One limit on several items together."""

    code: str
    """Short name, unique among the shared limits."""
    items: tuple[str, ...]
    """Codes of the items that run in one sum."""
    per: Window
    """The window in which sums run."""
    clause: str
    """Clause of the rule."""
    name: Names = field(factory=dict)
    """What the limit is called."""
    times: int | None = None
    """How many deeds count."""
    gives: Decimal | None = None
    """Most points that are given."""
    takes: Decimal | None = None
    """Most points that are taken, written without a minus."""
    floor: Decimal | None = None
    """Lowest net sum; at most 0."""
    ceiling: Decimal | None = None
    """Highest net sum; at least 0."""
    of: Of = Of.HOUSEHOLD
    """Whether the sum runs for the household or for each member."""
    partial: Partial = Partial.GIVE
    """Whether the deed that straddles a bound gives what still fits, or nothing."""


@frozen
class Rate:
    """A bracket of a falling rate."""

    points: Decimal
    """Points for each full (or, with `whole = false`, any part of) `each`."""
    each: Decimal
    """How many units give the points."""
    upto: Decimal | None = None
    """Where the bracket ends; the last one has no end."""


@frozen
class Step:
    """A tier or band: from this amount on, so many points."""

    at: Decimal
    """From this amount on."""
    points: Decimal
    """Points in all, not on top of the step below."""


@frozen
class Marks:
    """Several reviewers: how many marks there must be, and how many of the highest and lowest are left out."""

    at_least: int = 1
    """How many marks there must be."""
    leave_out: int = 0
    """How many of the highest, and as many of the lowest, are left out of the mean."""


@frozen
class Base:
    """Points that every participant has in each window before anything else."""

    points: Decimal
    """Points of each window."""
    per: Window
    """The window."""


@frozen
class PutRight:
    """An item whose deed mends an earlier one: which items, which share comes back, within how many days."""

    items: tuple[str, ...]
    """Codes of the items whose deeds it mends."""
    share: str = "1/2"
    """The share of the deduction that comes back, as a fraction above 0 and up to 1."""
    within_days: int | None = None
    """Within how many days; without it there is no end."""


@frozen
class Veto:
    """A listed act: its effects, and to what they are lifted once it is put right in the same period."""

    effects: tuple[VetoEffect, ...]
    """What it does to the household's standing."""
    lifted_total: Decimal | None = None
    """Total to which it is lifted once put right."""
    lifted_grade: str | None = None
    """Code of the grade to which it is lifted once put right."""


@frozen
class Named:
    """Points that the deed itself names, case by case, within bounds and never 0; the record must give the reason."""

    least: Decimal
    """Least that a deed may name."""
    most: Decimal
    """Most that a deed may name."""


@frozen
class Item:
    """One rule: which behaviour, how it is measured, what it gives or takes, how often, on what evidence (R11).

    Exactly one schedule: `points` (with `each` for quantities), `rates`, `tiers`, `ladder`, `grades`, `bands`,
    `base` (alone or with `points`), `named`, `put_right`, or a `veto` alone. An item with `inspect` needs none: without
    it the finding is kept on record only.
    """

    code: str
    """Short name, unique in the book; the code of a category's item restates that item."""
    category: str
    """Name of one of the book's categories."""
    name: Names
    """What is wanted or not wanted, in a few words."""
    clause: str
    """Clause of the rule; every point that it makes names it."""
    subject: Subject = Subject.HOUSEHOLD
    """Whose deeds it scores."""
    measure: Measure = Measure.COUNT
    """What one deed counts."""
    unit: str | None = None
    """What a quantity or reading is counted in, in words."""
    points: Decimal | None = None
    """Points of one deed, or of each `each` units; below 0 for a deduction."""
    each: Decimal | None = None
    """How many units give the points."""
    whole: bool = True
    """Whether only full `each` units count, or parts of them in proportion."""
    rates: tuple[Rate, ...] = ()
    """Brackets of a falling rate, in order."""
    tiers: tuple[Step, ...] = ()
    """Thresholds on the running amount, lowest first; the highest that is reached counts."""
    ladder: tuple[Decimal, ...] = ()
    """Points of the first deed of the window, the second, …; the last value for all that follow."""
    grades: dict[str, Decimal] = field(factory=dict)
    """Points by grade of the finding."""
    bands: tuple[Step, ...] = ()
    """Thresholds on a reading; the highest that is reached counts."""
    marks: Marks | None = None
    """How several reviewers' marks become one."""
    base: Base | None = None
    """Points that every participant has in each window before anything else."""
    named: Named | None = None
    """Bounds of the points that the deed names itself."""
    inspect: Window | None = None
    """Makes it an inspection cell: one finding counts in each such window."""
    per: Window = Window.DEED
    """The window in which the schedule's amounts run on; needed by rates, tiers and a ladder."""
    of: Of = Of.HOUSEHOLD
    """Whether amounts run on for the household or for each member."""
    limits: tuple[Limit, ...] = ()
    """Limits on the points of this item."""
    evidence: tuple[str, ...] = ()
    """Kinds of evidence that a record needs, all of them; `photo/scan` is one or the other."""
    approvals: int = 1
    """How many people have to approve a record."""
    put_right: PutRight | None = None
    """Makes it an item whose deed mends an earlier one."""
    veto: Veto | None = None
    """Makes it a listed act with effects on the standing."""
    status: Status = Status.APPROVED
    """How far the item has come."""
    note: Names = field(factory=dict)
    """A remark for those who read the rules."""
    scored_by_plugin: bool = False
    """Whether its category's own scorer makes the points; limits are the core's all the same."""
    only_in: tuple[str, ...] = ()
    """Villages whose own rule it is; made by layers, not written."""
    not_in: tuple[str, ...] = ()
    """Villages that restated it or switched it off; made by layers, not written."""
    since: date | None = None
    """First day on which it holds, where rules change within a period; made, not written."""
    until: date | None = None
    """Last day on which it holds, where later rules take its place within a period; made, not written."""

    @property
    def every_limit(self) -> tuple[Limit, ...]:
        """The item's limits, the one of an inspection cell last."""
        return self.limits if self.inspect is None else (*self.limits, Limit(self.inspect, times=1))

    def holds_in(self, village: str, day: date | None = None) -> bool:
        """Whether it is a rule of this village on this day (R15, R16); without a day: at the end of the period."""
        there = village in self.only_in if self.only_in else village not in self.not_in
        if day is None:
            return there and self.until is None
        return there and (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


@frozen
class BookCategory:
    """A category that the book composes, by name, with the book's own limits on it; an `own` one is no plugin's."""

    name: str
    """Name of a plugin's category or, with `own = true`, of a new one."""
    clause: str = ""
    """Clause of the category."""
    title: Names = field(factory=dict)
    """What it is called; without it the plugin's title stands."""
    limits: tuple[Limit, ...] = ()
    """Limits on the points of all its items together."""
    own: bool = False
    """Whether the book makes the category itself; it then needs a title."""


@frozen
class Total:
    """Bounds of a household's total."""

    limits: tuple[Limit, ...] = ()
    """Limits on the sum of all points of a household."""
    clause: str = ""
    """Clause of the rule."""


@frozen
class Grade:
    """A grade reached above (more than) or from (at least) so many points; the last one may have neither."""

    code: str
    """Short name, unique among the grades."""
    name: Names
    """What it is called."""
    above: Decimal | None = None
    """Reached with more points than this."""
    at_least: Decimal | None = None
    """Reached with so many points or more."""


@frozen
class Ranking:
    """How ties are told apart: categories looked at in turn; none: ties share a place."""

    ties: tuple[str, ...] = ()
    """Names of categories whose points tell ties apart, looked at in turn."""


@frozen
class Part:
    """A section that names an object of a plugin (`use`) and carries that object's own options, structured."""

    use: str
    """Name of the plugin's object."""
    options: object = None
    """The object's own options, as it declares them."""


@frozen
class VillageLayer:
    """What a village's assembly decided on top of the town's rules: its resolution, and the items it touches (R15)."""

    village: str
    """Code of the village."""
    approval: Approval
    """The resolution of the villagers' representative assembly."""
    items: tuple[str, ...] = ()
    """Codes of the items that it touches."""


@frozen
class RuleBook:
    """One town's rules in the dates in which they hold (R15, R16), composed and checked."""

    name: str
    """Short name, unique among the town's books."""
    title: Names
    """What the rules are called."""
    valid_from: date
    """First day on which they hold."""
    valid_to: date
    """Last day on which they hold."""
    status: Status
    """How far the book has come; `approved` needs an approval."""
    eligibility: Part
    """Who takes part (R2 to R5)."""
    village: Part
    """How a village's score comes about (R12 to R14)."""
    rewards: Part
    """What points lead to (R17 to R19)."""
    categories: tuple[BookCategory, ...]
    """Categories that the book composes."""
    items: tuple[Item, ...]
    """Items: those of the categories that the book restates or switches off, and its own."""
    approval: Approval | None = None
    """Who approved the book, in which document, when."""
    places: int = 3
    """How many decimals points have, 0 to 6."""
    limits: tuple[SharedLimit, ...] = ()
    """Limits on several items together."""
    total: Total = field(factory=Total)
    """Bounds of a household's total."""
    grades: tuple[Grade, ...] = ()
    """Grades of a household's total, highest first."""
    ranking: Ranking = field(factory=Ranking)
    """How households with the same total are told apart."""
    purses: tuple[Purse, ...] = ()
    """Accounts of points to spend, or of honour points."""
    shop: Shop | None = None
    """What points can be exchanged for."""
    process: Process | None = None
    """How long a record is posted and how soon an objection is decided; the settlement itself does not need it."""
    below: Below | None = None
    """What a village's layer may change and add; without it nothing."""
    at_change: AtChange | None = None
    """What becomes of running amounts where this book takes the place of another within a window; if unsaid: carry."""
    layers: tuple[VillageLayer, ...] = ()
    """What the villages added, once their layers are applied."""
    earlier: tuple[RuleBook, ...] = ()
    """The books that held before it in the period that is settled, oldest first; made by `jifen.succession`."""
    digest: str = ""
    """SHA-256 over the whole of the composed book."""

    @property
    def unit(self) -> int:
        """How many of the smallest unit make one point."""
        return int(10**self.places)

    @property
    def marked(self) -> Status:
        """The status that everything printed must show: the book's own, or the least of its items'."""
        order = (Status.SAMPLE, Status.DRAFT, Status.APPROVED)
        books = (book.status for book in (*self.earlier, self))
        return min((*books, *(item.status for item in self.items)), key=order.index)

    def on(self, day: date) -> RuleBook:
        """The book in force on a day of the period: one of those before it, or the book itself (R16)."""
        return next((book for book in self.earlier if day <= book.valid_to), self)

    def item(self, code: str, village: str = "", day: date | None = None) -> Item:
        """The item of a code as it holds in a village (`""`: as the town wrote it) on a day. Raises `KeyError`."""
        for item in self.items:
            if item.code == code and item.holds_in(village, day):
                return item
        raise KeyError(code)

    def items_in(self, village: str = "", day: date | None = None) -> dict[str, Item]:
        """The items that hold in a village on a day, by code; for `""` those of the town as it wrote them."""
        return {item.code: item for item in self.items if item.holds_in(village, day)}
