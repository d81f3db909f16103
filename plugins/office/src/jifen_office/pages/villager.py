"""Decides a household's pages: its points with their why, what it can do, objections, exchange (R20, R22).

The household sees them by its card; who works for the village can open them with it and help.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from jifen.account_words import in_words
from jifen.problems import Refused
from jifen.wording import grade_name
from jifen.words import say

from jifen_office.access.models import User
from jifen_office.access.routes import asked, route
from jifen_office.daily import up_to_date
from jifen_office.pages import passbook as book_of_points
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ObjectionForm, ReasonForm, ReserveForm
from jifen_office.pages.offers import offers
from jifen_office.pages.record_doors import doors_of
from jifen_office.pages.settled import account_now, book_now, paragraphs, period_now
from jifen_office.pages.shown_records import line_of, told
from jifen_office.pages.speech import speaking
from jifen_office.possible import can_still_do, next_day
from jifen_office.process.models import Record, State
from jifen_office.process.objecting import object_to as make_objection
from jifen_office.shop.exchanging import reserve, void
from jifen_office.shop.models import Voucher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from jifen.accounts import HouseholdAccount

    from jifen_office.pages.settled import Told
    from jifen_office.possible import Possible
    from jifen_office.register.models import Household

_ON_ITS_WAY = (State.RECORDED, State.APPROVED, State.POSTED, State.OBJECTED)
_STILL_OPEN = ("deeds.pending",)
"""Reasons for which a record does not count yet."""
_SHOWN = 40


@route("points.look")
def points(request: HttpRequest, **_: str) -> HttpResponse:
    """The household's points now, each with its why, and what is still on its way."""
    home = home_of(request)
    book = book_now(home.village)
    coming = home.records.filter(state__in=_ON_ITS_WAY).select_related("village", "member").order_by("-date")
    lines = book_of_points.lines(home, book)
    facts = {
        "purses": book_of_points.purses(home, book),
        "lines": lines[:_SHOWN],
        "more": max(0, len(lines) - _SHOWN),
        "coming": told(coming, book),
    }
    return _page(request, "points", home, **facts)


@route("points.look")
def why(request: HttpRequest, **_: str) -> HttpResponse:
    """How the total comes about: every rule, every limit, who recorded and who approved."""
    home = home_of(request)
    wrong = None
    try:
        found = account_now(home)
    except Refused as refused:
        found, wrong = None, refused
    account = None if found is None else found.account
    words: list[tuple[str, int]] = []
    later = Decimal(0)
    if found is not None and account is not None:
        # A year's base scores stand in its settlement from the first day; those of months to come are told in one line.
        later = sum((point.points for point in account.points if point.date > today()), Decimal(0))
        so_far = evolve(
            account,
            points=tuple(point for point in account.points if point.date <= today()),
            refusals=tuple(each for each in account.refusals if each.reason not in _STILL_OPEN),
            standing=None,  # its figures stand above, its place among the others on the page of honours
            purses=(),  # what is in them stands in the ledger
            exchanges=(),
        )
        words = paragraphs([*_veto(account), *in_words(found.kept, so_far)])
    facts = {"account": account, "grade": _grade(found), "later": later, "wrong": wrong}
    return _page(request, "why", home, paragraphs=words, **facts)


def _grade(found: Told | None) -> str:
    standing = None if found is None else found.account.standing
    if found is None or standing is None or standing.grade is None:
        return ""
    with speaking():
        return grade_name(found.kept.settlement.book, standing.grade)


def _veto(account: HouseholdAccount) -> Iterator[tuple[str, int]]:
    """That a listed act bars the household from honours, or bounds its grade or total (R11)."""
    standing = account.standing
    if standing is not None and standing.veto is not None:
        with speaking():
            yield say("explain.barred" if standing.barred else "explain.veto", deed=standing.veto), 0


