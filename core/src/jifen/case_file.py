"""Decides what a worked case can say, and which households and deeds it stands for.

A case has one household and its deeds, in natural units (``quantity = 4.5``). What it leaves out takes the value that
changes nothing: the household takes part, a deed has the evidence and the approvals that its rule asks for.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import frozen

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
    date: dt.date
    deed: str | None = None
    recorded: dt.date | None = None
    quantity: Decimal | None = None
    grade: str | None = None
    marks: tuple[Decimal, ...] | None = None
    member: str | None = None
    refers: str | None = None
    evidence: tuple[str, ...] | None = None
    approved_by: tuple[str, ...] | None = None
    status: str = "approved"


@frozen
class CaseHousehold:
    """The household of a case: by default the three presences and its consent, from before the period on (R2)."""

    registered: bool = True
    homestead: bool = True
    living: int = 1
    consents: bool = True
    consent: dt.date | None = None
    site: str = "home"
    resolution: str | None = None
    resolution_date: dt.date | None = None
    stars: int | None = None


@frozen
class Expected:
    """What one deed, or all rows of one item together, must give; or for which reason a deed must be refused."""

    deed: str | None = None
    item: str | None = None
    points: Decimal | None = None
    refused: str | None = None


@frozen
class Case:
    """A worked case: which clause it shows, who did what, and what must come out."""

    name: str
    clause: str
    deeds: tuple[CaseDeed, ...] = ()
    household: CaseHousehold = CaseHousehold()
    period: str | None = None
    expect: tuple[Expected, ...] = ()
    total: Decimal | None = None
    grade: str | None = None


@frozen
class CaseFile:
    """The keys of ``cases.toml``."""

    cases: tuple[Case, ...]


def table(frame: frames.Frame, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """A frame from rows, with what they leave out empty; unlike `Frame.make`, what is wrong in it stays for `admit`."""
    full = [{name: row.get(name) for name in frame.names} for row in rows]
    return pl.DataFrame(full, schema=frame.schema, orient="row")


def household_row(case: Case, before: dt.date) -> dict[str, Any]:
    """The household's row; it agreed to take part `before` the period."""
    home = case.household
    return {
        "household": HOUSEHOLD,
        "village": VILLAGE,
        "group": "1",
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
    items: dict[str, Item] = {name: item for item in book.items for name in (*item.name.values(), item.code)}
    rows = []
    for position, (deed, number) in enumerate(zip(case.deeds, numbers, strict=True)):
        item, here = items.get(deed.item), (*path, "deeds", position)
        enough = [f"{place}" for place in range(1, (item.approvals if item else 1) + 1)]
        wanted = [kinds.split("/")[0] for kinds in item.evidence] if item else []
        marks = [_thousandths(mark, (*here, "marks"), faults) for mark in deed.marks or ()]
        rows.append(
            {
                "deed": number,
                "village": VILLAGE,
                "subject": VILLAGE if item and item.subject is Subject.VILLAGE else HOUSEHOLD,
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
            }
        )
    return rows


def _thousandths(value: Decimal, path: Path, faults: Faults) -> int:
    if value != round(value, 3):
        faults.add("rulebook.amount-too-fine", path, got=value, places=3)
    return int(value * frames.QUANTITY_UNIT)


def village_row(before: dt.date) -> dict[str, Any]:
    """A village that set the scheme up `before` the period, as a whole (R1)."""
    return {"village": VILLAGE, "name": VILLAGE, "groups": 2, "resolution": VILLAGE, "resolution_date": before}
