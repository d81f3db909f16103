"""Decides how files are read and written: in a folder of this machine, or at an address such as ``s3://bucket/packed``.

Addresses are those that the library fsspec knows; a store of its own kind may need a package of its own (s3fs, gcsfs).
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import frozen

from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def is_address(where: str | Path) -> bool:
    """Whether it is an address and not a path of this machine."""
    return "://" in str(where)


def local(where: str | Path) -> Path | None:
    """The folder of this machine; None for an address."""
    return None if is_address(where) else Path(where)


@frozen
class Store:
    """Files below a folder or an address, named from there."""

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
        with self._there() as (files, base):
            return bytes(files.cat_file(f"{base}/{name}"))

    def write(self, name: str, data: bytes) -> None:
        """A file, whole or not at all, in place of one that is there; folders above it are made.

        Two processes can write the same file at once: one of both stays. Raises `OSError` on this machine, and
        `Refused` where an address needs a package that is not installed, or takes no files from us.
        """
        if is_address(self.base):
            with self._written(name) as (files, base):
                files.makedirs(f"{base}/{name}".rpartition("/")[0], exist_ok=True)
                files.pipe_file(f"{base}/{name}", data)
            return
        file = Path(self.file(name))
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f"{file.stem}.{os.getpid()}.new")
        beside.write_bytes(data)
        beside.replace(file)

    def names(self) -> list[str]:
        """Every file that is there, in order. Raises `Refused` as `write` does, for it is asked by who will write."""
        if is_address(self.base):
            with self._written() as (files, base):
                return sorted(str(path).removeprefix(base).lstrip("/") for path in files.find(base))
        return [path.relative_to(self.base).as_posix() for path in sorted(Path(self.base).rglob("*")) if path.is_file()]

    def remove(self, names: Iterable[str]) -> None:
        """Takes files away; one that is gone already is no fault. Raises as `write` does."""
        for name in names:
            if not is_address(self.base):
                Path(self.file(name)).unlink(missing_ok=True)
                continue
            with self._written(name) as (files, base):
                if files.exists(f"{base}/{name}"):
                    files.rm_file(f"{base}/{name}")

    def checked(self, names: Iterable[str], digests: Mapping[str, str], changed: str) -> list[bytes]:
        """Files that are as they were when their digests were taken; each is read once.

        Raises `Refused` with every file that is gone or was changed, by the code `changed`.
        """
        found: list[bytes] = []
        problems: list[Problem] = []
        for name in names:
            try:
                data = self.read(name)
            except OSError:
                data = b""
            found.append(data)
            if digest_of(data) != digests.get(name):
                problems.append(Problem(changed, Place(file=self.file(name))))
        if problems:
            raise Refused(problems)
        return found

    def tables(
        self, names: Iterable[str], digests: Mapping[str, str], changed: str = "packing.changed"
    ) -> list[pl.DataFrame]:
        """Parquet files, read and refused as `checked` does."""
        return [pl.read_parquet(BytesIO(data)) for data in self.checked(names, digests, changed)]

    @contextmanager
    def _written(self, name: str = "") -> Iterator[tuple[Any, str]]:
        """As `_there`, to change what is there: an address of no known kind, or one that takes no files, is told."""
        try:
            with self._there() as found:
                yield found
        except (OSError, ValueError, NotImplementedError) as error:
            place = Place(file=self.file(name).rstrip("/"))
            raise Refused([Problem("packing.not-written", place, {"reason": error})]) from error

    @contextmanager
    def _there(self) -> Iterator[tuple[Any, str]]:
        """The file system of an address and the path in it."""
        try:
            from fsspec.core import url_to_fs

            yield url_to_fs(self.base)
        except ImportError as missing:
            # The library says by its cause which package a kind of store needs.
            cause = missing.__cause__ if isinstance(missing.__cause__, ImportError) else missing
            facts = {"package": cause.name or "fsspec"}
            raise Refused([Problem("packing.needs-package", Place(file=self.base), facts)]) from missing


def sha256(file: Path) -> str:
    """The digest of a file, as manifests name it."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of(data: bytes) -> str:
    """The digest of a file's bytes, as manifests name it."""
    return hashlib.sha256(data).hexdigest()
