"""Decides what of the audit is shown to whom: who did what when and how it ended, and nothing of whom it was about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen
from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jifen_office.access.models import AuditEntry, Role
from jifen_office.access.roles import standings, villages
from jifen_office.access.routes import route
from jifen_office.pages.forms import Day
from jifen_office.pages.stated import stated
from jifen_office.pages.whose import user_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

_PAGE: Final = 60
_PERMISSION: Final = "audit.look"


class AuditForm(forms.Form):
    """A village and a day; both may be left open."""

    village = forms.ChoiceField(label=_("村"), required=False)
    day = forms.DateField(label=_("哪一天"), widget=Day, required=False)

    def __init__(self, *args: object, within: QuerySet[Village], **options: object) -> None:
        """`within` are the villages that the reader may choose from."""
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["village"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
        field.choices = [("", _("全部")), *((each.code, str(each)) for each in within)]


@frozen
class Line:
    """One thing that somebody did. A household stands as one, without its number."""

    at: datetime
    who: str
    role: str
    route: str
    village: str
    outcome: str
    wrong: bool


@route(_PERMISSION, village=None)
def audit(request: HttpRequest) -> HttpResponse:
    """The audit of the villages within reach, the newest first."""
    user = user_of(request)
    within = villages(user, _PERMISSION)
    form = AuditForm(request.GET if request.GET.keys() & {"village", "day"} else None, within=within)
    found = AuditEntry.objects.filter(_reach(user, within))
    if form.is_valid():
        if form.cleaned_data["village"]:
            found = found.filter(village__code=form.cleaned_data["village"])
        if (day := form.cleaned_data["day"]) is not None:
            found = found.filter(at__date=day)
    elif form.is_bound:
        found = found.none()
    page = Paginator(found.select_related("user", "village").order_by("-at", "-pk"), _PAGE).get_page(
        request.GET.get("page")
    )
    facts = {"form": form, "page": page, "lines": [line_of(each) for each in page]}
    return render(request, "office/audit.html", facts, status=422 if form.errors else 200)


def _reach(user: User, within: QuerySet[Village]) -> Q:
    """What is of a village within reach; what is of none is the district's, and a town's where its people did it."""
    found = Q(village__in=within)
    for each in standings(user):
        if each.role == Role.DISTRICT:
            found |= Q(village=None)
        elif each.role == Role.TOWN:
            found |= Q(village=None, user__appointments__role=Role.TOWN, user__appointments__town=each.place.town)
    return found


def line_of(entry: AuditEntry) -> Line:
    """An entry in words."""
    code = entry.outcome
    if code.isdecimal():
        code = "done" if code < "400" else "refused" if code < "500" else "failed"
    return Line(
        at=entry.at,
        who=_who(entry),
        role=stated(entry.role, "role") if entry.role else "",
        route=entry.route,
        village=str(entry.village or ""),
        outcome=stated(code, "outcome"),
        wrong=code in ("denied", "refused", "failed"),
    )


def _who(entry: AuditEntry) -> str:
    """An official by name; a card's number is a secret, and a household's name is not for this page."""
    if entry.user is None:
        return gettext("未登录")
    return gettext("家庭户") if entry.user.household_id is not None else str(entry.user)
