"""Decides where somebody begins after signing in, and remembers the view for elders and the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from jifen_office.access.routes import route
from jifen_office.pages.context import ELDER
from jifen_office.pages.menu import home_of
from jifen_office.pages.whose import user_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

_A_YEAR: Final = 365 * 24 * 60 * 60


@route("account.use", village=None)
def home(request: HttpRequest) -> HttpResponse:
    """The first page of one's role."""
    return HttpResponseRedirect(home_of(user_of(request)))


@route("public.look", village=None, public=True)
@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Changes between the two views and goes back to where one was."""
    answer = HttpResponseRedirect(_back(request))
    if request.COOKIES.get(ELDER) == "1":
        answer.delete_cookie(ELDER, samesite="Lax")
    else:
        answer.set_cookie(ELDER, "1", max_age=_A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer


@route("public.look", village=None, public=True)
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Changes the language, remembers it, and goes back to where one was."""
    return set_language(request)


def _back(request: HttpRequest) -> str:
    """The page from which one came, where it is the office's own."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"
