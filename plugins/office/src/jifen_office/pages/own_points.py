"""Decides a household's pages of its points: each with its why, what it can still do, the passbook (R20, R22).

The household sees them by its card; who works for the village can open them with it and help.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import evolve
from jifen.account_words import in_words
from jifen.problems import Refused
from jifen.wording import grade_name
from jifen.words import say

from jifen_office.access.routes import route
from jifen_office.pages import passbook as book_of_points
from jifen_office.pages.clock import today
from jifen_office.pages.settled import account_now, book_now, paragraphs, period_now
from jifen_office.pages.shown_records import told
from jifen_office.pages.speech import speaking
from jifen_office.pages.whose import home_of, page_of
from jifen_office.possible import can_still_do, next_day
from jifen_office.process.models import Record, State
from jifen_office.project.questions import Given, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from jifen.accounts import HouseholdAccount

    from jifen_office.pages.settled import Told
    from jifen_office.possible import Possible

_ON_ITS_WAY: Final = (State.RECORDED, State.APPROVED, State.POSTED, State.OBJECTED)
_STILL_OPEN: Final = ("deeds.pending",)
"""Reasons for which a record does not count yet."""
_SHOWN: Final = 20
"""Lines on the page of points: what fits on a telephone; the passbook has all."""


@Question
def _coming(home: Given) -> QuerySet[Record]:
    records = Record.objects.filter(household=home, state__in=_ON_ITS_WAY)
    return records.order_by("-date", "-number").select_related("village__town", "notice")


@route("points.look")
def points(request: HttpRequest, **_: str) -> HttpResponse:
    """The household's points now, each with its why, and what is still on its way."""
    home = home_of(request)
    book = book_now(home.village)
    accounts = book_of_points.accounts_of(home)
    lines = book_of_points.lines(accounts, book, newest=_SHOWN + 1)
    facts = {
        "purses": book_of_points.purses(accounts, book),
        "lines": lines[:_SHOWN],
        "more": len(lines) > _SHOWN,
        "coming": told(_coming(home.pk), book),
    }
    return page_of(request, "points", home, **facts)


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
    return page_of(request, "why", home, paragraphs=words, **facts)


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
    return page_of(request, "month", home, possible=shown, today=today(), wrong=wrong)


@route("points.look")
def passbook(request: HttpRequest, **_: str) -> HttpResponse:
    """Everything that went in and out, to be printed."""
    home = home_of(request)
    book = book_now(home.village)
    accounts = book_of_points.accounts_of(home)
    facts = {
        "purses": book_of_points.purses(accounts, book),
        "lines": book_of_points.lines(accounts, book)[::-1],
        "chain": getattr(home.village, "chain", None),
        "today": today(),
    }
    return page_of(request, "passbook", home, **facts)
