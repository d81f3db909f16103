"""Decides what everyone may see of a village: its rules, what is posted, honours and ranking, all by masked names.

Free words of records are not posted: they could name people (R23).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from jifen.problems import Refused

from jifen_office.access.routes import route, village_of
from jifen_office.pages import honoured
from jifen_office.pages.clock import today
from jifen_office.pages.rules_shown import shown
from jifen_office.pages.settled import book_now, settlement_now
from jifen_office.pages.shown_records import posted_lines
from jifen_office.pages.upkeep import village_now
from jifen_office.process.models import Notice, Record, State
from jifen_office.register.models import Town

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_NOTICES = 12


@route("public.look", village=None, public=True)
def public(request: HttpRequest) -> HttpResponse:
    """The towns with their villages."""
    towns = Town.objects.prefetch_related("villages").order_by("code")
    return render(request, "office/public.html", {"towns": towns})


@route("public.look", public=True)
def village(request: HttpRequest, **_: str) -> HttpResponse:
    """A village's own page: the way to everything that is public there."""
    here = village_now(request)
    facts = {
        "village": here,
        "households": here.households.filter(erased=None).count(),
        "joined": here.households.filter(erased=None, consent__isnull=False).count(),
        "posted": here.records.filter(state__in=(State.POSTED, State.OBJECTED)).count(),
        "notices": here.notices.order_by("-posted", "-pk")[:_NOTICES],
        "book": book_now(here),
    }
    return render(request, "office/village.html", facts)


@route("public.look", public=True)
def rules(request: HttpRequest, **_: str) -> HttpResponse:
    """The rules that hold in a village today, fit for its notice board."""
    here = village_of(request)
    book = book_now(here)
    facts = {"village": here, "book": book, "shown": shown(book, here.code) if book else None}
    return render(request, "office/rules.html", facts)


@route("public.look", public=True)
def posted(request: HttpRequest, **_: str) -> HttpResponse:
    """Everything that is posted now."""
    here = village_now(request)
    records = Record.objects.filter(village=here, state__in=(State.POSTED, State.OBJECTED))
    book = book_now(here)
    facts = {
        "village": here,
        "book": book,
        "lines": posted_lines(records, book),
        "notices": here.notices.filter(until__gte=today()).order_by("-posted", "-pk"),
        "past": here.notices.filter(until__lt=today()).order_by("-posted", "-pk")[:_NOTICES],
        "chain": getattr(here, "chain", None),
        "address": request.build_absolute_uri(),
    }
    return render(request, "office/posted.html", facts)


@route("public.look", public=True)
def sheet(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One posted sheet as it was posted, with the ledger's head of that moment."""
    here = village_now(request)
    notice = Notice.objects.filter(village=here, number=number).first()
    if notice is None:
        raise Http404
    book = book_now(here)
    lines = posted_lines(notice.records.all(), book)
    facts = {"village": here, "notice": notice, "lines": lines, "book": book, "running": notice.until >= today()}
    return render(request, "office/sheet.html", facts)


@route("public.look", public=True)
def honours(request: HttpRequest, **_: str) -> HttpResponse:
    """Honours, and the ranking where the village shows one."""
    here = village_now(request)
    facts: dict[str, object] = {"village": here}
    try:
        settlement = settlement_now(here)
    except Refused:
        settlement = None
    if settlement is not None:
        names = honoured.masked_names(here)
        facts |= {
            "book": settlement.book,
            "period": settlement.period.name,
            "honours": honoured.honours(settlement, names),
            "grades": honoured.grades(settlement),
            "leaders": honoured.leaders(settlement, names) if here.shows_ranking else (),
            "own": honoured.own_place(settlement, request.user) if here.shows_ranking else None,
        }
    return render(request, "office/honours.html", facts)
