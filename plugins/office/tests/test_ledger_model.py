"""The ledger does what a plain model in Python says, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import define, field
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from plugins.office.tests.ledger_steps import HOUSEHOLDS, Beside, Driver, Here, Office, Step, do_all, village_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEPS: Final = int(os.environ.get("JIFEN_SOAK_STEPS", "2000"))
"""Half of them on SQLite by itself, half on both databases."""
VILLAGE: Final = "ST01"
POINTS: Final = "point:spend"
SOAP: Final = "good:soap"
HOMES: Final = [f"{VILLAGE}-{number:04}" for number in range(1, HOUSEHOLDS + 1)]
DAYS: Final = ["2024-12-31", "2025-01-01", "2025-01-10", "2025-02-15", "2025-03-01", "2025-04-30"]
PERIODS: Final = {
    "2025-01": ("2025-01-01", "2025-01-31"),
    "2025-02": ("2025-02-01", "2025-02-28"),
    "2025-Q2": ("2025-04-01", "2025-06-30"),
}
GUARDED: Final = ("held", "stock", "kept")

Legs = list[list[Any]]


@define
class Made:
    """An entry in the model."""

    kind: str
    legs: Legs
    key: str
    occurred: str
    record: str = ""
    reversed_by: str | None = None


@define
class Plain:
    """The ledger, as plainly as it can be said."""

    entries: list[Made] = field(factory=list)
    open: dict[str, str] = field(factory=dict)
    closed: dict[str, str] = field(factory=dict)
    """Periods with the keys by which they were opened and closed."""

    def balances(self) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for made in self.entries:
            for source, target, amount in made.legs:
                sums[source] -= amount
                sums[target] += amount
        return {name: amount for name, amount in sums.items() if amount}

    def refusal(self, kind: str, legs: Legs, occurred: str) -> str | None:
        for name in self.closed:
            first, last = PERIODS[name]
            if kind == "credit" and first <= occurred <= last:
                return "ledger.closed-period"
        left: Counter[str] = Counter(self.balances())
        for source, target, amount in legs:
            left[source] -= amount
            left[target] += amount
            if left[source] < 0 and (source.startswith(GUARDED) or (source.startswith("purse") and kind == "reserve")):
                return "ledger.not-enough"
        return None

    def post(self, kind: str, legs: Legs, key: str, occurred: str) -> int | str:
        for number, made in enumerate(self.entries, 1):
            if made.key == key:
                same = (made.kind, made.legs, made.occurred) == (kind, legs, occurred)
                return number if same else "ledger.key-used"
        if refused := self.refusal(kind, legs, occurred):
            return refused
        self.entries.append(Made(kind, legs, key, occurred))
        return len(self.entries)

    def reverse(self, number: int, key: str) -> int | str:
        made = self.entries[number - 1]
        if made.reversed_by is not None:
            return "ledger.reversed" if made.reversed_by != key else [each.key for each in self.entries].index(key) + 1
        if not made.legs:
            return "ledger.nothing-to-reverse"
        opposite = [[target, source, amount] for source, target, amount in reversed(made.legs)]
        told = self.post("reversal", opposite, key, made.occurred)
        if isinstance(told, int):
            made.reversed_by = key
            self.entries[-1].record = made.record
        return told

    def reset(self, on: str) -> int | None:
        left: Counter[str] = Counter()
        for made in self.entries:
            if made.occurred < on or (made.kind, made.record) == ("reset", on):
                for source, target, amount in made.legs:
                    left[source] -= amount
                    left[target] += amount
        purses = sorted((name, amount) for name, amount in left.items() if name.startswith("purse") and amount)
        expiry = f"expiry/{POINTS}"
        legs: Legs = [[name, expiry, amount] if amount > 0 else [expiry, name, -amount] for name, amount in purses]
        if not legs and any((made.kind, made.record) == ("reset", on) for made in self.entries):
            return None
        self.entries.append(Made("reset", legs, f"reset {on} {len(self.entries)}", on, on))
        return len(self.entries)

    def turn(self, name: str, key: str, *, closing: bool) -> int | str:
        """Opens or closes a period."""
        if closing and name not in self.open:
            return "ledger.period.missing"
        if closing and name in self.closed:
            return "ledger.period.closed"
        if not closing and name in self.open:
            return "ledger.period.there"
        (self.closed if closing else self.open)[name] = key
        self.entries.append(Made("close" if closing else "open", [], key, PERIODS[name][int(closing)]))
        return len(self.entries)


class LedgerMachine(RuleBasedStateMachine):
    """The same steps for the model and for each database."""

    drivers: tuple[Driver, ...] = ()
    total = 0

    @initialize()
    def begin(self) -> None:
        self.outside = transaction.atomic()
        self.outside.__enter__()
        village_of(VILLAGE)
        do_all(self.drivers[1:], {"do": "begin", "village": VILLAGE})
        self.plain = Plain()
        self.balances: dict[str, int] = {}
        self.checked = 0
        self.keys = 0

    def teardown(self) -> None:
        if hasattr(self, "outside"):
            do_all(self.drivers[1:], {"do": "forget"})
            transaction.set_rollback(True)
            self.outside.__exit__(None, None, None)

    def key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"

    def do(self, step: Step, expected: int | str | None) -> None:
        told = do_all(self.drivers, {"village": VILLAGE, **step})
        type(self).total += 1
        first = told[0]
        assert first.get("refused", first.get("number")) == ([expected] if isinstance(expected, str) else expected)
        if "refused" not in first:
            self.balances = first["balances"]
            assert self.balances == self.plain.balances()
        assert all(each == first for each in told)  # the databases agree

    def post(self, kind: str, legs: Legs, occurred: str, key: str | None = None) -> None:
        key = key or self.key()
        step = {"do": "post", "kind": kind, "legs": legs, "key": key, "occurred": occurred}
        self.do(step, self.plain.post(kind, legs, key, occurred))

    amounts = st.integers(1, 9)
    homes = st.sampled_from(HOMES)
    days = st.sampled_from(DAYS)

    @rule(home=homes, amount=amounts, day=days, taken=st.booleans())
    def credit(self, home: str, amount: int, day: str, *, taken: bool) -> None:
        issue, purse = f"issue/{POINTS}", f"purse/{POINTS}/{home}"
        self.post("credit", [[purse, issue, amount] if taken else [issue, purse, amount]], day)

    @rule(amount=amounts, day=days, taken=st.booleans())
    def take_stock(self, amount: int, day: str, *, taken: bool) -> None:
        supply, stock = f"supply/{SOAP}", f"stock/{SOAP}"
        kind = "stock-taking" if taken else "supply"
        self.post(kind, [[stock, supply, amount] if taken else [supply, stock, amount]], day)

    @rule(home=homes, points=amounts, pieces=st.integers(1, 3), day=days)
    def reserve(self, home: str, points: int, pieces: int, day: str) -> None:
        purse, held = f"purse/{POINTS}/{home}", f"held/{POINTS}/{home}"
        self.post("reserve", [[purse, held, points], [f"stock/{SOAP}", f"kept/{SOAP}", pieces]], day)

    @precondition(lambda self: any(made.kind == "reserve" for made in self.plain.entries))
    @rule(data=st.data(), day=days, given=st.booleans())
    def end(self, data: st.DataObject, day: str, *, given: bool) -> None:
        reserved = data.draw(st.sampled_from([made for made in self.plain.entries if made.kind == "reserve"]))
        (purse, held, points), (stock, kept, pieces) = reserved.legs
        if given:
            self.post("hand-over", [[held, f"goods/{POINTS}", points], [kept, f"out/{SOAP}", pieces]], day)
        else:
            self.post("void", [[held, purse, points], [kept, stock, pieces]], day)

    @precondition(lambda self: self.plain.entries)
    @rule(data=st.data(), again=st.booleans())
    def reverse(self, data: st.DataObject, *, again: bool) -> None:
        number = data.draw(st.integers(1, len(self.plain.entries)))
        key = (self.plain.entries[number - 1].reversed_by if again else None) or self.key()
        self.do({"do": "reverse", "number": number, "key": key}, self.plain.reverse(number, key))

    @precondition(
        lambda self: any(made.kind not in {"reversal", "reset", "open", "close"} for made in self.plain.entries)
    )
    @rule(data=st.data(), other=st.booleans())
    def repeat(self, data: st.DataObject, *, other: bool) -> None:
        posted = [made for made in self.plain.entries if made.kind not in {"reversal", "reset", "open", "close"}]
        made = data.draw(st.sampled_from(posted))
        legs = [[source, target, amount + other] for source, target, amount in made.legs]
        self.post(made.kind, legs, made.occurred, made.key)

    @rule(on=st.sampled_from(["2025-01-10", "2025-03-01"]))
    def reset(self, on: str) -> None:
        self.do({"do": "reset", "purse": "spend", "on": on}, self.plain.reset(on))

    @rule(name=st.sampled_from(sorted(PERIODS)), closing=st.booleans())
    def turn(self, name: str, *, closing: bool) -> None:
        key = self.key()
        step = {"do": "close" if closing else "open", "period": name, "key": key}
        self.do(step, self.plain.turn(name, key, closing=closing))

    @invariant()
    def every_unit_sums_to_0(self) -> None:
        sums: Counter[str] = Counter()
        for name, amount in self.balances.items():
            sums[name.split("/")[1]] += amount
        assert not any(sums.values())

    @invariant()
    def the_ledger_is_whole(self) -> None:
        if len(self.plain.entries) >= self.checked + 10:
            self.checked = len(self.plain.entries)
            told = do_all(self.drivers, {"do": "check", "village": VILLAGE})
            assert [each["number"] for each in told] == [[]] * len(self.drivers)


def drive(*drivers: Driver, steps: int) -> None:
    machine = type("Machine", (LedgerMachine,), {"drivers": drivers, "total": 0})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=-(-steps // 42),  # some end sooner than after 50 steps
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=STEPS <= 2000,
            database=None,
        ),
    )
    assert machine.total >= steps  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_ledger_does_what_a_plain_model_says() -> None:
    drive(Here(), steps=STEPS // 2)


@pytest.fixture
def beside(tmp_path: Path, postgresql: str) -> Iterator[Beside]:
    office = Office(tmp_path, postgresql)
    office.close()
    beside = Beside(tmp_path, office.address)
    yield beside
    beside.close()


@pytest.mark.django_db
def test_sqlite_and_postgresql_agree_in_every_step(beside: Beside) -> None:
    drive(Here(), beside, steps=STEPS // 2)
