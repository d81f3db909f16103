"""Decides what people do at the same moment, in threads of one process: run by `test_process_race` on each database."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2025, 3, 5)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Does all of them at the same moment; each answer as a text, or the codes of a refusal."""
    from django.db import connection
    from jifen.problems import Refused

    together = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait()
        try:
            return str(act())
        except Refused as refused:
            return "|".join(problem.code for problem in refused.problems)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def main() -> None:
    """Prints what came of each race as JSON."""
    from django.core.management import call_command
    from jifen_office.process.models import Evidence, Notice, Record, Step, StepKind
    from jifen_office.process.noticing import post_notice
    from jifen_office.process.recording import Draft, record
    from jifen_office.process.reviewing import approve

    from plugins.office.tests.process_office import WITNESS, Office, at

    call_command("migrate", verbosity=0)
    office = Office.open()
    draft = Draft("B01", DAY, household=office.homes[0], evidence=(WITNESS,))
    found: dict[str, object] = {}
    same = [lambda: record(draft, key="same", by=office.clerk, now=at(DAY))] * 6
    found["same form"] = [at_once(*same), Record.objects.count(), Evidence.objects.count()]
    others = [lambda n=n: record(draft, key=f"other-{n}", by=office.clerk, now=at(DAY)) for n in range(6)]
    found["other forms"] = sorted(at_once(*others))
    made = Record.objects.get(number="QH01-2025-00001")
    approvals = [lambda u=u: approve(made, key=f"a-{u.pk}", by=u, now=at(DAY)).state for u in office.committee]
    found["approvals"] = [sorted(at_once(*approvals)), Step.objects.filter(kind=StepKind.APPROVED).count()]
    sheets = [lambda n=n: post_notice(office.village, key=f"p-{n}", by=office.clerk, now=at(DAY)) for n in range(4)]
    found["sheets"] = [sorted(at_once(*sheets)), Notice.objects.count()]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    django.setup()
    main()
