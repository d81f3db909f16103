"""Decides how a command writes a file that was asked for: whole or not at all, and nothing is replaced unasked."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable


def check_file(file: Path, *, force: bool) -> None:
    """Raises `Refused` where the file is there already (unless `force`), or its folder is not."""
    if file.exists() and not force:
        raise Refused([Problem("commands.rules.exists", facts={"file": file})])
    if not file.parent.is_dir():
        raise Refused([Problem("dataset.no-folder", Place(file=str(file.parent)))])


def write_whole(file: Path, write: Callable[[Path], object], *, force: bool, private: bool = False) -> None:
    """`write` gets a file that takes the place of this one once it is written. Raises what `check_file` refuses.

    It lies in a new folder beside, which its owner alone can open; with `private` it stays its owner's alone.
    """
    check_file(file, force=force)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=file.parent) as beside:
        fresh = Path(beside) / file.name
        write(fresh)
        if private:
            fresh.chmod(0o600)
        fresh.replace(file)
