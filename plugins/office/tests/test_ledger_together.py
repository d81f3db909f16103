"""Entries that are posted together are those that would have been posted one after the other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jifen.problems import Refused
from jifen_office.ledger import posting
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import AccountKind, Entry, EntryKind, Transfer
from jifen_office.ledger.periods import close_period, open_period
from jifen_office.ledger.posting import AccountName, Ask, Leg, post, post_all
from jifen_office.ledger.written import entries_of
from jifen_office.register.models import Household

from plugins.office.tests.ledger_steps import Here, village_of

if TYPE_CHECKING:
    from jifen_office.register.models import Village

NOW: Final = datetime(2025, 3, 5, 8, tzinfo=UTC)
DAY: Final = date(2025, 3, 1)
SALTED: Final = ("commitment", "request", "previous", "hash")

pytestmark = pytest.mark.django_db

moves = st.sampled_from(
    [
        (EntryKind.CREDIT, "issue", "purse"),
        (EntryKind.CREDIT, "purse", "issue"),
        (EntryKind.RESERVE, "purse", "held"),
        (EntryKind.VOID, "held", "purse"),
        (EntryKind.HAND_OVER, "held", "goods"),
    ]
)
legs = st.tuples(st.integers(0, 2), st.integers(1, 9))
asked = st.lists(
    st.tuples(moves, st.lists(legs, min_size=1, max_size=3), st.integers(0, 9), st.dates(date(2024, 12, 30), DAY)),
    max_size=14,
)
"""Kind and accounts, households and amounts, the number of the key, the day."""


@pytest.fixture
def village() -> Village:
    return village_of("QH01")


def asks_of(village: Village, wanted: list[Any]) -> list[Ask]:
    homes = list(Household.objects.filter(village=village).order_by("code"))

    def name(kind: str, home: int) -> AccountName:
        own = kind in {"purse", "held"}
        return AccountName(village, AccountKind(kind), "point:total", homes[home] if own else None)

    return [
        Ask(
            kind,
            [Leg(name(source, home), name(target, home), amount) for home, amount in moved],
            f"form-{key}",
            occurred,
            record=f"R{key}",
            opening={"why": "参加清洁"} if key % 2 else None,
        )
        for (kind, source, target), moved, key, occurred in wanted
    ]


def ledger(village: Village) -> list[dict[str, Any]]:
    """Entries as they are hashed, but for what a salt changes, and balances."""
    rows = [{name: value for name, value in each.form.items() if name not in SALTED} for each in entries_of(village)]
    return [*rows, Here.balances(village.code)]


def outcome(village: Village, asks: list[Ask], *, at_once: bool) -> tuple[Any, ...]:
    """What was made, or what was refused first, and the ledger then; nothing of it stays."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                if at_once:
                    numbers = [each.number for each in post_all(village, asks, now=NOW)]
                else:
                    parts = [
                        {name: getattr(ask, name) for name in ("key", "occurred", "record", "opening")} for ask in asks
                    ]
                    numbers = [
                        post(village, ask.kind, ask.legs, now=NOW, **part).number
                        for ask, part in zip(asks, parts, strict=True)
                    ]
            told: tuple[Any, ...] = (numbers, ledger(village), check(village))
        except Refused as refused:
            first = refused.problems[0]
            told = (first.code, first.facts, ledger(village))
        transaction.set_rollback(True)
    return told


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=asked, at_once=st.integers(1, 5))
def test_together_or_one_by_one_the_ledger_is_the_same(village: Village, wanted: list[Any], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patched, transaction.atomic():
        patched.setattr(posting, "_AT_ONCE", at_once)
        open_period(village, "2024", key="open", now=NOW)
        close_period(village, "2024", key="close", now=NOW)
        asks = asks_of(village, wanted)
        together, single = (outcome(village, asks, at_once=way) for way in (True, False))
        transaction.set_rollback(True)
    assert together == single


def test_all_that_is_wrong_is_told_and_nothing_of_it_is_entered(village: Village) -> None:
    credit, reserve = (EntryKind.CREDIT, "issue", "purse"), (EntryKind.RESERVE, "purse", "held")
    asks = asks_of(
        village,
        [
            (credit, [(0, 5)], 1, DAY),
            (reserve, [(0, 6)], 2, DAY),
            (credit, [(0, 6)], 1, DAY),
            (reserve, [(1, 1)], 3, DAY),
        ],
    )
    with pytest.raises(Refused) as refused:
        post_all(village, asks, now=NOW)
    assert [problem.code for problem in refused.value.problems] == [
        "ledger.not-enough", "ledger.key-used", "ledger.not-enough"
    ]  # fmt: skip
    assert not Entry.objects.exists()


def test_hundreds_of_entries_take_a_handful_of_statements(village: Village) -> None:
    wanted = [((EntryKind.CREDIT, "issue", "purse"), [(number % 3, 2)], number, DAY) for number in range(1001)]
    with CaptureQueriesContext(
        connection,
    ) as seen:
        made = post_all(village, asks_of(village, wanted), now=NOW)
    assert [each.number for each in made] == list(range(1, 1002))
    assert {each.pk: each.hash for each in made} == dict(Entry.objects.values_list("pk", "hash"))
    assert len(seen) < 40
    assert check(village) == []
    again = post_all(village, asks_of(village, wanted), now=NOW)
    assert [each.pk for each in again] == [each.pk for each in made]


def test_an_entry_that_is_there_takes_no_further_transfer(village: Village) -> None:
    wanted = [((EntryKind.CREDIT, "issue", "purse"), [(0, 2), (1, 3)], number, DAY) for number in range(3)]
    for entry in post_all(village, asks_of(village, wanted), now=NOW):
        moved = entry.transfers.get(place=1)
        for place in (0, 1, 2, 3):
            again = Transfer(entry=entry, place=place, source=moved.source, target=moved.target, amount=1)
            with pytest.raises(IntegrityError), transaction.atomic():
                again.save(force_insert=True)
    assert check(village) == []
