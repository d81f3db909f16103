"""Decides what becomes of a record before anybody reviewed it: shown better, or taken back by who recorded it (R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.timezone import localdate
from jifen.problems import Place, Problem, Refused

from jifen_office.access.roles import may
from jifen_office.process import evidence
from jifen_office.process.asking import once, written
from jifen_office.process.models import Kind, Record, State, StepKind
from jifen_office.process.recording import Draft, allow, whose
from jifen_office.process.reviewing import LONGEST_REASON
from jifen_office.process.steps import locked, take

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from jifen_office.access.models import User
    from jifen_office.process.evidence import Shown


def complete(record: Record, shown: Sequence[Shown], *, key: str, by: User, now: datetime) -> Record:
    """Puts more evidence to a record that nobody has reviewed yet.

    Raises `Refused`: who may not record it, evidence that is none, a record that is beyond (``process.reviewed``).
    """

    def act() -> list[Record]:
        held = locked(record)
        draft = Draft(held.item, held.date, household=held.household, village=held.village)
        allow(draft, by, now)
        if not is_unreviewed(held):
            raise Refused([Problem("process.reviewed", facts={"number": held.number})])
        problems = evidence.checked(shown) if shown else [Problem("process.no-evidence", Place(column="evidence"))]
        if problems:
            raise Refused(problems)
        evidence.add(held, shown)
        return [held]

    facts = {"record": record.number, "evidence": [[each.kind, each.words, each.file] for each in shown]}
    return once(Record, "complete", facts, act, key=key, by=by)[0]


def withdraw(record: Record, *, reason: str, key: str, by: User, now: datetime) -> Record:
    """Takes back a record that nobody has reviewed yet, with a reason; its number stays, and nothing else comes of it.

    Raises `Refused` with every reason of `withdrawal_bars`, and without a reason for it (``process.no-reason``).
    """

    def act() -> list[Record]:
        held = locked(record)
        if problems := withdrawal_bars(held, by, localdate(now)):
            raise Refused(problems)
        why = written(reason, LONGEST_REASON, "process.no-reason", column="reason")
        take(held, StepKind.CANCELLED, by=by, at=now, reason=why)
        return [held]

    return once(Record, "withdraw", {"record": record.number, "reason": reason}, act, key=key, by=by)[0]


def withdrawal_bars(record: Record, user: User, today: date) -> list[Problem]:
    """Every reason for which somebody does not take a record back; none for who can.

    Who recorded a deed does, or the clerk (``process.may-not-withdraw``); a proposal of a penalty ends by the committee
    (R19), so that only who made it does (``process.may-not-withdraw-proposal``); before anybody approved it
    (``process.reviewed``).
    """
    own = record.recorded_by_id == user.pk
    deed = record.kind == Kind.DEED
    mine = own and may(user, "record.withdraw", whose(record.household, record.village), today=today)
    clerk = deed and may(user, "register.keep", record.village, today=today)
    others = "process.may-not-withdraw" if deed else "process.may-not-withdraw-proposal"
    found = {others: not mine and not clerk, "process.reviewed": not is_unreviewed(record)}
    return [Problem(code, facts={"number": record.number}) for code, holds in found.items() if holds]


def is_unreviewed(record: Record) -> bool:
    """Whether nobody has approved, refused or withdrawn a record yet."""
    return record.state == State.RECORDED and not record.steps.filter(kind=StepKind.APPROVED).exists()
