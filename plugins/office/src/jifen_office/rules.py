"""Decides which rules an office goes by: those of the installed town package, with the layers of its villages (R15).

Books are read once a process, and again when the file of layers in the office's folder changed.
"""

from __future__ import annotations

import os
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from jifen.approval_checks import check_approved
from jifen.deployment import FILE, VARIABLE, Deployment
from jifen.in_force import books_in
from jifen.layering import BESIDE
from jifen.parts import program_of
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.registry import Registry
from jifen.rulebook import books_of
from jifen.succession import book_for
from jifen.words import say

from jifen_office.project.folder import LAYERS, OfficeFolder

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from jifen.deployment import Approved
    from jifen.model import Item, RuleBook

WHOLE: Final = "total"
"""The one purse of a book that says nothing of purses."""


@cache
def registry() -> Registry:
    """What is installed."""
    return Registry.load()


def layers_folder(town: str) -> Path:
    """Where the layers of a town's villages lie (``villages.toml``) that its package does not bring yet."""
    return OfficeFolder.here().path / LAYERS / town


def books(town: str) -> tuple[RuleBook, ...]:
    """A town's rule books in the order of their dates.

    Raises `Refused` where its package is not installed or failed, and with every fault of the books and layers.
    """
    return _books(town, _changed(town))


def _changed(town: str) -> int:
    """When the town's layers in the office's folder were last written; 0 where there are none."""
    file = layers_folder(town) / BESIDE
    return file.stat().st_mtime_ns if file.is_file() else 0


@lru_cache(maxsize=64)
def _books(town: str, changed: int) -> tuple[RuleBook, ...]:
    return books_of(registry().town(town), registry(), layers_folder(town) if changed else None)


def book_of(town: str, day: date) -> RuleBook:
    """The book in force in a town on a day (R16). Raises `Refused` as `books`, and where none is in force."""
    found = books(town)
    for book in found:
        if book.valid_from <= day <= book.valid_to:
            return book
    pauses = [pause.reason for pause in registry().town(town).pauses if pause.first <= day <= pause.last]
    have = "; ".join(f"{book.name} {book.valid_from}–{book.valid_to}" for book in found) or "–"
    why = say("register.paused", reason="; ".join(pauses)) if pauses else ""
    raise Refused([Problem("register.no-book-that-day", facts={"town": town, "day": day, "have": have, "why": why})])


def book_on(town: str, day: date) -> RuleBook | None:
    """The book in force in a town on a day; None where there is none or the rules cannot be had."""
    try:
        return book_of(town, day)
    except Refused:
        return None


def book_in(town: str, period: Period) -> RuleBook:
    """The book by which a period is settled: one, or several that follow each other in it. Raises `Refused`."""
    return _book_in(town, _changed(town), period)


@lru_cache(maxsize=256)
def _book_in(town: str, changed: int, period: Period) -> RuleBook:
    return book_for(_books(town, changed), period, registry().town(town).pauses)


def period_of(town: str, day: date) -> Period:
    """The period in which a day is settled: its year, or the longest part of it for which there are rules (R16).

    Raises `Refused` as `book_of` and `book_in`, and where the rules count in windows longer than that part.
    """
    book_of(town, day)
    half, quarter = (day.month + 5) // 6, (day.month + 2) // 3
    names = (f"{day.year}", f"{day.year}-H{half}", f"{day.year}-Q{quarter}", f"{day.year}-{day.month:02d}")
    return _period_of(town, _changed(town), names)


@lru_cache(maxsize=256)
def _period_of(town: str, changed: int, names: tuple[str, ...]) -> Period:
    whole, *parts = (Period.parse(name) for name in names)
    try:
        book = _book_in(town, changed, whole)
    except Refused:
        if not parts:
            raise
        return _period_of(town, changed, names[1:])
    program_of(book, registry(), whole)
    return whole


def item_of(book: RuleBook, code: str, village: str, day: date) -> Item:
    """The rule of this code in a village on a day. Raises `Refused`."""
    try:
        return book.item(code, village, day)
    except KeyError:
        facts = {"item": code, "rules": book.name, "day": day}
        raise Refused([Problem("register.no-item", facts=facts)]) from None


def purse_codes(book: RuleBook) -> tuple[str, ...]:
    """The purses of a book; one book without any still has the household's points."""
    return tuple(purse.code for purse in book.purses) or (WHOLE,)


def approvals_of(town: str, book: RuleBook) -> tuple[Approved, ...] | None:
    """The approvals under which a book is settled; None where no deployment is in force (所批即所行).

    Raises `Refused` for a book that is neither what the deployment approves nor marked as a sample or a draft.
    """
    deployment = Deployment.in_force(_deployment_file())
    return None if deployment is None else check_approved(deployment, town, books_in(book), registry())


def _deployment_file() -> Path | None:
    """The office's own file, where it has one and none is named; else the core looks where it always does."""
    own = OfficeFolder.here().path / FILE
    return own if own.is_file() and not os.environ.get(VARIABLE) else None
