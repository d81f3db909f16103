"""Decides how a deed is recorded: by the clerk, the leader of its group or the household itself, and checked first.

What a form or a sheet says becomes a row of the core's frame DEEDS, so that one code checks it (`checks`), and the rows
that pass become records, all in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve, frozen
from django.utils.timezone import localdate
from jifen import frames
from jifen.inputs import Reading, Source, counted
from jifen.problems import Place, Problem, Refused

from jifen_office.access.personal import names_identity
from jifen_office.access.roles import Place as Reach
from jifen_office.access.roles import may
from jifen_office.process import evidence
from jifen_office.process.asking import once
from jifen_office.process.checks import check
from jifen_office.process.evidence import Shown
from jifen_office.process.models import Record, StepKind
from jifen_office.process.steps import take
from jifen_office.register.models import Household, Member, Village

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    Day = date

    from jifen_office.access.models import User
    from jifen_office.process.checks import Checked

LONGEST_NOTE: Final = 300
_FORM: Final = "form"
_DIGITS: Final = 5


@frozen
class Draft:
    """What a form says of a deed: of a household or, without one, of the village. Amounts are in thousandths."""

    item: str
    """Code of the item."""
    date: date
    household: Household | None = None
    village: Village | None = None
    """Whose own deed it is, where there is no household."""
    member: Member | None = None
    quantity: int | None = None
    grade: str = ""
    marks: tuple[int, ...] = ()
    refers: str = ""
    """Number of the record that it puts right."""
    note: str = ""
    evidence: tuple[Shown, ...] = ()

    @property
    def where(self) -> Village:
        """The village in which it was done. Raises `Refused` for a draft of nobody."""
        if self.household is not None:
            return self.household.village
        if self.village is None:
            raise Refused([Problem("process.nobody", Place(column="household"))])
        return self.village

    def row(self, name: str, today: Day) -> dict[str, object]:
        """A row of DEEDS, called `name` among the others."""
        return {
            "deed": name,
            "village": self.where.code,
            "subject": self.household.code if self.household else self.where.code,
            "item": self.item,
            "date": self.date,
            "recorded": today,
            "quantity": self.quantity,
            "grade": self.grade.strip() or None,
            "marks": list(self.marks) or None,
            "member": self.member.name if self.member else None,
            "refers": self.refers.strip() or None,
            "evidence": "|".join(dict.fromkeys(each.kind for each in self.evidence)) or None,
            "status": "approved",
            "approved": today,
            "decided": today,
            "note": self.note.strip() or None,
        }


def record(draft: Draft, *, key: str, by: User, now: datetime) -> Record:
    """Records one deed; it waits for the committee then.

    Raises `Refused` with everything that is wrong: who may not record it (``process.may-not-record``), what the core's
    checks find, and evidence that is missing or is none. Each problem's place names the column of DEEDS.
    """
    allow(draft, by, now)
    rows = frames.DEEDS.make([draft.row("+1", localdate(now))])
    reading = Reading({"deeds": rows}, sources=(Source(_FORM),), origins={"deeds": counted(1, 0)})
    try:
        (made,) = record_all(draft.where, reading, [draft.evidence], key=key, by=by, now=now)
    except Refused as refused:
        raise Refused([evolve(each, place=Place(column=each.place.column)) for each in refused.problems]) from refused
    return made


def allow(draft: Draft, by: User, now: datetime) -> None:
    """Raises `Refused` where somebody may not record this: a leader beyond the group, a household about another."""
    if not may(by, "deed.record", whose(draft.household, draft.where), today=localdate(now)):
        who = draft.household.code if draft.household else draft.where.name
        raise Refused([Problem("process.may-not-record", Place(column="subject"), {"who": who})])


def whose(household: Household | None, village: Village) -> Household | Reach:
    """Whom a record is about, as `may` is asked.

    A deed of the village itself belongs to no group, so that nobody who reaches a group or a household only reaches it.
    """
    return household or Reach(village.town_id, village.pk, group="")


def record_all(
    village: Village, reading: Reading, shown: Sequence[Sequence[Shown]], *, key: str, by: User, now: datetime
) -> list[Record]:
    """Records the rows of `reading.frames["deeds"]`, all or none, in their order; `shown` is the evidence of each row.

    Whether `by` may record them is for the caller to ask. Raises `Refused` with the problems of all rows, each at its
    place by `reading.origins`: those of `check`, of evidence, and of what a record cannot hold.
    """
    deeds = reading.frames["deeds"]
    asked = deeds.drop("recorded", "approved", "decided").rows()
    said = [[[each.kind, each.words, each.file] for each in row] for row in shown]

    def act() -> list[Record]:
        problems = [problem for at, row in enumerate(shown) for problem in _bounds(reading, at, row)]
        try:
            checked = check(village, reading)
        except Refused as refused:
            problems += refused.problems
            raise Refused(sorted(problems, key=lambda problem: problem.place.row or 0)) from refused
        if problems:
            raise Refused(problems)
        made = _keep(village, checked, by=by, now=now)
        for name, row in zip(deeds["deed"], shown, strict=True):
            evidence.add(made[name], row)
        return [made[name] for name in deeds["deed"]]

    return once(Record, "record", {"rows": asked, "evidence": said}, act, key=key, by=by)


def _bounds(reading: Reading, at: int, shown: Sequence[Shown]) -> list[Problem]:
    """What the core does not look at: evidence that is none, a remark that is too long to keep or names a person."""
    source, row = reading.origins["deeds"].row(at)
    found = reading.sources[source]
    problems = evidence.checked(shown)
    note = reading.frames["deeds"]["note"][at] or ""
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("process.too-long", Place(column="note"), {"most": LONGEST_NOTE, "got": len(note)}))
    if names_identity(note):
        problems.append(Problem("process.identity-in-words", Place(column="note")))
    return [
        evolve(each, place=Place(found.file, sheet=found.sheet, row=row, column=found.label(each.place.column or "")))
        for each in problems
    ]


def _keep(village: Village, checked: Checked, *, by: User, now: datetime) -> dict[str, Record]:
    """The rows as records, by the names of the rows."""
    homes = {each.code: each for each in village.households.filter(code__in=checked.deeds["subject"].to_list())}
    people = {(each.household_id, each.name): each for each in Member.objects.filter(household__in=homes.values())}
    numbers = next_numbers(village, localdate(now).year, checked.deeds.height)
    made: dict[str, Record] = {}
    for row, item, number in zip(checked.deeds.iter_rows(named=True), checked.items, numbers, strict=True):
        home = homes.get(row["subject"])
        made[row["deed"]] = each = Record.objects.create(
            number=number,
            village=village,
            household=home,
            member=people.get((home.pk, row["member"])) if home else None,
            item=item.code,
            date=row["date"],
            quantity=row["quantity"],
            grade=row["grade"] or "",
            marks=row["marks"] or [],
            note=row["note"] or "",
            approvals=item.approvals,
            recorded_by=by,
            recorded=now,
        )
        take(each, StepKind.RECORDED, by=by, at=now)
    _refer(village, checked.deeds, made)
    return made


def _refer(village: Village, deeds: pl.DataFrame, made: Mapping[str, Record]) -> None:
    """Lets each record that puts another right point to it: to one of the same sheet, or to one from before."""
    pairs = dict(deeds.select("deed", "refers").drop_nulls().iter_rows())
    known = {each.number: each for each in Record.objects.filter(village=village, number__in=pairs.values())}
    for name, number in pairs.items():
        made[name].refers = made.get(number) or known[number]
        made[name].save(update_fields=["refers"])


def next_numbers(village: Village, year: int, count: int) -> list[str]:
    """The next numbers of a village's records in a year; the village is locked, so that no number is given twice."""
    Village.objects.select_for_update().get(pk=village.pk)
    prefix = f"{village.code}-{year}-"
    known = Record.objects.filter(number__startswith=prefix).order_by("-number").values_list("number", flat=True)
    tails = (number.removeprefix(prefix) for number in known.iterator(chunk_size=50))
    last = next((int(tail) for tail in tails if len(tail) == _DIGITS and tail.isdecimal()), 0)
    return [f"{prefix}{number:0{_DIGITS}d}" for number in range(last + 1, last + 1 + count)]
