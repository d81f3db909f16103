"""Every role × every route × own and other village, made from the table of addresses: a new page is in it by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver
from jifen_office.access.middleware import AccessMiddleware
from jifen_office.access.models import User
from jifen_office.access.roles import HOUSEHOLD, PERMISSIONS, households, may
from jifen_office.access.routes import Route, declared, every, route

from plugins.office.tests.access_world import NOBODY, OPERATOR, REACH, ROLES, World, made_world

ROUTES = [(pattern, name) for pattern, name in every(get_resolver().url_patterns)]
CHECKED = [(pattern, name, declared(pattern.callback)) for pattern, name in ROUTES]


@pytest.fixture
def world(db: None) -> World:
    del db
    return made_world()


def _keywords(pattern: URLPattern, name: str) -> set[str]:
    """The keywords of an address, those of the tables around it too."""
    found = set(pattern.pattern.regex.groupindex)
    for ways in get_resolver().reverse_dict.getlist(name):
        for _, given in ways[0]:
            found |= set(given)
    return found


def _answer(user: Any, view: Callable[..., Any], given: dict[str, str]) -> int:
    """What the middleware alone says: 0 lets the view run."""
    request = RequestFactory().get("/")
    request.user = user
    try:
        answer = AccessMiddleware(lambda _: HttpResponse()).process_view(request, view, (), given)
    except PermissionDenied:
        return 403
    except Http404:
        return 404
    return 0 if answer is None else answer.status_code


def _expected(role: str, asked: Route, spot: str, *, narrow: str) -> int:
    """By hand: `narrow` is the narrowest place in the address: household, village, town or nothing."""
    permission = PERMISSIONS[asked.permission]
    if permission.public:
        return 0
    if role == NOBODY:
        return 302
    if permission.signed_in or (permission.operators and role == OPERATOR):
        return 0
    widened = {
        "household": {spot},
        "village": {"own", "same group", "same village"} if spot in ("own", "same group", "same village") else {spot},
        "town": {"other town"} if spot == "other town" else {"same town"},
        "": set(REACH[role]) or {spot},
    }[narrow]
    reached = bool(REACH[role] & widened)
    if reached and role in permission.to:
        return 0
    return 403 if reached or narrow == "" else 404


def test_every_route_is_declared() -> None:
    undeclared = [name or str(pattern.pattern) for pattern, name, found in CHECKED if found is None]
    assert not undeclared, f"these views carry no @route: {undeclared}"


def test_every_route_that_names_a_village_has_it_in_its_address() -> None:
    wrong = [
        name
        for pattern, name, found in CHECKED
        if found is not None and found.village is not None and found.village not in _keywords(pattern, name)
    ]
    assert not wrong, f"these addresses lack the keyword of the village: {wrong}"


def test_no_route_that_names_a_place_hides_it_from_the_check() -> None:
    """A household or village in an address under another keyword would go unchecked."""
    known = {"village", "household", "town"}
    hidden = [
        (name, keyword)
        for pattern, name, _ in CHECKED
        for keyword in _keywords(pattern, name)
        if re.search("village|household|town", keyword) and keyword not in known
    ]
    assert not hidden


def test_every_role_reaches_every_route_exactly_where_it_may(world: World) -> None:
    """Routes that declare the same and name the same places are one row, for the middleware knows nothing else."""
    rows: dict[tuple[Route, frozenset[str]], list[tuple[URLPattern, str]]] = {}
    for pattern, name, found in CHECKED:
        if found is not None:
            rows.setdefault((found, frozenset(_keywords(pattern, name))), []).append((pattern, name))
    wrong = []
    for (found, keywords), routes in rows.items():
        narrow = next((word for word in ("household", "village", "town") if word in keywords), "")
        for role in ROLES:
            for spot, there in list(world.spots.items())[: None if narrow else 1]:
                given = {word: there.codes.get(word, "1") for word in keywords}
                answer = _answer(world.users[role], routes[0][0].callback, given)
                if answer != _expected(role, found, spot, narrow=narrow):
                    wrong.append(([name for _, name in routes], found.permission, role, spot, answer))
    assert not wrong
    assert sum(map(len, rows.values())) == len(CHECKED)


def test_every_permission_ends_where_the_scope_ends(world: World) -> None:
    """The same for each permission of the table, used by a page or not, asked of the table itself."""
    wrong = []
    for permission, wanted in PERMISSIONS.items():
        for role in ROLES:
            listed = set(households(world.users[role], permission))
            for spot, there in world.spots.items():
                answer = 0 if may(world.users[role], permission, there.household) else 403
                expected = _expected(role, Route(permission), spot, narrow="household")
                if bool(answer) != bool(expected):
                    wrong.append((permission, role, spot))
                if wanted.to and (there.household in listed) != (expected == 0):
                    wrong.append((permission, role, f"{spot}, as a list"))
    assert not wrong


def test_a_view_that_declares_nothing_is_refused_to_everyone(world: World) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert {_answer(world.users[role], view, {}) for role in ROLES} == {403}


def test_a_view_whose_address_lacks_its_village_is_refused(world: World) -> None:
    @route("points.look")
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert _answer(world.users["clerk"], view, {}) == 403


def test_nothing_becomes_public_at_one_place_alone() -> None:
    with pytest.raises(ValueError, match=r"points\.look"):
        route("points.look", public=True)
    with pytest.raises(ValueError, match=r"public\.look"):
        route("public.look")


def test_a_household_of_another_village_is_not_found_under_ones_own(world: World) -> None:
    @route("points.look")
    def view(_request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse()

    mixed = {"village": "QH01", "household": world.spots["same town"].household.code}
    assert _answer(world.users["clerk"], view, mixed) == 404


def test_a_place_that_does_not_exist_looks_like_one_that_is_not_ours(world: World) -> None:
    @route("points.look")
    def view(_request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse()

    for village in ("QH02", "NONE"):
        assert _answer(world.users["clerk"], view, {"village": village}) == 404
        assert _answer(world.users[NOBODY], view, {"village": village}) == 302


def test_an_erased_household_and_a_disabled_account_reach_nothing(world: World) -> None:
    @route("points.look")
    def view(_request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse()

    own = world.spots["own"]
    assert _answer(world.users[HOUSEHOLD], view, own.codes) == 0
    from django.utils import timezone

    own.household.erased = timezone.now()
    own.household.save()
    card = User.objects.get(household=own.household)
    assert _answer(card, view, own.codes) == 404
    clerk = User.objects.get(username="clerk")
    assert _answer(clerk, view, world.spots["same group"].codes) == 0
    clerk.is_active = False
    assert _answer(clerk, view, world.spots["same group"].codes) == 404


def test_what_is_refused_is_refused_by_the_whole_chain(world: World, client: Client) -> None:
    """The same through Django, for the addresses that can be built: no page answers whom the table refuses."""
    from django.urls import NoReverseMatch, reverse

    wrong = []
    for pattern, name, found in CHECKED:
        if found is None or found.public or PERMISSIONS[found.permission].signed_in or not name:
            continue
        far = world.spots["other town"].codes
        keywords = _keywords(pattern, name)
        try:
            address = reverse(name, kwargs={word: far.get(word, "1") for word in keywords})
        except NoReverseMatch:
            continue
        for role in (NOBODY, "stranger", "clerk", HOUSEHOLD):
            user = world.users[role]
            client.logout()
            if isinstance(user, User):
                client.force_login(user)
            for answer in (client.get(address), client.post(address)):
                refused = (302,) if role == NOBODY else (403, 404)
                allowed = not keywords & {"village", "household", "town"} and role in PERMISSIONS[found.permission].to
                if answer.status_code not in refused and not allowed:
                    wrong.append((name, role, answer.status_code))
    assert not wrong
