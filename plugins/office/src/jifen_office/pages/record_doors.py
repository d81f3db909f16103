"""Decides which record an address names, and which ways to put it right stand open to somebody who looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import Http404

from jifen_office.access.roles import may
from jifen_office.pages.clock import today
from jifen_office.process.amending import is_unreviewed, withdrawal_bars
from jifen_office.process.models import Record, State
from jifen_office.process.recording import whose

if TYPE_CHECKING:
    from jifen_office.access.models import User
    from jifen_office.register.models import Village

CANCELLED_FROM: Final = (State.APPROVED, State.POSTED, State.FINAL)
"""States in which the committee cancels a record; before them it refuses, and an objection is decided by itself."""


def record_of(here: Village, number: str) -> Record:
    """A record of the village. Raises `Http404`."""
    known = Record.objects.select_related("village", "household__village", "recorded_by", "member", "notice")
    found = known.filter(village=here, number=number).first()
    if found is None:
        raise Http404
    return found


def record_within(here: Village, number: str, user: User, permission: str) -> Record:
    """A record about somebody for whom this person has a permission. Raises `Http404`."""
    found = record_of(here, number)
    if not may(user, permission, whose(found.household, here)):
        raise Http404
    return found


def doors_of(record: Record, user: User) -> dict[str, bool]:
    """Which of the three ways stand open to somebody who looks at a record."""
    subject = whose(record.household, record.village)
    return {
        "cancels": record.state in CANCELLED_FROM and may(user, "entry.reverse", record.village),
        "completes": is_unreviewed(record) and may(user, "deed.record", subject),
        "withdraws": not withdrawal_bars(record, user, today()),
    }
