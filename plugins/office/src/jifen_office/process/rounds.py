"""Decides how a whole inspection round of a villager group is recorded: one sheet, a household a row, all or nothing.

A cell is read as a cell of a workbook is (`jifen_workbook.cells`), and the rows go through the same checks as any
record. Rows without a finding are households that were not looked at; they are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import frozen
from django.utils.timezone import localdate
from jifen import frames
from jifen.deed_rules import takes_deeds
from jifen.inputs import ORIGIN, Reading, SetAside, Source
from jifen.model import Measure, Of, Subject
from jifen.problems import Place, Problem, Refused
from jifen.words import say, title
from jifen_workbook import cells

from jifen_office import rules
from jifen_office.access.roles import Place as Reach
from jifen_office.access.roles import may
from jifen_office.process.recording import Draft, record_all
from jifen_office.register.models import Village

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from jifen.model import Item

    from jifen_office.access.models import User
    from jifen_office.process.evidence import Shown
    from jifen_office.process.models import Record
    from jifen_office.register.models import Household

COLUMNS: Final = {
    Measure.GRADE: "grade",
    Measure.QUANTITY: "quantity",
    Measure.READING: "quantity",
    Measure.MARKS: "marks",
}
"""The column of DEEDS in which a finding stands."""

_PARSE: Final[dict[Measure, Callable[[object], cells.Cleaned]]] = {
    Measure.GRADE: cells.text,
    Measure.QUANTITY: cells.thousandths,
    Measure.READING: cells.thousandths,
    Measure.MARKS: cells.marks,
}


@frozen
class Round:
    """What was looked at, where and when; `evidence` is that of the whole round: who went along, which minutes."""

    village: Village
    group: str
    item: str
    """Code of the item."""
    date: date
    evidence: tuple[Shown, ...] = ()

    @property
    def rule(self) -> Item:
        """The rule of the item on that day. Raises `Refused`."""
        book = rules.book_of(self.village.town.code, self.date)
        return rules.item_of(book, self.item, self.village.code, self.date)


@frozen
class Finding:
    """One row: the household's number, what was found as it was typed, and a remark."""

    household: str
    text: str
    note: str = ""


def items(village: Village, day: date) -> list[Item]:
    """What a round can be about: what is found in grades, amounts or marks of a household; inspection cells first."""
    book = rules.book_of(village.town.code, day)
    found = [item for item in book.items_in(village.code, day).values() if _of_rounds(item)]
    return sorted(found, key=lambda item: item.inspect is None)


def _of_rounds(item: Item) -> bool:
    single = item.of is Of.HOUSEHOLD and all(limit.of is Of.HOUSEHOLD for limit in item.limits)
    plain = item.subject is Subject.HOUSEHOLD and takes_deeds(item) and item.put_right is None
    return plain and single and item.measure in COLUMNS


def homes(village: Village, group: str) -> list[Household]:
    """The households of the group by number."""
    return list(village.households.filter(group=group, erased=None).order_by("code"))


def taking_part(this: Round) -> list[Household]:
    """The rows of a sheet: those of the group that had agreed to take part by its day (R2), by number."""
    return [home for home in homes(this.village, this.group) if home.consent and home.consent <= this.date]


def record_round(this: Round, findings: Sequence[Finding], *, key: str, by: User, now: datetime) -> list[Record]:
    """Records every finding of a round, all or none; `findings` are the rows of the sheet, numbered from 1.

    Raises `Refused` with the problems of all rows at once, each with its row and column: cells that cannot be read,
    households of elsewhere or twice, and what the checks of the core find. Nothing is recorded then.
    """
    allow(by, this.village, [this.group], localdate(now))
    rule = this.rule
    if not _of_rounds(rule):
        raise Refused(
            [Problem("process.no-round", Place(column="item"), {"item": rule.code, "name": title(rule.name)})]
        )
    source = Source("", say("process.sheet", group=this.group, name=title(rule.name)), _labels(rule))
    known = {each.code: each for each in homes(this.village, this.group)}
    rows: list[dict[str, object]] = []
    places: list[int] = []
    aside: list[SetAside] = []
    seen: set[str] = set()
    for number, finding in enumerate(findings, 1):
        code = finding.household.strip()
        value, problems = _read(rule, finding, source, number)
        if value is None and not problems and not finding.note.strip():
            continue
        problems += _strangers(code, known, seen, source, number)
        seen.add(code)
        rows.append(_row(this, rule, known.get(code), finding, value, f"+{number}", localdate(now)))
        places.append(number)
        if problems:
            shown = {source.label("subject"): code, source.label(COLUMNS[rule.measure]): finding.text}
            aside.append(SetAside("deeds", source.file, source.sheet, number, shown, tuple(problems)))
    if not rows:
        raise Refused([Problem("process.empty-round")])
    reading = Reading(
        {"deeds": frames.DEEDS.make(rows)},
        set_aside=tuple(aside),
        sources=(source,),
        origins={"deeds": _origins(places)},
    )
    return record_all(this.village, reading, [this.evidence] * len(rows), key=key, by=by, now=now)


def allow(by: User, village: Village, groups: Sequence[str], today: date) -> None:
    """Raises `Refused` (``process.may-not-record``) for each group in which somebody may not record a round."""
    problems = [
        Problem("process.may-not-record", Place(column="subject"), {"who": f"{village.name}{group}"})
        for group in groups
        if not may(by, "round.record", Reach(village.town_id, village.pk, group), today=today)
    ]
    if problems:
        raise Refused(problems)


def _read(rule: Item, finding: Finding, source: Source, number: int) -> tuple[Any, list[Problem]]:
    """The value of a finding; None for an empty cell and for what cannot be read."""
    try:
        value, _ = _PARSE[rule.measure](finding.text)
    except cells.BadCell as bad:
        place = Place(source.file, sheet=source.sheet, row=number, column=source.label(COLUMNS[rule.measure]))
        return None, [Problem(f"workbook.{bad.code}", place, bad.facts)]
    return value, []


def _strangers(code: str, known: dict[str, Household], seen: set[str], source: Source, number: int) -> list[Problem]:
    place = Place(source.file, sheet=source.sheet, row=number, column=source.label("subject"))
    if code in seen:
        return [Problem("process.twice", place, {"got": code})]
    return [] if code in known else [Problem("process.not-in-group", place, {"got": code})]


def _row(
    this: Round, rule: Item, home: Household | None, finding: Finding, value: Any, name: str, today: date
) -> dict[str, object]:
    draft = Draft(rule.code, this.date, household=home, village=this.village, note=finding.note, evidence=this.evidence)
    return {**draft.row(name, today), "subject": finding.household.strip(), COLUMNS[rule.measure]: value}


def _origins(rows: Sequence[int]) -> pl.DataFrame:
    return pl.DataFrame({"source": [0] * len(rows), "row": list(rows)}, schema=ORIGIN)


def _labels(rule: Item) -> dict[str, str]:
    named = {name: say(f"process.head.{name}") for name in ("subject", "item", "date", "note", "evidence")}
    return {**named, COLUMNS[rule.measure]: say("process.head.finding")}
