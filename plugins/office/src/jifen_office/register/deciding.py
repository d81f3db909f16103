"""Decides how a village's assembly has its ranking shown or not: by a resolution that is named (R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.timezone import localdate
from jifen.problems import Place, Problem, Refused

from jifen_office.access.roles import may
from jifen_office.process.asking import once, written
from jifen_office.register.models import Village

if TYPE_CHECKING:
    from datetime import date, datetime

    from jifen_office.access.models import User

_LONGEST = 120


def decide_ranking(
    village: Village, *, shown: bool, resolution: str, day: date, key: str, by: User, now: datetime
) -> Village:
    """Shows the ranking of a village or not, as its assembly resolved on a day.

    Raises `Refused`: who may not, a resolution without a number, one of a day to come.
    """

    def act() -> list[Village]:
        today = localdate(now)
        held = Village.objects.select_for_update().get(pk=village.pk)
        if not may(by, "settings.keep", held, today=today):
            raise Refused([Problem("register.decide.may-not", facts={"village": held.name})])
        number = written(resolution, _LONGEST, "register.decide.no-resolution", column="resolution")
        if day > today:
            raise Refused([Problem("register.decide.day-to-come", Place(column="day"), {"got": day, "today": today})])
        held.shows_ranking = shown
        held.ranking_resolution, held.ranking_resolution_date = number, day
        held.save(update_fields=["shows_ranking", "ranking_resolution", "ranking_resolution_date"])
        return [held]

    facts = {"village": village.code, "shown": shown, "resolution": resolution, "day": day}
    return once(Village, "ranking", facts, act, key=key, by=by)[0]
