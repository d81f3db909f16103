"""Decides which ways to put a record right stand open to somebody who looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen_office.access.roles import may
from jifen_office.process.models import State, StepKind

if TYPE_CHECKING:
    from jifen_office.access.models import User
    from jifen_office.process.models import Record

CANCELLED_FROM: Final = (State.APPROVED, State.POSTED, State.FINAL)
"""States in which the committee cancels a record; before them it refuses, and an objection is decided by itself."""


def is_unreviewed(record: Record) -> bool:
    """Whether nobody has approved, refused or cancelled a record yet."""
    return record.state == State.RECORDED and not record.steps.filter(kind=StepKind.APPROVED).exists()


def doors_of(record: Record, user: User) -> dict[str, bool]:
    """Which of the two ways stand open to somebody who looks at a record."""
    subject = record.household or record.village
    return {
        "cancels": record.state in CANCELLED_FROM and may(user, "entry.reverse", record.village),
        "completes": is_unreviewed(record) and may(user, "deed.record", subject),
    }
