"""What passing days bring about happens by itself: once, in whatever order and by however many at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jifen.problems import Problem, Refused
from jifen_office import daily
from jifen_office.ledger.models import Entry, EntryKind
from jifen_office.pages import clock
from jifen_office.process.models import Record, State, Step, StepKind
from jifen_office.process.noticing import post_notice
from jifen_office.process.recording import Draft, record
from jifen_office.shop.models import VoucherState

from plugins.office.tests.pages_acts import address, text
from plugins.office.tests.pages_month import Month, forgotten, month, now, signed_in, today
from plugins.office.tests.process_office import WITNESS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["forgotten", "month", "today"]  # fixtures

AFTER = date(2025, 7, 20)
"""A day on which all that the month posted has been on the board long enough."""


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """No earlier failure keeps a village from being tried."""
    daily._tried.clear()
    yield
    daily._tried.clear()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("user", "name"),
    [("clerk", "desk"), ("", "village"), ("", "posted"), ("", "honours"), ("card", "points"), ("clerk", "household")],
)
def test_a_posting_that_ended_becomes_final_and_credited_by_the_first_page_asked_for(
    month: Month, monkeypatch: pytest.MonkeyPatch, user: str, name: str
) -> None:
    monkeypatch.setenv("JIFEN_TODAY", AFTER.isoformat())
    month.posted.refresh_from_db()
    assert month.posted.state == State.POSTED
    client = signed_in(month, user)
    assert client.get(address(month, name)).status_code == 200
    month.posted.refresh_from_db()
    assert month.posted.state == State.FINAL
    step = Step.objects.get(record=month.posted, kind=StepKind.FINAL)
    assert step.by is None
    assert Entry.objects.filter(record=month.posted.number, kind=EntryKind.CREDIT).count() == 1
    month.objected.refresh_from_db()
    assert month.objected.state == State.OBJECTED, "what somebody objected to waits for its answer"
    count = Entry.objects.count()
    assert client.get(address(month, name)).status_code == 200
    assert Entry.objects.count() == count


@pytest.mark.django_db
def test_nothing_happens_on_the_last_day_of_a_posting(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    assert month.posted.notice is not None
    monkeypatch.setenv("JIFEN_TODAY", month.posted.notice.until.isoformat())
    signed_in(month, "").get(address(month, "posted"))
    month.posted.refresh_from_db()
    assert month.posted.state == State.POSTED


@pytest.mark.django_db
def test_where_nothing_is_due_it_is_one_question_to_an_index(month: Month) -> None:
    village = month.office.village
    with CaptureQueriesContext(connection) as asked:
        assert daily.up_to_date(village, now=clock.now()) is village
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", "")
    assert "USING INDEX process_rec_village" in plan


@pytest.mark.django_db
def test_a_page_is_shown_where_it_cannot_be_done_and_nobody_waits_for_the_next_try(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIFEN_TODAY", AFTER.isoformat())
    tries: list[str] = []

    def refuse(*_: object, **__: object) -> None:
        tries.append("tried")
        raise Refused([Problem("ledger.busy")])

    monkeypatch.setattr(daily, "credit", refuse)
    client = signed_in(month, "")
    for _ in range(3):
        assert client.get(address(month, "posted")).status_code == 200
    month.posted.refresh_from_db()
    assert month.posted.state == State.POSTED, "all of it is done, or nothing"
    assert tries == ["tried"]
    monkeypatch.undo()
    monkeypatch.setenv("JIFEN_TODAY", AFTER.isoformat())
    clerk = signed_in(month, "clerk")
    assert clerk.post(address(month, "credit"), {"key": str(uuid.uuid4())}).status_code == 302
    month.posted.refresh_from_db()
    assert month.posted.state == State.FINAL


@pytest.mark.django_db
def test_vouchers_that_ran_out_are_given_back(month: Month) -> None:
    assert month.voucher.until is not None
    done = daily.run(month.office.village, now=now(date(2026, 1, 15)), year_before=True)
    month.voucher.refresh_from_db()
    assert month.voucher.state == VoucherState.VOID
    assert {each.pk for each in done.vouchers} >= {month.voucher.pk}
    again = daily.run(month.office.village, now=now(date(2026, 1, 15), 10), year_before=True)
    assert not again.anything


@pytest.mark.django_db
def test_a_record_of_last_december_is_credited_where_it_becomes_final_in_january(month: Month) -> None:
    office = month.office
    made = record(
        Draft("D04", date(2025, 12, 20), household=office.homes[1], evidence=(WITNESS,)),
        key=office.key(), by=office.clerk, now=now(date(2025, 12, 21)),
    )  # fmt: skip
    office.approved(made, now(date(2025, 12, 28)))
    post_notice(office.village, key=office.key(), by=office.clerk, now=now(date(2025, 12, 29)))
    daily.run(office.village, now=now(date(2026, 1, 20)))
    made.refresh_from_db()
    assert made.state == State.FINAL
    (entry,) = Entry.objects.filter(record=made.number)
    assert entry.occurred == date(2025, 12, 20)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_many_who_ask_at_once_bring_it_about_once(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    env = {**os.environ, "JIFEN_OFFICE": str(tmp_path), "DJANGO_SETTINGS_MODULE": "jifen_office.project.settings"}
    env.pop("JIFEN_DATABASE_URL", None)
    if database == "postgresql":
        url: str = request.getfixturevalue("postgresql")
        with psycopg.connect(url, autocommit=True) as connected:
            connected.execute("CREATE DATABASE daily")
        env["JIFEN_DATABASE_URL"] = url.replace("/postgres?", "/daily?")
    done = subprocess.run(
        [sys.executable, "-m", "plugins.office.tests.daily_race"],
        cwd=Path(__file__).parents[3], env=env, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert set(told["pages"]) == {"200"}
    assert told["finals"] == [1]
    assert told["credits"] == 1
    assert told["problems"] == []
    assert told["before"] == ["posted"]
    assert told["command"][0] == 0, told["command"]
    assert told["entries"][0] == told["entries"][1], "the command finds nothing more"


@pytest.mark.django_db
def test_the_desk_says_nothing_is_left_to_credit(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_TODAY", AFTER.isoformat())
    page = text(signed_in(month, "clerk").get(address(month, "desk")))
    assert Record.objects.filter(state=State.POSTED, kind="deed").count() == 0
    assert page.count("去入账") == 0
