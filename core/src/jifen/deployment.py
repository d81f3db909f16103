"""Decides what is in force here: `jifen.toml` says which rule books were approved, by whom and when (所批即所行).

Approvals are added one after another and none is taken away, so the file is a record as well: of several approvals of
one book the last counts. Each approved book is kept beside the file, in ``approved/``.
"""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from jifen.convert import convert
from jifen.document import Document, Faults
from jifen.problems import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = "jifen.toml"
VARIABLE: Final = "JIFEN_DEPLOYMENT"
KEPT: Final = "approved"
"""The folder of approved books, beside the file."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
SHORT: Final = 12
"""So many digits of a digest are shown to people."""


@frozen
class Approved:
    """One approval of one rule book (R15)."""

    town: str
    """Short name of the town."""
    rules: str
    """Name of the rule book."""
    digest: str
    """SHA-256 over the meaning of the book, as `jifen rules check` tells it."""
    body: str
    """Who approved it."""
    document: str
    """Number or title of the document."""
    date: date
    """The day of the approval."""
    version: str | None = None
    """Version of the town's package that brought the book."""

    def kept_as(self) -> str:
        """The file name of the book that is kept, which says what it is and which."""
        name = re.sub(r"[^\w.-]", "_", self.rules)
        return f"{name}-{self.digest[:SHORT]}.json"


@frozen
class DeploymentFile:
    """The keys of ``jifen.toml``."""

    approved: tuple[Approved, ...] = ()
    """Approvals, in the order in which they were given."""


@frozen
class Deployment:
    """The approvals of a file, with their places."""

    file: Path
    """The file."""
    approved: tuple[Approved, ...] = ()
    """Approvals, in the order in which they were given."""
    document: Document | None = field(default=None, repr=False)
    """The file as it was read."""

    @classmethod
    def read(cls, file: Path) -> Deployment:
        """The deployment of a file. Raises `Refused` with file and line for all that is wrong in it."""
        document = Document.read(file)
        faults = Faults(document)
        read = convert(document.data, DeploymentFile, (), faults)
        approved = read.approved if read else ()
        for at, each in enumerate(approved):
            if not _DIGEST.fullmatch(each.digest):
                faults.add("deployment.no-digest", ("approved", at, "digest"), got=each.digest)
            before = [other for other in approved[:at] if (other.town, other.rules) == (each.town, each.rules)]
            if before and each.date < before[-1].date:
                faults.add("deployment.order", ("approved", at, "date"), got=each.date, before=before[-1].date)
        faults.settle()
        return cls(file, approved, document)

    @classmethod
    def in_force(cls, given: Path | None = None) -> Deployment | None:
        """The deployment that counts here (see `deployment_file`), None where there is none. Raises as `read`."""
        file = deployment_file(given)
        return None if file is None else cls.read(file)

    def of(self, town: str, rules: str) -> list[Approved]:
        """The approvals of a book, the one that counts last."""
        return [each for each in self.approved if (each.town, each.rules) == (town, rules)]

    def counting(self) -> Iterator[Approved]:
        """For each book the approval that counts."""
        yield from {(each.town, each.rules): each for each in self.approved}.values()

    def kept(self, approved: Approved) -> Path:
        """Where the approved book is kept."""
        return self.file.parent / KEPT / approved.kept_as()

    def place(self, approved: Approved | None = None) -> Place:
        """The place of an approval, or of the file."""
        if approved is None or self.document is None:
            return Place(file=str(self.file))
        return self.document.place(("approved", self.approved.index(approved)))


def deployment_file(given: Path | None = None) -> Path | None:
    """The file that is given, or that JIFEN_DEPLOYMENT names, or ``jifen.toml`` in this folder or one above it."""
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        return named
    above = (folder / FILE for folder in Path.cwd().parents)
    return next((file for file in (Path(FILE), *above) if file.is_file()), None)
