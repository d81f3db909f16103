"""Decides the pages by which a household's data are looked after: shown, changed, found by a number, erased (R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jifen_office.access.models import Kinship
from jifen_office.access.roles import may
from jifen_office.access.routes import route, village_of
from jifen_office.access.showing import identity_for
from jifen_office.ledger.models import Entry
from jifen_office.pages.clock import now
from jifen_office.pages.passbook import accounts_of, purses
from jifen_office.pages.register_forms import EraseForm, FindForm, KeepForm
from jifen_office.pages.settled import book_now
from jifen_office.pages.speech import speaking
from jifen_office.pages.whose import home_of, user_of
from jifen_office.process.asking import once
from jifen_office.process.models import Evidence
from jifen_office.register.access import export_of, tables_of
from jifen_office.register.erasure import erase as erase_for_good
from jifen_office.register.keeping import found, keep
from jifen_office.register.models import Household
from jifen_office.shop.models import VoucherState

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@route("household.export")
def kept(request: HttpRequest, **_: str) -> HttpResponse:
    """Everything that is kept about a household, to be read and printed; the same as a file is beside it."""
    home = home_of(request)
    with speaking():
        tables = tables_of(export_of(home))
    own = user_of(request).household_id == home.pk
    response = render(
        request, "office/kept.html", {"village": home.village, "home": home, "own": own, "tables": tables}
    )
    response["Cache-Control"] = "no-store"
    return response


@route("register.keep")
def change(request: HttpRequest, **_: str) -> HttpResponse:
    """Changes what the register keeps of a household."""
    home, user = home_of(request), user_of(request)
    form = KeepForm(request.POST or None, home=home)
    if request.method == "POST":
        done = form.do(lambda _, key: keep(home, form.told(), form.persons(), key=key, by=user, now=now()))
        if done is not None:
            messages.success(request, gettext("已保存。"))
            return redirect("household", home.village.code, home.code)
    rows = [(member, identity_for(user, member) if member else "", fields) for member, fields in form.rows()]
    facts = {"village": home.village, "home": home, "form": form, "rows": rows}
    response = render(request, "office/change.html", facts, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@route("register.keep")
def find(request: HttpRequest, **_: str) -> HttpResponse:
    """Finds a household by the number of an identity card or a telephone."""
    here = village_of(request)
    form = FindForm(request.POST or None)
    homes: list[Household] = []
    if request.method == "POST" and form.is_valid():
        homes = found(here, form.cleaned_data["number"])
        if len(homes) == 1:
            return redirect("household", here.code, homes[0].code)
        if not homes:
            form.add_error("number", gettext("没有找到。号码要写全，并且登记过才找得到。"))
    facts = {"village": here, "form": form, "homes": homes}
    return render(request, "office/find.html", facts, status=422 if form.errors else 200)


@route("household.erase")
def erase(request: HttpRequest, **_: str) -> HttpResponse:
    """Erases a household's personal data at its own wish: first what goes and what stays, then its number once more."""
    home, user = home_of(request), user_of(request)
    sure = request.method == "POST" or request.GET.get("sure") == "1"
    form = EraseForm(request.POST or None, home=home) if sure else None

    def act() -> list[Household]:
        erase_for_good(home, by=user, now=now())
        return [home]

    if form is not None and request.method == "POST":
        done = form.do(lambda _, key: once(Household, "erase", {"household": home.code}, act, key=key, by=user))
        if done is not None:
            messages.success(request, gettext("%(code)s 的个人信息已经删除，恢复不了。") % {"code": home.code})
            return redirect("households", home.village.code)
    facts = {
        "village": home.village,
        "home": home,
        "form": form,
        "counts": _counts(home),
        "purses": purses(accounts_of(home), book_now(home.village)),
        "book": book_now(home.village),
        "exports": may(user, "household.export", home),
    }
    refused = form is not None and bool(form.errors)
    return render(request, "office/erase.html", facts, status=422 if refused else 200)


def _counts(home: Household) -> dict[str, int]:
    """How much there is of what goes and of what stays."""
    mine = Entry.objects.filter(transfers__source__household=home) | Entry.objects.filter(
        transfers__target__household=home
    )
    return {
        "members": home.members.count(),
        "pictures": Evidence.objects.filter(record__household=home).exclude(file="").count(),
        "kin": Kinship.objects.filter(household=home).count(),
        "objections": home.objections.count(),
        "vouchers": home.vouchers.filter(state=VoucherState.RESERVED).count(),
        "records": home.records.count(),
        "entries": mine.distinct().count(),
    }
