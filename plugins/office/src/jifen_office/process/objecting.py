"""Decides how an objection is made and decided, and how a record is cancelled: by others, with reasons, in time (R22).

A household objects to what is posted, by itself or orally to somebody who enters it in its words. The record is held
until people who neither recorded nor approved it decide; it stands then, or it is cancelled. A record that proves wrong
later is cancelled likewise: the ledger takes back what it gave by an entry of its own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localdate
from jifen.problems import Problem, Refused

from jifen_office import rules
from jifen_office.access.models import Kinship
from jifen_office.access.roles import may
from jifen_office.process.asking import once, written
from jifen_office.process.models import Objection, Record, State, StepKind
from jifen_office.process.noticing import process_of
from jifen_office.process.reviewing import LONGEST_REASON, bars, committee
from jifen_office.process.steps import locked, take

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from jifen_office.access.models import User
    from jifen_office.register.models import Household, Village

LONGEST_WORDS = 500


def object_to(
    record: Record, household: Household, words: str, *, oral: bool, key: str, by: User, now: datetime
) -> Objection:
    """A household of the village objects to what is posted; the days for an answer begin to run.

    `oral`: `by` enters what the household said, in its words. Raises `Refused`: who may not, a household of elsewhere,
    no words, what is not posted (any more), a household that has objected before, rules without a deadline.
    """
    facts = {"record": record.number, "household": household.code, "words": words, "oral": oral}

    def act() -> list[Objection]:
        held = locked(record)
        today = localdate(now)
        _may_object(held, household, by, today, oral=oral)
        said = written(words, LONGEST_WORDS, "process.no-words", column="words")
        days = process_of(rules.book_of(held.village.town.code, today)).decided
        take(held, StepKind.OBJECTED, by=by, at=now)
        return [
            Objection.objects.create(
                record=held,
                household=household,
                words=said,
                oral=oral,
                entered_by=by,
                at=now,
                decide_by=today + timedelta(days=days),
            )
        ]

    return once(Objection, "object", facts, act, key=key, by=by)[0]


def _may_object(record: Record, household: Household, by: User, today: date, *, oral: bool) -> None:
    facts = {"number": record.number, "household": household.code}
    own = by.household_id == household.pk
    until = record.notice.until if record.notice else today
    found = {
        "process.other-village": household.village_id != record.village_id,
        "process.may-not-object": not may(by, "objection.make", household, today=today),
        "process.not-oral": oral and own,
        "process.not-own": not oral and not own,
        "process.objection-late": record.state in (State.POSTED, State.OBJECTED) and today > until,
        "process.objected-before": record.objections.filter(household=household).exists(),
    }
    problems = [Problem(code, facts={**facts, "until": until}) for code, holds in found.items() if holds]
    if problems:
        raise Refused(problems)


def decide(objection: Objection, *, granted: bool, reasons: str, key: str, by: User, now: datetime) -> Objection:
    """Decides an objection: granted, the record is cancelled; else it stands, and is posted to the end of its days.

    Where others object as well, it stands once each of them has an answer. A decision after the deadline still holds,
    for a late answer is better than none; it is told to be late. Raises `Refused` with every reason for which `by` does
    not decide it, without reasons, and where it is decided already.
    """
    facts = {"objection": objection.pk, "granted": granted, "reasons": reasons}

    def act() -> list[Objection]:
        held = locked(objection.record)
        mine = Objection.objects.get(pk=objection.pk)
        committee(held, by, now, "objection.decide")
        if problems := [*bars(held, by), *_bars(mine, by)]:
            raise Refused(problems)
        if mine.granted is not None:
            raise Refused([Problem("process.decided-already", facts={"number": held.number})])
        why = written(reasons, LONGEST_REASON, "process.no-reason", column="reasons")
        # What is cancelled answers everyone who objected to it.
        answered = held.objections.filter(granted=None) if granted else held.objections.filter(pk=mine.pk)
        answered.update(granted=granted, reasons=why, decided_by=by, decided=now)
        mine.refresh_from_db()
        take(held, StepKind.CANCELLED if granted else StepKind.UPHELD, by=by, at=now, reason=why)
        return [mine]

    return once(Objection, "decide", facts, act, key=key, by=by)[0]


def _bars(objection: Objection, user: User) -> list[Problem]:
    """Reasons that lie in the objection: who is kin of those who object, and who wrote it down for them."""
    facts = {"number": objection.record.number}
    found = {
        "process.kin-of-objector": Kinship.objects.filter(user=user, household=objection.household_id).exists(),
        "process.entered-it": objection.entered_by_id == user.pk,
    }
    return [Problem(code, facts=facts) for code, holds in found.items() if holds]


def undecided(village: Village) -> QuerySet[Objection]:
    """Objections that wait for a decision, the one due first first; `decide_by` is the day to count down to."""
    waiting = Objection.objects.filter(record__village=village, granted=None)
    return waiting.select_related("record", "household", "record__household").order_by("decide_by", "pk")


def decidable(user: User, village: Village, *, today: date | None = None) -> list[Objection]:
    """Those of them that somebody of the committee can decide."""
    if not may(user, "objection.decide", village, today=today):
        return []
    return [each for each in undecided(village) if not bars(each.record, user) and not _bars(each, user)]


def cancel(record: Record, *, reason: str, key: str, by: User, now: datetime) -> Record:
    """Cancels what proves wrong without an objection, also when it is final; its points are taken back by an entry.

    By somebody of the committee who neither recorded nor approved it. Raises `Refused` as `decide`; what an objection
    holds is for `decide`, and what nobody has reviewed yet is refused or withdrawn.
    """

    def act() -> list[Record]:
        held = locked(record)
        committee(held, by, now, "entry.reverse")
        if problems := bars(held, by):
            raise Refused(problems)
        if held.state == State.OBJECTED:
            raise Refused([Problem("process.objection-open", facts={"number": held.number})])
        if held.state == State.RECORDED:
            raise Refused([Problem("process.not-reviewed", facts={"number": held.number})])
        why = written(reason, LONGEST_REASON, "process.no-reason", column="reason")
        take(held, StepKind.CANCELLED, by=by, at=now, reason=why)
        return [held]

    return once(Record, "cancel", {"record": record.number, "reason": reason}, act, key=key, by=by)[0]
