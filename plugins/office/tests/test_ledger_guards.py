"""What both databases refuse by themselves, whoever asks, by whichever way."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
from psycopg import sql

from plugins.office.tests.ledger_steps import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY: Final = (
    'INSERT INTO ledger_entry (village_id, number, kind, occurred, recorded, record, settlement, rules, moves, "key", '
    "request, commitment, previous, hash) SELECT village_id, {number}, 'credit', '{day}', '2025-03-05 08:00:00', '', '', "
    "'', {moves}, '{key}', '', '', {previous}, 'h' FROM ledger_chain JOIN register_village ON village_id = id WHERE code = '{village}'"
)
MOVE: Final = (
    "INSERT INTO ledger_transfer (entry_id, place, source_id, target_id, amount) "
    "SELECT {entry}, {place}, source.id, target.id, {amount} "
    "FROM ledger_account AS source, ledger_account AS target WHERE {which}"
)
LAST: Final = "(SELECT MAX(ledger_entry.id) FROM ledger_entry JOIN register_village ON village_id = register_village.id WHERE code = 'WC01')"
"""It has two transfers."""
OPEN: Final = LAST.replace("WC01", "WC10")
"""It lacks transfers, as none does that the office makes."""
OURS: Final = "{0}.village_id = (SELECT id FROM register_village WHERE code = '{1}') AND {0}.kind = '{2}'"


def accounts(source: tuple[str, str], target: tuple[str, str], unit: str = "source.unit = target.unit") -> str:
    """Of which accounts: village and kind."""
    return f"{OURS.format('source', *source)} AND {OURS.format('target', *target)} AND {unit}"


def entry(number: str, key: str, *, day: str = "2025-03-01", previous: str = "head") -> str:
    return ENTRY.format(village="WC01", number=number, day=day, moves=1, key=key, previous=previous)


def move(
    source: tuple[str, str], target: tuple[str, str], unit: str = "source.unit = target.unit", **more: object
) -> str:
    """Into the third place of the entry that has room."""
    return MOVE.format(**{"entry": OPEN, "place": 3, "amount": 1, "which": accounts(source, target, unit), **more})


GIVE: Final = (("WC01", "issue"), ("WC01", "purse"))
REFUSED: Final = {
    "an entry is changed": "UPDATE ledger_entry SET record = 'x'",
    "an entry's hash is changed": "UPDATE ledger_entry SET hash = 'x' WHERE number = 1",
    "an entry goes": "DELETE FROM ledger_entry",
    "a transfer is changed": "UPDATE ledger_transfer SET amount = amount + 1",
    "a transfer goes": "DELETE FROM ledger_transfer",
    "an opening is changed": "UPDATE ledger_opening SET salt = 'x'",
    "an opening goes while its household is there": "DELETE FROM ledger_opening",
    "a balance is changed": "UPDATE ledger_account SET balance = balance + 1",
    "a balance is changed with a mark": "UPDATE ledger_account SET balance = balance + 1, last_transfer = last_transfer + 1",
    "a transfer is counted again": "UPDATE ledger_account SET balance = balance + 4 WHERE kind = 'purse'",
    "a transfer of another account is counted": (
        "UPDATE ledger_account SET balance = balance + 4, last_transfer = (SELECT MAX(id) FROM ledger_transfer) "
        "WHERE kind = 'stock'"
    ),
    "an account becomes another's": "UPDATE ledger_account SET household_id = NULL WHERE kind = 'purse'",
    "an account counts something else": "UPDATE ledger_account SET unit = 'point:other'",
    "an account changes its kind": "UPDATE ledger_account SET kind = 'goods' WHERE kind = 'issue'",
    "an account goes": "DELETE FROM ledger_account",
    "an account begins full": (
        "INSERT INTO ledger_account (village_id, kind, unit, balance, last_transfer) "
        "SELECT id, 'goods', 'point:new', 9, 0 FROM register_village WHERE code = 'WC01'"
    ),
    "a head is moved": "UPDATE ledger_chain SET number = number + 1",
    "a head is set back": "UPDATE ledger_chain SET number = 0, head = (SELECT previous FROM ledger_entry WHERE number = 1 AND ledger_entry.village_id = ledger_chain.village_id)",
    "a head is forged": "UPDATE ledger_chain SET head = 'x'",
    "a chain goes": "DELETE FROM ledger_chain",
    "a chain begins in the middle": (
        "INSERT INTO ledger_chain (village_id, number, head) SELECT id, 5, 'x' FROM register_village WHERE code = 'WC09'"
    ),
    "a number is left out": entry("number + 2", "gap"),
    "a number is there twice": entry("number", "twice"),
    "an entry follows another one": entry("number + 1", "fork", previous="'x'"),
    "a key is used again": entry("number + 1", "a:0"),
    "a credit is of a closed period": entry("number + 1", "late", day="2024-02-01"),
    "a transfer is added to the last entry": move(*GIVE, entry=LAST),
    "a transfer is added to an old entry": move(*GIVE, entry=f"{LAST} - 1"),
    "a transfer comes before the first": move(*GIVE, entry=LAST, place=0),
    "a transfer takes a place again": move(*GIVE, entry=LAST, place=1),
    "a transfer is beyond the last place": move(("WC10", "issue"), ("WC10", "purse"), place=4),
    "a transfer goes to another village": move(("WC10", "issue"), ("WC02", "purse")),
    "a transfer comes from another village": move(("WC02", "issue"), ("WC10", "purse")),
    "a transfer is of two units": move(("WC10", "issue"), ("WC10", "stock"), "TRUE"),
    "a shelf is overdrawn": move(("WC10", "stock"), ("WC10", "supply"), amount=99),
    "a transfer is of nothing": move(("WC10", "issue"), ("WC10", "purse"), amount=0),
    "a transfer goes backwards": move(("WC10", "issue"), ("WC10", "purse"), amount=-1),
    "a period is opened again": "UPDATE ledger_period SET closed_id = NULL",
    "a period gets other days": "UPDATE ledger_period SET last = '2030-01-01'",
    "a period goes": "DELETE FROM ledger_period",
    "a village gets another code": "UPDATE register_village SET code = 'XX01' WHERE code = 'WC01'",
    "a household gets another code": "UPDATE register_household SET code = 'XX01' WHERE code = 'WC01-0001'",
    "a step is changed": "UPDATE process_step SET reason = 'x'",
    "a step is emptied while its household is there": "UPDATE process_step SET reason = '–'",
    "a step goes": "DELETE FROM process_step",
    "an audit entry is changed": "UPDATE access_auditentry SET outcome = 'x'",
    "an audit entry goes": "DELETE FROM access_auditentry",
}
REPLACED: Final = {
    "an entry": "REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
    "an entry by its key": entry("number + 1", "a:1").replace("INSERT", "INSERT OR REPLACE", 1),
    "a transfer": "REPLACE INTO ledger_transfer SELECT id, place, amount + 1, entry_id, source_id, target_id FROM ledger_transfer",
    "a transfer by its place": move(*GIVE, entry=LAST, place=1).replace("INSERT", "INSERT OR REPLACE", 1),
    "an opening": "REPLACE INTO ledger_opening SELECT * FROM ledger_opening",
    "an account": "REPLACE INTO ledger_account SELECT * FROM ledger_account",
    "an empty account": "REPLACE INTO ledger_account SELECT id, kind, unit, 0, 0, household_id, village_id FROM ledger_account",
    "a chain": "REPLACE INTO ledger_chain SELECT village_id, 0, previous FROM ledger_chain JOIN ledger_entry USING (village_id) WHERE ledger_entry.number = 1",
    "a period": "REPLACE INTO ledger_period SELECT * FROM ledger_period",
    "a step": "REPLACE INTO process_step SELECT * FROM process_step",
    "an audit entry": "REPLACE INTO access_auditentry SELECT * FROM access_auditentry",
    "what is no integer": move(("WC10", "issue"), ("WC10", "purse"), amount=1.5),
}
"""Further ways of SQLite."""
TABLES: Final = (
    "ledger_entry", "ledger_transfer", "ledger_opening", "ledger_account", "ledger_chain", "ledger_period",
    "process_step", "access_auditentry",
)  # fmt: skip
COLUMN: Final = {
    "ledger_entry": "hash", "ledger_transfer": "amount", "ledger_opening": "salt", "ledger_account": "balance",
    "ledger_chain": "head", "ledger_period": "name", "process_step": "reason", "access_auditentry": "outcome",
}  # fmt: skip
"""A column of each table."""


def dump(raw: Any) -> dict[str, list[Any]]:
    return {table: raw.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}  # noqa: S608 - names above


def filled(office: Office) -> Office:
    for code in ("WC01", "WC02", "WC10"):
        assert office.work("fill_some", code) == ["done"]
    slip_in(office, "WC10", moves=3)
    return office


def slip_in(office: Office, village: str, *, moves: int) -> None:
    """An entry of somebody else, which says that it has so many transfers and has none."""
    raw = office.raw()
    raw.execute(
        ENTRY.format(village=village, number="number + 1", day="2025-03-01", moves=moves, key=village, previous="head")
    )
    raw.close()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = filled(Office(tmp_path_factory.mktemp("office")))
    yield office
    office.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[Office]:
    office = filled(Office(tmp_path_factory.mktemp("office"), postgresql))
    yield office
    office.close()


def is_refused(office: Office, statement: str) -> None:
    raw = office.raw()
    before = dump(raw)
    try:
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError)):
            raw.execute(statement)
        assert dump(raw) == before
    finally:
        raw.close()


@pytest.mark.parametrize("what", REFUSED)
def test_sqlite_refuses_that(sqlite: Office, what: str) -> None:
    is_refused(sqlite, REFUSED[what])


@pytest.mark.parametrize("what", REPLACED)
def test_sqlite_lets_nobody_replace(sqlite: Office, what: str) -> None:
    is_refused(sqlite, REPLACED[what])


@pytest.mark.parametrize("what", REFUSED)
def test_postgresql_refuses_that(server: Office, what: str) -> None:
    is_refused(server, REFUSED[what])


@pytest.mark.parametrize("table", TABLES)
def test_postgresql_lets_nobody_empty_a_table(server: Office, table: str) -> None:
    is_refused(server, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("database", ["sqlite", "server"])
def test_what_is_allowed_is_done_and_a_transfer_that_was_slipped_in_is_found(
    request: pytest.FixtureRequest, database: str
) -> None:
    office: Office = request.getfixturevalue(database)
    assert office.work("problems", "WC02") == [[]]
    raw = office.raw()
    raw.execute("UPDATE register_household SET erased = '2025-06-01 00:00:00' WHERE code = 'WC02-0001'")
    raw.execute(
        "DELETE FROM ledger_opening WHERE entry_id IN (SELECT ledger_entry.id FROM ledger_entry JOIN register_village "
        "ON village_id = register_village.id WHERE code = 'WC02')"
    )
    assert office.work("problems", "WC02") == [[]]
    slip_in(office, "WC02", moves=1)
    changed = ["ledger.check.hash", "ledger.check.request"]
    assert office.work("problems", "WC02") == [[*changed, "ledger.check.places"]]
    raw.execute(move(("WC02", "issue"), ("WC02", "purse"), entry=LAST.replace("WC01", "WC02"), place=1))
    raw.close()
    assert office.work("problems", "WC02") == [changed]


@pytest.mark.parametrize("database", ["sqlite", "server"])
def test_a_reason_goes_with_its_household_and_nothing_else_of_a_step_changes(
    request: pytest.FixtureRequest, database: str
) -> None:
    office: Office = request.getfixturevalue(database)
    raw = office.raw()
    raw.execute("UPDATE register_household SET erased = '2025-06-01 00:00:00' WHERE code = 'QH01-0001'")
    for statement in (
        "UPDATE process_step SET reason = 'x'",
        "UPDATE process_step SET reason = '–', kind = 'final'",
        "UPDATE process_step SET reason = '–', by_id = NULL",
        "UPDATE process_step SET reason = '–', id = 99",
    ):
        is_refused(office, statement)
    raw.execute("UPDATE process_step SET reason = '–'")
    assert raw.execute("SELECT reason FROM process_step").fetchall() == [("–",)]
    raw.execute("UPDATE register_household SET erased = NULL WHERE code = 'QH01-0001'")
    raw.close()


def test_the_role_of_the_office_has_no_right_to_change_the_ledger_and_can_post(server: Office) -> None:
    assert server.work("grant", "office_role") == ["granted"]
    assert server.work("as_role", "office_role", "WC03") == [[]]
    assert server.work("problems", "WC03") == [[]]
    with psycopg.connect(server.address or "", autocommit=True) as raw:
        raw.execute("SET ROLE office_role")
        for table in TABLES:
            for words in ("UPDATE {} SET hash = hash", "DELETE FROM {}", "TRUNCATE {}"):
                if (table, words.split()[0]) in {("ledger_opening", "DELETE"), ("process_step", "UPDATE")}:
                    continue  # which the trigger allows only where a household was erased
                statement = sql.SQL(words.replace("hash", COLUMN[table])).format(sql.Identifier(table))
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    raw.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("UPDATE process_step SET kind = kind")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("DROP TRIGGER ledger_entries_are_next ON ledger_entry")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("SET session_replication_role = replica")  # would switch triggers off


@pytest.mark.parametrize("database", ["sqlite", "server"])
def test_the_triggers_are_in_force_again_after_an_upgrade(request: pytest.FixtureRequest, database: str) -> None:
    office: Office = request.getfixturevalue(database)
    assert office.work("upgrade") == ["done"]
    assert office.work("problems", "WC01") == [[]]
    is_refused(office, REFUSED["an entry is changed"])


def test_a_missing_trigger_is_told_and_set_again(sqlite: Office) -> None:
    raw = sqlite.raw()
    raw.execute("DROP TRIGGER ledger_entry_is_next")
    raw.close()
    assert sqlite.work("problems", "WC01") == [["ledger.check.triggers"]]
    assert sqlite.work("migrate") == ["done"]
    assert sqlite.work("problems", "WC01") == [[]]
