"""Decides how an approval is written: the approved book beside `jifen.toml` first, then its entry at the file's end.

What a person wrote in the file stays as it is, byte by byte; the file takes its new form at once or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from jifen.deployment import Approved, Deployment
from jifen.model import Status
from jifen.problems import Place, Problem, Refused
from jifen.rules_kept import plain
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from jifen.model import RuleBook
    from jifen.registry import Registry


def approval_of(
    town: str,
    book: RuleBook,
    registry: Registry,
    *,
    body: str | None = None,
    document: str | None = None,
    day: date | None = None,
) -> Approved:
    """The approval of an installed book; what is not given is taken from the book's own approval (R15).

    Raises `Refused` for a book that is still a sample or a draft, or has items that are.
    """
    own = book.approval
    if book.marked is not Status.APPROVED:
        items = [item.code for item in book.items if item.status is not Status.APPROVED]
        facts = {"rules": book.name, "status": say(f"commands.status.{book.marked.value}")}
        if items and book.status is Status.APPROVED:
            raise Refused([Problem("deployment.items-not-yet", facts={**facts, "items": ", ".join(items)})])
        raise Refused([Problem("deployment.not-yet", facts=facts)])
    if own is not None:
        body, document, day = body or own.body, document or own.document, day or own.date
    if not body or not document or day is None:
        raise Refused([Problem("deployment.no-approval", facts={"rules": book.name})])
    version = version_of(town, registry)
    return Approved(town, book.name, book.digest, body, document, day, version)


def version_of(town: str, registry: Registry) -> str | None:
    """The version of the distribution that brings a town."""
    return next((report.version for report in registry.report if ("towns", town) in report.offers), None)


def write_approval(deployment: Deployment, approved: Approved, book: RuleBook) -> Deployment:
    """The deployment with one more approval, once file and book are on the disk.

    An approval that the file has already as the one that counts is not written again. Raises `Refused` where the entry
    cannot stand in the file.
    """
    before = deployment.of(approved.town, approved.rules)[-1:]
    if approved in before:
        _keep(deployment.kept(approved), book)
        return deployment
    for last in before:
        if approved.date < last.date:
            facts = {"got": approved.date, "before": last.date}
            raise Refused([Problem("deployment.order", deployment.place(last), facts)])
    file = deployment.file
    made = _added(file.read_bytes() if file.exists() else b"", approved)
    _keep(deployment.kept(approved), book)
    with _fresh(file, made) as fresh:
        if _approvals(fresh) != (*deployment.approved, approved):
            raise Refused([Problem("deployment.no-room", Place(file=str(file)))])
        fresh.replace(file)
    return Deployment.read(file)


def _approvals(file: Path) -> tuple[Approved, ...] | None:
    """What a file says, None where it cannot be read: as where `approved` was written as a list on one line."""
    try:
        return Deployment.read(file).approved
    except Refused:
        return None


def _added(text: bytes, approved: Approved) -> bytes:
    """The text with an entry at its end, in the line ends that it has."""
    ends = "\r\n" if b"\r\n" in text else "\n"
    lines = [
        "[[approved]]",
        *(
            f"{key} = {value.isoformat() if key == 'date' else json.dumps(value, ensure_ascii=False)}"
            for key, value in attrs.asdict(approved).items()
            if value is not None
        ),
        "",
    ]
    head = text or (say("deployment.head") + "\n").replace("\n", ends).encode()
    gap = "" if head.endswith(b"\n") else ends
    return head + f"{gap}{ends}{ends.join(lines)}".encode()


def _keep(file: Path, book: RuleBook) -> None:
    """Keeps the book as JSON; the same book gives the same bytes."""
    made = (json.dumps({"book": plain(book)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    if file.is_file() and file.read_bytes() == made:
        return
    with _fresh(file, made) as fresh:
        fresh.replace(file)


@contextmanager
def _fresh(file: Path, content: bytes) -> Iterator[Path]:
    """A file beside another, on the disk, to take its place; gone where it does not."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    try:
        with fresh.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            shutil.copymode(file, fresh)
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