@route("points.look")
def month(request: HttpRequest, **_: str) -> HttpResponse:
    """What can still be done this month, and what it gives; what is used up comes last."""
    home = home_of(request)
    book, wrong = book_now(home.village), None
    found: list[Possible] = []
    if book is not None:
        try:
            with speaking():
                found = can_still_do(home, period_now(home.village), today())
        except Refused as refused:
            wrong = refused
    found.sort(key=lambda each: each.used_up)
    shown = [(each, next_day(each)) for each in found]
    return _page(request, "month", home, possible=shown, today=today(), wrong=wrong)


@route("points.look")
def passbook(request: HttpRequest, **_: str) -> HttpResponse:
    """Everything that went in and out, to be printed."""
    home = home_of(request)
    book = book_now(home.village)
    facts = {
        "purses": book_of_points.purses(home, book),
        "lines": book_of_points.lines(home, book)[::-1],
        "chain": getattr(home.village, "chain", None),
        "today": today(),
    }
    return _page(request, "passbook", home, **facts)


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
    return _page(request, "objections", home, **facts)


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
    return _page(request, "object_to", home, form=form, line=line, record=record)


@route("record.look")
def record(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One record of the household: what, by which rule, on what evidence, and its way so far."""
    home = home_of(request)
    found = _own_record(home, number)
    line = line_of(found, book_now(home.village))
    steps = found.steps.select_related("by").order_by("at", "pk")
    facts = {"record": found, "line": line, "steps": steps, "evidence": found.evidence.all()}
    return _page(request, "record_of", home, **facts, **doors_of(found, user_of(request)))


@route("exchange.reserve")
def exchange(request: HttpRequest, village: str, household: str) -> HttpResponse:
    """What is to be had, and reserving it."""
    home = home_of(request)
    book = book_now(home.village)
    form = ReserveForm(request.POST or None)
    if request.method == "POST":
        made = form.do(
            lambda typed, key: reserve(home, typed["good"], typed["pieces"], key=key, by=user_of(request), now=now())
        )
        if made is not None:
            messages.success(request, gettext("已预留，请在有效期内凭兑换券领取。"))
            return redirect("voucher", village, household, made.number)
    facts = {
        "form": form,
        "shop": book.shop if book else None,
        "offers": offers(home, book),
        "purses": book_of_points.purses(home, book),
        "vouchers": home.vouchers.order_by("-made", "-pk"),
        "today": today(),
    }
    return _page(request, "exchange", home, **facts)


@route("voucher.look")
def voucher(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One voucher with its code."""
    home = home_of(request)
    found = _own_voucher(home, number)
    return _page(request, "voucher", home, voucher=found, form=ReasonForm(auto_id="void_%s"))


@route("voucher.void")
def void_voucher(request: HttpRequest, village: str, household: str, number: str) -> HttpResponse:
    """Gives a reservation back."""
    home = home_of(request)
    found = _own_voucher(home, number)
    form = ReasonForm(request.POST or None, auto_id="void_%s")
    if request.method == "POST":
        done = form.do(lambda typed, key: void(found, key=key, by=user_of(request), now=now(), why=typed["reason"]))
        if done is not None:
            messages.success(request, gettext("兑换券已作废，积分已退回。"))
            return redirect("exchange", village, household)
    return _page(request, "voucher", home, voucher=found, form=form)


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


def _own_record(home: Household, number: str) -> Record:
    found = home.records.select_related("village", "household", "notice", "recorded_by").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _own_voucher(home: Household, number: str) -> Voucher:
    found = home.vouchers.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, name: str, home: Household, **facts: object) -> HttpResponse:
    own = user_of(request).household_id == home.pk
    book = book_now(home.village)
    form = facts.get("form")
    refused = getattr(form, "is_bound", False) and bool(getattr(form, "errors", None))
    known = {"home": home, "village": home.village, "own": own, "book": book, **facts}
    return render(request, f"office/{name}.html", known, status=422 if refused else 200)
