"""Decides the pages of what a village has settled for itself: whether its ranking is shown, who declared which kin."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jifen_office.access.models import Kinship
from jifen_office.access.roles import may
from jifen_office.access.routes import route, village_of
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import Day, KeyedForm
from jifen_office.pages.speech import speaking
from jifen_office.pages.whose import user_of
from jifen_office.register.deciding import decide_ranking

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from jifen.problems import Refused


class RankingForm(KeyedForm):
    """What the assembly resolved about the ranking, and by which resolution."""

    shown = forms.ChoiceField(
        label=_("排名"),
        choices=[("yes", _("公布前十名，姓名隐去")), ("no", _("不公布排名，只公布荣誉和等次"))],
        widget=forms.RadioSelect,
    )
    resolution = forms.CharField(
        label=_("村民代表会议决议文号"),
        max_length=120,
        help_text=_("公布不公布由村民代表会议定；写明是哪一次决议。"),
    )
    day = forms.DateField(label=_("决议日期"), widget=Day)

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        """A resolution is of a day up to today."""
        super().__init__(*args, **options)
        self.fields["day"].widget.attrs["max"] = today.isoformat()

    def refuse(self, refused: Refused) -> None:
        """Each problem beside its field where there is one, else above the form."""
        with speaking():
            for problem in refused.problems:
                name = problem.place.column
                self.add_error(name if name in self.fields else None, str(problem))


@route("settings.keep")
def settings(request: HttpRequest, **_: str) -> HttpResponse:
    """Whether the village's ranking is shown, by which resolution."""
    here, user = village_of(request), user_of(request)
    form = RankingForm(request.POST or None, initial={"shown": "yes" if here.shows_ranking else "no"}, today=today())
    if request.method == "POST":
        done = form.do(
            lambda typed, key: decide_ranking(
                here,
                shown=typed["shown"] == "yes",
                resolution=typed["resolution"],
                day=typed["day"],
                key=key,
                by=user,
                now=now(),
            )
        )
        if done is not None:
            messages.success(request, gettext("已按决议设置。"))
            return redirect("settings", here.code)
    facts = {"village": here, "form": form, "keeps": may(user, "register.keep", here)}
    return render(request, "office/settings.html", facts, status=422 if form.errors else 200)


@route("register.keep")
def kin_declared(request: HttpRequest, **_: str) -> HttpResponse:
    """Who of the committee declared which households to be kin, and so does not review them."""
    here = village_of(request)
    found = Kinship.objects.filter(household__village=here, household__erased=None)
    found = found.select_related("user", "household__village").order_by("user__name", "user", "household__code")
    return render(request, "office/kin_declared.html", {"village": here, "declared": found})
