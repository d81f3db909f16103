"""Decides how tests come to a PostgreSQL server: a cluster of their own, on a socket in a folder that goes with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def binaries() -> Path | None:
    """Where the server's programs are: on the path, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


def as_server(*command: str | Path) -> list[str]:
    """The command as its own user where root calls it, for the server refuses root."""
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server of these tests' own."""
    found = binaries()
    if found is None:
        if os.environ.get("JIFEN_POSTGRESQL") == "required":
            pytest.fail("PostgreSQL is required here and not installed")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="jifen-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    subprocess.run(
        as_server(found / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
        check=True,
        capture_output=True,
        cwd=folder,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=120"
    started = as_server(found / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    subprocess.run(started, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run(
            as_server(found / "pg_ctl", "-D", data, "-m", "immediate", "stop"),
            check=True,
            capture_output=True,
            cwd=folder,
        )
        shutil.rmtree(folder, ignore_errors=True)
