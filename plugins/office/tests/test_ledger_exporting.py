"""What the office exports, `jifen-verify` finds whole, and nothing that was done to it goes unnoticed."""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import jifen_verify
import pytest
from jifen_office.ledger import exporting
from jifen_office.ledger.exporting import export
from jifen_office.ledger.models import AccountKind, EntryKind, Opening
from jifen_office.ledger.periods import open_period, reset_purse
from jifen_office.ledger.posting import AccountName, Leg, post, reverse
from jifen_office.ledger.writing import head
from jifen_office.register.models import Household, Village
from jifen_verify import verify

from plugins.office.tests.ledger_steps import village_of
from plugins.office.tests.process_office import Office, on_the_board
from plugins.verify.tests import damage

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW: Final = datetime(2025, 3, 5, 8, tzinfo=UTC)
DAY: Final = date(2025, 3, 1)
UNIT: Final = "point:spend"
ENTRIES: Final = 2000 if os.environ.get("JIFEN_VERIFY_ALL") else 60
"""How long the exported ledger is of which every byte is changed."""

pytestmark = pytest.mark.django_db


def filled(entries: int) -> Village:
    """A village's ledger with every kind of entry."""
    chance, village = random.Random(5), village_of("QH01", 20)
    homes = list(Household.objects.filter(village=village))
    issue, goods = (AccountName(village, kind, UNIT) for kind in (AccountKind.ISSUE, AccountKind.GOODS))
    supply, stock, kept, out = (
        AccountName(village, kind, "good:soap")
        for kind in (AccountKind.SUPPLY, AccountKind.STOCK, AccountKind.KEPT, AccountKind.OUT)
    )

    def put(kind: EntryKind, *legs: Leg, number: int, why: str | None = None) -> None:
        opening = (
            None
            if why is None
            else {"household": legs[0].target.household and legs[0].target.household.name, "why": why}
        )
        made = post(
            village, kind, legs, key=f"{kind}:{number}", occurred=DAY, now=NOW, record=f"R{number}", opening=opening
        )
        if kind == EntryKind.CREDIT and number % 20 == 0:
            reverse(made, key=f"reverse:{number}", now=NOW, by=None, why="记错了")

    open_period(village, "2025", key="open", now=NOW)
    put(EntryKind.SUPPLY, Leg(supply, stock, entries), number=0)
    for number in range(entries * 4 // 5):
        home = chance.choice(homes)
        purse, held = (AccountName(village, kind, UNIT, home) for kind in (AccountKind.PURSE, AccountKind.HELD))
        put(EntryKind.CREDIT, Leg(issue, purse, 12), number=number, why="参加“清洁家园”")
        if number % 10 == 9:
            put(EntryKind.RESERVE, Leg(purse, held, 1), Leg(stock, kept, 1), number=number)
            put(EntryKind.HAND_OVER, Leg(held, goods, 1), Leg(kept, out, 1), number=number)
    reset_purse(village, "spend", date(2025, 3, 4), now=NOW, today=date(2025, 3, 4))
    return village


def test_a_sheet_that_was_posted_before_the_first_entry_is_of_this_ledger() -> None:
    office = Office.open()
    sheet = on_the_board(office, office.recorded())
    for _ in range(2):
        assert verify(export(office.village, private=False), sheet.head)[1] == []
        open_period(office.village, "2025", key="open", now=NOW)


@pytest.mark.parametrize("private", [True, False])
def test_what_is_exported_is_found_whole_and_public_exports_say_nothing_of_people(*, private: bool) -> None:
    village = filled(40)
    lines = list(export(village, private=private))
    ledger, findings = verify(lines)
    assert findings == []
    assert ledger.number == village.entries.count()
    text = b"".join(lines).decode()
    assert ("顾建国" in text) == ("清洁家园" in text) == private
    assert verify(lines, head(village).hash)[1] == []


def test_an_export_of_erased_words_is_found_whole() -> None:
    village = filled(40)
    Household.objects.filter(village=village).update(erased=NOW)
    Opening.objects.filter(entry__number__lte=20).delete()
    lines = list(export(village, private=True))
    ledger, findings = verify(lines)
    assert findings == []
    assert 0 < ledger.opened < ledger.committed


def test_the_program_that_verifies_knows_every_kind_of_account_and_of_entry() -> None:
    assert set(AccountKind.values) == jifen_verify.ACCOUNTS
    assert set(EntryKind.values) == jifen_verify.ENTRIES
    assert (exporting.FORMAT, exporting.VERSION) == (
        jifen_verify.FORMAT,
        jifen_verify.VERSION,
    )


def test_an_empty_ledger_is_exported_and_found_whole() -> None:
    assert verify(export(village_of("QH01"), private=True))[1] == []


def test_every_changed_byte_and_every_dropped_or_swapped_row_of_an_export_is_found() -> None:
    lines = list(export(filled(ENTRIES), private=True))
    assert len(lines) > ENTRIES
    chance = random.Random(6)

    def others(at: int) -> Iterable[int]:
        later = range(at + 1, len(lines))
        return {*later[:1], *chance.sample(later, min(3, len(later)))}

    damages = damage.all_of(
        damage.bytes_changed(lines, lambda byte: {byte ^ 1}),
        damage.dropped(lines),
        damage.doubled(lines),
        damage.swapped(lines, others),
    )
    assert list(damage.unnoticed(lines, damages)) == []
    assert damage.is_found(lines[:-1])
