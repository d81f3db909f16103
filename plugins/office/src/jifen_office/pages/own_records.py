"""Decides a household's pages of its records: one with its way so far, and objecting to what is posted (R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext

from jifen_office.access.routes import route
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ObjectionForm
from jifen_office.pages.record_doors import doors_of
from jifen_office.pages.settled import book_now
from jifen_office.pages.shown_records import facts_of, line_of, told
from jifen_office.pages.whose import home_of, page_of, user_of
from jifen_office.process.models import Record, State
from jifen_office.process.objecting import object_to as make_objection

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from jifen_office.register.models import Household


@route("points.look")
def objections(request: HttpRequest, **_: str) -> HttpResponse:
    """The household's objections, and the records to which it can object now."""
    home = home_of(request)
    book = book_now(home.village)
    made = home.objections.select_related("record__village", "record__household").order_by("-at")
    open_ = home.records.filter(state=State.POSTED).select_related("village", "notice").order_by("-date")
    facts = {
        "made": [(objection, line_of(objection.record, book)) for objection in made],
        "open": told(open_, book),
        "today": today(),
    }
    return page_of(request, "objections", home, **facts)


@route("objection.make")
def object_to(request: HttpRequest, village: str, household: str, number: str) -> HttpResponse:
    """An objection to a posted record, by the household or entered for it."""
    home = home_of(request)
    record = _own_record(home, number)
    user = user_of(request)
    form = ObjectionForm(request.POST or None, oral=user.household_id is None)
    if request.method == "POST":
        made = form.do(
            lambda typed, key: make_objection(record, home, typed["words"], oral=form.oral, key=key, by=user, now=now())
        )
        if made is not None:
            messages.success(request, gettext("异议已登记，审核委员会将在期限内答复。"))
            return redirect("objections", village, household)
    line = line_of(record, book_now(home.village))
    return page_of(request, "object_to", home, form=form, line=line, record=record)


@route("record.look")
def record(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One record of the household: what, by which rule, on what evidence, and its way so far."""
    home = home_of(request)
    found = _own_record(home, number)
    return page_of(request, "record_of", home, **facts_of(found), **doors_of(found, user_of(request)))


def _own_record(home: Household, number: str) -> Record:
    found = home.records.select_related("village", "household", "notice", "recorded_by").filter(number=number).first()
    if found is None:
        raise Http404
    return found
