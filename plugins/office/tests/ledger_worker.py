"""Decides what a process beside a test does with an office's database: it takes steps, posts until it is killed, races."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jifen.problems import Refused
from jifen_office.access.models import AuditEntry, User
from jifen_office.ledger import roles
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import AccountKind, Entry, EntryKind
from jifen_office.ledger.periods import close_period, open_period
from jifen_office.ledger.posting import AccountName, Leg, post
from jifen_office.process.models import Record, Step, StepKind
from jifen_office.register.models import Household, Village

from plugins.office.tests.ledger_steps import NOW, Here, village_of

KILLED: Final = tuple(f"QH{number:02}" for number in range(1, 9))
"""Villages in which writers are killed."""
VILLAGES: Final = (*KILLED, *(f"WC{number:02}" for number in range(1, 13)))


def say(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def prepare() -> None:
    """An office with a few villages."""
    call_command("migrate", verbosity=0, skip_checks=True)
    villages = [village_of(code) for code in VILLAGES]
    clerk = User.objects.create_user("clerk", name="沈丽华")
    record = Record.objects.create(
        number="R1",
        village=villages[0],
        household=villages[0].households.order_by("code")[0],
        item="clean-up",
        date=NOW.date(),
        recorded_by=clerk,
        recorded=NOW,
    )
    Step.objects.create(record=record, kind=StepKind.RECUSED, by=clerk, at=NOW, reason="顾建国的亲戚")
    AuditEntry.objects.create(user=clerk, route="record", outcome="done")
    say("ready")


def steps() -> None:
    """Takes steps from the test; what stands between begin and forget leaves nothing behind."""
    outside: Any = None
    here = Here()
    for line in sys.stdin:
        step = json.loads(line)
        if step["do"] == "begin":
            outside = transaction.atomic()
            outside.__enter__()
            village_of(step["village"])
            say({})
        elif step["do"] == "forget":
            transaction.set_rollback(True)
            outside.__exit__(None, None, None)
            say({})
        else:
            say(here.do(step))


def legs_of(village: Village) -> list[Leg]:
    home = Household.objects.filter(village=village).order_by("code").first()
    issue = AccountName(village, AccountKind.ISSUE, "point:total")
    purse = AccountName(village, AccountKind.PURSE, "point:total", home)
    return [Leg(issue, purse, 3), Leg(issue, purse, 4)]


def keep_posting(code: str, prefix: str, most: int, told: Callable[[str], None]) -> None:
    """Posts entries of two transfers and words, and tells the key of each one that was confirmed."""
    village = Village.objects.get(code=code)
    legs = legs_of(village)
    for number in range(most):
        key = f"{prefix}:{number}"
        while True:
            try:
                post(
                    village, EntryKind.CREDIT, legs, key=key, occurred=NOW.date(), now=NOW, opening={"why": "参加清洁"}
                )
            except Refused as refused:
                # The server is away or somebody else writes: the same request again has no second effect.
                told("!" + ",".join(problem.code for problem in refused.problems))
                connection.close()
                time.sleep(0.02)
            else:
                told(key)
                break


def race(code: str, prefix: str, most: str) -> None:
    """Posts so many entries and tells each key."""
    keep_posting(code, prefix, int(most), say)


def lost(village: Village, keys: list[str]) -> list[str]:
    """What is wrong after a fault: confirmed entries that are not there, half entries, a broken chain."""
    there = set(Entry.objects.filter(village=village).values_list("key", flat=True))
    entries = Entry.objects.filter(village=village).annotate(there=Count("transfers"))
    half = entries.exclude(moves=2, there=2).values_list("key", flat=True)
    return [
        *(f"lost {key}" for key in keys if key not in there),
        *(f"half {key}" for key in half),
        *(str(problem) for problem in check(village)),
    ]


def crash(rounds: str, seed: str) -> None:
    """Forks a child that posts, kills it at a random moment, and looks at what it left; once a round."""
    chance = random.Random(int(seed))
    confirmed: dict[str, list[str]] = {code: [] for code in KILLED}
    wrong: list[str] = []
    for turn in range(int(rounds)):
        code = KILLED[turn * len(KILLED) // int(rounds)]
        confirmed[code] += _killed(code, f"{seed}:{turn}", chance.uniform(0.005, 0.15))
        wrong += lost(Village.objects.get(code=code), confirmed[code])
        connection.close()  # before the next fork: a connection is never shared
    say({"wrong": wrong, "confirmed": sum(map(len, confirmed.values()))})


def _killed(code: str, prefix: str, after: float) -> list[str]:
    """The keys that a child had told when it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        keep_posting(code, prefix, 1_000_000, lambda key: void(os.write(writer, f"{key}\n".encode())))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        first = told.readline()
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        keys = (first + told.read()).splitlines(keepends=True)
    os.waitpid(child, 0)
    return [key.strip() for key in keys if key.endswith("\n") and not key.startswith("!")]


def void(_written: int) -> None:
    """A pipe takes a short line whole."""


def survey(code: str) -> None:
    """What is wrong with a village whose confirmed keys stand on the standard input."""
    keys = [line.strip() for line in sys.stdin]
    say(lost(Village.objects.get(code=code), keys))


def count(code: str) -> None:
    """How many entries a village has."""
    say(Entry.objects.filter(village__code=code).count())


