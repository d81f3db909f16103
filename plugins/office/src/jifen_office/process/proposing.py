"""Decides how a penalty is proposed: for a deed that is final, by a clause of the charter, and ended by people (R19).

It goes the way of a deed: reviewed by two people of the committee, posted, open to objection. No day that passes ends
it: somebody of the committee who did not propose it has to decide, with reasons. Nothing else changes by it, in points
or in rights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.timezone import localdate
from jifen.problems import Place, Problem, Refused

from jifen_office.access.roles import may
from jifen_office.process.asking import once, written
from jifen_office.process.models import Kind, Record, State, StepKind
from jifen_office.process.recording import next_numbers
from jifen_office.process.reviewing import LONGEST_REASON, committee, kin_bars
from jifen_office.process.steps import locked, not_now, take

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

APPROVALS: Final = 2
"""People of the committee who have to agree, however many the ground itself needed."""


def propose(
    ground: Record, *, measure: str, charter_clause: str, note: str = "", key: str, by: User, now: datetime
) -> Record:
    """Proposes a penalty for a deed of a household that is final: what, and by which clause of the village charter.

    Raises `Refused`: who may not, no clause, no measure, a ground that is not final or is the village's own, or one for
    which a proposal is under way or was decided.
    """
    facts = {"ground": ground.number, "measure": measure, "clause": charter_clause, "note": note}

    def act() -> list[Record]:
        held = locked(ground)
        today = localdate(now)
        if not may(by, "proposal.make", held.village, today=today):
            raise Refused([Problem("process.may-not-propose", facts={"village": held.village.name})])
        _check_ground(held)
        made = Record.objects.create(
            number=next_numbers(held.village, today.year, 1)[0],
            kind=Kind.PROPOSAL,
            village=held.village,
            household=held.household,
            item=held.item,
            date=held.date,
            refers=held,
            note=note.strip()[:300],
            charter_clause=written(charter_clause, 120, "process.no-clause", column="charter_clause"),
            measure=written(measure, 200, "process.no-measure", column="measure"),
            approvals=APPROVALS,
            recorded_by=by,
            recorded=now,
        )
        take(made, StepKind.RECORDED, by=by, at=now)
        return [made]

    return once(Record, "propose", facts, act, key=key, by=by)[0]


def _check_ground(ground: Record) -> None:
    facts = {"number": ground.number}
    ended = (State.REFUSED, State.CANCELLED)
    proposed = Record.objects.filter(kind=Kind.PROPOSAL, refers=ground).exclude(state__in=ended)
    found = {
        "process.ground-not-final": ground.kind != Kind.DEED or ground.state != State.FINAL,
        "process.ground-of-village": ground.household_id is None,
        "process.proposed-already": proposed.exists(),
    }
    problems = [Problem(code, Place(column="ground"), facts) for code, holds in found.items() if holds]
    if problems:
        raise Refused(problems)


def conclude(proposal: Record, *, decided: bool, reasons: str, key: str, by: User, now: datetime) -> Record:
    """The committee's decision on a proposal that has been posted for its days: it is decided, or it is dropped.

    By somebody who neither proposed it nor is kin. Raises `Refused`: who does not decide, no reasons, still posted
    (``process.still-posted``), or a ground that was cancelled meanwhile (``process.ground-not-final``): drop it then.
    """
    facts = {"proposal": proposal.number, "decided": decided, "reasons": reasons}

    def act() -> list[Record]:
        held = locked(proposal)
        committee(held, by, now)
        if problems := kin_bars(held, by):
            raise Refused(problems)
        _check_ended(held, localdate(now))
        ground = held.refers
        if decided and (ground is None or ground.state != State.FINAL):
            raise Refused([Problem("process.ground-not-final", facts={"number": ground.number if ground else ""})])
        why = written(reasons, LONGEST_REASON, "process.no-reason", column="reasons")
        take(held, StepKind.FINAL if decided else StepKind.CANCELLED, by=by, at=now, reason=why)
        return [held]

    return once(Record, "conclude", facts, act, key=key, by=by)[0]


def _check_ended(proposal: Record, today: date) -> None:
    facts = {"number": proposal.number}
    if proposal.kind != Kind.PROPOSAL:
        raise Refused([Problem("process.no-proposal", facts=facts)])
    if proposal.state != State.POSTED:  # not posted yet, held by an objection, or decided by somebody else since
        raise not_now(proposal, StepKind.FINAL)
    if proposal.notice is not None and today <= proposal.notice.until:
        raise Refused([Problem("process.still-posted", facts={**facts, "until": proposal.notice.until})])


def to_conclude(village: Village, today: date) -> QuerySet[Record]:
    """Proposals that have been posted for their days and wait for the committee's decision."""
    waiting = Record.objects.filter(village=village, kind=Kind.PROPOSAL, state=State.POSTED, notice__until__lt=today)
    return waiting.select_related("household", "refers").order_by("number")
