"""Decides what is looked at before entries are made, in as few questions to the database as there can be.

These are asked for each entry, so they are written as SQL that both databases understand: making it anew each time
would take longer than the answer.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.db import connection

from jifen_office.ledger.writing import Head, ask_for_lock, locked, together

if TYPE_CHECKING:
    from collections.abc import Collection, Sized

    from jifen_office.register.models import Village

AccountPlace = tuple[str, str, int | None]
"""Kind, unit and household: what tells an account from the others of its village."""

_KEYS: Final = 'SELECT "key", id FROM ledger_entry WHERE "key" IN ({keys})'
_CLOSED: Final = 'SELECT name, "first", "last" FROM ledger_period WHERE village_id = %s AND closed_id IS NOT NULL'
_ACCOUNTS: Final = """
SELECT id, kind, unit, household_id, balance FROM ledger_account
WHERE village_id = %s AND household_id IS NULL AND kind IN ({kinds}) AND unit IN ({units})
UNION ALL
SELECT id, kind, unit, household_id, balance FROM ledger_account
WHERE household_id IN ({households}) AND village_id = %s AND kind IN ({kinds}) AND unit IN ({units})
"""
"""In two parts, for each has an index of its own."""


@frozen
class There:
    """An account that is there."""

    pk: int
    balance: int


@frozen
class Before:
    """What a village's ledger is before entries are made; the village is locked."""

    head: Head
    keys: dict[str, int]
    """Ids of entries, of any village, that have one of the keys."""
    closed: list[tuple[str, str, str]]
    """Closed periods: name, first and last day as ISO 8601 texts."""
    accounts: dict[AccountPlace, There]
    """Those that were asked for and are there, and perhaps others of the same kinds and units."""


def look(village: Village, keys: Collection[str], places: Collection[AccountPlace]) -> Before:
    """Locks the village and looks; a server is asked all of it at once."""
    statement, given = _accounts(village, places)
    with ExitStack() as stack:
        lock, entries, periods, accounts = (stack.enter_context(connection.cursor()) for _ in range(4))
        stack.enter_context(together())
        ask_for_lock(lock, village)
        entries.execute(_KEYS.format(keys=_marks(keys)), [*keys])
        periods.execute(_CLOSED, [village.pk])
        accounts.execute(statement, given)
        head = locked(lock, village)
        made = dict(entries.fetchall())
        closed = [(name, str(first), str(last)) for name, first, last in periods.fetchall()]
        there = {(kind, unit, home): There(pk, balance) for pk, kind, unit, home, balance in accounts.fetchall()}
    return Before(head, made, closed, there)


def _accounts(village: Village, places: Collection[AccountPlace]) -> tuple[str, list[int | str]]:
    kinds, units = sorted({kind for kind, _, _ in places}), sorted({unit for _, unit, _ in places})
    households = sorted({household for _, _, household in places if household is not None})
    statement = _ACCOUNTS.format(kinds=_marks(kinds), units=_marks(units), households=_marks(households))
    return statement, [village.pk, *kinds, *units, *households, village.pk, *kinds, *units]


def _marks(given: Sized) -> str:
    return ", ".join(["%s"] * len(given)) or "NULL"
