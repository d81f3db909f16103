"""Decides what a worked case can say, and which households and deeds it stands for.

A case has one household and its deeds, in natural units (``quantity = 4.5``). What it leaves out takes the value that
changes nothing: the household takes part, a deed has the evidence and the approvals that its rule asks for.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import field, frozen

from jifen import frames
from jifen.model import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jifen.document import Faults
    from jifen.locate import Path
    from jifen.model import Item, RuleBook

HOUSEHOLD: Final = "H1"
VILLAGE: Final = "V1"


@frozen
class CaseDeed:
    """A deed: DEEDS in natural units, lists where DEEDS joins by ``|``; without a number it has its position."""

    item: str
    """Code or name of the item."""
    date: dt.date
    """The day on which it was done."""
    deed: str | None = None
    """Number of the record; without it the position in the case."""
    recorded: dt.date | None = None
    """The day on which it was recorded; without it the day of the deed."""
    quantity: Decimal | None = None
    """Amount or reading, in the item's own unit."""
    grade: str | None = None
    """Grade of the finding."""
    marks: tuple[Decimal, ...] | None = None
    """Marks of several reviewers."""
    member: str | None = None
    """Which member did it."""
    refers: str | None = None
    """Number of the deed that this one puts right."""
    evidence: tuple[str, ...] | None = None
    """Kinds of evidence at hand; without it all that the rule asks for."""
    approved_by: tuple[str, ...] | None = None
    """Who approved it; without it as many as the rule asks for."""
    status: str = "approved"
    """`approved`, `pending`, `rejected` or `cancelled`."""
    note: str | None = None
    """Remark; the reason where the deed names its own points."""


@frozen
class CaseHousehold:
    """The household of a case: by default the three presences and its consent, from before the period on (R2)."""

    registered: bool = True
    """Local household registration 户在."""
    homestead: bool = True
    """A homestead house 房在."""
    living: int = 1
    """How many members really live there 人在."""
    consents: bool = True
    """Whether it agreed to take part."""
    consent: dt.date | None = None
    """The day of its consent; without it one long before the period."""
    site: str = "home"
    """`home`, `industrial` or `enterprise` (R4)."""
    group: str = "1"
    """Its villager group."""
    kind: str | None = None
    """Kind of household."""
    resolution: str | None = None
    """Number of the assembly's resolution that admits it (R3)."""
    resolution_date: dt.date | None = None
    """Its date."""
    stars: int | None = None
    """Stars of the beautiful courtyard, 0 to 5."""


@frozen
class CaseVillage:
    """The village of a case: by default one that set the scheme up before the period, whole (R1) or a pilot (R5)."""

    code: str = VILLAGE
    """Code of the village, for one that has rules of its own."""
    groups: int = 2
    """How many villager groups it has."""
    pilot_groups: tuple[str, ...] | None = None
    """The groups of a pilot."""
    other_groups: tuple[str, ...] = ()
    """Groups in which other homes of the village are."""
    town_approval: str | None = None
    """Document by which the town approved the pilot."""
    town_approval_date: dt.date | None = None
    """Its date."""


@frozen
class CaseExchange:
    """A request for goods, and what must become of it."""

    good: str
    """Code of the good."""
    date: dt.date
    """The day on which the household asks."""
    pieces: int = 1
    """How many pieces."""
    refused: str | None = None
    """Code of the reason for which it must be refused; without it, it must be granted."""


@frozen
class Expected:
    """What one deed, or all rows of one item together, must give; or for which reason a deed must be refused."""

    deed: str | None = None
    """Number of the record that is looked at."""
    item: str | None = None
    """Code of the item all of whose rows are looked at."""
    points: Decimal | None = None
    """Points that must come out."""
    refused: str | None = None
    """Code of the reason for which the deed must be refused."""


@frozen
class Case:
    """A worked case: which clause it shows, who did what, and what must come out."""

    name: str
    """What the case shows."""
    clause: str
    """Clause that it shows."""
    deeds: tuple[CaseDeed, ...] = ()
    """What was done."""
    household: CaseHousehold = CaseHousehold()
    """Who did it."""
    period: str | None = None
    """Period that is settled; without it the year of the first deed."""
    expect: tuple[Expected, ...] = ()
    """What must come out, deed by deed or item by item."""
    total: Decimal | None = None
    """The household's total that must come out."""
    grade: str | None = None
    """Code of the grade that must come out."""
    village: CaseVillage = CaseVillage()
    """In which village."""
    exchanges: tuple[CaseExchange, ...] = ()
    """What the household asks to have for its points, and what must become of it."""
    balances: dict[str, Decimal] = field(factory=dict)
    """Points that must be in a purse at the end, by its code."""

    @property
    def expects(self) -> bool:
        """Whether it says that anything must come out."""
        return bool(self.expect or self.exchanges or self.balances) or self.total is not None or self.grade is not None


