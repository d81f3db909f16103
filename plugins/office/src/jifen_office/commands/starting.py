"""Decides how a command comes to the office's folder and database, and says so where one of them is not there."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jifen.problems import Problem, Refused

from jifen_office.project.folder import OfficeFolder

if TYPE_CHECKING:
    from collections.abc import Iterator


def start() -> OfficeFolder:
    """Django, set up for the folder that counts. Raises `Refused` (``office.no-office``) where none was made."""
    folder = OfficeFolder.here()
    if folder.keys() is None:
        raise Refused([Problem("office.no-office", facts={"folder": folder.path})])
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jifen_office.project.settings")
    django.setup()
    return folder


def start_migrated() -> OfficeFolder:
    """As `start`, and the database has every table. Raises `Refused` (``office.old-schema``)."""
    folder = start()
    with reaching():
        missing = unapplied()
    if missing:
        raise Refused([Problem("office.old-schema", facts={"missing": ", ".join(missing)})])
    return folder


def unapplied() -> list[str]:
    """Migrations that the database lacks, as ``app.name``."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@contextmanager
def reaching() -> Iterator[None]:
    """Within it, a database that does not answer is refused in words (``office.database``), without its password."""
    from django.db import connection
    from django.db.utils import OperationalError

    try:
        yield
    except OperationalError as error:
        settings = connection.settings_dict
        where = f"{settings['HOST']}/{settings['NAME']}" if connection.vendor == "postgresql" else settings["NAME"]
        what = str(error).strip().partition("\n")[0]
        raise Refused([Problem("office.database", facts={"where": where, "what": what})]) from error
