"""Decides how a backup becomes an office again: elsewhere, into an empty folder, after every checksum was compared."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
import zlib
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter
from jifen.commands.printing import line
from jifen.problems import Place, Problem, Refused
from jifen.words import say

from jifen_office.commands.backup import DUMP, FORMAT, KEYS, MANIFEST, SQLITE, VERSION
from jifen_office.project.folder import DATABASE, OfficeFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COPIES: Final = {"sqlite": SQLITE, "postgresql": DUMP}
"""The part in which each database lies."""
_BROKEN: Final = (KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What a damaged archive makes the library raise."""


def restore(
    file: Annotated[Path, Parameter(help="office.restore.file")],
    /,
    *,
    into: Annotated[Path, Parameter(help="office.restore.into", metavar="DIR")],
    keys: Annotated[Path | None, Parameter(help="office.restore.keys", metavar="FILE")] = None,
) -> None:
    """Restore a backup. Raises `Refused` with all that is wrong with it; then nothing was restored."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Refused([Problem("office.restore.not-empty", facts={"folder": into})])
    if keys is not None and not keys.is_file():
        raise Refused([Problem("office.restore.no-keys-file", Place(file=str(keys)))])
    there = into.exists()
    try:
        with _opened(file) as archive:
            manifest = _manifest(archive, file)
            _check_room(manifest)
            into.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in manifest["parts"]:
                _take_out(archive, name, into)
        _check_parts(into, manifest["parts"], file)
        _place(OfficeFolder(into.absolute()), manifest, keys)
    except BaseException:
        if not there:
            shutil.rmtree(into, ignore_errors=True)
        else:
            for left in into.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        raise
    line(say("office.restore.done", folder=into))
    if not (into / KEYS).exists():
        line(say("office.restore.keys-missing", file=into / KEYS))
    line(say("office.restore.next", folder=into, ledgers=into / "ledgers"))


def _opened(file: Path) -> zipfile.ZipFile:
    if not file.is_file():
        raise Refused([Problem("office.restore.no-file", Place(file=str(file)))])
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise Refused([Problem("office.restore.damaged", facts={"file": file, "part": file.name})]) from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    """What the backup says of itself. Raises `Refused` where it is none, or newer than this program."""
    told: Any = None
    try:
        told = json.loads(archive.read(MANIFEST))
        known = (
            told["format"] == FORMAT
            and isinstance(told["version"], int)
            and isinstance(told["parts"], dict)
            and isinstance(told["database"], str)
            and told["database"] in _COPIES
        )
    except (*_BROKEN, TypeError, ValueError):
        known = False
    if not known:
        raise Refused([Problem("office.restore.no-backup", Place(file=str(file)))])
    if told["version"] > VERSION:
        raise Refused([Problem("office.restore.newer", facts={"file": file, "office": told.get("office", "?")})])
    wrong = [name for name in told["parts"] if not _is_plain(name)]
    if (copy := _COPIES[told["database"]]) not in told["parts"]:
        wrong.append(copy)
    if wrong:
        raise Refused([Problem("office.restore.damaged", facts={"file": file, "part": name}) for name in wrong])
    result: dict[str, Any] = told
    return result


def _is_plain(name: str) -> bool:
    """Whether a part lies below the folder, wherever the backup came from."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def _check_room(manifest: Mapping[str, Any]) -> None:
    """A backup of PostgreSQL needs a PostgreSQL to go to, one of SQLite none."""
    server = os.environ.get(DATABASE, "").startswith(("postgres://", "postgresql://"))
    if (manifest["database"] == "postgresql") is not server:
        code = "office.restore.wants-server" if not server else "office.restore.wants-file"
        raise Refused([Problem(code, facts={"variable": DATABASE})])


def _take_out(archive: zipfile.ZipFile, name: str, into: Path) -> None:
    target = into / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with archive.open(name) as source, target.open("xb") as opened:
            shutil.copyfileobj(source, opened)
    except _BROKEN:
        target.unlink(missing_ok=True)


def _check_parts(into: Path, parts: Mapping[str, str], file: Path) -> None:
    """Raises `Refused` with every part that is missing or is not what its checksum says."""

    def wrong() -> Iterator[Problem]:
        for name, expected in parts.items():
            try:
                with (into / name).open("rb") as opened:
                    good = file_digest(opened, "sha256").hexdigest() == expected
            except FileNotFoundError:
                good = False
            if not good:
                yield Problem("office.restore.damaged", facts={"file": file, "part": name})

    if problems := list(wrong()):
        raise Refused(problems)


def _place(folder: OfficeFolder, manifest: Mapping[str, Any], keys: Path | None) -> None:
    """The database to where it belongs, and the keys with the rights of their owner alone."""
    from jifen_office.project import database

    if manifest["database"] == "postgresql":
        database.load(os.environ[DATABASE], folder.path / DUMP)
        (folder.path / DUMP).unlink()
    else:
        (folder.path / SQLITE).chmod(0o600)
    folder.evidence.mkdir(mode=0o700, exist_ok=True)
    if keys is not None:
        shutil.copyfile(keys, folder.keys_file)
    if folder.keys_file.exists():
        folder.keys_file.chmod(0o600)
