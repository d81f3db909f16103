"""Decides what `jifen office check` looks at: the database, keys, every village's ledger, files of pages, clock."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from jifen.commands.looking import Finding, tell
from jifen.words import say

from jifen_office.commands.starting import reaching, start, unapplied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_office.project.folder import OfficeFolder

_ROOM: Final = 500 * 1024 * 1024
"""Bytes that should be free: a database that cannot grow refuses to record."""
_SKEW: Final = timedelta(minutes=2)
_FIRST_YEAR: Final = 2025
"""A clock that is before this program's own time has lost its battery."""


def check(*, data_only: Annotated[bool, Parameter("--json", negative="", help="office.check.json")] = False) -> int:
    """Look at everything and tell all at once; the status is 1 where something is wrong."""
    folder = start()
    with reaching():
        findings = [*_database(), *_tables()]
        if all(finding.good for finding in findings if finding.check == "tables"):
            findings += [*_ledgers(), *_moments()]
    findings += [*_keys(folder), *_private(folder), *_pages(), *_room(folder)]
    return tell(findings, lambda check: say(f"office.check.{check}"), data_only=data_only)


def _database() -> Iterator[Finding]:
    """Which database, and why it keeps its journal as it does."""
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "postgresql":
        yield from _postgresql()
        return
    import sqlite3

    from jifen_office.project.settings import JOURNAL, SAFE_LOG

    safe = sqlite3.sqlite_version_info >= SAFE_LOG
    yield Finding("sqlite", sqlite3.sqlite_version, good=True, detail=say("office.check.journal-since"))
    with connection.cursor() as cursor:
        journal, full, keyed = (
            _one(cursor, f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")
        )
    why = say("office.check.log-safe" if safe else "office.check.log-unsafe")
    yield Finding("journal", str(journal).upper(), good=str(journal).upper() == JOURNAL, detail=why)
    durable = full == 2 and keyed == 1  # noqa: PLR2004 - SQLite's number for FULL
    yield Finding("durable", "", good=durable, detail=f"synchronous={full}, foreign_keys={keyed}")


def _one(cursor: object, statement: str) -> object:
    cursor.execute(statement)  # type: ignore[attr-defined]
    return cursor.fetchone()[0]  # type: ignore[attr-defined]


def _postgresql() -> Iterator[Finding]:
    """The server, whether an acknowledged entry is on disk, and what the role that serves pages may not do."""
    from django.db import connection

    from jifen_office.project.folder import ROLE

    with connection.cursor() as cursor:
        version, synced, flushed = (
            _one(cursor, f"SHOW {name}") for name in ("server_version", "synchronous_commit", "fsync")
        )
        yield Finding("postgresql", str(version), good=True, detail="")
        good = synced not in ("off", "local") and flushed == "on"
        yield Finding("durable", "", good=good, detail=f"synchronous_commit={synced}, fsync={flushed}")
        there = _one(cursor, f"SELECT to_regrole('{ROLE}')")
        if not there:
            yield Finding("role", ROLE, good=False, detail=say("office.check.role-missing"))
            return
        rights = [
            f"{table} {right}"
            for table in ("ledger_entry", "ledger_transfer", "access_auditentry")
            for right in ("UPDATE", "DELETE")
            if connection.introspection.table_names(cursor).count(table)
            and _one(cursor, f"SELECT has_table_privilege('{ROLE}', '{table}', '{right}')")
        ]
        blind = connection.introspection.table_names(cursor).count("ledger_entry") and not _one(
            cursor, f"SELECT has_table_privilege('{ROLE}', 'ledger_entry', 'SELECT')"
        )
        wrong = [*rights, *([say("office.check.role-blind")] if blind else [])]
        yield Finding("role", ROLE, good=not wrong, detail=", ".join(wrong) or say("office.check.role-bound"))


def _tables() -> Iterator[Finding]:
    missing = unapplied()
    yield Finding("tables", "", good=not missing, detail=", ".join(missing) or say("office.check.tables-there"))


def _ledgers() -> Iterator[Finding]:
    """Every village's ledger, checked from its first entry."""
    from jifen_office.ledger.checking import check as check_ledger
    from jifen_office.register.models import Village

    for village in Village.objects.order_by("code"):
        problems = check_ledger(village)
        entries = say("office.check.entries", entries=village.entries.count())
        yield Finding("ledger", village.code, good=not problems, detail="; ".join(map(str, problems)) or entries)


def _moments() -> Iterator[Finding]:
    """The clock: not before this program's own time, not before the newest entry, not far from the server's."""
    from django.db import connection
    from django.db.models import Max
    from django.utils import timezone

    from jifen_office.ledger.models import Entry

    now = timezone.now()
    newest = Entry.objects.aggregate(newest=Max("recorded"))["newest"]
    wrong = [fixed] if (fixed := told_fixed()) else []
    if now.year < _FIRST_YEAR or (newest is not None and newest > now + _SKEW):
        wrong.append(
            say("office.check.clock-behind", newest=timezone.localtime(newest or now).isoformat(" ", "minutes"))
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (server,) = cursor.fetchone()
        if abs(server - timezone.now()) > _SKEW:
            wrong.append(say("office.check.clock-server", server=timezone.localtime(server).isoformat(" ", "minutes")))
    yield Finding(
        "clock", "", good=not wrong, detail="; ".join(wrong) or timezone.localtime(now).isoformat(" ", "minutes")
    )


def told_fixed() -> str:
    """That everything is dated with one fixed day, as in a demonstration; empty where the clock counts."""
    from jifen_office.pages.clock import VARIABLE

    fixed = os.environ.get(VARIABLE)
    return say("office.check.clock-fixed", day=fixed, variable=VARIABLE) if fixed else ""


def _private(folder: OfficeFolder) -> Iterator[Finding]:
    """Nobody else on the computer can open the folder, or the database where that lies elsewhere."""
    from django.db import connection

    places = [folder.path]
    if connection.vendor == "sqlite":
        database = Path(connection.settings_dict["NAME"])
        # In a folder that is closed to others it does not matter how the file is.
        if _open_mode(database.parent):
            places.append(database)
    wrong = [say("office.check.private-open", file=place, mode=mode) for place in places if (mode := _open_mode(place))]
    yield Finding("private", "", good=not wrong, detail="; ".join(wrong) or str(folder.path))


def _open_mode(place: Path) -> str:
    """The mode of what others can get at, in octal digits; empty for what is its owner's alone."""
    mode = stat.S_IMODE(place.stat().st_mode)
    return f"{mode:o}" if os.name == "posix" and mode & 0o077 else ""


def _keys(folder: OfficeFolder) -> Iterator[Finding]:
    """The keys' file is its owner's alone."""
    mode = _open_mode(folder.keys_file)
    detail = say("office.check.keys-open", file=folder.keys_file, mode=mode) if mode else str(folder.keys_file)
    yield Finding("keys", "", good=not mode, detail=detail)


def _pages() -> Iterator[Finding]:
    """What pages need from the folder is there and is that of this version."""
    from django.contrib.staticfiles.management.commands.collectstatic import Command

    command = Command()
    command.set_options(
        interactive=False,
        verbosity=0,
        link=False,
        clear=False,
        dry_run=True,
        ignore_patterns=[],
        use_default_ignore_patterns=True,
        post_process=False,
    )
    stale = command.collect()["modified"]
    detail = say("office.check.static-stale", files=len(stale)) if stale else say("office.check.static-there")
    yield Finding("static", "", good=not stale, detail=detail)


def _room(folder: OfficeFolder) -> Iterator[Finding]:
    free = shutil.disk_usage(folder.path).free
    writable = os.access(folder.path, os.W_OK) and os.access(folder.evidence, os.W_OK)
    detail = say("office.check.room", free=free // (1024 * 1024), folder=folder.path)
    if not writable:
        detail = say("office.check.not-writable", folder=folder.path)
    yield Finding("folder", "", good=writable and free >= _ROOM, detail=detail)
