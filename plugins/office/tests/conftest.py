"""Decides on what the office is tested: SQLite in memory, a PostgreSQL of the tests' own, the demo in a folder."""

from __future__ import annotations

import os
import tempfile

from plugins.office.tests.commanded import demo
from plugins.office.tests.servers import postgresql

os.environ.setdefault("JIFEN_OFFICE", tempfile.mkdtemp(prefix="jifen-office-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jifen_office.project.settings")

import django
from jifen_office.project.folder import OfficeFolder

__all__ = ["demo", "postgresql"]

OfficeFolder.here().make_keys()
(OfficeFolder.here().path / "static").mkdir(exist_ok=True)  # as `jifen office init` leaves it
django.setup()
