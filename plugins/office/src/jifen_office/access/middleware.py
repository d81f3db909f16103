"""Decides before any page runs whether who asks may have it, and has it written down.

What is out of reach does not exist for who asks (404), so that nothing is disclosed; what is known to them but not
theirs to do is forbidden (403); who is not signed in is sent to sign in.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import Http404, HttpResponse
from django.shortcuts import resolve_url

from jifen_office.access import audit
from jifen_office.access.errors import bad_request
from jifen_office.access.models import User
from jifen_office.access.roles import PERMISSIONS, Place, keep_standings, knows_of, may
from jifen_office.access.routes import Asked, Route, asked, declared, keep_asked
from jifen_office.register.models import Household, Town, Village

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_LOG: Final = logging.getLogger("jifen_office.access")
_LOOKS: Final = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods that change nothing; whatever else is asked is written down as a POST is."""


class PlainTextMiddleware:
    """Refuses addresses and cookies with a NUL before anything looks them up: no text of ours has one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """`get_response` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """400 where there is one; PostgreSQL would refuse it in the middle of a page."""
        asked_for = [request.path, *request.COOKIES, *request.COOKIES.values(), *request.GET]
        given = [value for values in request.GET.lists() for value in values[1]]
        if any("\0" in text for text in (*asked_for, *given)):
            return bad_request(request)
        return self.get_response(request)


class AccessMiddleware:
    """Refuses what is not declared or not allowed; writes the audit; keeps personal pages out of browsers' stores."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """`get_response` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; how a POST ended is written down after it, that it was asked before it."""
        response = self.get_response(request)
        try:
            found = asked(request)
        except LookupError:
            return response
        if PERMISSIONS[found.route.permission].personal:
            response.headers.setdefault("Cache-Control", "no-store")  # a counter's computer is everybody's
        if request.method not in _LOOKS:
            _write_outcome(request, response.status_code)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], _args: object, given: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        """None where the view may run. Raises `PermissionDenied` and `Http404`."""
        route = declared(view)
        if route is None:
            _LOG.error("refused a view that declares no permission: %s", getattr(view, "__qualname__", "view"))
            raise PermissionDenied
        user = request.user
        if not route.public and not user.is_authenticated:
            return _to_sign_in(request)
        found = _find(route, given, user.household if isinstance(user, User) else None)
        place = _place(found)
        if isinstance(user, User):
            keep_standings(user)
        if not may(user, route.permission, place):
            audit.write(request, audit.DENIED, found)
            if place != Place() and not knows_of(user, place):
                raise Http404
            raise PermissionDenied
        keep_asked(request, found)
        if request.method not in _LOOKS:
            audit.write(request, audit.ASKED)
        elif PERMISSIONS[route.permission].personal and not _own(user):
            audit.write(request, audit.SEEN)
        return None


def _write_outcome(request: HttpRequest, status: int) -> None:
    """How a request ended that was written down before it ran. What it did is done, so the answer stands.

    Where the disk has become full meanwhile, an answer that nothing was done would not be true.
    """
    try:
        audit.write(request, str(status))
    except Error:
        _LOG.exception("a request ended with %s, which could not be written down", status)


def _own(user: object) -> bool:
    """A household that looks at its own page is not counted."""
    return isinstance(user, User) and user.household_id is not None


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")


def _find(route: Route, given: Mapping[str, Any], own: Household | None) -> Asked:
    """The village, household or town that the address names. Raises `Http404` where there is none such.

    `own` is the household of who asks: mostly it is the one in the address, and need not be read again.
    """
    village, household, town = None, None, None
    if route.village is not None and route.village not in given:
        _LOG.error("refused a view whose address lacks the keyword that it declares: %s", route.village)
        raise PermissionDenied
    if route.household in given:
        household = _household(given[route.household], None if route.village is None else given[route.village], own)
        if household is None:
            raise Http404
        village = household.village
    elif route.village is not None:
        village = Village.objects.select_related("town").filter(code=given[route.village]).first()
        if village is None:
            raise Http404
    if route.town in given:
        towns = Town.objects.filter(code=given[route.town])
        town = towns.first() if village is None else towns.filter(pk=village.town_id).first()
        if town is None:
            raise Http404
    return Asked(route, village, household, town)


def _household(code: str, village: str | None, own: Household | None) -> Household | None:
    if own is not None and own.code == code and village in (None, own.village.code):
        return own
    held = Household.objects.select_related("village__town").filter(code=code)
    return (held if village is None else held.filter(village__code=village)).first()


def _place(found: Asked) -> Place:
    if found.household is not None:
        return Place.of(found.household)
    if found.village is not None:
        return Place.of(found.village)
    return Place(found.town.pk) if found.town is not None else Place()
