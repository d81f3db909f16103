"""Decides where a test finds a disk that is soon full: a mount of a few megabytes, where mounting is allowed."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from attrs import frozen

from plugins.office.tests.servers import owner

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = 64 * 1024


@frozen
class Disk:
    """A disk that can be filled."""

    folder: Path

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Leaves not one byte."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_PIECE))
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise

    def make_room(self) -> None:
        """Takes away what filled it."""
        self._filler.unlink()


def _as_root(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in the name of root, where that is to be had without a password."""
    sudo = [] if os.geteuid() == 0 else [shutil.which("sudo") or "sudo", "-n"]
    try:
        return subprocess.run([*sudo, *map(str, command)], capture_output=True, text=True, check=False)
    except OSError as missing:
        return subprocess.CompletedProcess([], 1, "", str(missing))


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A disk for the server's files, gone afterwards. Skips the test where nothing may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="jifen-disk-"))  # where the server's own user can come to it
    mounted = _as_root("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", folder)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    _as_root("chown", str(owner()), folder)
    try:
        yield Disk(folder)
    finally:
        _as_root("umount", "-l", folder)
        folder.rmdir()
