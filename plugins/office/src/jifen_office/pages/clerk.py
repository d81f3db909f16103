"""Decides the pages of those who record: today's tasks, the register, recording, notices (R21, R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jifen_office.access.roles import households as reach
from jifen_office.access.roles import may
from jifen_office.access.routes import route, village_of
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import ActForm
from jifen_office.pages.record_forms import ChooseForm, RecordForm
from jifen_office.pages.rules_shown import rule_of
from jifen_office.pages.settled import book_now
from jifen_office.pages.shown_records import posted_lines, told
from jifen_office.pages.upkeep import village_now
from jifen_office.pages.whose import home_of, user_of
from jifen_office.process.models import Record, State
from jifen_office.process.noticing import post_notice
from jifen_office.process.recording import record as make_record
from jifen_office.process.recording import whose
from jifen_office.process.tasks import clerk_tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from jifen.model import RuleBook

    from jifen_office.access.models import User
    from jifen_office.possible import WhatIf
    from jifen_office.register.models import Household, Village

_PAGE: Final = 40
_FEW: Final = 12


@route("task.look")
def desk(request: HttpRequest, **_: str) -> HttpResponse:
    """What there is to do today, and what was recorded last."""
    here, user = village_now(request), user_of(request)
    book = book_now(here)
    mine = _within(here, user)
    facts = {
        "village": here,
        "tasks": [(task, told(task.records[:_FEW], book)) for task in clerk_tasks(here, today())],
        "posts": may(user, "notice.post", here),
        "credits": may(user, "points.credit", here),
        "running": here.notices.filter(until__gte=today()).order_by("until"),
        "latest": told(mine.select_related("household__village", "village").order_by("-recorded", "-pk")[:_FEW], book),
        "form": ActForm(),
        "today": today(),
    }
    return render(request, "office/desk.html", facts)


@route("deed.record")
def record(request: HttpRequest, **_: str) -> HttpResponse:
    """Records a deed of a household within reach, or of the village."""
    here, user = village_of(request), user_of(request)
    book = book_now(here)
    if book is None:
        return render(request, "office/no_rules.html", {"village": here})
    homes = reach(user, "deed.record").filter(village=here, erased=None)
    choose = ChooseForm(request.GET if "item" in request.GET else None, homes=homes, book=book, village=here)
    if not request.GET.get("item"):
        choose = ChooseForm(initial=request.GET.dict(), homes=homes, book=book, village=here)
    if choose.is_bound and choose.is_valid():
        return _record(request, here, book, choose.cleaned_data["home"], choose.cleaned_data["item"], choose)
    facts = {"village": here, "choose": choose, "homes": homes.order_by("group", "code"), "book": book}
    return render(request, "office/record.html", facts)


@route("deed.record")
def report(request: HttpRequest, **_: str) -> HttpResponse:
    """A household records what it did itself; the committee looks at it as at every other record."""
    home = home_of(request)
    book = book_now(home.village)
    if book is None:
        return render(request, "office/no_rules.html", {"village": home.village})
    homes = reach(user_of(request), "deed.record").filter(pk=home.pk)
    data = {"item": request.GET.get("item", ""), "household": home.code}
    choose = ChooseForm(data if data["item"] else None, homes=homes, book=book, village=home.village)
    if choose.is_bound and choose.is_valid():
        return _record(request, home.village, book, home, choose.cleaned_data["item"], choose)
    facts = {"village": home.village, "home": home, "own": True, "choose": choose, "book": book}
    return render(request, "office/record.html", facts)


def _record(
    request: HttpRequest, here: Village, book: RuleBook, home: Household | None, code: str, choose: ChooseForm
) -> HttpResponse:
    item = book.items_in(here.code)[code]
    form = RecordForm(request.POST or None, request.FILES or None, item=item, home=home, village=here, today=today())
    user = user_of(request)
    gives: WhatIf | None = None
    if request.method == "POST" and request.POST.get("act") == "preview" and home is not None:
        gives = form.do(lambda *_: form.what_if(today()))
    elif request.method == "POST":
        made = form.do(lambda _, key: make_record(form.draft(), key=key, by=user, now=now()))
        if made is not None:
            say_recorded(request, [made], gettext("已登记 %(number)s，等待审核。") % {"number": made.number})
            if user.household_id is not None and home is not None:
                return redirect("points", here.code, home.code)
            return redirect("record", here.code)
    facts = {
        "village": here,
        "form": form,
        "gives": gives,
        "home": home,
        "own": user.household_id is not None,
        "rule": rule_of(book, here.code, code),
        "choose": choose,
        "book": book,
    }
    return render(request, "office/record_deed.html", facts, status=422 if form.errors else 200)


def say_recorded(request: HttpRequest, made: Sequence[Record], words: str) -> None:
    """Says that records were made; of a form that is sent again, once they were reviewed or withdrawn, what is so."""
    if all(each.state == State.RECORDED for each in made):
        messages.success(request, words)
    else:
        messages.error(
            request,
            gettext("这张表单先前送出过，当时的记录已经审核或撤回；这一次没有再登记，要登记请重新打开页面填写。"),
        )


@route("record.list")
def records(request: HttpRequest, **_: str) -> HttpResponse:
    """The records of a village, filtered by where they are."""
    here, user = village_of(request), user_of(request)
    state = request.GET.get("state", "")
    found = _within(here, user)
    if state in State.values:
        found = found.filter(state=state)
    page = Paginator(found.order_by("-date", "-number"), _PAGE).get_page(request.GET.get("page"))
    lines = posted_lines(Record.objects.filter(pk__in=[each.pk for each in page]), book_now(here))[::-1]
    facts = {"village": here, "page": page, "lines": lines, "state": state, "states": State.values}
    if may(user, "entry.reverse", here):
        facts |= {"act": "cancel", "words": gettext("查看或撤销")}
    return render(request, "office/records.html", facts)


def _within(here: Village, user: User) -> QuerySet[Record]:
    """The records of a village within somebody's reach: those of households, and those of the village itself."""
    reached = Q(household__in=reach(user, "record.look"))
    if may(user, "record.list", whose(None, here)):
        reached |= Q(household=None)
    return Record.objects.filter(reached, village=here)


@route("notice.post")
def notice(request: HttpRequest, **_: str) -> HttpResponse:
    """Posts what the committee approved; the sheet is printed from its own page."""
    here, user = village_of(request), user_of(request)
    form = ActForm(request.POST or None)
    if request.method == "POST":
        made = form.do(lambda _, key: post_notice(here, key=key, by=user, now=now()))
        if made is not None:
            messages.success(request, gettext("已公示 %(number)s，请打印张贴。") % {"number": made.number})
            return redirect("sheet", here.code, made.number)
    book = book_now(here)
    facts = {
        "village": here,
        "form": form,
        "book": book,
        "lines": posted_lines(Record.objects.filter(village=here, state=State.APPROVED), book),
        "notices": here.notices.order_by("-posted", "-pk")[:_FEW],
    }
    return render(request, "office/notice.html", facts, status=422 if form.errors else 200)
