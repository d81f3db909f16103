"""Decides what a backup is: one file with the database, the office's files and each village's ledger, with checksums.

The files are the evidence, the villages' own rules, the district's tables and books, and the approvals under which
books are settled (``jifen.toml``).
The database is taken first and the evidence last, so that every photo that the database names is there. The ledgers are
those of the copy; from PostgreSQL, whose copy is no database yet, they are taken before it, so that each is the
beginning of the one inside. Keys are not inside unless that is asked for.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from attrs import define, field
from cyclopts import Parameter
from jifen.commands.printing import line
from jifen.commands.writing import check_file, write_whole
from jifen.deployment import FILE
from jifen.words import say

from jifen_office.project.folder import DISTRICT, LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_office.project.folder import OfficeFolder

FORMAT: Final = "jifen-office-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SQLITE: Final = "office.sqlite3"
DUMP: Final = "office.pgdump"
KEYS: Final = "keys.toml"
_PIECE: Final = 1024 * 1024


def backup(
    file: Annotated[Path, Parameter(help="office.backup.file")],
    /,
    *,
    with_keys: Annotated[bool, Parameter(negative="", help="office.backup.with-keys")] = False,
    force: Annotated[bool, Parameter(negative="", help="office.backup.force")] = False,
) -> None:
    """Back up while the office is open. Raises `Refused`; then there is no file, or the one that was there before."""
    check_file(file, force=force)
    from jifen_office.commands.starting import reaching, start_migrated

    folder = start_migrated()
    with reaching():
        write_whole(file, lambda fresh: write(fresh, folder, with_keys=with_keys), force=force, private=True)
    line(say("office.backup.done", file=file))
    line(say("office.backup.keys-inside" if with_keys else "office.backup.keys-apart", file=folder.keys_file))


@define
class _Archive:
    """The file that is being written, and the checksum of each part of it."""

    zip: zipfile.ZipFile
    parts: dict[str, str] = field(factory=dict)

    def add(self, name: str, source: Path) -> None:
        """Reads the file once, so that the checksum is that of what is inside. Raises `FileNotFoundError`."""
        part = zipfile.ZipInfo.from_file(source, name)
        part.compress_type = self.zip.compression
        digest = sha256()
        with source.open("rb") as opened, self.zip.open(part, "w") as inside:
            while piece := opened.read(_PIECE):
                digest.update(piece)
                inside.write(piece)
        self.parts[name] = digest.hexdigest()


def write(file: Path, folder: OfficeFolder, *, with_keys: bool) -> None:
    """Writes a backup of the office that Django is set up for. Raises `Refused`."""
    from django.db import connection

    from jifen_office.project import database

    with (
        tempfile.TemporaryDirectory(prefix=".jifen-backup-", dir=file.parent) as beside,
        zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as opened,
    ):
        here, archive = Path(beside), _Archive(opened)
        if connection.vendor == "sqlite":
            database.copy_sqlite(Path(connection.settings_dict["NAME"]), here / SQLITE)
            with _reading(here / SQLITE):
                _add_ledgers(archive, here)
            database.close_journal(here / SQLITE)
            archive.add(SQLITE, here / SQLITE)
        else:
            _add_ledgers(archive, here)
            database.dump(folder.database, here / DUMP)
            archive.add(DUMP, here / DUMP)
        for kept in _kept(folder):
            with suppress(FileNotFoundError):  # the town decided on these rules, or the picture was erased, just now
                archive.add(kept.relative_to(folder.path).as_posix(), kept)
        if with_keys:
            archive.add(KEYS, folder.keys_file)
        told = _manifest(connection.vendor, archive.parts)
        opened.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=2) + "\n")


def _kept(folder: OfficeFolder) -> list[Path]:
    """Pictures, villages' own rules, the district's files, the office's approvals; nothing that is half written."""
    roots = (folder.evidence, folder.path / LAYERS, folder.path / DISTRICT)
    found = [path for root in roots for path in root.rglob("*") if path.is_file() and path.suffix != ".part"]
    return sorted([*found, *folder.path.glob(FILE)])


def _add_ledgers(archive: _Archive, here: Path) -> None:
    from jifen_office.commands.export import write_ledger
    from jifen_office.register.models import Village

    for village in Village.objects.order_by("code"):
        write_ledger(village, here / "ledger.jsonl", private=False)
        archive.add(f"ledgers/{village.code}.jsonl", here / "ledger.jsonl")


@contextmanager
def _reading(copy: Path) -> Iterator[None]:
    """Within it, this process reads the copy: nobody writes to that, so that nobody has to be waited for."""
    from django.db import connection

    live = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(copy)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = live


def _manifest(vendor: str, parts: dict[str, str]) -> dict[str, Any]:
    from importlib import metadata

    from django.utils import timezone

    return {
        "format": FORMAT,
        "version": VERSION,
        "made": timezone.localtime().isoformat(timespec="seconds"),
        "office": metadata.version("jifen-office"),
        "database": vendor,
        "parts": parts,
    }
