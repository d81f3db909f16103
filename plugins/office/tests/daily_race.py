"""Decides what many who open pages at the same moment bring about, in threads of one process: `test_pages_daily`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import django
from django.conf import settings
from jifen_office.project.folder import OfficeFolder

ASKERS = 8
AFTER = "2025-03-20"


def main() -> None:
    """Prints as JSON what the pages answered and what stands in the ledger."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from jifen_office.ledger.checking import check
    from jifen_office.ledger.models import Entry, EntryKind
    from jifen_office.process.models import Step, StepKind

    from plugins.office.tests.process_office import Office, on_the_board

    call_command("migrate", verbosity=0)
    office = Office.open()
    made = office.recorded("A04", day=date(2025, 3, 5))
    on_the_board(office, made)
    made.refresh_from_db()
    found: dict[str, object] = {"before": [made.state]}
    os.environ["JIFEN_TODAY"] = AFTER
    together = Barrier(ASKERS)

    def ask(number: int) -> str:
        together.wait()
        try:
            return str(Client().get(f"/v/QH01/{('', 'posted/')[number % 2]}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(ASKERS) as pool:
        found["pages"] = list(pool.map(ask, range(ASKERS)))
    found["finals"] = [Step.objects.filter(record=made, kind=StepKind.FINAL).count()]
    found["credits"] = Entry.objects.filter(record=made.number, kind=EntryKind.CREDIT).count()
    before = Entry.objects.count()
    done = subprocess.run(
        [sys.executable, "-m", "jifen", "office", "daily"], capture_output=True, text=True, check=False
    )
    found["command"] = [done.returncode, done.stdout + done.stderr]
    found["entries"] = [before, Entry.objects.count()]
    found["problems"] = [str(problem) for problem in check(office.village)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    folder = OfficeFolder.here()
    folder.make_keys()
    (folder.path / "static").mkdir(exist_ok=True)
    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    main()
