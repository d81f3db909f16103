"""Decides how a transaction that writes begins and how it can fail: another writer, a full disk, a lost server.

`writing()` is `transaction.atomic()` with words: what the database refuses for reasons that no program can mend is
told as `Refused`, after everything was rolled back. A service that writes is to use it as its outermost block, for on
SQLite the wait for another writer is at the beginning of the outermost one (``BEGIN IMMEDIATE``).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.db import InterfaceError, OperationalError, connection, transaction
from jifen.problems import Problem, Refused

from jifen_office.ledger.chain import GENESIS
from jifen_office.ledger.models import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.utils import CursorWrapper

    from jifen_office.register.models import Village

_SQLITE: Final = {
    "SQLITE_BUSY": "ledger.busy",
    "SQLITE_LOCKED": "ledger.busy",
    "SQLITE_FULL": "ledger.disk-full",
    "SQLITE_IOERR": "ledger.not-writable",
    "SQLITE_READONLY": "ledger.not-writable",
    "SQLITE_CANTOPEN": "ledger.not-writable",
}
"""Beginnings of SQLite's names of errors."""
_POSTGRESQL: Final = {
    "55P03": "ledger.busy",  # a lock was not to be had
    "57014": "ledger.busy",  # waited for too long
    "40P01": "ledger.busy",  # two waited for each other
    "40001": "ledger.busy",
    "53100": "ledger.disk-full",
    "53300": "ledger.busy",  # too many connections
}
"""PostgreSQL's codes of errors."""


def refusal(error: InterfaceError | OperationalError) -> Refused | None:
    """What people are told of an error of the database; None where it is a fault of the program."""
    cause = error.__cause__
    name, state = getattr(cause, "sqlite_errorname", None), getattr(cause, "sqlstate", None)
    falls = getattr(getattr(cause, "diag", None), "severity_nonlocalized", None) == "PANIC"
    if name is not None:
        code = next((code for start, code in _SQLITE.items() if name.startswith(start)), None)
    elif falls or state is None or (state[:2] in {"08", "57"} and state != "57014"):
        # The connection was lost, or the server goes down; one whose log finds no room falls in the middle of a commit.
        code = "ledger.no-database"
    else:
        code = _POSTGRESQL.get(state)
    return Refused([Problem(code)]) if code else None


@contextmanager
def writing() -> Iterator[None]:
    """One transaction, or nothing of it.

    Raises `Refused`: ``ledger.busy`` (somebody else is writing), ``ledger.disk-full``, ``ledger.not-writable``,
    ``ledger.no-database``.
    """
    try:
        with transaction.atomic():
            yield
    except (InterfaceError, OperationalError) as error:
        told = refusal(error)
        if told is None:
            raise
        raise told from error


@frozen
class Head:
    """The last entry of a village's chain: its number and hash; 0 and zeros where there is none."""

    number: int
    hash: str


@contextmanager
def together() -> Iterator[None]:
    """Sends statements to a server without waiting for each one's answer; the first that is read waits for all so far.

    An embedded database answers at once. What the server refuses is raised here at the latest.
    """
    if connection.vendor == "postgresql":
        with connection.wrap_database_errors, connection.connection.pipeline():
            yield
    else:
        yield


_HEAD: Final = "SELECT number, head FROM ledger_chain WHERE village_id = %s"
_LOCK: Final = {"postgresql": "SELECT number, head FROM ledger_lock(%s)", "sqlite": _HEAD}
"""On SQLite the transaction is the lock: there is one writer. On PostgreSQL the office's role may not change chains, so
it may not lock their rows either; this function may, and begins a chain where there is none."""


def ask_for_lock(cursor: CursorWrapper, village: Village) -> None:
    """The first half of `lock`: asks, and does not wait for the answer."""
    cursor.execute(_LOCK[connection.vendor], [village.pk])


def locked(cursor: CursorWrapper, village: Village) -> Head:
    """The second half of `lock`: the answer."""
    found = cursor.fetchone()
    if found is None:
        Chain.objects.create(village_id=village.pk)
        return Head(0, GENESIS)
    return Head(*found)


def lock(village: Village) -> Head:
    """The head of the village's chain, which nobody else can move until the transaction of `writing` ends."""
    with connection.cursor() as cursor:
        ask_for_lock(cursor, village)
        return locked(cursor, village)


def head(village: Village) -> Head:
    """The head of the village's chain as it is now; what a posted sheet prints."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD, [village.pk])
        found = cursor.fetchone()
    return Head(*found) if found else Head(0, GENESIS)
