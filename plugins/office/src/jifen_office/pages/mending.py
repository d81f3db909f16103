"""Decides the pages by which a record is put right: cancelled with reasons, or shown better before review (R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from jifen.problems import Refused

from jifen_office import daily
from jifen_office.access.roles import households as reach
from jifen_office.access.routes import route, village_of
from jifen_office.ledger.models import Transfer
from jifen_office.pages.clock import now
from jifen_office.pages.committee import record_of
from jifen_office.pages.forms import ReasonForm
from jifen_office.pages.record_doors import CANCELLED_FROM, is_unreviewed
from jifen_office.pages.settled import book_now
from jifen_office.pages.shown_forms import ShownForm
from jifen_office.pages.shown_records import line_of
from jifen_office.pages.villager import user_of
from jifen_office.process.objecting import cancel as take_back
from jifen_office.process.recording import complete
from jifen_office.process.reviewing import bars

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from jifen_office.access.models import User
    from jifen_office.process.models import Record


@route("entry.reverse")
def cancel(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """Cancels a record that proves wrong, with reasons; what it gave is taken back in the ledger at once."""
    here, user = village_of(request), user_of(request)
    record = record_of(here, number)
    form = ReasonForm(request.POST or None)
    if request.method == "POST":
        done = form.do(lambda typed, key: _cancelled(record, typed["reason"], key, user))
        if done is not None:
            messages.success(request, done)
            return redirect("cancel", here.code, record.number)
    facts = {
        "village": here,
        "record": record,
        "line": line_of(record, book_now(here)),
        "steps": record.steps.select_related("by").order_by("at", "pk"),
        "evidence": record.evidence.all(),
        "credited": Transfer.objects.filter(entry__village=here, entry__record=record.number).exists(),
        "bars": Refused(bars(record, user)),
        "form": form,
        "can": record.state in CANCELLED_FROM,
    }
    return render(request, "office/cancel.html", facts, status=422 if form.errors else 200)


def _cancelled(record: Record, reason: str, key: str, user: User) -> str:
    """What is told once a record was cancelled; it stays so where the ledger can only be brought in line later."""
    take_back(record, reason=reason, key=key, by=user, now=now())
    try:
        daily.credit_for(record.village, record.date, now=now(), by=user)
    except Refused:
        return gettext("已撤销；积分还没有冲回，文书入账时一并冲回。")
    return gettext("已撤销，已记的积分已经冲回。")


@route("deed.record")
def more_evidence(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """Puts more evidence to a record that nobody has reviewed yet."""
    here, user = village_of(request), user_of(request)
    record = record_of(here, number)
    home, book = record.household, book_now(here)
    if home is None and user.household_id is not None:
        raise Http404
    if home is not None and not reach(user, "deed.record").filter(pk=home.pk).exists():
        raise Http404
    form = ShownForm(request.POST or None, request.FILES or None)
    item = book.items_in(here.code).get(record.item) if book else None
    if request.method == "POST":
        wanted = item.evidence if item else ()
        done = form.do(lambda _, key: complete(record, form.shown(wanted), key=key, by=user, now=now()))
        if done is not None:
            messages.success(request, gettext("凭据已补充。"))
            if home is None:
                return redirect("records", here.code)
            return redirect("record_of", here.code, home.code, record.number)
    facts = {
        "village": here,
        "home": home,
        "own": user.household_id is not None,
        "record": record,
        "line": line_of(record, book),
        "steps": record.steps.select_related("by").order_by("at", "pk"),
        "evidence": record.evidence.all(),
        "form": form,
        "can": is_unreviewed(record),
    }
    return render(request, "office/more_evidence.html", facts, status=422 if form.errors else 200)
