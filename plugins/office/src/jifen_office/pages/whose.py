"""Decides whose page is looked at and by whom: the household in the address, up to date, and who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render

from jifen_office.access.models import User
from jifen_office.access.routes import asked
from jifen_office.daily import up_to_date
from jifen_office.pages.clock import now
from jifen_office.pages.settled import book_now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from jifen_office.register.models import Household


def home_of(request: HttpRequest) -> Household:
    """The household in the address, its village brought up to date."""
    found = asked(request).household
    if found is None:
        raise Http404
    up_to_date(found.village, now=now())
    return found


def user_of(request: HttpRequest) -> User:
    """Who is signed in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def page_of(request: HttpRequest, name: str, home: Household, **facts: object) -> HttpResponse:
    """A page about a household; with a form that was refused it says so by its status."""
    form = facts.get("form")
    refused = getattr(form, "is_bound", False) and bool(getattr(form, "errors", None))
    known = {
        "home": home,
        "village": home.village,
        "own": user_of(request).household_id == home.pk,
        "book": book_now(home.village),
        **facts,
    }
    return render(request, f"office/{name}.html", known, status=422 if refused else 200)
