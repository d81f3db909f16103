"""A village's books on their page: periods open and close once, what was entered is shown, everyone can check it."""

from __future__ import annotations

import subprocess
import sys
import uuid
from datetime import date
from typing import TYPE_CHECKING

import pytest
from jifen_office.ledger.models import Entry, EntryKind, Period
from jifen_office.ledger.writing import head

from plugins.office.tests.pages_acts import address, key_in, text, thrice
from plugins.office.tests.pages_month import Month, forgotten, month, signed_in, today

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = pytest.mark.django_db


def test_a_period_is_opened_and_closed_once_by_clerk_or_town(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, town = signed_in(month, "clerk"), signed_in(month, "town")
    where = address(month, "books")
    page = text(clerk.get(where))
    assert 'value="2025"' in page, "the period of today is proposed"
    thrice(clerk, where, {"key": key_in(page), "act": "open", "period": "2025-H1"})
    made = Period.objects.get(village=month.office.village)
    assert (made.first, made.last, made.closed) == (date(2025, 1, 1), date(2025, 6, 30), None)
    monkeypatch.setenv("JIFEN_TODAY", "2025-07-01")
    page = text(town.get(where))
    assert "条记录没有办完" in page
    unsure = town.post(where, {"key": str(uuid.uuid4()), "act": "close", "period": "2025-H1"})
    assert unsure.status_code == 422
    data = {"key": str(uuid.uuid4()), "act": "close", "period": "2025-H1", "sure": "on"}
    thrice(town, where, data)
    made.refresh_from_db()
    assert made.closed is not None
    assert made.closed.by == month.users["town"]
    kinds = list(month.office.village.entries.order_by("number").values_list("kind", flat=True))
    assert kinds[-2:] == [EntryKind.OPEN, EntryKind.CLOSE]


def test_closing_is_offered_once_the_last_day_has_passed(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, where = signed_in(month, "clerk"), address(month, "books")
    clerk.post(where, {"key": str(uuid.uuid4()), "act": "open", "period": "2025-H1"})
    made = Period.objects.get(village=month.office.village)
    for day in ("2025-06-25", "2025-06-30"):
        monkeypatch.setenv("JIFEN_TODAY", day)
        page = text(clerk.get(where))
        assert "已开账" in page
        assert "已结账" not in page
        assert "最后一天过后可以结账" in page
        assert 'value="close"' not in page
        data = {"key": str(uuid.uuid4()), "act": "close", "period": "2025-H1", "sure": "on"}
        response = clerk.post(where, data)
        assert response.status_code == 422
        assert "2025-06-30 才结束" in text(response), "who sends it all the same is told why"
        made.refresh_from_db()
        assert made.closed is None
    monkeypatch.setenv("JIFEN_TODAY", "2025-07-01")
    assert 'value="close"' in text(clerk.get(where))


def test_what_cannot_be_opened_is_said_in_words(month: Month) -> None:
    clerk, where = signed_in(month, "clerk"), address(month, "books")
    clerk.post(where, {"key": str(uuid.uuid4()), "act": "open", "period": "2025"})
    for period, words in (("2025", "已经开账"), ("2025-Q2", "日期重叠"), ("二零二五", "二零二五")):
        response = clerk.post(where, {"key": str(uuid.uuid4()), "act": "open", "period": period})
        assert response.status_code == 422
        page = text(response)
        assert words in page[page.index("data-wrong") :]
    assert Period.objects.count() == 1


def test_what_was_entered_is_shown_with_household_and_why(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    month.office.village.records.filter(pk=month.final.pk).update(grade="良")
    answer = clerk.post(address(month, "credit"), {"key": str(uuid.uuid4())})
    assert answer.status_code == 302
    page = text(clerk.get(answer["Location"]))
    made = Entry.objects.filter(kind=EntryKind.CREDIT).latest("number")
    assert made.record == month.final.number
    row = page[page.index("刚才记入的") :]
    assert month.home.name in row
    assert month.final.number in row
    assert 'class="n points loss"' in row
    assert clerk.get(address(month, "credit"), {"from": "1'", "to": "x"}).status_code == 200


def test_the_ledger_is_downloaded_without_people_and_verifies_against_the_shown_head(
    month: Month, tmp_path: Path
) -> None:
    town = signed_in(month, "town")
    page = text(town.get(address(month, "books")))
    now = head(month.office.village)
    assert f"--head {now.hash}" in page
    assert "<svg" in page[page.index('class="sealed"') :]
    file = tmp_path / "ledger.jsonl"
    file.write_bytes(town.get(address(month, "ledger")).getvalue())
    assert month.home.name not in file.read_text("utf-8")
    command = [sys.executable, "-m", "jifen_verify", str(file), "--head", now.hash]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    wrong = [*command[:-1], "0" * 63 + "1"]
    assert subprocess.run(wrong, capture_output=True, check=False).returncode != 0


def test_the_town_sees_no_household_in_the_books(month: Month) -> None:
    page = text(signed_in(month, "town").get(address(month, "books")))
    for home in month.office.homes:
        assert home.name not in page
        assert home.code not in page


def test_others_have_no_way_into_the_books(month: Month) -> None:
    for user in ("card", "leader", "committee", "keeper", "district"):
        assert signed_in(month, user).get(address(month, "books")).status_code == 403
