"""Decides how tests come to a PostgreSQL server: a cluster of their own, on a socket in a folder that goes with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator


def binaries() -> Path | None:
    """Where the server's programs are: on the path, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


def owner() -> str | int:
    """Whose the server's files are: its own user's where root calls it, for the server refuses root."""
    return "postgres" if os.geteuid() == 0 else os.geteuid()


def as_server(*command: str | Path) -> list[str]:
    """The command as its own user where root calls it."""
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


@frozen
class Cluster:
    """A server that is started and stopped; its data and its socket lie in a folder that goes with it."""

    programs: Path
    folder: Path
    options: str
    """Settings of the server, as its command line takes them."""

    @property
    def address(self) -> str:
        """Of the database that every server has."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Starts it and waits until it answers; where it fell, it mends itself first."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} {self.options}"
        self._control("-l", self.folder / "log", "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stops it as a loss of power would; one that fell by itself is stopped already."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._control("-m", "immediate", "-w", "stop", check=False)

    def _control(self, *words: str | Path, check: bool = True) -> None:
        command = as_server(self.programs / "pg_ctl", "-D", self.folder / "data", *words)
        # Not captured: the server would hold the pipe open.
        subprocess.run(command, check=check, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def running(*words: str | Path, options: str) -> Iterator[Cluster]:
    """A new server that runs; `words` are more of what `initdb` takes. Skips the test where PostgreSQL is missing."""
    found = binaries()
    if found is None:
        if os.environ.get("JIFEN_POSTGRESQL") == "required":
            pytest.fail("PostgreSQL is required here and not installed")
        pytest.skip("PostgreSQL is not installed")
    cluster = Cluster(found, Path(tempfile.mkdtemp(prefix="jifen-pg-")), options)
    shutil.chown(cluster.folder, owner())
    subprocess.run(
        as_server(
            found / "initdb", "-D", cluster.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", *words
        ),
        check=True,
        capture_output=True,
        cwd=cluster.folder,
    )
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server of these tests' own."""
    with running(options="-c max_connections=120") as cluster:
        yield cluster.address
