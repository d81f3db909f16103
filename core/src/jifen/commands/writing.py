"""Decides how a command writes a file that was asked for: whole or not at all, and nothing is replaced unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def check_file(file: Path, *, force: bool) -> None:
    """Raises `Refused` where the file is there already (unless `force`), or its folder is not."""
    if file.exists() and not force:
        raise Refused([Problem("commands.rules.exists", facts={"file": file})])
    if not file.parent.is_dir():
        raise Refused([Problem("dataset.no-folder", Place(file=str(file.parent)))])


def write_whole(file: Path, write: Callable[[Path], object], *, force: bool) -> None:
    """`write` gets a file beside it, which takes its place once it is written. Raises what `check_file` refuses."""
    check_file(file, force=force)
    fresh = file.with_name(f".new-{file.name}")
    try:
        write(fresh)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
