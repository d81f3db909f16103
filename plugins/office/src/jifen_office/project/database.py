"""Decides what is done with a database as a whole: rights, a copy while others write, and putting a copy back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jifen.problems import Problem, Refused

from jifen_office.project.folder import ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}
_WAIT: Final = 60
"""Seconds for which a copy waits until a writer is done."""


def grant() -> None:
    """Gives the role in which PostgreSQL serves pages its rights, after each `migrate`; nothing on SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    from jifen_office.ledger import roles

    roles.grant(connection, ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, pg_has_role(current_user, %s, 'MEMBER')", [ROLE])
        user, member = cursor.fetchone()
        if not member:
            cursor.execute(f"GRANT {ROLE} TO {connection.ops.quote_name(user)}")


def copy_sqlite(source: Path, target: Path) -> None:
    """A whole copy of a database that others may be writing to, in one piece. Raises `Refused`."""
    with closing(sqlite3.connect(source, timeout=_WAIT)) as live, closing(sqlite3.connect(target)) as fresh:
        live.backup(fresh)
        (said,) = fresh.execute("PRAGMA integrity_check").fetchone()
    if said != "ok":
        raise Refused([Problem("office.damaged", facts={"file": source, "what": said})])


def close_journal(copy: Path) -> None:
    """Makes a copy one file again; one with a write-ahead log would ask for its log wherever it is opened."""
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")


def dump(url: str, target: Path) -> None:
    """A whole copy of a PostgreSQL database, as `pg_dump` makes it while others write. Raises `Refused`."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Puts a copy into a PostgreSQL database that is empty. Raises `Refused`."""
    import psycopg

    with psycopg.connect(url) as connected:
        found = connected.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchone()
    if found is not None and found[0]:
        raise Refused([Problem("office.restore.database-not-empty", facts={"tables": found[0]})])
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source))


def _run(program: str, url: str, *words: str) -> None:
    found = shutil.which(program) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if found is None:
        raise Refused([Problem("office.no-program", facts={"program": program})])
    environment = {**os.environ, **_environment(url)}
    named = f"--dbname={environment['PGDATABASE']}"
    # The program is PostgreSQL's own, and its words are made here.
    done = subprocess.run(  # noqa: S603
        [found, named, *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        what = done.stderr.strip().partition("\n")[0]
        raise Refused([Problem("office.program-failed", facts={"program": program, "what": what})])


def _environment(url: str) -> Mapping[str, str]:
    """The server's address as PostgreSQL's programs read it, so that no password stands in the list of processes."""
    from psycopg.conninfo import conninfo_to_dict

    given = conninfo_to_dict(url)
    return {_FIELDS[name]: str(value) for name, value in given.items() if name in _FIELDS and value}
