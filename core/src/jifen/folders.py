"""Decides how a folder of results appears: whole or not at all, on this machine or at an address."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jifen.problems import Refused
from jifen.stores import Store, local

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_folder(where: str | Path, *, last: str = "") -> Iterator[Path]:
    """A fresh folder that takes the place of `where` once all of it is on the disk; else it is gone again.

    At an address nothing can be renamed: what is there goes first (whoever calls has seen that it may), the files
    follow, and `last`, without which they are no result, comes at the end.
    """
    folder = local(where)
    if folder is None:
        with _sent(Store.of(where), last) as fresh:
            yield fresh
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh = beside / "new"
        fresh.mkdir()
        yield fresh
        for file in (*files_in(fresh), fresh):
            _sync(file)
        if folder.exists():
            folder.rename(beside / "old")
        try:
            fresh.rename(folder)
        except BaseException:
            if (beside / "old").exists():
                (beside / "old").rename(folder)
            raise
        _sync(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def _sent(store: Store, last: str) -> Iterator[Path]:
    """A folder whose files go to an address; where that fails, nothing stays there."""
    store.remove(sorted(store.names(), key=lambda name: name != last))
    try:
        with tempfile.TemporaryDirectory(prefix="jifen-") as fresh:
            yield Path(fresh)
            names = [file.relative_to(fresh).as_posix() for file in files_in(Path(fresh))]
            for name in sorted(names, key=lambda name: name == last):
                store.write(name, (Path(fresh) / name).read_bytes())
    except BaseException:
        with suppress(Refused):  # what cannot be taken away is no result without `last`; why it failed is what counts
            store.remove(store.names())
        raise


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder, in the order of the paths."""
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _sync(path: Path) -> None:
    """Onto the disk; folders only where the system can open them."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(file: Path, value: object) -> None:
    """JSON in the one form that the same value always has."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    file.write_text(text + "\n", "utf-8", newline="\n")
