"""Decides which PostgreSQL `nox -s load` measures: a cluster of its own in a folder, on a socket, as durable as it comes."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from plugins.office.tests.servers import as_server, binaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS: Final = {"shared_buffers": "1GB", "max_wal_size": "8GB", "max_connections": "120"}
"""What differs from PostgreSQL's own defaults; fsync and synchronous_commit stay on."""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of the cluster in the folder, which is made where there is none; it is stopped at the end."""
    found = binaries()
    if found is None:
        raise SystemExit("PostgreSQL is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    if not data.exists():
        made = as_server(found / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        subprocess.run(made, check=True, capture_output=True, cwd=folder)
    settings = {**SETTINGS, "listen_addresses": "''", "unix_socket_directories": str(folder)}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    control: list[str | Path] = [found / "pg_ctl", "-D", data, "-w"]
    subprocess.run(
        as_server(*control, "-l", folder / "log", "-o", options, "start"),
        check=True, cwd=folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run(as_server(*control, "-m", "fast", "stop"), check=True, cwd=folder, stdout=subprocess.DEVNULL)
