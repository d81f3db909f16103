"""Decides the pages by which a record is put right: cancelled, or before review shown better or withdrawn (R22).

A record of the village itself has its page here as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from jifen.problems import Refused

from jifen_office import daily
from jifen_office.access.routes import route, village_of
from jifen_office.ledger.models import Transfer
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ReasonForm
from jifen_office.pages.record_doors import doors_of, record_of, record_within
from jifen_office.pages.settled import book_now
from jifen_office.pages.shown_forms import ShownForm
from jifen_office.pages.shown_records import facts_of
from jifen_office.pages.whose import user_of
from jifen_office.process.amending import complete, withdrawal_bars
from jifen_office.process.amending import withdraw as take_away
from jifen_office.process.objecting import cancel as take_back
from jifen_office.process.reviewing import bars

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from jifen_office.access.models import User
    from jifen_office.process.models import Record


@route("record.list")
def village_record(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """A record of the village itself, as a household's stands among its own pages."""
    here, user = village_of(request), user_of(request)
    record = record_within(here, number, user, "record.list")
    if record.household is not None:
        return redirect(*_page_of(record))
    return render(request, "office/record_of.html", _told(record, user))


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
        **_told(record, user),
        "credited": Transfer.objects.filter(entry__village=here, entry__record=record.number).exists(),
        "bars": Refused(bars(record, user)),
        "form": form,
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


@route("record.withdraw")
def withdraw(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """Takes back a record that nobody has reviewed yet, with a reason: by who recorded it, or the clerk."""
    here, user = village_of(request), user_of(request)
    record = record_within(here, number, user, "record.withdraw")
    form = ReasonForm(request.POST or None)
    if request.method == "POST":
        done = form.do(lambda typed, key: take_away(record, reason=typed["reason"], key=key, by=user, now=now()))
        if done is not None:
            messages.success(request, gettext("已撤回，不再审核，也不计分。"))
            return redirect(*_page_of(record))
    facts = {**_told(record, user), "bars": Refused(withdrawal_bars(record, user, today())), "form": form}
    return render(request, "office/withdraw.html", facts, status=422 if form.errors else 200)


@route("deed.record")
def more_evidence(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """Puts more evidence to a record that nobody has reviewed yet."""
    here, user = village_of(request), user_of(request)
    record = record_within(here, number, user, "deed.record")
    book = book_now(here)
    form = ShownForm(request.POST or None, request.FILES or None)
    item = book.items_in(here.code).get(record.item) if book else None
    if request.method == "POST":
        wanted = item.evidence if item else ()
        done = form.do(lambda _, key: complete(record, form.shown(wanted), key=key, by=user, now=now()))
        if done is not None:
            messages.success(request, gettext("凭据已补充。"))
            return redirect(*_page_of(record))
    facts = {**_told(record, user), "form": form}
    return render(request, "office/more_evidence.html", facts, status=422 if form.errors else 200)


def _page_of(record: Record) -> tuple[str, ...]:
    """The name of a record's page and what its address holds."""
    if record.household is None:
        return "village_record", record.village.code, record.number
    return "record_of", record.village.code, record.household.code, record.number


def _told(record: Record, user: User) -> dict[str, object]:
    return {
        "village": record.village,
        "home": record.household,
        "own": user.household_id is not None,
        **facts_of(record),
        **doors_of(record, user),
    }
