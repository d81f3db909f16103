"""Decides which way a record can go: one table of states and steps, and the one function that takes a step (R21, R22).

What is not in the table cannot happen. A record's state is where its last step left it; steps are never changed, and
the database refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.timezone import localdate
from jifen.problems import Problem, Refused

from jifen_office.process.models import Record, State, Step, StepKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from jifen_office.access.models import User

WAY: Final[Mapping[tuple[State, StepKind], State]] = {
    (State.RECORDED, StepKind.RECORDED): State.RECORDED,
    (State.RECORDED, StepKind.RECUSED): State.RECORDED,
    (State.RECORDED, StepKind.APPROVED): State.APPROVED,
    (State.RECORDED, StepKind.REFUSED): State.REFUSED,
    (State.RECORDED, StepKind.CANCELLED): State.CANCELLED,
    (State.APPROVED, StepKind.POSTED): State.POSTED,
    (State.APPROVED, StepKind.CANCELLED): State.CANCELLED,
    (State.POSTED, StepKind.OBJECTED): State.OBJECTED,
    (State.POSTED, StepKind.FINAL): State.FINAL,
    (State.POSTED, StepKind.CANCELLED): State.CANCELLED,
    (State.OBJECTED, StepKind.OBJECTED): State.OBJECTED,
    (State.OBJECTED, StepKind.RECUSED): State.OBJECTED,
    (State.OBJECTED, StepKind.UPHELD): State.POSTED,
    (State.OBJECTED, StepKind.CANCELLED): State.CANCELLED,
    (State.FINAL, StepKind.CANCELLED): State.CANCELLED,
}
"""State × step → state. An approval after which more are needed leaves the record where it is, and so does UPHELD (what
was recorded stands) while another objection is open."""

ENDS: Final = (StepKind.REFUSED, StepKind.CANCELLED, StepKind.FINAL)
"""Steps that decide what becomes of the record."""


def locked(record: Record) -> Record:
    """The record as it stands now, held until the transaction ends, so that two people's steps follow each other."""
    return Record.objects.select_for_update().get(pk=record.pk)


def not_now(record: Record, kind: StepKind) -> Refused:
    """What is told of a step that does not fit where the record is."""
    facts = {"number": record.number, "state": State(record.state).label, "step": kind.label}
    return Refused([Problem("process.not-now", facts=facts)])


def take(record: Record, kind: StepKind, *, by: User | None, at: datetime, reason: str = "") -> Step:
    """Takes a step and moves the record. Raises `Refused` (``process.not-now``) for a step that the table lacks.

    The record is `locked` in the caller's transaction.
    """
    state = State(record.state)
    after = WAY.get((state, kind))
    if after is None:
        raise not_now(record, kind)
    if _has_more(record, kind):
        after = state
    step = Step.objects.create(record=record, kind=kind, by=by, at=at, reason=reason)
    record.state = after
    if kind is StepKind.APPROVED and after is State.APPROVED:
        record.approved = localdate(at)
    if kind in ENDS:
        record.decided = localdate(at)
    record.save(update_fields=["state", "approved", "decided", "notice"])
    return step


def _has_more(record: Record, kind: StepKind) -> bool:
    """Whether the step is one of several that have to be there before the record moves on."""
    if kind is StepKind.APPROVED:
        return record.steps.filter(kind=kind).count() + 1 < record.approvals
    return kind is StepKind.UPHELD and record.objections.filter(granted=None).exists()
