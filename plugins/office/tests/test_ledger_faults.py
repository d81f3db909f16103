"""What the ledger promises when a process is killed, a server goes down, a disk is full or somebody else is writing."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from plugins.office.tests.ledger_steps import Office
from plugins.office.tests.servers import as_server, binaries

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS: Final = int(os.environ.get("JIFEN_CRASH_ROUNDS", "30"))
RESTARTS: Final = max(3, ROUNDS // 30)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    yield office
    office.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), postgresql)
    yield office
    office.close()


@pytest.fixture(params=["sqlite", "server"])
def office(request: pytest.FixtureRequest) -> Office:
    found: Office = request.getfixturevalue(request.param)
    return found


def kept(told: list[str]) -> list[str]:
    """The keys that were confirmed; the others say what was refused."""
    return [key for key in told if not key.startswith("!")]


def raced(office: Office, *races: tuple[str, ...]) -> list[list[str]]:
    """What several writers at once have confirmed."""
    jobs = [office.begin("race", *words) for words in races]
    return [kept(office.end(job)) for job in jobs]


def wrong(office: Office, code: str, confirmed: list[str]) -> list[str]:
    """What is wrong in a village in which these keys were confirmed."""
    (found,) = office.work("survey", code, told="\n".join(confirmed))
    return list(found)


def test_a_killed_writer_loses_nothing_that_it_confirmed_and_leaves_nothing_half(office: Office) -> None:
    (told,) = office.work("crash", str(ROUNDS), "7")
    assert told["wrong"] == []
    assert told["confirmed"] > ROUNDS


def restart(address: str) -> None:
    """Stops the server as a loss of power would, and starts it again."""
    folder = Path(address.partition("host=")[2])
    found = binaries()
    assert found is not None
    again = as_server(found / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "-l", folder / "log", "restart")
    subprocess.run(again, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_server_that_goes_down_in_the_middle_loses_nothing_that_it_confirmed(server: Office, postgresql: str) -> None:
    chance = random.Random(5)
    confirmed: list[str] = []
    for turn in range(RESTARTS):
        writer = server.begin("race", "WC01", f"down{turn}", "200")
        while not writer.said.exists() or not writer.said.stat().st_size:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.01, 0.1))
        restart(postgresql)
        told = server.end(writer)
        assert "!ledger.no-database" in told  # it was in the middle, and went on when the server was back
        confirmed += kept(told)
    assert wrong(server, "WC01", confirmed) == []
    assert len(confirmed) == RESTARTS * 200


def test_writers_of_one_village_and_of_two_make_chains_without_a_gap(office: Office) -> None:
    first, second, third = raced(office, ("WC02", "a", "40"), ("WC02", "b", "40"), ("WC03", "c", "40"))
    assert len(first) == len(second) == len(third) == 40
    assert wrong(office, "WC02", first + second) == []
    assert wrong(office, "WC03", third) == []


def test_a_request_that_three_processes_make_at_once_has_one_effect(office: Office) -> None:
    keys = [f"same:{number}" for number in range(30)]
    assert raced(office, *[("WC04", "same", "30")] * 3) == [keys] * 3
    assert wrong(office, "WC04", keys) == []
    assert office.work("count", "WC04") == [30]


def test_who_waits_too_long_for_another_writer_is_told_so_and_nothing_is_lost(sqlite: Office) -> None:
    other = sqlite.raw()
    other.execute("BEGIN IMMEDIATE")
    assert sqlite.work("once", "WC05", "busy", "0.3") == [["ledger.busy"]]
    other.rollback()
    other.close()
    assert sqlite.work("once", "WC05", "busy") == [[]]
    assert wrong(sqlite, "WC05", ["busy"]) == []


def test_a_writer_waits_for_another_one_and_then_writes(sqlite: Office) -> None:
    other = sqlite.raw()
    other.execute("BEGIN IMMEDIATE")
    waiting = sqlite.begin("once", "WC06", "waited")
    time.sleep(0.5)
    other.rollback()
    other.close()
    assert sqlite.end(waiting) == [[]]


def test_a_full_disk_is_told_and_nothing_is_lost(sqlite: Office) -> None:
    (before,) = raced(sqlite, ("WC07", "before", "5"))
    *told, last = sqlite.work("fill", "WC07", "full")
    assert last == ["ledger.disk-full"]
    assert wrong(sqlite, "WC07", before + told) == []
    assert sqlite.work("count", "WC07") == [len(before + told)]
    assert sqlite.work("once", "WC07", "after") == [[]]


def test_a_sqlite_file_is_written_durably_and_with_a_log_only_where_that_is_safe(sqlite: Office) -> None:
    log = "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete"
    assert sqlite.work("pragmas") == [
        {"journal_mode": log, "synchronous": 2, "foreign_keys": 1, "begins": "BEGIN IMMEDIATE"}
    ]
