"""Decides what the office's role may do in PostgreSQL: read and add everywhere, change nothing of the ledger.

The tables belong to whoever runs `migrate`. The office itself is served under a role that was granted no UPDATE and no
DELETE on what is append-only, so that not even a fault in a page could reach it; balances and heads are moved by the
triggers, which run as the owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from jifen_office.ledger.triggers import NO_DELETE, NO_UPDATE

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ADDED_BY_TRIGGERS: Final = frozenset({"ledger_chain", "ledger_account"})
"""Tables of which a row changes, by a trigger alone."""
LATER: Final = {"ledger_period": "closed_id", "process_step": "reason"}
"""The one column of a table that somebody sets later, as its trigger allows: a period closes, a household is erased."""


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Makes the role where it is missing and gives it its rights anew; for the owner, after each `migrate`.

    The role cannot log in by itself: grant it to a login, or let the connection take it on (``assume_role``).
    """
    name = connection.ops.quote_name(role)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        schema, there = cursor.fetchone()
        schema = connection.ops.quote_name(schema)
        if not there:
            cursor.execute(f"CREATE ROLE {name} NOLOGIN")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}")
        for table in connection.introspection.table_names(cursor):
            rights = {"SELECT", "INSERT"}
            if table not in NO_UPDATE and table not in ADDED_BY_TRIGGERS and table not in LATER:
                rights.add("UPDATE")
            if table not in NO_DELETE:
                rights.add("DELETE")
            cursor.execute(f"GRANT {', '.join(sorted(rights))} ON {connection.ops.quote_name(table)} TO {name}")
        for table, column in LATER.items():
            cursor.execute(f"GRANT UPDATE ({column}) ON {table} TO {name}")
