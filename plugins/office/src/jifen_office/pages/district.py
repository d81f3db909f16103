"""Decides the page of the district: how far each town has come, and what the assessment makes of it (R24 to R26)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from django.db.models import Count, Q
from django.shortcuts import render
from jifen.problems import Refused

from jifen_office.access.routes import route
from jifen_office.pages.assessment import assessed
from jifen_office.pages.clock import today
from jifen_office.pages.figures import share
from jifen_office.pages.speech import speaking
from jifen_office.register.models import Town

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from jifen_office.pages.assessment import Assessed, Standing


@frozen
class Row:
    """A town in figures, and where it stands; no standing where nothing could be assessed."""

    town: Town
    villages: int
    started: int
    share: str
    joined: int
    standing: Standing | None


@route("district.look", village=None)
def district(request: HttpRequest) -> HttpResponse:
    """The towns side by side; no household is named."""
    found: Assessed | None = None
    wrong: Refused | None = None
    try:
        with speaking():
            found = assessed(today())
    except Refused as refused:
        wrong = refused
    standings = {each.town.pk: each for each in found.standings} if found else {}
    rows = [_row(town, standings.get(town.pk)) for town in Town.objects.order_by("code")]
    rows.sort(key=lambda row: (row.standing.rank if row.standing else len(rows) + 1, row.town.code))
    sums = {
        "towns": len(rows),
        "villages": sum(row.villages for row in rows),
        "started": sum(row.started for row in rows),
        "households": sum(row.joined for row in rows),
        "missed": sum(any(each.due and not each.met for each in one.targets) for one in standings.values()),
    }
    facts = {
        "rows": rows,
        "sums": sums,
        "share": share(sums["started"], sums["villages"]),
        "assessed": found,
        "wrong": wrong,
        "today": today(),
    }
    return render(request, "office/district.html", facts)


def _row(town: Town, standing: Standing | None) -> Row:
    joining = Q(households__consent__isnull=False, households__erased=None)
    villages = list(town.villages.annotate(joined=Count("households", filter=joining)))
    started = sum(each.joined > 0 for each in villages)
    return Row(
        town, len(villages), started, share(started, len(villages)), sum(each.joined for each in villages), standing
    )