def once(code: str, key: str, wait: str = "20") -> None:
    """Posts one entry and says what was refused; on SQLite another writer is waited for so many seconds."""
    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"]["timeout"] = float(wait)
    say(posted(code, key))


def posted(code: str, key: str) -> list[str]:
    """The codes of what was refused when an entry was to be made; none where it was made."""
    try:
        village = Village.objects.get(code=code)
        legs = legs_of(village)
        post(village, EntryKind.CREDIT, legs, key=key, occurred=NOW.date(), now=NOW, opening={"why": "参加清洁" * 40})
    except Refused as refused:
        return [problem.code for problem in refused.problems]
    return []


def narrow(pages: int) -> None:
    """Lets a SQLite file grow by so many pages; of a server the disk itself is small."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            (there,) = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count = {there + pages}")


def fill(code: str, prefix: str) -> None:
    """Posts until there is no more room."""
    narrow(3)
    for number in range(10_000):
        if refused := posted(code, f"{prefix}:{number}"):
            say(refused)
            return
        say(f"{prefix}:{number}")


def browse() -> None:
    """What a browser is told that sends forms until none is taken any more, and how many were; then of a page."""
    narrow(0)
    browser = Client(raise_request_exception=False, headers={"host": "localhost"})
    taken, answer = 0, browser.post("/elder/", {"next": "/"})
    while answer.status_code < HTTPStatus.BAD_REQUEST and taken < 10_000:
        taken, answer = taken + 1, browser.post("/elder/", {"next": "/"})
    looked = browser.get("/")
    say({"taken": taken, "status": answer.status_code, "page": answer.content.decode()})
    say({"status": looked.status_code, "page": looked.content.decode()})


def audited() -> None:
    """How many forms were asked and how many are known to have been done."""
    say([AuditEntry.objects.filter(route="elder", outcome=outcome).count() for outcome in ("asked", "302")])


def unwritten() -> None:
    """What a browser is told whose form was taken just before the database could take no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TRIGGER no_room BEFORE INSERT ON main.access_auditentry WHEN NEW.outcome <> 'asked' "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    browser = Client(raise_request_exception=False, headers={"host": "localhost"})
    say(browser.post("/elder/", {"next": "/"}).status_code)


def pragmas() -> None:
    """How the office's connection to SQLite is set."""
    found: dict[str, object] = {}
    with connection.cursor() as cursor:
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            (found[name],) = cursor.execute(f"PRAGMA {name}").fetchone()
    with CaptureQueriesContext(connection) as seen, transaction.atomic():
        Village.objects.count()
    say({**found, "begins": seen.captured_queries[0]["sql"]})


def problems(code: str) -> None:
    """The codes of what is wrong with a village's ledger."""
    say([problem.code for problem in check(Village.objects.get(code=code))])


def fill_some(code: str) -> None:
    """A closed period, a few credits with words, and goods on the shelf."""
    village = Village.objects.get(code=code)
    open_period(village, "2024", key=f"{code}:open", now=NOW)
    close_period(village, "2024", key=f"{code}:close", now=NOW)
    prefix = "a" if code == "WC01" else code
    keep_posting(code, prefix, 3, lambda _: None)
    supply, stock = (AccountName(village, kind, "good:soap") for kind in (AccountKind.SUPPLY, AccountKind.STOCK))
    post(village, EntryKind.SUPPLY, [Leg(supply, stock, 5)], key=f"{code}:soap", occurred=NOW.date(), now=NOW)
    keep_posting(code, f"{prefix}-last", 1, lambda _: None)
    say("done")


def migrate() -> None:
    """As an operator does after an upgrade."""
    call_command("migrate", verbosity=0, skip_checks=True)
    say("done")


def upgrade() -> None:
    """Tables of another part are made anew; the triggers step aside for it."""
    call_command("migrate", "shop", "zero", verbosity=0, skip_checks=True)
    call_command("migrate", verbosity=0, skip_checks=True)
    say("done")


def grant(role: str) -> None:
    """Makes the office's role."""
    roles.grant(connection, role)
    say("granted")


def as_role(role: str, code: str) -> None:
    """Posts under the office's role."""
    connection.settings_dict["OPTIONS"]["assume_role"] = role
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (role,)
    say(posted(code, "as role") + posted(code, "as role"))


def wait() -> None:
    """Forks a process for each piece of work, so that Django is started once."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "end" in asked:
            _, status = os.waitpid(asked["end"], 0)
            say({"status": os.waitstatus_to_exitcode(status)})
            continue
        child = os.fork()
        if child:
            say({"process": child})
            continue
        status = 1
        try:
            with Path(asked["told"]).open() as sys.stdin, Path(asked["said"]).open("w") as sys.stdout:
                WORK[asked["begin"][0]](*asked["begin"][1:])
            status = 0
        except Exception:  # noqa: BLE001 - whatever it is, the test is to see it, and this process is to end here
            traceback.print_exc()
        finally:
            os._exit(status)


WORK: Final[dict[str, Callable[..., None]]] = {
    work.__name__: work
    for work in (
        prepare,
        steps,
        race,
        crash,
        survey,
        count,
        once,
        fill,
        browse,
        audited,
        unwritten,
        pragmas,
        wait,
        problems,
        fill_some,
        migrate,
        upgrade,
        grant,
        as_role,
    )
}


def main() -> None:
    """Does what the command line says; Django was set up before this was imported."""
    WORK[sys.argv[1]](*sys.argv[2:])
