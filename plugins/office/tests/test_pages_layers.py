"""A village's own rules: checked when they are handed in, in force once the town has approved them (R15)."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from jifen_office import rules
from jifen_office.access.models import Role, User
from jifen_office.access.people import appoint
from jifen_office.register.models import Town, Village

from plugins.office.tests.pages_month import TODAY, today

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["today"]  # a fixture

pytestmark = pytest.mark.django_db

OWN = """
[[villages]]
village = "WC03"
rules = "wangchao-2025"
approval = { body = "沙洲村村民代表会议", document = "沙洲村代〔2024〕9号", date = 2024-12-28 }

[[villages.items]]
code = "A04"
clause = "沙洲村细则第一条"
limits = [{ times = TIMES, per = "month" }]
"""


@pytest.fixture
def village(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Village:
    monkeypatch.setattr(rules, "layers_folder", lambda town: tmp_path / town)
    town = Town.objects.create(code="wangchao", name="望潮镇")
    return Village.objects.create(town=town, code="WC03", name="沙洲村")


def somebody(role: Role, **where: Any) -> Client:
    user = User.objects.create(username=role.value, name=role.value)
    appoint(user, role, since=TODAY.replace(month=1), **where)
    client = Client()
    client.force_login(user, backend="jifen_office.access.accounts.AccountBackend")
    return client


def handed_in(client: Client, text: str) -> Any:
    data = {"key": str(uuid.uuid4()), "file": SimpleUploadedFile("沙洲村.toml", text.encode())}
    return client.post(reverse("layer", kwargs={"village": "WC03"}), data)


def seen_by(client: Client) -> str:
    """The digest in the form that somebody has before them; empty where nothing waits."""
    page = words(client.get(reverse("layers", kwargs={"town": "wangchao"})))
    found = re.search(r'name="seen" value="(\w+)"', page)
    return found[1] if found else ""


def decided(client: Client, act: str, seen: str) -> Any:
    where = reverse("decide_layer", kwargs={"town": "wangchao", "code": "WC03"})
    return client.post(where, {"key": str(uuid.uuid4()), "act": act, "seen": seen})


def words(response: Any) -> str:
    return unescape(str(response.content.decode()))


def times(village: Village) -> int | None:
    return rules.book_of("wangchao", TODAY).item("A04", village.code, TODAY).limits[0].times


def test_a_layer_waits_for_the_town_and_holds_once_it_is_approved(village: Village) -> None:
    clerk, town = somebody(Role.CLERK, village=village), somebody(Role.TOWN, town=village.town)
    assert handed_in(clerk, OWN.replace("TIMES", "4")).status_code == 302
    assert times(village) == 2, "nothing holds before the town approves it"
    page = words(town.get(reverse("layers", kwargs={"town": "wangchao"})))
    assert "沙洲村代〔2024〕9号" in page
    assert "每月最多4次" in page
    seen = seen_by(town)
    assert decided(clerk, "approve", seen).status_code in (403, 404)
    for _ in range(3):
        decided(town, "approve", seen)
    assert times(village) == 4
    assert "没有等待批准" in words(town.get(reverse("layers", kwargs={"town": "wangchao"})))
    assert handed_in(clerk, OWN.replace("TIMES", "3")).status_code == 302
    decided(town, "approve", seen_by(town))
    assert times(village) == 3, "a later layer takes the place of the earlier one"


def test_what_the_town_does_not_let_a_village_change_is_refused_with_its_line(village: Village) -> None:
    clerk = somebody(Role.CLERK, village=village)
    response = handed_in(clerk, OWN.replace("TIMES", "9"))
    assert response.status_code == 422
    assert "沙洲村.toml:10" in words(response)
    other = handed_in(clerk, OWN.replace("TIMES", "4").replace("WC03", "WC01"))
    assert "应当只写本村" in words(other)
    binary = clerk.post(
        reverse("layer", kwargs={"village": "WC03"}),
        {"key": str(uuid.uuid4()), "file": SimpleUploadedFile("x.toml", b"\xff\xfe\x00")},
    )
    assert "不是UTF-8文本" in words(binary)


def test_what_is_sent_back_is_gone(village: Village) -> None:
    clerk, town = somebody(Role.CLERK, village=village), somebody(Role.TOWN, town=village.town)
    handed_in(clerk, OWN.replace("TIMES", "4"))
    seen = seen_by(town)
    decided(town, "back", seen)
    assert "没有等待批准" in words(town.get(reverse("layers", kwargs={"town": "wangchao"})))
    decided(town, "approve", seen)
    assert times(village) == 2


def test_the_town_decides_on_what_it_saw_and_on_nothing_handed_in_since(village: Village) -> None:
    clerk, town = somebody(Role.CLERK, village=village), somebody(Role.TOWN, town=village.town)
    handed_in(clerk, OWN.replace("TIMES", "3"))
    seen = seen_by(town)
    handed_in(clerk, OWN.replace("TIMES", "4"))
    for act in ("approve", "back"):
        for old in (seen, ""):
            decided(town, act, old)
            assert "又报来了新的细则" in words(town.get(reverse("layers", kwargs={"town": "wangchao"})))
            assert times(village) == 2
    assert seen_by(town) not in (seen, "")
    decided(town, "approve", seen_by(town))
    assert times(village) == 4
