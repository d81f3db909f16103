"""Decides what `nox -s load` does: fills a district's office on PostgreSQL, visits it, and writes what it measured.

Run from the repository's root: ``python -m tests.bench.office_load``. ``--keep FOLDER`` leaves the filled office in a
folder, and takes it from there when it is run again; ``--seconds``, ``--rate`` and ``--processes`` change the load.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from tests.bench import office_fill, office_page
from tests.bench.measuring import load, machine
from tests.bench.office_cluster import SETTINGS, cluster
from tests.bench.office_visits import Visit, summed_up, visit_all

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES: Final = ("jifen", "jifen-office", "django", "psycopg", "waitress", "polars")
PAGE: Final = {"points": 1}
MIX: Final = {"points": 6, "why": 2, "month": 1, "passbook": 1}
STEPS: Final = (0.25, 0.5, 0.75, 1.0)
"""The shares of the whole rate, one after the other: where a machine stops following is seen."""
SESSIONS: Final = 1500
"""Households that are signed in: over all villages, each visiting a few times a minute."""
WARM: Final = 10
"""Seconds of visits before it counts: processes start, read the rule books and connect."""
DOCS: Final = Path(__file__).parents[2] / "docs"


def main() -> int:
    """Measures and writes."""
    options = argparse.ArgumentParser()
    options.add_argument("--keep", type=Path)
    options.add_argument("--seconds", type=int, default=45)
    options.add_argument("--rate", type=int, default=100)
    options.add_argument("--processes", type=int, default=os.cpu_count())
    options.add_argument("--villages", type=int, default=office_fill.VILLAGES)
    options.add_argument("--households", type=int, default=office_fill.HOUSEHOLDS)
    options.add_argument("--docs", type=Path, default=DOCS)
    chosen = options.parse_args()
    found: dict[str, Any] = {"run": {**load(), **machine(PACKAGES)}, "settings": SETTINGS}
    with tempfile.TemporaryDirectory(prefix="jifen-load-") as made:
        work = (chosen.keep or Path(made)).absolute()
        Path(made).chmod(0o755)  # PostgreSQL runs as another user
        with cluster(work / "postgresql") as url:
            os.environ |= {"JIFEN_DATABASE_URL": url, "JIFEN_OFFICE": str(work / "office")}
            found["filled"] = _filled(work, chosen)
            found["commits"] = [_commits(url, Path(made)), _commits("", Path(made))]
            found["load"] = _loaded(work, chosen)
            found["postgresql"] = _asked("SHOW server_version")[0].split()[0]
    chosen.docs.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
    (chosen.docs / "office-load.json").write_text(text + "\n", "utf-8")
    office_page.write(found, chosen.docs / "office-load.md")
    return 0


def _filled(work: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """What is in the office; filled now where it is not there yet."""
    from jifen_office.commands.init import set_up
    from jifen_office.project.folder import OfficeFolder

    OfficeFolder.here().make_keys()
    set_up()
    kept = work / "filled.json"
    if not kept.exists():
        begun = time.perf_counter()
        copied = office_fill.fill(os.cpu_count() or 1, chosen.villages, chosen.households)
        figures = {"seconds": round(time.perf_counter() - begun), "copied": dict(copied)}
        kept.write_text(json.dumps({**figures, "checked": _checked()}), "utf-8")
    counts = {
        name: _asked(f"SELECT count(*) FROM {table}")[0]
        for name, table in (
            ("villages", "register_village"), ("households", "register_household"), ("people", "register_member"),
            ("records", "process_record"), ("steps", "process_step"), ("entries", "ledger_entry"),
            ("transfers", "ledger_transfer"), ("cards", "access_cardissue"),
        )
    }  # fmt: skip
    size = _asked("SELECT pg_database_size(current_database())")[0]
    return {**json.loads(kept.read_text("utf-8")), **counts, "gib": round(size / 2**30, 1)}


def _checked() -> list[dict[str, Any]]:
    """A village of each town, looked at as the office looks at itself; whatever is wrong ends the run."""
    from jifen_office import crediting
    from jifen_office.ledger.checking import check
    from jifen_office.ledger.exporting import export
    from jifen_office.register.models import Village

    found = []
    one_of_each = {each.town.code: each for each in Village.objects.select_related("town").order_by("code")}
    for village in one_of_each.values():
        if problems := check(village):
            raise SystemExit(f"{village}: {problems[:3]}")
        now = datetime.combine(office_fill.TODAY, datetime.min.time(), UTC) + timedelta(hours=3)
        if crediting.credit(village, office_fill.PERIOD, now=now):
            raise SystemExit(f"{village}: its settlement gives something else than its ledger holds")
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            lines = 0
            for line in export(village, private=True):
                lines += file.write(line) > 0
            file.flush()
            verify = [sys.executable, "-m", "jifen_verify", file.name]
            subprocess.run(verify, check=True, stdout=subprocess.DEVNULL)
        found.append({"village": village.code, "lines_verified": lines})
    return found


def _asked(statement: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def _commits(url: str, made: Path) -> dict[str, Any]:
    """Entries a second beside bare rows: in a database of its own of the same server, or without an address on SQLite."""
    environment = {**os.environ, "TMPDIR": str(made)}
    del environment["JIFEN_DATABASE_URL"]
    if url:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connected:
            connected.execute("DROP DATABASE IF EXISTS commits")
            connected.execute("CREATE DATABASE commits")
        environment["JIFEN_DATABASE_URL"] = url.replace("@/postgres", "@/commits")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.office_ledger", "30"],
        check=True, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _loaded(work: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """The visits of each mix, after some that do not count."""
    chance = random.Random(2025)
    homes = _signed_in(chance)
    database = psutil.Process(int((work / "postgresql/data/postmaster.pid").read_text("utf-8").split()[0]))
    found: dict[str, Any] = {"processes": chosen.processes, "rate": chosen.rate, "sessions": len(homes), "mixes": {}}
    with _server(chosen.processes) as (port, server):
        for name, mix, rate in _runs(chosen.rate):
            seconds = WARM if name == "warm" else chosen.seconds
            pages = chance.choices(list(mix), list(mix.values()), k=int(seconds * rate))
            visits = [
                Visit(page, f"/{village}/{household}/{page}/", cookie)
                for page, (village, household, cookie) in zip(pages, chance.choices(homes, k=len(pages)), strict=True)
            ]
            visits = [Visit(each.page, _path(each.path), each.cookie) for each in visits]
            before, begun = _cores(server, database), time.perf_counter()
            seen = visit_all(port, visits, rate)
            spent = time.perf_counter() - begun
            if name == "warm":
                continue
            after = _cores(server, database)
            found["mixes"][name] = {
                "mix": mix, "rate": rate, "seconds": round(spent, 1), **summed_up(seen, spent),
                "cores_busy": {who: round((after[who] - before[who]) / spent, 2) for who in after},
                "pages": {page: summed_up([each for each in seen if each.page == page], spent) for page in mix},
            }  # fmt: skip
            print(name, json.dumps(found["mixes"][name]), flush=True)
    return found


def _runs(rate: int) -> list[tuple[str, dict[str, int], float]]:
    """What is visited, and how often a second; the last of the household's page at the whole rate."""
    first = rate * STEPS[0]
    pages = [(f"the household's page, {rate * step:.0f} a second", PAGE, rate * step) for step in STEPS]
    return [("warm", MIX, first), (f"a mix of its pages, {first:.0f} a second", MIX, first), *pages]


