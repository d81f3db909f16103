"""How many entries a second the office's ledger commits, beside bare rows of the same database and durability.

Run from the repository's root: `python -m tests.bench.office_ledger [SECONDS]`. Each figure comes from the same file or
server in the same run, in turns, so that what else the machine does falls on both. A village's crediting commits many
entries at once: that is measured beside it. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

TURNS: Final = 5
TOGETHER: Final = 500
"""Entries of one commit, where they are made together."""


def start() -> None:
    """An office in a folder of its own, on the server of JIFEN_DATABASE_URL or else on a SQLite file in it."""
    os.environ["JIFEN_OFFICE"] = tempfile.mkdtemp(prefix="jifen-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "jifen_office.project.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)


def rate(work: Callable[[], None], seconds: float) -> float:
    """How often the work was done in a second."""
    begun, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds:
        work()
        done += 1
    return done / spent


def measure(seconds: float) -> None:
    from datetime import UTC, datetime
    from itertools import count

    from django.db import connection, transaction
    from jifen_office.ledger.models import AccountKind, EntryKind
    from jifen_office.ledger.posting import AccountName, Ask, Leg, post_all
    from jifen_office.register.models import Household, Town, Village

    town = Town.objects.create(code="qinghe", name="青禾镇")
    village = Village.objects.create(town=town, code="QH01", name="河畔村")
    home = Household.objects.create(village=village, code="QH01-0001", group="1组", name="顾建国")
    issue = AccountName(village, AccountKind.ISSUE, "point:total")
    purse = AccountName(village, AccountKind.PURSE, "point:total", home)
    now, numbers = datetime(2025, 3, 5, 8, tzinfo=UTC), count(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (number bigint PRIMARY KEY, words varchar(400))")

    def asked() -> Ask:
        opening = {"household": "顾建国", "why": "参加“清洁家园”"}
        legs = [Leg(issue, purse, 12)]
        return Ask(EntryKind.CREDIT, legs, f"form-{next(numbers)}", occurred=now.date(), opening=opening)

    def entry() -> None:
        post_all(village, [asked()], now=now)

    def together() -> None:
        post_all(village, [asked() for _ in range(TOGETHER)], now=now)

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare VALUES (%s, %s)", [next(numbers), "x" * 400])

    works = {"bare_rows": bare, "entries": entry, "together": together}
    rates: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(TURNS + 1):
        for name, work in works.items():
            found = rate(work, seconds / TURNS / len(works))
            if turn:  # the first one warms up
                rates[name].append(found)
    told = {name: sorted(each)[TURNS // 2] for name, each in rates.items()}
    told["together"] *= TOGETHER
    print(json.dumps({"database": connection.vendor, **told, "share": told["entries"] / told["bare_rows"]}))


if __name__ == "__main__":
    start()
    measure(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
