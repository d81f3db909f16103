"""Decides what the database itself refuses, whoever asks, and that it keeps balances and chains by itself.

Who runs a statement is not known to a trigger of SQLite. So a balance is guarded by what is done, not by who does it:
an account names the last transfer that moved it, and its row changes only by the amount of a later transfer of its own,
which that transfer's own trigger has done already. In the same way a chain's row moves only to the entry behind it.

The triggers are those of the program that runs: `migrate` takes them away before it changes tables, for SQLite makes
tables anew and could not do so under triggers that name them, and sets them again after it.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.db import connections, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper

NO_UPDATE: Final[tuple[str, ...]] = ("ledger_entry", "ledger_transfer", "ledger_opening", "access_auditentry")
"""Tables whose rows never change."""
NO_DELETE: Final[tuple[str, ...]] = (
    "ledger_entry", "ledger_transfer", "ledger_account", "ledger_chain", "ledger_period",
    "process_step", "access_auditentry",
)  # fmt: skip
"""Tables whose rows never go."""
_MADE: Final = re.compile(r"CREATE TRIGGER (?P<name>\w+) .*? ON (?P<table>\w+)")


@frozen
class Trigger:
    """One trigger: its name, its table, and the statement that makes it."""

    name: str
    table: str
    statement: str


def _statements(vendor: str) -> list[str]:
    text = (files(__name__) / f"{vendor}.sql").read_text("utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return [part.strip() for part in lines.split("\n\n") if part.strip()]


def _appended(vendor: str) -> Iterator[str]:
    """The triggers that are alike for many tables."""
    refused = "BEGIN SELECT RAISE(ABORT, 'ledger: {table} is never changed and never deleted'); END"
    does = refused if vendor == "sqlite" else "FOR EACH {each} EXECUTE FUNCTION ledger_refuse()"
    kinds = [("UPDATE", NO_UPDATE, "ROW"), ("DELETE", NO_DELETE, "ROW")]
    if vendor == "postgresql":
        kinds.append(("TRUNCATE", (*NO_DELETE, "ledger_opening"), "STATEMENT"))
    for word, tables, each in kinds:
        for table in tables:
            made = f"CREATE TRIGGER ledger_{table}_no_{word.lower()} BEFORE {word} ON {table}\n"
            yield made + does.format(table=table, each=each)


def triggers(vendor: str) -> list[Trigger]:
    """All triggers for a kind of database: ``sqlite`` or ``postgresql``."""
    made = ((_MADE.match(each), each) for each in [*_statements(vendor), *_appended(vendor)])
    return [Trigger(found["name"], found["table"], each) for found, each in made if found]


def _functions(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    quoted = connection.ops.quote_name(schema)
    functions = (each for each in _statements("postgresql") if not each.startswith("CREATE TRIGGER"))
    return [each.replace("@schema@", quoted) for each in functions]


def install(connection: BaseDatabaseWrapper) -> None:
    """Sets all triggers anew; a table that is not there yet has none."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        remove(connection)
        for statement in _functions(connection):
            cursor.execute(statement)
        tables = connection.introspection.table_names(cursor)
        for each in triggers(connection.vendor):
            if each.table in tables:
                cursor.execute(each.statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Takes all triggers away, for as long as tables are made anew."""
    with connection.cursor() as cursor:
        for name, table in sorted(_there(connection)):
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


def _there(connection: BaseDatabaseWrapper) -> Mapping[tuple[str, str], str]:
    """The ledger's triggers that the database has by name and table, with what it says of each."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'"
            )
        else:
            cursor.execute(
                "SELECT tgname, relname, tgenabled::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace AND tgname LIKE 'ledger%'"
            )
        return {(name, table): said for name, table, said in cursor.fetchall()}


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that are not in force; none in an office that is well."""
    there = _there(connection)
    if connection.vendor == "sqlite":
        return [each.name for each in triggers("sqlite") if there.get((each.name, each.table)) != each.statement]
    return [each.name for each in triggers("postgresql") if there.get((each.name, each.table)) not in {"O", "A"}]


def before_migrating(plan: list[Any], using: str, **_: Any) -> None:
    """Django's signal before `migrate`."""
    if plan:
        remove(connections[using])


def after_migrating(using: str, **_: Any) -> None:
    """Django's signal after `migrate`."""
    install(connections[using])
