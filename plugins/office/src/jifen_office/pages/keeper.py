"""Decides the pages of the exchange point: taking a voucher, the shelf, what the village owes (R18, R20)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from jifen.words import title

from jifen_office.access.routes import route, village_of
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ActForm, NumberForm, ReasonForm, SpanForm, SupplyForm
from jifen_office.pages.settled import book_now
from jifen_office.pages.speech import speaking
from jifen_office.pages.whose import user_of
from jifen_office.shop.conditions import is_money
from jifen_office.shop.exchanging import hand_over, void
from jifen_office.shop.models import Voucher, VoucherState
from jifen_office.shop.numbers import typed as right_number
from jifen_office.shop.owing import owed as lines_owed
from jifen_office.shop.owing import total
from jifen_office.shop.stock import shelf, supply, take_stock

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from jifen.model import RuleBook

    from jifen_office.ledger.models import Entry
    from jifen_office.register.models import Village


@route("voucher.hand-over")
def counter(request: HttpRequest, **_: str) -> HttpResponse:
    """Takes a voucher by its code or number."""
    here = village_of(request)
    form = NumberForm(request.GET if "number" in request.GET else None)
    if form.is_bound and form.is_valid():
        number = right_number(form.cleaned_data["number"])
        if number is None:
            form.add_error("number", gettext("号码不对：应为12位数字，请核对后再输一次。"))
        elif not here.vouchers.filter(number=number).exists():
            form.add_error("number", gettext("本村没有这个号码的兑换券。"))
        else:
            return redirect("at_counter", here.code, number)
    waiting = here.vouchers.filter(state=VoucherState.RESERVED).select_related("household__village")
    handed = here.vouchers.filter(state=VoucherState.HANDED_OVER, ended_on=today()).select_related("household__village")
    facts = {"village": here, "form": form, "book": book_now(here), "waiting": waiting.count(), "handed": handed}
    return render(request, "office/counter.html", facts, status=422 if form.errors else 200)


@route("voucher.hand-over")
def at_counter(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One voucher at the counter: hand over, or make void."""
    here, user = village_of(request), user_of(request)
    voucher = here.vouchers.select_related("household__village").filter(number=number).first()
    if voucher is None:
        raise Http404
    wanted = request.POST.get("act")
    give = ActForm(request.POST if wanted == "give" else None)
    back = ReasonForm(request.POST if wanted == "back" else None, auto_id="back_%s")
    done: Voucher | None = None
    if wanted == "give":
        done = give.do(lambda _, key: hand_over(voucher.number, key=key, by=user, now=now()))
    elif wanted == "back":
        done = back.do(lambda typed, key: void(voucher, key=key, by=user, now=now(), why=typed["reason"]))
    if done is not None:
        words = gettext("已发放。") if wanted == "give" else gettext("兑换券已作废，积分已退回。")
        messages.success(request, words)
        return redirect("counter", here.code)
    facts = {"village": here, "voucher": voucher, "give": give, "back": back, "book": book_now(here), "today": today()}
    return render(request, "office/at_counter.html", facts, status=422 if give.errors or back.errors else 200)


@route("stock.keep")
def stock(request: HttpRequest, **_: str) -> HttpResponse:
    """What lies on the shelf; supplying and counting it."""
    here, user = village_of(request), user_of(request)
    book = book_now(here)
    goods = _goods(here, book)
    form = SupplyForm(request.POST or None, goods=goods)
    if request.method == "POST":

        def act(typed: dict[str, str], key: str) -> Entry | bool:
            good, pieces = typed["good"], int(typed["pieces"])
            if typed["what"] == "supply":
                return supply(here, good, pieces, key=key, by=user, now=now())
            return take_stock(here, good, pieces, key=key, by=user, now=now(), why=typed["why"]) or True

        if form.do(act) is not None:
            messages.success(request, gettext("库存已更新。"))
            return redirect("stock", here.code)
    there = shelf(here)
    names = dict(goods)
    lines = [(names.get(code, code), *there.get(code, (0, 0))) for code in {**names, **dict.fromkeys(there)}]
    facts = {"village": here, "form": form, "lines": lines, "most": max((n + k for _, n, k in lines), default=0)}
    return render(request, "office/stock.html", facts, status=422 if form.errors else 200)


@route("owed.look")
def owed(request: HttpRequest, **_: str) -> HttpResponse:
    """What the village owes for what was handed over."""
    here = village_of(request)
    first = {"since": date(today().year, today().month, 1), "until": today()}
    form = SpanForm(request.GET if "since" in request.GET else None, initial=first)
    span = form.cleaned_data if form.is_bound and form.is_valid() else first
    lines = lines_owed(here, span["since"], span["until"])
    facts = {"village": here, "form": form, "lines": lines, "total": total(lines), "book": book_now(here), **span}
    return render(request, "office/owed.html", facts)


def _goods(here: Village, book: RuleBook | None) -> list[tuple[str, str]]:
    """What has a shelf in the village: code and name."""
    if book is None or book.shop is None:
        return []
    with speaking():
        return [
            (good.code, title(good.name))
            for good in book.shop.goods
            if not is_money(good) and (not good.villages or here.code in good.villages)
        ]
