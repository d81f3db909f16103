"""Decides what town the tests of the money play in: invented data, taken in as an office takes them in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from jifen.period import Period
from jifen_demo.invention import invent
from jifen_office import rules
from jifen_office.access.models import User
from jifen_office.process.models import Evidence, Record, State, Step, StepKind
from jifen_office.register.intake import take_in
from jifen_office.register.models import Household, Member, Village

if TYPE_CHECKING:
    from jifen.inputs import Inputs

DAY = date(2025, 6, 1)
STATES = {
    "approved": State.FINAL,
    "pending": State.RECORDED,
    "rejected": State.REFUSED,
    "cancelled": State.CANCELLED,
}


def moment(day: date, hour: int = 4) -> datetime:
    """A moment of a day in the office's own time (UTC+8)."""
    return datetime.combine(day, time(hour), UTC)


def invented(town: str = "wangchao", **how: Any) -> Inputs:
    """Invented data of 2025 by the town's own rules."""
    sizes = {"villages": 1, "households": 5, "deeds_per_household": 5, **how}
    return invent(rules.book_of(town, DAY), period=Period.parse("2025"), **sizes)


def moved_in(inputs: Inputs, town: str = "wangchao") -> list[Village]:
    """The register and all records of the data, in the office."""
    take_in(inputs, town, DAY)
    villages = list(Village.objects.filter(code__in=inputs.villages["village"].to_list()).order_by("code"))
    record_all(inputs, villages)
    return villages


def user(name: str) -> User:
    return User.objects.get_or_create(username=name, defaults={"name": name})[0]


def record_all(inputs: Inputs, villages: list[Village]) -> None:
    """Every deed as a record that has come as far as its status says."""
    by_code = {each.code: each for each in villages}
    homes = {each.code: each for each in Household.objects.filter(village__in=villages)}
    people = {(each.household_id, each.name): each for each in Member.objects.filter(household__village__in=villages)}
    made: dict[str, Record] = {}
    for row in inputs.deeds.sort("date", "deed").iter_rows(named=True):
        home = homes.get(row["subject"])
        record = Record.objects.create(
            number=row["deed"],
            village=by_code[row["village"]],
            household=home,
            member=people.get((home.pk, row["member"])) if home else None,
            item=row["item"],
            date=row["date"],
            quantity=row["quantity"],
            grade=row["grade"] or "",
            marks=row["marks"] or [],
            note=row["note"] or "",
            state=STATES[row["status"]],
            recorded_by=user(row["recorded_by"] or "登记员"),
            recorded=moment(row["recorded"]),
            approved=row["approved"],
            decided=row["decided"],
        )
        made[row["deed"]] = record
        for kind in (row["evidence"] or "").split("|"):
            if kind:
                Evidence.objects.create(record=record, kind=kind, words="张三看到", file="")
        for name in (row["approved_by"] or "").split("|"):
            if name and row["approved"]:
                at = moment(row["approved"])
                Step.objects.create(record=record, kind=StepKind.APPROVED, by=user(name), at=at)
        if row["status"] == "approved":
            Step.objects.create(record=record, kind=StepKind.FINAL, at=moment(row["decided"] or row["approved"]))
    for number, refers in inputs.deeds.select("deed", "refers").drop_nulls().iter_rows():
        if refers in made:
            made[number].refers = made[refers]
            made[number].save(update_fields=["refers"])