@frozen
class CaseFile:
    """The keys of ``cases.toml``."""

    cases: tuple[Case, ...]
    """The worked cases."""


def table(frame: frames.Frame, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """A frame from rows, with what they leave out empty; unlike `Frame.make`, what is wrong in it stays for `admit`."""
    full = [{name: row.get(name) for name in frame.names} for row in rows]
    return pl.DataFrame(full, schema=frame.schema, orient="row")


def household_row(case: Case, before: dt.date) -> dict[str, Any]:
    """The household's row; it agreed to take part `before` the period."""
    home = case.household
    return {
        "household": HOUSEHOLD,
        "village": case.village.code,
        "group": home.group,
        "kind": home.kind,
        "name": HOUSEHOLD,
        "site": home.site,
        "registered": home.registered,
        "homestead": home.homestead,
        "living": home.living,
        "members": sorted({deed.member for deed in case.deeds if deed.member is not None}) or None,
        "consent": (home.consent or before) if home.consents else None,
        "resolution": home.resolution,
        "resolution_date": home.resolution_date,
        "stars": home.stars,
    }


def deed_rows(case: Case, numbers: Sequence[str], book: RuleBook, path: Path, faults: Faults) -> list[dict[str, Any]]:
    """The deeds' rows, numbered; adds amounts that are too fine to keep."""
    there = book.items_in(case.village.code)
    items: dict[str, Item] = {name: item for item in there.values() for name in (*item.name.values(), item.code)}
    rows = []
    for position, (deed, number) in enumerate(zip(case.deeds, numbers, strict=True)):
        item, here = items.get(deed.item), (*path, "deeds", position)
        enough = [f"{place}" for place in range(1, (item.approvals if item else 1) + 1)]
        wanted = [kinds.split("/")[0] for kinds in item.evidence] if item else []
        marks = [_thousandths(mark, (*here, "marks"), faults) for mark in deed.marks or ()]
        rows.append(
            {
                "deed": number,
                "village": case.village.code,
                "subject": case.village.code if item and item.subject is Subject.VILLAGE else HOUSEHOLD,
                "item": deed.item,
                "date": deed.date,
                "recorded": deed.recorded or deed.date,
                "quantity": None if deed.quantity is None else _thousandths(deed.quantity, (*here, "quantity"), faults),
                "grade": deed.grade,
                "marks": None if deed.marks is None else marks,
                "member": deed.member,
                "refers": deed.refers,
                "evidence": "|".join(wanted if deed.evidence is None else deed.evidence) or None,
                "status": deed.status,
                "approved_by": "|".join(enough if deed.approved_by is None else deed.approved_by) or None,
                "note": deed.note,
            }
        )
    return rows


def _thousandths(value: Decimal, path: Path, faults: Faults) -> int:
    if value != round(value, 3):
        faults.add("rulebook.amount-too-fine", path, got=value, places=3)
    return int(value * frames.QUANTITY_UNIT)


def village_row(case: Case, before: dt.date) -> dict[str, Any]:
    """The village of a case, which set the scheme up `before` the period (R1)."""
    home = case.village
    return {
        "village": home.code,
        "name": home.code,
        "groups": home.groups,
        "pilot_groups": list(home.pilot_groups) if home.pilot_groups else None,
        "resolution": home.code,
        "resolution_date": before,
        "town_approval": home.town_approval,
        "town_approval_date": home.town_approval_date,
    }


def other_rows(case: Case) -> list[dict[str, Any]]:
    """A home in each of the other groups that a case names; it does not take part."""
    same = {"village": case.village.code, "site": "home", "registered": True, "homestead": True, "living": 1}
    groups = case.village.other_groups
    return [{**same, "household": f"{HOUSEHOLD}-{group}", "name": group, "group": group} for group in groups]


def request_rows(case: Case) -> list[dict[str, Any]]:
    """The requests of a case, numbered by their position."""
    return [
        {
            "request": f"{position}",
            "village": case.village.code,
            "household": HOUSEHOLD,
            "good": asked.good,
            "date": asked.date,
            "pieces": asked.pieces,
            "status": "requested",
        }
        for position, asked in enumerate(case.exchanges, start=1)
    ]
