"""Decides the pages of a village's books: periods opened and closed, what was entered, the chain's head (R18, R20)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from jifen.problems import Refused
from jifen.words import say

from jifen_office import daily
from jifen_office.access.roles import may
from jifen_office.access.routes import route, village_of
from jifen_office.ledger.models import Account, AccountKind, Entry, EntryKind
from jifen_office.ledger.names import OF_GOODS
from jifen_office.ledger.periods import close_period, open_period
from jifen_office.ledger.writing import head
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ActForm, KeyedForm
from jifen_office.pages.passbook import purse_name
from jifen_office.pages.settled import book_now, period_now
from jifen_office.pages.shown_records import told
from jifen_office.pages.speech import speaking
from jifen_office.pages.whose import user_of
from jifen_office.process.models import State
from jifen_office.process.noticing import ended

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from jifen.model import RuleBook

    from jifen_office.ledger.models import Period
    from jifen_office.register.models import Village

_FEW: Final = 12
_MOST: Final = 400
_DIGITS: Final = 18
"""Of an entry's number: a database holds no longer one."""
_OPEN: Final = (State.RECORDED, State.APPROVED, State.POSTED, State.OBJECTED)


class OpenForm(KeyedForm):
    """The period whose books are opened."""

    period = forms.CharField(
        label=_("期间"),
        max_length=20,
        help_text=_("一年写 2025，半年写 2025-H1，一季写 2025-Q2，一月写 2025-03。"),
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )


class CloseForm(KeyedForm):
    """The period whose books are closed; it cannot be taken back, so it is said twice."""

    period = forms.CharField(widget=forms.HiddenInput, max_length=20)
    sure = forms.BooleanField(label=_("我已核对，知道结账后不能再打开"))


@frozen
class Balance:
    """What a kind of account holds in all: `points` of a purse in the book's smallest unit, or `pieces` of a good.

    `unit` is the purse's name or the good's code.
    """

    name: str
    unit: str
    points: int | None
    pieces: int | None


@route("period.keep")
def books(request: HttpRequest, **_: str) -> HttpResponse:
    """A village's books: its periods, what its accounts hold, its last entries and how to check them."""
    here, user = village_of(request), user_of(request)
    act = request.POST.get("act")
    opening = OpenForm(request.POST if act == "open" else None, auto_id="open_%s", initial={"period": _next(here)})
    closing = CloseForm(request.POST if act == "close" else None, auto_id="close_%s")
    if act == "open" and (
        made := opening.do(lambda typed, key: open_period(here, typed["period"], key=key, now=now(), by=user))
    ):
        messages.success(request, gettext("已开账：%(period)s") % {"period": made.name})
        return redirect("books", here.code)
    if act == "close" and (
        closed := closing.do(lambda typed, key: close_period(here, typed["period"], key=key, now=now(), by=user))
    ):
        messages.success(request, gettext("已结账：%(period)s") % {"period": closed.name})
        return redirect("books", here.code)
    book = book_now(here)
    facts = {
        "village": here,
        "book": book,
        "periods": [(each, _closing(each, closing), _left_in(here, each)) for each in _periods(here)],
        "opening": opening,
        "closing": closing,
        "balances": balances(here, book),
        "entries": _entries(here.entries.all())[:_FEW],
        "chain": head(here),
        "credits": may(user, "points.credit", here),
        "names_records": may(user, "record.list", here),  # the number of a base score's entry holds a household's
    }
    return render(request, "office/books.html", facts, status=422 if opening.errors or closing.errors else 200)


@route("points.credit")
def credit(request: HttpRequest, **_: str) -> HttpResponse:
    """Makes final what was posted for its days, enters the points, and shows what was entered."""
    here, user = village_of(request), user_of(request)
    form = ActForm(request.POST or None)
    if request.method == "POST":
        done = form.do(lambda *_: daily.run(here, now=now(), by=user))
        if done is not None:
            count = len(done.credits)
            words = ngettext("已记入账本 %(count)d 笔。", "已记入账本 %(count)d 笔。", count) % {"count": count}
            messages.success(request, words)
            numbers = [entry.number for entry in done.credits]
            where = f"?from={min(numbers)}&to={max(numbers)}" if numbers else ""
            response = redirect("credit", here.code)
            response["Location"] += where
            return response
    book = book_now(here)
    facts = {
        "village": here,
        "book": book,
        "form": form,
        "lines": told(ended(here, today()).select_related("household__village", "village"), book),
        "entered": _entered(here, request),
    }
    return render(request, "office/credit.html", facts, status=422 if form.errors else 200)


def _entered(here: Village, request: HttpRequest) -> list[dict[str, Any]]:
    """The credits between two numbers of the address, each with its household, its why and what it moved."""
    first, last = request.GET.get("from", ""), request.GET.get("to", "")
    if not all(word.isdecimal() and len(word) <= _DIGITS for word in (first, last)):
        return []
    made = _entries(here.entries.filter(kind=EntryKind.CREDIT, number__range=(int(first), int(last))))
    rows = []
    for entry in made.select_related("opening").prefetch_related(
        "transfers__source__household__village", "transfers__target__household__village"
    )[:_MOST]:
        moves = list(entry.transfers.all())
        homes = [move.source.household or move.target.household for move in moves]
        points = sum(each.amount if each.target.household_id else -each.amount for each in moves[:1])
        why = getattr(entry, "opening", None)
        rows.append(
            {
                "entry": entry,
                "home": homes[0] if homes else None,
                "points": points,
                "why": why.content.get("why", "") if why else "",
            }
        )
    return rows


def balances(here: Village, book: RuleBook | None) -> list[Balance]:
    """What all accounts of a village hold, summed by kind and unit: each unit comes to 0."""
    sums = Account.objects.filter(village=here).values("unit", "kind").annotate(sum=Sum("balance")).order_by("unit")
    order = {str(kind): at for at, kind in enumerate(AccountKind)}
    rows = []
    for each in sorted(sums, key=lambda each: (each["unit"], order[each["kind"]])):
        pieces = each["kind"] in OF_GOODS
        code = each["unit"].partition(":")[2]
        unit = code if pieces else purse_name(each["unit"], book)
        with speaking():
            name = say(f"register.word.{each['kind']}")
        rows.append(Balance(name, unit, None if pieces else each["sum"], each["sum"] if pieces else None))
    return rows


def _entries(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    return entries.select_related("by").order_by("-number")


def _periods(here: Village) -> QuerySet[Period]:
    return here.periods.select_related("opened__by", "closed__by").order_by("-first")


def _closing(period: Period, sent: CloseForm) -> CloseForm | None:
    """The form by which a period that is over is closed; the one that was sent, with what was wrong, if it was its."""
    if period.closed is not None:
        return None
    if sent.is_bound and sent.data.get("period") == period.name:
        return sent
    if period.last >= today():
        return None
    return CloseForm(auto_id=f"close{period.pk}_%s", initial={"period": period.name})


def _left_in(here: Village, period: Period) -> int:
    """How many records of a period are still on their way."""
    return here.records.filter(state__in=_OPEN, date__range=(period.first, period.last)).count()


def _next(here: Village) -> str:
    """The period of today, where it is not open yet."""
    try:
        name = period_now(here)
    except Refused:
        return ""
    return "" if here.periods.filter(name=name).exists() else name