def _path(short: str) -> str:
    from django.urls import reverse

    _, village, household, page, _ = short.split("/")
    return reverse(page, kwargs={"village": village, "household": household})


def _signed_in(chance: random.Random) -> list[tuple[str, str, str]]:
    """Sessions of households of all villages: village, household, and the cookie's value."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from jifen_office.access.models import User

    Session.objects.all().delete()
    cards = list(User.objects.filter(household__erased=None, is_active=True).exclude(household=None).values_list("pk"))
    users = User.objects.filter(pk__in=[pk for (pk,) in chance.sample(cards, min(SESSIONS, len(cards)))])
    store, until = SessionStore(), datetime.now(UTC) + timedelta(hours=8)
    found, rows = [], []
    for user in users.select_related("household__village"):
        if user.household is None:
            continue
        said = {
            SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: "jifen_office.access.accounts.AccountBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }  # fmt: skip
        key = f"{chance.getrandbits(160):032x}"[:32]
        rows.append(Session(session_key=key, session_data=store.encode(said), expire_date=until))
        found.append((user.household.village.code, user.household.code, key))
    Session.objects.bulk_create(rows)
    return found


@contextmanager
def _server(processes: int) -> Iterator[tuple[int, psutil.Process]]:
    """`jifen office serve` on a free port of this machine."""
    environment = {**os.environ, "JIFEN_TODAY": office_fill.TODAY.isoformat(), "JIFEN_LANG": "en"}
    command = [sys.executable, "-m", "jifen", "office", "serve", "--port", "0", "--processes", str(processes)]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r":(\d+)/", running.stdout.readline() if running.stdout else "")
        if address is None:
            raise SystemExit("the office did not start")
        yield int(address[1]), psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait()


def _cores(office: psutil.Process, database: psutil.Process) -> dict[str, float]:
    """Seconds of processors that were used so far by the office, the database and who visits."""
    return {"office": _used(office), "database": _used(database), "visitors": sum(psutil.Process().cpu_times()[:2])}


def _used(first: psutil.Process) -> float:
    """Of a process and all that it started, those that ended too."""
    spent = sum(first.cpu_times()[:4])
    for each in first.children(recursive=True):
        try:
            spent += sum(each.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return float(spent)


if __name__ == "__main__":
    raise SystemExit(main())
