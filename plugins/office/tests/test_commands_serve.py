"""`jifen office serve` with several processes: one address, none of them missed when it is lost, all gone at the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import psutil
import psycopg

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 60


def _run(folder: Path, *words: str, database: str = "") -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIFEN_", "DJANGO_"))}
    environment = {**kept, "JIFEN_OFFICE": str(folder), "JIFEN_LANG": "en"}
    if database:
        environment["JIFEN_DATABASE_URL"] = database
    command = [sys.executable, "-m", "jifen", "office", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _said(folder: Path, *words: str, database: str = "") -> tuple[int, str]:
    with _run(folder, *words, database=database) as running:
        said, _ = running.communicate(timeout=PATIENCE)
    return running.returncode, said


def _workers(first: psutil.Process) -> set[int]:
    """Processes that answer; beside them Python has one that looks after what they share."""
    found = set()
    for each in first.children():
        with suppress(psutil.NoSuchProcess):  # what ended is none, whether it was looked after or not
            if "spawn_main" in " ".join(each.cmdline()):
                found.add(each.pid)
    return found


def test_sqlite_is_not_served_by_several_processes(tmp_path: Path) -> None:
    assert _said(tmp_path, "init", "--town", "qinghe")[0] == 0
    status, said = _said(tmp_path, "serve", "--port", "0", "--processes", "2")
    assert status != 0
    assert "SQLite has one writer" in said
    assert "Traceback" not in said


def test_a_lost_process_is_replaced_and_all_of_them_end_together(tmp_path: Path, postgresql: str) -> None:
    with psycopg.connect(postgresql, autocommit=True) as connected:
        connected.execute("CREATE DATABASE several")
    database = postgresql.replace("@/postgres", "@/several")
    assert _said(tmp_path, "init", "--town", "qinghe", database=database)[0] == 0
    serve = ("serve", "--port", "0", "--processes", "2")
    with _run(tmp_path, *serve, database=database) as running, ExitStack() as stopping:
        assert running.stdout is not None
        stopping.callback(running.kill)  # a test that fails is not to wait for it
        found = next(found for line in running.stdout if (found := re.search(r"http://\S+", line)))
        first, until = psutil.Process(running.pid), time.monotonic() + PATIENCE

        def answers() -> bool:
            with urllib.request.urlopen(found[0], timeout=PATIENCE) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)

        assert answers()
        before = _workers(first)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        while len(_workers(first)) != 2 or min(before) in _workers(first):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert answers()
        after = _workers(first)
        running.terminate()
        assert running.wait(PATIENCE) == 0
    assert not [pid for pid in after if psutil.pid_exists(pid)]
