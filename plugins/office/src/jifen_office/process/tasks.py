"""Decides what somebody has to do today: plain lists, the one that is due first first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from jifen_office.process.models import Objection, Record, State
from jifen_office.process.noticing import ended
from jifen_office.process.objecting import undecided

if TYPE_CHECKING:
    from datetime import date

    from jifen_office.register.models import Village


@frozen
class Task:
    """One kind of work: its records, and the day by which the first is due. Words: ``process.task.KIND``."""

    kind: str
    records: tuple[Record, ...]
    due: date | None = None

    @property
    def count(self) -> int:
        """How many records it is about."""
        return len(self.records)


def clerk_tasks(village: Village, today: date) -> list[Task]:
    """What waits for a clerk, and for how long others have it in hand; kinds without work are left out."""
    return _some(
        Task("post", _records(village, State.APPROVED)),
        Task("credit", tuple(ended(village, today))),
        Task("in-review", _records(village, State.RECORDED)),
        _objections(village),
    )


def _records(village: Village, state: State) -> tuple[Record, ...]:
    found = Record.objects.filter(village=village, state=state).select_related("household")
    return tuple(found.order_by("recorded", "pk"))


def _objections(village: Village) -> Task:
    waiting = list(undecided(village))
    return Task("objections", _of(waiting), waiting[0].decide_by if waiting else None)


def _of(objections: list[Objection]) -> tuple[Record, ...]:
    """The records to which somebody objects, each once."""
    return tuple(dict.fromkeys(each.record for each in objections))


def _some(*tasks: Task) -> list[Task]:
    return [task for task in tasks if task.records]
