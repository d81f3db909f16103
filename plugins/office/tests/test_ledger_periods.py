"""Books open and close once; a reset takes what was there before its day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from jifen.goods import Purse
from jifen.problems import Refused
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import AccountKind, Entry, EntryKind, Period
from jifen_office.ledger.periods import close_period, open_period, reset_due, reset_purse
from jifen_office.ledger.posting import AccountName, Leg, balance, post
from jifen_office.register.models import Household, Village

from plugins.office.tests.ledger_steps import village_of

NOW: Final = datetime(2025, 3, 5, 8, tzinfo=UTC)
LATER: Final = datetime(2025, 4, 1, 8, tzinfo=UTC)
"""When the first quarter is over."""
RESET: Final = date(2025, 1, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> Village:
    return village_of("WC01")


def name(village: Village, kind: AccountKind, number: int | None = 1) -> AccountName:
    home = Household.objects.get(code=f"{village.code}-{number:04}") if number else None
    return AccountName(village, kind, "point:spend", home)


def credit(village: Village, amount: int, day: str, number: int = 1) -> Entry:
    issue, purse = name(village, AccountKind.ISSUE, None), name(village, AccountKind.PURSE, number)
    legs = [Leg(issue, purse, amount) if amount > 0 else Leg(purse, issue, -amount)]
    key = f"credit {Entry.objects.count()}"
    return post(village, EntryKind.CREDIT, legs, key=key, occurred=date.fromisoformat(day), now=NOW)


def refusal(refused: pytest.ExceptionInfo[Refused]) -> str:
    (problem,) = refused.value.problems
    assert str(problem) != problem.code
    return problem.code


def test_a_period_opens_and_closes_once_by_entries_of_its_own(village: Village) -> None:
    opened = open_period(village, "2025-Q1", key="o", now=NOW)
    assert open_period(village, "2025-Q1", key="o", now=NOW) == opened
    with pytest.raises(Refused) as refused:
        open_period(village, "2025-Q1", key="again", now=NOW)
    assert refusal(refused) == "ledger.period.there"
    with pytest.raises(Refused) as refused:
        open_period(village, "2025-03", key="other", now=NOW)
    assert refusal(refused) == "ledger.period.overlaps"
    closed = close_period(village, "2025-Q1", key="c", now=LATER)
    assert close_period(village, "2025-Q1", key="c", now=LATER) == closed
    with pytest.raises(Refused) as refused:
        close_period(village, "2025-Q1", key="again", now=LATER)
    assert refusal(refused) == "ledger.period.closed"
    with pytest.raises(Refused) as refused:
        close_period(village, "2025-Q2", key="never", now=LATER)
    assert refusal(refused) == "ledger.period.missing"
    assert list(Entry.objects.order_by("number").values_list("kind", "record")) == [
        ("open", "2025-Q1"),
        ("close", "2025-Q1"),
    ]
    assert Period.objects.get().first == date(2025, 1, 1)


def test_a_period_is_not_closed_while_it_runs(village: Village) -> None:
    open_period(village, "2025-Q1", key="o", now=NOW)
    last_evening = datetime(2025, 3, 31, 15, 59, tzinfo=UTC)  # one minute to midnight in the village
    for moment in (NOW, last_evening):
        with pytest.raises(Refused) as refused:
            close_period(village, "2025-Q1", key="c", now=moment)
        assert refusal(refused) == "ledger.period.not-over"
        assert Period.objects.get().closed is None
        credit(village, 5, "2025-03-31")
    assert close_period(village, "2025-Q1", key="c", now=last_evening + timedelta(minutes=1)).closed


def test_a_closed_period_takes_no_credit_of_its_days(village: Village) -> None:
    open_period(village, "2025-Q1", key="o", now=NOW)
    credit(village, 5, "2025-03-31")
    close_period(village, "2025-Q1", key="c", now=LATER)
    with pytest.raises(Refused) as refused:
        credit(village, 5, "2025-03-31")
    assert refusal(refused) == "ledger.closed-period"
    credit(village, 5, "2025-04-01")
    assert balance(name(village, AccountKind.PURSE)) == 10


def test_a_reset_takes_what_was_there_before_its_day_from_either_side(village: Village) -> None:
    credit(village, 30, "2025-01-09")
    credit(village, 4, "2025-01-10")  # on the day the reset comes first
    credit(village, -7, "2024-12-31", number=2)
    entry = reset_purse(village, "spend", RESET, now=NOW, today=RESET)
    assert entry is not None
    assert balance(name(village, AccountKind.PURSE)) == 4
    assert balance(name(village, AccountKind.PURSE, 2)) == 0
    assert balance(name(village, AccountKind.EXPIRY, None)) == 30 - 7
    assert reset_purse(village, "spend", RESET, now=NOW, today=RESET) is None
    assert check(village) == []


def test_what_is_found_late_for_the_days_before_is_taken_by_the_next_run(village: Village) -> None:
    credit(village, 30, "2025-01-09")
    reset_purse(village, "spend", RESET, now=NOW, today=RESET)
    credit(village, 6, "2025-01-02")
    reset_purse(village, "spend", RESET, now=NOW, today=RESET)
    assert balance(name(village, AccountKind.PURSE)) == 0
    assert balance(name(village, AccountKind.EXPIRY, None)) == 36


def test_reserved_points_survive_a_reset(village: Village) -> None:
    credit(village, 30, "2025-01-08")
    legs = [Leg(name(village, AccountKind.PURSE), name(village, AccountKind.HELD), 10)]
    post(village, EntryKind.RESERVE, legs, key="r", occurred=date(2025, 1, 9), now=NOW)
    reset_purse(village, "spend", RESET, now=NOW, today=RESET)
    assert balance(name(village, AccountKind.HELD)) == 10
    assert balance(name(village, AccountKind.EXPIRY, None)) == 20


def test_a_reset_is_not_run_before_its_day(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        reset_purse(village, "spend", RESET, now=NOW, today=date(2025, 1, 9))
    assert refusal(refused) == "ledger.period.reset-early"


def test_the_resets_that_the_book_says_are_run_when_they_are_due_and_once(village: Village) -> None:
    spend = Purse("spend", {"zh_CN": "兑换积分"}, "第十七条", resets="01-10")
    honour = Purse("honour", {"zh_CN": "荣誉积分"}, "第十七条")
    credit(village, 30, "2025-01-09")
    assert reset_due(village, [honour], now=NOW, today=date(2025, 1, 10)) == []
    (entry,) = reset_due(village, [spend, honour], now=NOW, today=date(2025, 1, 12))
    assert (entry.kind, entry.occurred) == ("reset", RESET)
    assert reset_due(village, [spend, honour], now=NOW, today=date(2025, 1, 13)) == []
    credit(village, 5, "2025-06-01")
    (entry,) = reset_due(village, [spend], now=NOW, today=date(2026, 1, 10))
    assert balance(name(village, AccountKind.PURSE)) == 0
    assert entry.record == "2026-01-10 spend"
