"""Decides the pages of the review committee: what waits, deciding with reasons, kin, re-check (R19, R21, R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from jifen.problems import Refused

from jifen_office.access.models import Kinship
from jifen_office.access.routes import route, village_of
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import (
    ActForm,
    DecisionForm,
    KinForm,
    ReasonForm,
    SampleForm,
)
from jifen_office.pages.record_doors import record_of
from jifen_office.pages.settled import book_now
from jifen_office.pages.shown_records import facts_of, line_of, told
from jifen_office.pages.whose import user_of
from jifen_office.process import reviewing
from jifen_office.process.models import Objection, Record, State
from jifen_office.process.objecting import decidable, decide, undecided
from jifen_office.process.proposing import to_conclude
from jifen_office.process.sampling import sample as draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from jifen_office.pages.forms import KeyedForm

_FEW: Final = 60


@route("record.review")
def queue(request: HttpRequest, **_: str) -> HttpResponse:
    """What waits for this person."""
    here, user = village_of(request), user_of(request)
    proposals = [each for each in to_conclude(here, today()) if not reviewing.kin_bars(each, user)]
    waiting = reviewing.queue(user, here, today=today()).select_related("household__village", "village")
    facts = {
        "village": here,
        "lines": told(waiting, book_now(here)),
        "others": Record.objects.filter(village=here, state=State.RECORDED).count(),
        "objections": len(decidable(user, here, today=today())),
        "proposals": told(proposals, book_now(here)),
    }
    return render(request, "office/queue.html", facts)


@route("record.review")
def review(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """One record, and approving it, refusing it or leaving it to others."""
    here, user = village_of(request), user_of(request)
    record = record_of(here, number)
    acts: dict[str, tuple[KeyedForm, Callable[[dict[str, str], str], Record], str]] = {
        "approve": (
            ActForm(request.POST if request.POST.get("act") == "approve" else None),
            lambda _, key: reviewing.approve(record, key=key, by=user, now=now()),
            gettext("已审核通过。"),
        ),
        "refuse": (
            ReasonForm(request.POST if request.POST.get("act") == "refuse" else None, auto_id="refuse_%s"),
            lambda typed, key: reviewing.refuse(record, reason=typed["reason"], key=key, by=user, now=now()),
            gettext("已退回，理由会告诉登记人和家庭户。"),
        ),
        "recuse": (
            ReasonForm(request.POST if request.POST.get("act") == "recuse" else None, auto_id="recuse_%s"),
            lambda typed, key: reviewing.recuse(record, reason=typed["reason"], key=key, by=user, now=now()),
            gettext("已回避，由其他委员审核。"),
        ),
    }
    chosen = acts.get(request.POST.get("act", ""))
    if request.method == "POST" and chosen is not None and chosen[0].do(chosen[1]) is not None:
        messages.success(request, chosen[2])
        return redirect("queue", here.code)
    facts = {
        "village": here,
        **facts_of(record),
        "alike": told(reviewing.alike(record), book_now(here)),
        "bars": Refused(reviewing.bars(record, user)),
        "forms": {name: form for name, (form, _, _) in acts.items()},
        "waits": record.state == State.RECORDED,
        "today": today(),
    }
    refused = any(form.errors for form, _, _ in acts.values())
    return render(request, "office/review.html", facts, status=422 if refused else 200)


@route("kin.declare")
def kin(request: HttpRequest, **_: str) -> HttpResponse:
    """Households of kin, which this person does not review."""
    here, user = village_of(request), user_of(request)
    form = KinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        home = here.households.filter(code__iexact=form.cleaned_data["household"].strip(), erased=None).first()
        if home is None:
            form.add_error("household", gettext("没有找到这一户，请核对户号。"))
        else:
            Kinship.objects.get_or_create(user=user, household=home)
            messages.success(request, gettext("已登记，这一户的记录不再由您审核。"))
            return redirect("kin", here.code)
    mine = Kinship.objects.filter(user=user, household__village=here).select_related("household__village")
    facts = {"village": here, "form": form, "mine": mine.order_by("household__code")}
    return render(request, "office/kin.html", facts, status=422 if form.errors else 200)


@route("objection.decide")
def objected(request: HttpRequest, **_: str) -> HttpResponse:
    """Objections that wait, the one that is due first at the head."""
    here, user = village_of(request), user_of(request)
    mine = {each.pk for each in decidable(user, here, today=today())}
    book = book_now(here)
    facts = {
        "village": here,
        "waiting": [(each, line_of(each.record, book), each.pk in mine) for each in undecided(here)],
        "today": today(),
    }
    return render(request, "office/objected.html", facts)


@route("objection.decide")
def objection(request: HttpRequest, number: int, **_: str) -> HttpResponse:
    """One objection, and deciding it with reasons."""
    here, user = village_of(request), user_of(request)
    known = Objection.objects.select_related("record__village", "record__household", "household__village")
    found = known.filter(pk=number, record__village=here).first()
    if found is None:
        raise Http404
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        done = form.do(
            lambda typed, key: decide(
                found, granted=typed["granted"] == "yes", reasons=typed["reasons"], key=key, by=user, now=now()
            )
        )
        if done is not None:
            messages.success(request, gettext("已答复，家庭户可以看到结论和理由。"))
            return redirect("objected", here.code)
    facts = {
        "village": here,
        "objection": found,
        **facts_of(found.record),
        "form": form,
        "can": found.pk in {each.pk for each in decidable(user, here, today=today())},
        "today": today(),
    }
    return render(request, "office/objection.html", facts, status=422 if form.errors else 200)


@route("record.review")
def decisions(request: HttpRequest, **_: str) -> HttpResponse:
    """What this person has decided so far."""
    here, user = village_of(request), user_of(request)
    book = book_now(here)
    steps = reviewing.decisions(user, here).select_related("record__household__village", "record__village")[:_FEW]
    return render(
        request,
        "office/decisions.html",
        {"village": here, "steps": [(step, line_of(step.record, book)) for step in steps]},
    )


@route("sample.draw")
def sample(request: HttpRequest, **_: str) -> HttpResponse:
    """A sample of what was approved, to be looked at again on the spot."""
    here = village_of(request)
    form = SampleForm(request.GET if "seed" in request.GET else None)
    lines = []
    if form.is_bound and form.is_valid():
        try:
            drawn = draw(here, form.cleaned_data["seed"], form.cleaned_data["count"])
        except Refused as refused:
            form.add_error(None, [str(problem) for problem in refused.problems])
        else:
            lines = told(drawn, book_now(here))
    return render(request, "office/sample.html", {"village": here, "form": form, "lines": lines})
