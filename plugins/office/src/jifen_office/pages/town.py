"""Decides the pages of a town: its villages' progress, scores, budget, exports and own rules (R15, R24)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen
from django.db.models import Count, Q, Sum
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import render
from jifen.problems import Refused

from jifen_office.access.roles import Place, may
from jifen_office.access.routes import asked, route, village_of
from jifen_office.ledger.exporting import export
from jifen_office.ledger.models import Account, AccountKind
from jifen_office.pages.clock import today
from jifen_office.pages.settled import book_now, settlement_now
from jifen_office.pages.whose import user_of
from jifen_office.process.models import State
from jifen_office.shop.models import Voucher, VoucherState

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from jifen_office.register.models import Town, Village


@frozen
class Progress:
    """One village in figures; `score` and `points` in the book's smallest unit, `fen` of money."""

    village: Village
    households: int
    joined: int
    open: int
    objections: int
    final: int
    points: int
    score: int | None
    place: int | None
    fen: int


@route("town.look", village=None)
def town(request: HttpRequest, **_: str) -> HttpResponse:
    """The villages of a town, side by side; no household is named."""
    here = town_of(request)
    rows = progress(here)
    book = next((book for row in rows if (book := book_now(row.village)) is not None), None)
    facts = {
        "town": here,
        "rows": rows,
        "book": book,
        "sums": {
            "villages": len(rows),
            "started": sum(row.joined > 0 for row in rows),
            "households": sum(row.households for row in rows),
            "joined": sum(row.joined for row in rows),
            "open": sum(row.open for row in rows),
            "fen": sum(row.fen for row in rows),
        },
        "best": max((row.score or 0 for row in rows), default=0),
        "most": max((row.fen for row in rows), default=0),
        "year": today().year,
        "own_town": may(user_of(request), "owed.look", Place(here.pk)),
    }
    return render(request, "office/town.html", facts)


@route("town.export", village=None)
def exports(request: HttpRequest, **_: str) -> HttpResponse:
    """What a town can take with it."""
    here = town_of(request)
    return render(request, "office/exports.html", {"town": here, "villages": here.villages.order_by("code")})


@route("ledger.export")
def ledger(request: HttpRequest, **_: str) -> HttpResponseBase:
    """A village's ledger as `jifen-verify` reads it, without what its entries say of people."""
    here = village_of(request)
    answer = StreamingHttpResponse(export(here, private=False), content_type="application/jsonl")
    answer["Content-Disposition"] = f'attachment; filename="{here.code}-{today():%Y%m%d}.jsonl"'
    return answer


def progress(here: Town) -> list[Progress]:
    """The villages' figures, by score where there are scores, else by code."""
    on_way = Q(records__state__in=(State.RECORDED, State.APPROVED, State.POSTED))
    villages = here.villages.annotate(
        homes=Count("households", filter=Q(households__erased=None), distinct=True),
        joining=Count(
            "households", filter=Q(households__erased=None, households__consent__isnull=False), distinct=True
        ),
    ).order_by("code")
    states = dict(
        here.villages.annotate(open=Count("records", filter=on_way)).values_list("pk", "open"),
    )
    scores = {each.pk: _score(each) for each in villages}
    ranked = sorted((score for score in scores.values() if score is not None), reverse=True)
    rows = []
    for each in villages:
        score = scores[each.pk]
        issued = Account.objects.filter(village=each, kind=AccountKind.ISSUE).aggregate(sum=Sum("balance"))["sum"] or 0
        handed = Voucher.objects.filter(village=each, state=VoucherState.HANDED_OVER, ended_on__gte=_year())
        rows.append(
            Progress(
                each,
                each.homes,
                each.joining,
                states[each.pk],
                each.records.filter(state=State.OBJECTED).count(),
                each.records.filter(state=State.FINAL).count(),
                -issued,
                score,
                None if score is None else ranked.index(score) + 1,
                handed.aggregate(sum=Sum("fen"))["sum"] or 0,
            )
        )
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0, row.village.code))


def town_of(request: HttpRequest) -> Town:
    """The town in the address."""
    found = asked(request).town
    if found is None:
        raise Http404
    return found


def _year() -> date:
    return date(today().year, 1, 1)


def _score(village: Village) -> int | None:
    """The village's score so far; None where it cannot be settled today."""
    try:
        settlement = settlement_now(village)
    except Refused:
        return None
    if settlement is None or settlement.village_scores.is_empty():
        return None
    return int(settlement.village_scores["points"][0])
