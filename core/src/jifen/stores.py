"""Decides how packed files are read: from a folder of this machine, or from an address such as ``s3://bucket/packed``.

Addresses are those that the library fsspec knows; a store of its own kind may need a package of its own (s3fs, gcsfs).
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen

from jifen.keeping import digest_of
from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_address(where: str | Path) -> bool:
    """Whether it is an address and not a path of this machine."""
    return "://" in str(where)


def local(where: str | Path) -> Path | None:
    """The folder of this machine; None for an address."""
    return None if is_address(where) else Path(where)


@frozen
class Store:
    """Files below a folder or an address."""

    base: str

    @classmethod
    def of(cls, where: str | Path) -> Store:
        """A folder is named whole, so that a process that starts elsewhere finds it."""
        folder = local(where)
        return cls(str(where).rstrip("/") if folder is None else str(folder.resolve()))

    def file(self, name: str) -> str:
        """Where a file is, for messages."""
        return f"{self.base}/{name}"

    def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises `OSError` where it is not there, and `Refused` where the address needs a package that is not installed.
        """
        if not is_address(self.base):
            return Path(self.file(name)).read_bytes()
        try:
            from fsspec import open as open_file

            with open_file(self.file(name), "rb") as stream:
                return bytes(stream.read())
        except ImportError as missing:
            # The library says by its cause which package a kind of store needs.
            cause = missing.__cause__ if isinstance(missing.__cause__, ImportError) else missing
            facts = {"package": cause.name or "fsspec"}
            raise Refused([Problem("packing.needs-package", Place(file=self.base), facts)]) from missing

    def tables(self, names: list[str], digests: Mapping[str, str]) -> list[pl.DataFrame]:
        """Parquet files that are as they were when their digests were taken; each is read once.

        Raises `Refused` with every file that is gone or was changed.
        """
        found: list[pl.DataFrame] = []
        changed: list[Problem] = []
        for name in names:
            try:
                data = self.read(name)
            except OSError:
                data = b""
            if digest_of(data) == digests.get(name):
                found.append(pl.read_parquet(BytesIO(data)))
            else:
                changed.append(Problem("packing.changed", Place(file=self.file(name))))
        if changed:
            raise Refused(changed)
        return found
