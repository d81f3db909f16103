"""Decides the pages of penalty proposals: people propose, people decide, with the charter's clause (R19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jifen_office.access.roles import may
from jifen_office.access.routes import route, village_of
from jifen_office.pages.clock import now
from jifen_office.pages.forms import ConclusionForm, ProposalForm
from jifen_office.pages.record_doors import record_of
from jifen_office.pages.shown_records import facts_of
from jifen_office.pages.whose import user_of
from jifen_office.process.models import Kind
from jifen_office.process.proposing import conclude, propose

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@route("proposal.make")
def proposal(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """Proposes a penalty for a record that is final."""
    here, user = village_of(request), user_of(request)
    ground = record_of(here, number)
    form = ProposalForm(request.POST or None)
    if request.method == "POST":
        made = form.do(
            lambda typed, key: propose(
                ground,
                measure=typed["measure"],
                charter_clause=typed["charter_clause"],
                note=typed["note"],
                key=key,
                by=user,
                now=now(),
            )
        )
        if made is not None:
            messages.success(request, gettext("已提出建议 %(number)s，由两名委员审核。") % {"number": made.number})
            return redirect("queue" if may(user, "record.review", here) else "records", here.code)
    facts = {"village": here, **facts_of(ground), "form": form}
    return render(request, "office/proposal.html", facts, status=422 if form.errors else 200)


@route("record.review")
def conclusion(request: HttpRequest, number: str, **_: str) -> HttpResponse:
    """The committee's decision on a proposal whose days have passed."""
    here, user = village_of(request), user_of(request)
    record = record_of(here, number)
    if record.kind != Kind.PROPOSAL:
        raise Http404
    form = ConclusionForm(request.POST or None)
    if request.method == "POST":
        done = form.do(
            lambda typed, key: conclude(
                record, decided=typed["decided"] == "yes", reasons=typed["reasons"], key=key, by=user, now=now()
            )
        )
        if done is not None:
            messages.success(request, gettext("决定已记录。"))
            return redirect("queue", here.code)
    facts = {"village": here, **facts_of(record), "form": form}
    return render(request, "office/conclusion.html", facts, status=422 if form.errors else 200)
