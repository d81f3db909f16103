"""Decides how entries are put into the database: all of them, then their transfers in order, then what they say.

Three statements for as many entries as there are, which a server is sent at once. They are SQL that both databases
understand, for a transfer finds its entry by the entry's number, without waiting to be told an id.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.db import IntegrityError, connection
from jifen.problems import Problem, Refused

from jifen_office.ledger.writing import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.backends.utils import CursorWrapper

    from jifen_office.ledger.models import Entry, Opening
    from jifen_office.register.models import Village

_AT_ONCE: Final = 2000
"""Rows in a statement."""
_ENTRIES: Final = """
INSERT INTO ledger_entry (
    village_id, number, kind, occurred, recorded, by_id, record, settlement, rules, reverses_id, moves, "key", request,
    commitment, previous, hash
) VALUES {rows} RETURNING number, id
"""
_TRANSFERS: Final = """
INSERT INTO ledger_transfer (entry_id, place, source_id, target_id, amount)
SELECT entry.id, column2, column3, column4, column5 FROM (VALUES {rows}) AS given
JOIN ledger_entry AS entry ON entry.number = column1 AND entry.village_id = %s ORDER BY column1, column2
"""
_OPENINGS: Final = """
INSERT INTO ledger_opening (entry_id, salt, content)
SELECT entry.id, column2, column3 FROM (VALUES {rows}) AS given
JOIN ledger_entry AS entry ON entry.number = column1 AND entry.village_id = %s
"""


@frozen
class New:
    """An entry that is not in the database yet: it, its transfers as source, target and amount, and what it says."""

    entry: Entry
    transfers: list[tuple[int, int, int]]
    opening: Opening | None


def add(village: Village, made: Sequence[New]) -> None:
    """Adds entries that follow each other to a village that is locked, and tells each its id.

    Raises `Refused`: ``ledger.key-used`` (an entry of another village has taken the key in this moment).
    """
    number = village.pk
    transfers = [(new.entry.number, place, *moved) for new in made for place, moved in enumerate(new.transfers, 1)]
    openings = [
        (new.entry.number, new.opening.salt, connection.ops.adapt_json_value(new.opening.content, None))
        for new in made
        if new.opening is not None
    ]
    try:
        with ExitStack() as stack:
            entries, others = (stack.enter_context(connection.cursor()) for _ in range(2))
            stack.enter_context(together())
            _insert(entries, _ENTRIES, [_row(new.entry) for new in made])
            for at in range(0, len(transfers), _AT_ONCE):
                _insert(others, _TRANSFERS, transfers[at : at + _AT_ONCE], number)
            if openings:
                _insert(others, _OPENINGS, openings, number)
            ids = dict(entries.fetchall())
    except IntegrityError as error:
        if "ledger_entry_key" not in str(error):
            raise
        # On SQLite there is nobody else meanwhile.
        keys = [new.entry.key for new in made if len(made) == 1 or f"({new.entry.key})" in str(error)]
        raise Refused([Problem("ledger.key-used", facts={"key": ", ".join(keys)})]) from error
    for new in made:
        new.entry.pk = ids[new.entry.number]
        new.entry._state.adding = False  # noqa: SLF001 - Django's documents name it as what tells that a row is there
        new.entry._state.db = connection.alias  # noqa: SLF001


def _insert(cursor: CursorWrapper, statement: str, rows: Iterable[Sequence[Any]], *more: Any) -> None:
    given = list(rows)
    row = f"({', '.join(['%s'] * len(given[0]))})"
    cursor.execute(
        statement.format(rows=", ".join([row] * len(given))), [each for row in given for each in row] + [*more]
    )


def _row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.village_id,
        entry.number,
        entry.kind,
        connection.ops.adapt_datefield_value(entry.occurred),
        connection.ops.adapt_datetimefield_value(entry.recorded),
        entry.by_id,
        entry.record,
        entry.settlement,
        entry.rules,
        entry.reverses_id,
        entry.moves,
        entry.key,
        entry.request,
        entry.commitment,
        entry.previous,
        entry.hash,
    )
