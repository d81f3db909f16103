"""One effect for one request, in a chain that anybody can recompute."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Final

import pytest
from django.db import connection
from jifen.problems import Refused
from jifen_office.access.models import User
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import Account, AccountKind, Chain, Entry, EntryKind, Opening
from jifen_office.ledger.posting import AccountName, Leg, balance, post, reverse
from jifen_office.register.models import Household, Village

from plugins.office.tests.ledger_steps import village_of

NOW: Final = datetime(2025, 3, 5, 16, 0, 0, 12, tzinfo=timezone(timedelta(hours=8)))
DAY: Final = date(2025, 3, 1)
WORDS: Final = {"household": "顾建国", "why": "参加“清洁家园”，两小时"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> Village:
    return village_of("QH01")


def purse(village: Village, number: int = 1, kind: AccountKind = AccountKind.PURSE) -> AccountName:
    return AccountName(village, kind, "point:total", Household.objects.get(code=f"{village.code}-{number:04}"))


def issue(village: Village) -> AccountName:
    return AccountName(village, AccountKind.ISSUE, "point:total")


def credit(village: Village, amount: int, key: str, **more: Any) -> Entry:
    given = {"occurred": DAY, "now": NOW, "opening": WORDS, **more}
    return post(village, EntryKind.CREDIT, [Leg(issue(village), purse(village), amount)], key=key, **given)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_a_request_that_is_sent_three_times_has_one_effect(village: Village) -> None:
    first, second, third = (credit(village, 12, "form-1", now=NOW + timedelta(minutes=turn)) for turn in range(3))
    assert first.pk == second.pk == third.pk
    assert balance(purse(village)) == 12
    assert Entry.objects.count() == 1
    assert check(village) == []


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 13},
        {"occurred": date(2025, 3, 2)},
        {"record": "R2"},
        {"settlement": "s"},
        {"rules": "r"},
        {"opening": {"why": "别的"}},
        {"opening": None},
    ],
)
def test_a_key_is_not_used_for_anything_else(village: Village, other: dict[str, Any]) -> None:
    credit(village, 12, "form-1")
    with pytest.raises(Refused) as refused:
        credit(village, **{"amount": 12, "key": "form-1", **other})
    assert codes(refused) == ["ledger.key-used"]
    assert balance(purse(village)) == 12


def test_a_key_is_not_used_in_two_villages(village: Village) -> None:
    credit(village, 12, "form-1")
    with pytest.raises(Refused) as refused:
        credit(village_of("QH02"), 12, "form-1")
    assert codes(refused) == ["ledger.key-used"]


def test_a_request_is_known_again_after_its_words_were_erased(village: Village) -> None:
    made = credit(village, 12, "form-1")
    Household.objects.filter(village=village).update(erased=NOW)
    Opening.objects.all().delete()
    assert credit(village, 12, "form-1").pk == made.pk
    assert check(village) == []


def plain_hash(entry: Entry) -> str:
    """The hash as the documentation of the format says it, written a second time."""
    fields = {
        "village": entry.village.code,
        "number": entry.number,
        "kind": entry.kind,
        "occurred": f"{entry.occurred:%Y-%m-%d}",
        "recorded": f"{entry.recorded.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "by": entry.by_id,
        "record": entry.record,
        "settlement": entry.settlement,
        "rules": entry.rules,
        "reverses": entry.reverses.number if entry.reverses else None,
        "commitment": entry.commitment,
        "key": entry.key,
        "request": entry.request,
        "previous": entry.previous,
        "transfers": [
            ["/".join(part for part in (side.kind, side.unit, side.household and side.household.code) if part) for side in (each.source, each.target)]
            + [each.amount]
            for each in entry.transfers.order_by("id")
        ],
    }  # fmt: skip
    return sha256(plain_json(fields).encode()).hexdigest()


def plain_json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{plain_json(name)}:{plain_json(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(plain_json, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return "null" if value is None else str(value)


def test_the_chain_can_be_recomputed_by_a_second_program(village: Village) -> None:
    clerk = User.objects.create_user("clerk", name="沈丽华")
    credit(village, 12, "a", by=clerk, record='R"1\\', settlement="5" * 64, rules="7" * 64)
    credit(village, 3, "b", opening=None)
    reverse(Entry.objects.get(key="a"), key="c", now=NOW, by=clerk, why="记错了户\n重记")
    before = "0" * 64
    for entry in Entry.objects.order_by("number"):
        assert entry.previous == before
        assert entry.hash == plain_hash(entry)
        opening = getattr(entry, "opening", None)
        if opening is None:
            assert entry.commitment == ""
        else:
            written = plain_json({"content": opening.content, "salt": opening.salt})
            assert entry.commitment == sha256(written.encode()).hexdigest()
        before = entry.hash
    assert Chain.objects.get(village=village).head == before


def test_the_same_words_have_another_commitment_each_time(village: Village) -> None:
    assert credit(village, 12, "a").commitment != credit(village, 12, "b").commitment


def test_a_reversal_is_the_opposite_once_and_keeps_the_references(village: Village) -> None:
    made = credit(village, 12, "a", record="R1", settlement="s", rules="r")
    taken = reverse(made, key="b", now=NOW, by=None, why="记错了")
    assert reverse(made, key="b", now=NOW, by=None, why="记错了").pk == taken.pk
    assert (taken.record, taken.settlement, taken.rules, taken.occurred) == ("R1", "s", "r", DAY)
    assert balance(purse(village)) == balance(issue(village)) == 0
    with pytest.raises(Refused) as refused:
        reverse(made, key="c", now=NOW, by=None, why="记错了")
    assert codes(refused) == ["ledger.reversed"]


def test_a_purse_falls_below_0_by_a_deduction_but_nothing_is_reserved_out_of_it(village: Village) -> None:
    held = purse(village, kind=AccountKind.HELD)
    post(village, EntryKind.CREDIT, [Leg(purse(village), issue(village), 5)], key="a", occurred=DAY, now=NOW)
    assert balance(purse(village)) == -5
    with pytest.raises(Refused) as refused:
        post(village, EntryKind.RESERVE, [Leg(purse(village), held, 1)], key="b", occurred=DAY, now=NOW)
    assert codes(refused) == ["ledger.not-enough"]
    assert not Account.objects.filter(kind=AccountKind.HELD).exists()  # nothing is left of what was refused
    assert Entry.objects.count() == 1


def test_all_accounts_that_have_not_enough_are_told_at_once(village: Village) -> None:
    shelf, kept = (AccountName(village, kind, "good:soap") for kind in (AccountKind.STOCK, AccountKind.KEPT))
    legs = [Leg(purse(village), purse(village, kind=AccountKind.HELD), 3), Leg(shelf, kept, 1)]
    with pytest.raises(Refused) as refused:
        post(village, EntryKind.RESERVE, legs, key="a", occurred=DAY, now=NOW)
    assert codes(refused) == ["ledger.not-enough"] * 2


def test_what_makes_no_sense_is_a_fault_of_the_caller(village: Village) -> None:
    other = village_of("QH02")
    with pytest.raises(ValueError, match="cannot hold"):
        AccountName(village, AccountKind.STOCK, "point:total")
    with pytest.raises(ValueError, match="household"):
        AccountName(village, AccountKind.PURSE, "point:total")
    with pytest.raises(ValueError, match="of one village"):
        Leg(issue(village), purse(other), 3)
    with pytest.raises(ValueError, match="cannot be moved"):
        Leg(issue(village), purse(village), 0)
    with pytest.raises(ValueError, match="not of QH02"):
        post(other, EntryKind.CREDIT, [Leg(issue(village), purse(village), 3)], key="a", occurred=DAY, now=NOW)
    with pytest.raises(ValueError, match="a reversal names"):
        post(village, EntryKind.REVERSAL, [Leg(issue(village), purse(village), 3)], key="a", occurred=DAY, now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        credit(village, 3, "a", now=datetime(2025, 3, 5, 8))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ValueError, match="a key has"):
        credit(village, 3, "")
    with pytest.raises(TypeError, match="float"):
        credit(village, 3, "a", opening={"points": 1.5})


def test_a_ledger_that_was_tampered_with_is_told_in_all_its_parts(village: Village) -> None:
    from jifen_office.ledger import triggers

    credit(village, 12, "a")
    credit(village, 3, "b")
    credit(village, 4, "c")
    with connection.cursor() as cursor:
        triggers.remove(connection)  # as somebody who owns the database can
        cursor.execute("UPDATE ledger_entry SET record = 'x' WHERE number = 1")
        cursor.execute(
            "UPDATE ledger_transfer SET amount = 9 WHERE entry_id = (SELECT id FROM ledger_entry WHERE number = 2)"
        )
        cursor.execute("UPDATE ledger_opening SET content = %s", [json.dumps({"why": "别的"})])
        cursor.execute("UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'purse'")
        cursor.execute("UPDATE ledger_chain SET head = 'x'")
    told = check(village)
    assert sorted({problem.code for problem in told}) == [
        "ledger.check.balance", "ledger.check.hash", "ledger.check.head", "ledger.check.opening",
        "ledger.check.request", "ledger.check.sum", "ledger.check.triggers",
    ]  # fmt: skip
    assert sorted(str(problem.facts["number"]) for problem in told if problem.code == "ledger.check.hash") == ["1", "2"]
    assert all(str(problem) != problem.code for problem in told)
    triggers.install(connection)


def test_a_hole_in_the_chain_is_told(village: Village) -> None:
    from jifen_office.ledger import triggers

    for key in "abcd":
        credit(village, 12, key)
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_opening WHERE entry_id = (SELECT id FROM ledger_entry WHERE number = 2)")
        cursor.execute("DELETE FROM ledger_transfer WHERE entry_id = (SELECT id FROM ledger_entry WHERE number = 2)")
        cursor.execute("DELETE FROM ledger_entry WHERE number = 2")
    assert {problem.code for problem in check(village)} == {
        "ledger.check.number", "ledger.check.previous", "ledger.check.balance", "ledger.check.triggers"
    }  # fmt: skip
    triggers.install(connection)
