"""Decides where an office keeps its files: the database, the keys, evidence and backups, all in one folder.

The folder is the one that JIFEN_OFFICE names, else ``office`` in the current folder. Keys lie in a file of their own
and never in the database.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

import tomli
from attrs import frozen

VARIABLE: Final = "JIFEN_OFFICE"
DATABASE: Final = "JIFEN_DATABASE_URL"
AS_OFFICE: Final = "JIFEN_AS_OFFICE"
"""Set where pages are served: PostgreSQL is then spoken to in `ROLE`, which may change nothing of the ledger."""
ROLE: Final = "jifen_office"
LAYERS: Final = "layers"
"""The part of the folder in which villages' own rules lie, by town."""
DISTRICT: Final = "district"
"""The part of the folder in which the district's own tables and books lie."""
PART: Final = ".part"
"""How the name of a file ends that is not whole yet."""
_KEYS: Final = "keys.toml"


@frozen
class Keys:
    """The secrets of an office: of sessions, of sealed personal data, and of the hashes by which these are found."""

    session: str
    """Signs cookies and forms."""
    seal: str
    """Encrypts identity numbers, telephones and door numbers: 32 bytes in hexadecimal digits."""
    find: str
    """Key of the hashes by which a sealed text is searched: 32 bytes in hexadecimal digits."""

    @classmethod
    def make(cls) -> Keys:
        """New secrets."""
        return cls(secrets.token_urlsafe(48), secrets.token_hex(32), secrets.token_hex(32))


@frozen
class OfficeFolder:
    """One office's folder."""

    path: Path
    """The folder."""

    @classmethod
    def here(cls) -> OfficeFolder:
        """The folder that counts for this process; it need not exist."""
        return cls(Path(os.environ.get(VARIABLE, "office")).absolute())

    @property
    def database(self) -> str:
        """The address of the database: JIFEN_DATABASE_URL, else a SQLite file in the folder."""
        return os.environ.get(DATABASE) or f"sqlite:///{self.path / 'office.sqlite3'}"

    @property
    def keys_file(self) -> Path:
        """Where the keys lie; whoever has this file and the database can read personal data."""
        return self.path / _KEYS

    @property
    def evidence(self) -> Path:
        """The folder of photos and scans."""
        return self.path / "evidence"

    def keys(self) -> Keys | None:
        """The keys, None where none were made."""
        if not self.keys_file.exists():
            return None
        return Keys(**tomli.loads(self.keys_file.read_text("utf-8")))

    def make_keys(self) -> Keys:
        """Makes keys once; those that are there stay, for without them nothing sealed can be read again."""
        if (kept := self.keys()) is not None:
            return kept
        made = Keys.make()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = f'session = "{made.session}"\nseal = "{made.seal}"\nfind = "{made.find}"\n'
        descriptor = os.open(self.keys_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return made


def write_whole(file: Path, data: bytes) -> None:
    """Writes a file of the office whole or not at all, also where the disk is full or the power goes.

    Raises `OSError`; what was there before is there still.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=file.parent, suffix=PART)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(part).replace(file)
    except OSError:
        Path(part).unlink()
        raise
