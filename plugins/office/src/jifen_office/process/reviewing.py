"""Decides who may review a record and what comes of it: one or two of the committee, never those it touches (R21).

Who recorded it, who is kin of the household or has said so, and who has approved it already does not review it. A
refusal has its reasons, and one is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localdate
from jifen.problems import Problem, Refused

from jifen_office.access.models import Kinship
from jifen_office.access.roles import may
from jifen_office.process.asking import once, written
from jifen_office.process.checks import GONE
from jifen_office.process.models import Record, State, Step, StepKind
from jifen_office.process.steps import locked, take

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

LONGEST_REASON = 500
DECISIONS = (
    StepKind.APPROVED,
    StepKind.REFUSED,
    StepKind.RECUSED,
    StepKind.UPHELD,
    StepKind.CANCELLED,
    StepKind.FINAL,
)


def approve(record: Record, *, key: str, by: User, now: datetime) -> Record:
    """Approves a record; it is approved once as many people have as its item asks for.

    Raises `Refused` with every reason for which `by` does not review it, or where it is not to be reviewed any more.
    """

    def act() -> list[Record]:
        held = _open(record, by, now)
        take(held, StepKind.APPROVED, by=by, at=now)
        return [held]

    return once(Record, "approve", {"record": record.number}, act, key=key, by=by)[0]


def refuse(record: Record, *, reason: str, key: str, by: User, now: datetime) -> Record:
    """Refuses a record, with reasons for the household to read. Raises `Refused` as `approve`, and without reasons."""

    def act() -> list[Record]:
        held = _open(record, by, now)
        why = written(reason, LONGEST_REASON, "process.no-reason", column="reason")
        take(held, StepKind.REFUSED, by=by, at=now, reason=why)
        return [held]

    return once(Record, "refuse", {"record": record.number, "reason": reason}, act, key=key, by=by)[0]


def recuse(record: Record, *, reason: str, key: str, by: User, now: datetime) -> Record:
    """Leaves a record or the objection to it to the others of the committee, and says why. Cannot be taken back.

    Raises `Refused` for who is not of the committee, without a reason, and for a record that waits for nobody.
    """

    def act() -> list[Record]:
        held = locked(record)
        committee(held, by, now)
        why = written(reason, LONGEST_REASON, "process.no-reason", column="reason")
        if not held.steps.filter(kind=StepKind.RECUSED, by=by).exists():
            take(held, StepKind.RECUSED, by=by, at=now, reason=why)
        return [held]

    return once(Record, "recuse", {"record": record.number, "reason": reason}, act, key=key, by=by)[0]


def _open(record: Record, by: User, now: datetime) -> Record:
    """The record, locked, if `by` reviews it. Raises `Refused`."""
    held = locked(record)
    committee(held, by, now)
    if problems := bars(held, by):
        raise Refused(problems)
    return held


def committee(record: Record, by: User, now: datetime, permission: str = "record.review") -> None:
    """Raises `Refused` (``process.not-committee``) for who is not of the committee of the record's village."""
    if not may(by, permission, record.village, today=localdate(now)):
        raise Refused([Problem("process.not-committee", facts={"village": record.village.name})])


def bars(record: Record, user: User) -> list[Problem]:
    """Every reason for which somebody of the committee does not review a record; none for who does."""
    found = kin_bars(record, user)
    if record.steps.filter(by=user, kind=StepKind.APPROVED).exists():
        found.append(Problem("process.approved-it", facts={"number": record.number}))
    return found


def kin_bars(record: Record, user: User) -> list[Problem]:
    """The reasons that hold for whatever is decided about a record: it is the user's own, or that of kin."""
    home = record.household_id
    found = {
        "process.recorded-it": record.recorded_by_id == user.pk,
        "process.own-household": home is not None and user.household_id == home,
        "process.kin": home is not None and Kinship.objects.filter(user=user, household=home).exists(),
        "process.recused": record.steps.filter(by=user, kind=StepKind.RECUSED).exists(),
    }
    return [Problem(code, facts={"number": record.number}) for code, holds in found.items() if holds]


def unbarred(records: QuerySet[Record], user: User) -> QuerySet[Record]:
    """Of some records those for which there are no `bars`, asked of the database at once."""
    mine = Step.objects.filter(record=OuterRef("pk"), by=user, kind__in=(StepKind.APPROVED, StepKind.RECUSED))
    kin = Kinship.objects.filter(user=user, household=OuterRef("household"))
    found = records.exclude(recorded_by=user).exclude(Exists(mine)).exclude(Exists(kin))
    return found if user.household_id is None else found.exclude(household=user.household_id)


def queue(user: User, village: Village, *, today: date | None = None) -> QuerySet[Record]:
    """What waits for somebody's review in a village, oldest first; nothing for who is not of its committee."""
    if not may(user, "record.review", village, today=today):
        return Record.objects.none()
    waiting = Record.objects.filter(village=village, state=State.RECORDED)
    return unbarred(waiting, user).select_related("household", "member", "recorded_by").order_by("recorded", "pk")


def decisions(user: User, village: Village | None = None) -> QuerySet[Step]:
    """What somebody has decided so far, newest first."""
    found = Step.objects.filter(by=user, kind__in=DECISIONS)
    if village is not None:
        found = found.filter(record__village=village)
    return found.select_related("record", "record__household").order_by("-at", "-pk")


def alike(record: Record) -> QuerySet[Record]:
    """Other records of the same household, item and day, so that a reviewer sees what may have been recorded twice."""
    same = Q(household=record.household_id, item=record.item, date=record.date, village=record.village_id)
    return Record.objects.filter(same, kind=record.kind).exclude(pk=record.pk).exclude(state__in=GONE).order_by("pk")
