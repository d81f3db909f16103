"""Decides how many rows come into PostgreSQL at once: without the indexes that nothing depends on, which are made after."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLAIN: Final = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = ANY(%s) AND NOT EXISTS (
    SELECT 1 FROM pg_constraint WHERE conindid = (quote_ident(schemaname) || '.' || quote_ident(indexname))::regclass
)
"""


@contextmanager
def aside(tables: Sequence[str]) -> Iterator[None]:
    """Within it the tables have only the indexes of their constraints."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, [list(tables)])
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, statement in found:
            cursor.execute(statement)
