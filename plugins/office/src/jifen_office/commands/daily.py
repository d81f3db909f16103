"""Decides how the day's due things are done by a timer: postings, vouchers, resets, credits, unused pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.commands.printing import line
from jifen.problems import Refused
from jifen.words import say

if TYPE_CHECKING:
    from jifen.problems import Problem


def daily() -> None:
    """Do what is due today in every village; doing it again changes nothing.

    Raises `Refused` at the end with what kept villages from it; the others are done.
    """
    from jifen_office.commands.starting import reaching, start_migrated

    start_migrated()
    from jifen_office import daily as due
    from jifen_office.pages.clock import now
    from jifen_office.process.evidence import remove_unused
    from jifen_office.register.models import Village

    problems: list[Problem] = []
    with reaching():
        for village in Village.objects.select_related("town").order_by("code"):
            try:
                done = due.run(village, now=now(), year_before=True)
            except Refused as refused:
                line(say("office.daily.kept", village=village.name, code=village.code))
                problems += refused.problems
                continue
            facts = {
                "final": len(done.final),
                "vouchers": len(done.vouchers),
                "resets": len(done.resets),
                "credits": len(done.credits),
            }
            words = "office.daily.done" if done.anything else "office.daily.nothing"
            line(say(words, village=village.name, code=village.code, **facts))
        try:
            if removed := remove_unused():
                line(say("office.daily.removed", files=removed))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems)
