from __future__ import annotations

import sys
import types
from collections.abc import Sequence

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from jifen.problems import Refused
from jifen_office import hooks
from jifen_office.access.routes import declared, every, route


@route("village.look")
def seeds(_request: HttpRequest, village: str) -> HttpResponse:
    return HttpResponse(village)


urlpatterns = [path("v/<str:village>/", seeds, name="seeds")]


class Plugin:
    """Pages about the seeds that a village shares."""

    def __init__(self, *pages: hooks.OfficePages) -> None:
        self.pages = pages

    @hooks.hookimpl
    def jifen_office_pages(self) -> Sequence[hooks.OfficePages]:
        return self.pages


def _pages(name: str = "seeds", prefix: str = "seeds/") -> hooks.OfficePages:
    module = types.ModuleType("office_seeds")
    module.__dict__["urlpatterns"] = urlpatterns
    sys.modules["office_seeds"] = module
    entry = hooks.MenuEntry("seeds", {"zh_CN": "种子", "en": "Seeds"}, frozenset({"clerk"}))
    return hooks.OfficePages(name, {"zh_CN": "种子交换", "en": "Seeds"}, prefix, "office_seeds", (entry,))


def test_jifen_office_pages_adds_addresses_that_declare_who_may_have_them() -> None:
    pages = hooks.pages_of(hooks.manager(Plugin(_pages())))
    found = list(every(hooks.addresses_of(pages)))
    assert [name for _, name in found] == ["seeds:seeds"]
    declaration = declared(found[0][0].callback)
    assert declaration is not None
    assert declaration.permission == "village.look"


@pytest.mark.django_db
def test_a_plugins_page_is_refused_to_whom_it_does_not_declare(settings: object) -> None:
    """Through Django, with the plugin's addresses beside the office's own."""
    from django.test import Client

    from plugins.office.tests.access_world import made_world

    addresses = types.ModuleType("office_with_seeds")
    from jifen_office.project import urls

    addresses.__dict__["urlpatterns"] = [
        *hooks.addresses_of(hooks.pages_of(hooks.manager(Plugin(_pages())))),
        *urls.urlpatterns,
    ]
    addresses.__dict__["handler404"] = urls.handler404
    sys.modules["office_with_seeds"] = addresses
    settings.ROOT_URLCONF = "office_with_seeds"  # type: ignore[attr-defined]
    world = made_world()
    answers = {}
    for role in ("clerk", "household", "stranger"):
        client = Client()
        client.force_login(world.users[role])  # type: ignore[arg-type]
        answers[role] = [client.get(f"/plugin/seeds/v/{village}/").status_code for village in ("QH01", "QH02")]
    assert answers == {"clerk": [200, 404], "household": [403, 404], "stranger": [404, 404]}


def test_two_plugins_do_not_take_one_address_and_a_bad_prefix_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        hooks.pages_of(hooks.manager(Plugin(_pages(), _pages("other"), _pages("third", "../x"))))
    assert [problem.code for problem in refused.value.problems] == ["office.plugin.taken", "office.plugin.prefix"]


def test_an_office_without_plugins_has_no_further_pages() -> None:
    assert hooks.pages_of(hooks.manager()) == ()
