"""What the office promises when a disk is full: it says so in words, and loses nothing that it confirmed."""

from __future__ import annotations

import time
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
from attrs import frozen
from django.db import OperationalError
from jifen_office.ledger.writing import refusal

from plugins.office.tests.ledger_steps import Office
from plugins.office.tests.servers import Cluster, running
from plugins.office.tests.small_disk import Disk, small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEGABYTES: Final = 64
_FULL: Final = "磁盘已满"
_AWAY: Final = "数据库没有响应"
_PATIENCE: Final = 30


@frozen
class Small:
    """An office on a server whose tables and whose log lie on small disks."""

    office: Office
    server: Cluster
    tables: Disk
    log: Disk

    def fell(self) -> bool:
        """Whether the server fell, or is about to."""
        until = time.monotonic() + _PATIENCE
        said = self.server.folder / "log"
        while "PANIC" not in said.read_text(errors="replace"):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    with ExitStack() as stack:
        tables, log = (stack.enter_context(small_disk(_MEGABYTES)) for _ in range(2))
        # Small pieces of log, made anew each time, by whoever commits: it falls always alike.
        options = "-c wal_recycle=off -c min_wal_size=2MB -c wal_writer_delay=10s"
        server = stack.enter_context(running("--wal-segsize=1", f"--waldir={log.folder}", options=options))
        with psycopg.connect(server.address, autocommit=True) as connected:
            connected.execute(f"CREATE TABLESPACE small LOCATION '{tables.folder}'".encode())
            connected.execute("ALTER DATABASE template1 SET TABLESPACE small")  # of which every new database is a copy
        office = Office(tmp_path_factory.mktemp("office"), server.address)
        stack.callback(office.close)
        yield Small(office, server, tables, log)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    yield office
    office.close()


def wrong(office: Office, code: str, confirmed: list[str]) -> list[str]:
    """What is wrong in a village in which these keys were confirmed: lost or half entries, a broken chain."""
    (found,) = office.work("survey", code, told="\n".join(confirmed))
    return list(found)


def assert_told(answer: dict[str, Any], words: str) -> None:
    """A page in words, which shows nothing of the program."""
    assert answer["status"] == HTTPStatus.SERVICE_UNAVAILABLE
    assert words in answer["page"]
    for foreign in ("Traceback", "OperationalError", "psycopg", "sqlite3"):
        assert foreign not in answer["page"]


def test_where_tables_find_no_room_on_a_server_it_is_told_and_nothing_is_lost(small: Small) -> None:
    office = small.office
    assert office.work("once", "WC07", "before") == [[]]
    small.tables.fill()
    *told, last = office.work("fill", "WC07", "full")
    assert last == ["ledger.disk-full"]
    assert wrong(office, "WC07", ["before", *told]) == [], "what is there can be read and checked meanwhile"
    sent, looked = office.work("browse")
    assert_told(sent, _FULL)
    assert looked["status"] == HTTPStatus.OK, "who only looks is served"
    small.tables.make_room()
    assert office.work("once", "WC07", f"full:{len(told)}") == [[]], "the same request, now that there is room"
    assert office.work("count", "WC07") == [len(told) + 2]
    assert wrong(office, "WC07", ["before", *told, f"full:{len(told)}"]) == []
    ((asked, _),) = office.work("audited")
    assert asked >= sent["taken"]


def test_a_server_that_falls_because_its_log_finds_no_room_loses_nothing_that_it_confirmed(small: Small) -> None:
    office = small.office
    assert office.work("once", "WC08", "earlier") == [[]]
    small.log.fill()
    *told, last = office.work("fill", "WC08", "fall")
    assert last == ["ledger.no-database"], "in the middle of a commit nobody knows whether it was entered"
    assert small.fell()
    small.server.stop()
    for answer in office.work("browse"):
        assert_told(answer, _AWAY)
    small.log.make_room()
    small.server.start()
    unknown = f"fall:{len(told)}"
    assert office.work("once", "WC08", unknown) == [[]]
    assert office.work("once", "WC08", unknown) == [[]]
    assert office.work("count", "WC08") == [len(told) + 2], "entered once, whether it had been entered or not"
    assert wrong(office, "WC08", ["earlier", *told, unknown]) == []


def test_an_error_with_which_a_server_falls_is_not_told_as_if_nothing_had_been_entered(small: Small) -> None:
    """The server's own error, which says that the disk is full as one does after which everything stands as before."""
    found: psycopg.Error | None = None
    with psycopg.connect(small.server.address, autocommit=True) as connected:
        connected.execute("CREATE TABLE much (words text)")
        small.log.fill()
        while found is None:
            try:
                connected.execute("INSERT INTO much SELECT repeat('x', 1500) FROM generate_series(1, 50)")
            except psycopg.Error as error:
                found = error
    small.server.stop()
    small.log.make_room()
    small.server.start()
    assert isinstance(found, psycopg.errors.DiskFull)
    fault = OperationalError(*found.args)
    fault.__cause__ = found
    told = refusal(fault)
    assert told is not None
    assert [problem.code for problem in told.problems] == ["ledger.no-database"]


def test_on_sqlite_pages_tell_that_the_disk_is_full_and_who_only_looks_is_served(sqlite: Office) -> None:
    sent, looked = sqlite.work("browse")
    assert_told(sent, _FULL)
    assert looked["status"] == HTTPStatus.OK
    ((asked, _),) = sqlite.work("audited")
    assert asked >= sent["taken"]


def test_what_was_done_is_told_as_done_even_where_that_cannot_be_written_down_any_more(sqlite: Office) -> None:
    ((asked, done),) = sqlite.work("audited")
    assert sqlite.work("unwritten") == [HTTPStatus.FOUND]
    assert sqlite.work("audited") == [[asked + 1, done]]
