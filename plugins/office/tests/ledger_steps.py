"""Decides how a test drives a ledger by steps that are data, on the database of its process or in a process beside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import psycopg
from attrs import frozen
from jifen.problems import Refused
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import Account, AccountKind, Entry, EntryKind
from jifen_office.ledger.names import name_of
from jifen_office.ledger.periods import close_period, open_period, reset_purse
from jifen_office.ledger.posting import AccountName, Leg, post, reverse
from jifen_office.register.models import Household, Town, Village
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW: Final = datetime(2025, 3, 5, 8, 0, tzinfo=UTC)
LATER: Final = datetime(2025, 7, 1, 8, 0, tzinfo=UTC)
"""When every period of the steps is over, so that it can be closed."""
HOUSEHOLDS: Final = 3

Step = dict[str, Any]


def village_of(code: str, households: int = HOUSEHOLDS) -> Village:
    town, _ = Town.objects.get_or_create(code="qinghe", defaults={"name": "青禾镇"})
    village = Village.objects.create(town=town, code=code, name=f"{code}村")
    Household.objects.bulk_create(
        Household(village=village, code=f"{code}-{number:04}", group="1组", name="顾建国")
        for number in range(1, households + 1)
    )
    return village


def account(village: Village, text: str, homes: dict[str, Household]) -> AccountName:
    kind, unit, *household = text.split("/")
    return AccountName(village, AccountKind(kind), unit, homes[household[0]] if household else None)


class Driver(Protocol):
    def ask(self, step: Step) -> None: ...

    def answer(self) -> Step: ...


def do_all(drivers: Sequence[Driver], step: Step) -> list[Step]:
    """What each did; those beside are asked first, and work meanwhile."""
    for driver in reversed(drivers):
        driver.ask(step)
    return [driver.answer() for driver in drivers]


class Here:
    """On the database of this process."""

    def ask(self, step: Step) -> None:
        self.said = self.do(step)

    def answer(self) -> Step:
        return self.said

    def do(self, step: Step) -> Step:
        """What the step did: the number of its entry and all balances, or the codes of what was refused."""
        village = Village.objects.get(code=step["village"])
        try:
            number = getattr(self, f"_{step['do']}")(village, step)
        except Refused as refused:
            return {"refused": sorted({problem.code for problem in refused.problems})}
        return {"number": number, "balances": self.balances(village.code)}

    @staticmethod
    def balances(code: str) -> dict[str, int]:
        """All balances that are not 0, by the names of their accounts."""
        accounts = Account.objects.filter(village__code=code).select_related("household")
        return {name_of(each): each.balance for each in accounts if each.balance}

    @staticmethod
    def _post(village: Village, step: Step) -> int:
        homes = {home.code: home for home in Household.objects.filter(village=village)}
        legs = [
            Leg(account(village, source, homes), account(village, target, homes), amount)
            for source, target, amount in step["legs"]
        ]
        occurred = date.fromisoformat(step["occurred"])
        return post(village, EntryKind(step["kind"]), legs, key=step["key"], occurred=occurred, now=NOW).number

    @staticmethod
    def _reverse(village: Village, step: Step) -> int:
        entry = Entry.objects.get(village=village, number=step["number"])
        return reverse(entry, key=step["key"], now=NOW, by=None, why="记错了").number

    @staticmethod
    def _reset(village: Village, step: Step) -> int | None:
        on = date.fromisoformat(step["on"])
        entry = reset_purse(village, step["purse"], on, now=NOW, today=on)
        return entry.number if entry else None

    @staticmethod
    def _open(village: Village, step: Step) -> int:
        return open_period(village, step["period"], key=step["key"], now=NOW).opened.number

    @staticmethod
    def _close(village: Village, step: Step) -> int | None:
        closed = close_period(village, step["period"], key=step["key"], now=LATER).closed
        return closed.number if closed else None

    @staticmethod
    def _check(village: Village, _step: Step) -> list[str]:
        return [str(problem) for problem in check(village)]


def environment(folder: Path, database: str | None = None) -> dict[str, str]:
    """Of a process that works in an office of its own, on a SQLite file or on the database of an address."""
    given = {name: value for name, value in os.environ.items() if name != "JIFEN_DATABASE_URL"}
    more = {"JIFEN_DATABASE_URL": database} if database else {}
    return {**given, **more, "JIFEN_OFFICE": str(folder), "DJANGO_SETTINGS_MODULE": "jifen_office.project.settings"}


WORKER: Final = (
    sys.executable,
    "-c",
    "import django; django.setup(); from plugins.office.tests.ledger_worker import main; main()",
)


@frozen
class Job:
    """Work that a forked process does, and the file in which it says what it did."""

    process: int
    said: Path


class Office:
    """An office of a test's own, with a process that is ready to be forked for each piece of work."""

    def __init__(self, folder: Path, server: str | None = None) -> None:
        """On a SQLite file, or on a database of its own in the PostgreSQL server of the address."""
        self.folder, self.server, self.address = folder, server, None
        if server is not None:
            name = f"ledger_{uuid.uuid4().hex}"
            with psycopg.connect(server, autocommit=True) as connected:
                connected.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            self.address = server.replace("@/postgres", f"@/{name}")
        self.process = subprocess.Popen(
            [*WORKER, "wait"],
            env=environment(folder, self.address),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.work("prepare") == ["ready"]

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.folder / "office.sqlite3"

    def raw(self) -> Any:
        """A connection that knows nothing of the office, each statement a transaction."""
        if self.address is None:
            return sqlite3.connect(self.file, isolation_level=None)
        return psycopg.connect(self.address, autocommit=True)

    def _ask(self, question: Step) -> Step:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: Step = json.loads(self.process.stdout.readline())
        return answer

    def begin(self, *words: str, told: str = "") -> Job:
        said = self.folder / f"said-{uuid.uuid4().hex}"
        (given := said.with_suffix(".in")).write_text(told)
        answer = self._ask({"begin": words, "said": str(said), "told": str(given)})
        return Job(answer["process"], said)

    def end(self, job: Job) -> list[Any]:
        """All that it said, once it has ended, which it must do well."""
        assert self._ask({"end": job.process}) == {"status": 0}
        return [json.loads(line) for line in job.said.read_text().splitlines()]

    def work(self, *words: str, told: str = "") -> list[Any]:
        return self.end(self.begin(*words, told=told))

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


class Beside:
    """In a process beside, on another database."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.process = subprocess.Popen(
            [*WORKER, "steps"],
            env=environment(folder, database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, step: Step) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(step) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Step:
        assert self.process.stdout
        answer: Step = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.stdout
        self.process.stdout.close()
        self.process.wait(30)
