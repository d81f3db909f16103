"""Decides what else is open in the demo, so that each page has something to show: a proposal to conclude, a new sheet.

    python -m plugins.office.browser.within plugins.office.browser.preparing VILLAGE

Through the services that the pages call, in the names of the demo's people.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

from jifen_office.access.models import Role, User
from jifen_office.demo import CARDS
from jifen_office.demo_village import at, richest
from jifen_office.process import noticing, objecting, recording, reviewing
from jifen_office.process.evidence import Shown
from jifen_office.process.models import Kind, Record
from jifen_office.process.recording import Draft
from jifen_office.register.models import Village

if TYPE_CHECKING:
    from jifen_office.register.models import Household


def main(code: str) -> None:
    """A proposal that was posted for its days; on `offices.READY` a sheet that hangs, with an objection, and a queue."""
    village = Village.objects.select_related("town").get(code=code)
    clerk, *_ = _people(village, Role.CLERK)
    for proposal in Record.objects.filter(village=village, kind=Kind.PROPOSAL):
        _approve(proposal, date(2025, 6, 26))
    noticing.post_notice(village, key=f"{code}:ready:1", by=clerk, now=at(date(2025, 6, 27)))
    homes = richest(village)[: 2 * CARDS]
    made = [_record(home, clerk, number) for number, home in enumerate(homes)]
    for record in made[:-1]:
        _approve(record, date(2025, 7, 2))
    noticing.post_notice(village, key=f"{code}:ready:2", by=clerk, now=at(date(2025, 7, 3)))
    words = "那一天是隔壁人家去的，请改过来。"
    objecting.object_to(made[1], homes[1], words, oral=True, key=f"{code}:ready", by=clerk, now=at(date(2025, 7, 4)))


def _record(home: Household, clerk: User, number: int) -> Record:
    draft = Draft("D04", date(2025, 7, 1), household=home, evidence=(Shown("minutes", words="七月一日村民会议"),))
    return recording.record(draft, key=f"{home.code}:ready:{number}", by=clerk, now=at(date(2025, 7, 1), 20))


def _people(village: Village, role: Role) -> list[User]:
    return list(User.objects.filter(appointments__village=village, appointments__role=role).order_by("username"))


def _approve(record: Record, day: date) -> None:
    """By as many of the committee as it needs."""
    able = [user for user in _people(record.village, Role.COMMITTEE) if not reviewing.bars(record, user)]
    for user in able[: record.approvals]:
        reviewing.approve(record, key=f"ready:{record.number}:{user.pk}", by=user, now=at(day, 14))


if __name__ == "__main__":
    main(sys.argv[1])
