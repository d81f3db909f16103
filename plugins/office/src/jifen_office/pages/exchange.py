"""Decides a household's pages of the exchange: what is to be had, its vouchers, giving one back (R18, R20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext

from jifen_office.access.routes import route
from jifen_office.pages import passbook
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ReasonForm, ReserveForm
from jifen_office.pages.offers import offers
from jifen_office.pages.settled import book_now
from jifen_office.pages.whose import home_of, page_of, user_of
from jifen_office.shop.exchanging import reserve, void

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from jifen_office.register.models import Household
    from jifen_office.shop.models import Voucher


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
        "purses": passbook.purses(passbook.accounts_of(home), book),
        "vouchers": home.vouchers.order_by("-made", "-pk"),
        "today": today(),
    }
    return page_of(request, "exchange", home, **facts)


@route("voucher.look")
def voucher(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One voucher with its code."""
    home = home_of(request)
    found = _own_voucher(home, number)
    return page_of(request, "voucher", home, voucher=found, form=ReasonForm(auto_id="void_%s"))


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
    return page_of(request, "voucher", home, voucher=found, form=form)


def _own_voucher(home: Household, number: str) -> Voucher:
    found = home.vouchers.filter(number=number).first()
    if found is None:
        raise Http404
    return found
