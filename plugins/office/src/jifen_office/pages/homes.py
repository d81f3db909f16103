"""Decides the pages of the register: the households within reach, one of them, its card and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import render
from jifen.problems import Refused

from jifen_office.access.cards import issue
from jifen_office.access.roles import households as reach
from jifen_office.access.roles import may
from jifen_office.access.routes import route, village_of
from jifen_office.access.showing import address_for, telephone_for
from jifen_office.pages import passbook
from jifen_office.pages.clock import now
from jifen_office.pages.forms import ActForm
from jifen_office.pages.settled import book_now
from jifen_office.pages.shown_records import posted_lines
from jifen_office.pages.whose import home_of, user_of
from jifen_office.process.evidence import path_of
from jifen_office.process.models import Evidence
from jifen_office.register.access import export_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

_PAGE: Final = 40
_FEW: Final = 12
_HELPS: Final = {
    "record": "deed.record",
    "reserve": "exchange.reserve",
    "card": "card.issue",
    "export": "household.export",
    "keep": "register.keep",
    "erase": "household.erase",
}
"""With what somebody can help a household, and the permission for it."""


@route("points.look")
def households(request: HttpRequest, **_: str) -> HttpResponse:
    """The register of the households within reach."""
    here, user = village_of(request), user_of(request)
    words, group = request.GET.get("words", "").strip(), request.GET.get("group", "")
    homes = reach(user, "points.look").filter(village=here, erased=None).select_related("village")
    groups = sorted(set(homes.values_list("group", flat=True)))
    if words:
        homes = homes.filter(Q(code__icontains=words) | Q(name__icontains=words))
    if group:
        homes = homes.filter(group=group)
    page = Paginator(homes.order_by("group", "code"), _PAGE).get_page(request.GET.get("page"))
    finds = may(user, "register.keep", here)
    facts = {"village": here, "page": page, "words": words, "group": group, "groups": groups, "finds": finds}
    return render(request, "office/households.html", facts)


@route("points.look")
def household(request: HttpRequest, **_: str) -> HttpResponse:
    """One household as those see it who help it: who it is, and the way to its pages."""
    home, user = home_of(request), user_of(request)
    book = book_now(home.village)
    facts = {
        "village": home.village,
        "home": home,
        "book": book,
        "address": address_for(user, home),
        "telephone": telephone_for(user, home),
        "members": home.members.select_related("household__village").order_by("pk"),
        "purses": passbook.purses(passbook.accounts_of(home), book),
        "records": posted_lines(home.records.all(), book)[::-1][:_FEW],
        "perms_here": {name: may(user, permission, home) for name, permission in _HELPS.items()},
    }
    return render(request, "office/household.html", facts)


@route("card.issue")
def issue_card(request: HttpRequest, **_: str) -> HttpResponse:
    """Gives a household its card; the PIN is shown once."""
    home = home_of(request)
    form = ActForm(request.POST or None)
    card = None
    if request.method == "POST":
        card = form.do(lambda _, key: issue(home, key=key, by=user_of(request), now=now()))
    address = "" if card is None else request.build_absolute_uri(card.path)
    facts = {"village": home.village, "home": home, "form": form, "card": card, "address": address}
    response = render(request, "office/card.html", facts)
    response["Cache-Control"] = "no-store"
    return response


@route("household.export")
def export(request: HttpRequest, **_: str) -> HttpResponse:
    """Everything that is kept about a household, as a file."""
    home = home_of(request)
    answer = JsonResponse(export_of(home), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{home.code}.json"'
    return answer


@route("record.look")
def evidence(request: HttpRequest, number: int, **_: str) -> HttpResponseBase:
    """A picture that shows a deed."""
    home = home_of(request)
    found = Evidence.objects.filter(pk=number, record__household=home).exclude(file="").first()
    if found is None:
        raise Http404
    try:
        picture = path_of(found.file).open("rb")
    except (Refused, FileNotFoundError) as error:
        raise Http404 from error
    return FileResponse(picture, content_type="image/jpeg")
