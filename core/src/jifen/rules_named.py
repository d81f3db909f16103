"""Decides which rule book a person means: a draft's file, a town, one of its books, a settlement, an approved book."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jifen.digest import digest
from jifen.keeping import MANIFEST, read_settlement
from jifen.problems import Place, Problem, Refused
from jifen.rulebook import books_of, read_book
from jifen.rules_kept import rules_from_json, with_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.model import RuleBook
    from jifen.registry import Registry

_FILES: Final = (".toml", ".json")


def rules_named(text: str, registry: Registry) -> RuleBook:
    """The rule book that a text names; its options are structured where their plugins are installed.

    - ``draft.toml``: a rule file, which needs no installed town; layers of villages are not looked for;
    - ``qinghe``: the latest book of an installed town, ``qinghe:qinghe-2025`` the one of that name,
      ``qinghe@2025-07-01`` the one in force on that day, each with the layers of its villages;
    - the folder of a settlement: the rules that it was settled under;
    - ``approved/qinghe-2025-0123456789ab.json``: a book as it was approved.

    A town's name goes before a file or folder of that name, which is then written ``./qinghe``. Raises `Refused` for
    what is none of these, and for everything that is wrong with the book that is meant.
    """
    town = text.partition("@")[0].partition(":")[0]
    path = Path(text)
    if not any(offer.name == town for offer in registry.towns):
        if (path / MANIFEST).is_file():
            return with_options(read_settlement(path).settlement.book, registry)
        if path.is_file() or path.suffix.lower() in _FILES:
            return read_approved(path, registry) if path.suffix.lower() == ".json" else read_book(path, registry)
        if path.is_dir():
            raise Refused([Problem("diff.named.no-settlement", Place(file=text))])
    return _of_town(text, town, registry)


def read_approved(path: Path, registry: Registry) -> RuleBook:
    """An approved book from the JSON that was kept of it (R15).

    Raises `Refused` where it is none, and where its rules are not those that its digest was made of.
    """
    try:
        book = with_options(rules_from_json(json.loads(path.read_text("utf-8"))), registry)
        changed = digest(book) != book.digest
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Refused([Problem("rulebook.unreadable", Place(file=str(path)), {"detail": detail})]) from error
    except Exception as error:
        # whatever the converter, JSON or a Decimal make of a file that a person may have written
        raise Refused([Problem("diff.named.no-approved", Place(file=str(path)))]) from error
    if changed:
        raise Refused([Problem("diff.named.changed", Place(file=str(path)), {"digest": book.digest[:12]})])
    return book


def _of_town(text: str, town: str, registry: Registry) -> RuleBook:
    try:
        books = books_of(registry.town(town), registry)
    except Refused as refused:
        unknown = all(problem.code.startswith("plugins.unknown") for problem in refused.problems)
        told = [Problem("diff.named.forms", facts={"got": text})] if unknown else []
        raise Refused([*refused.problems, *told]) from refused
    rest = text.removeprefix(town)
    if rest.startswith(":"):
        return _called(rest[1:], town, books)
    return _on(rest[1:], town, books) if rest else max(books, key=lambda book: book.valid_from)


def _called(name: str, town: str, books: Sequence[RuleBook]) -> RuleBook:
    for book in books:
        if book.name == name:
            return book
    raise Refused([Problem("diff.named.no-book", facts={"town": town, "name": name, "have": _have(books)})])


def _on(day: str, town: str, books: Sequence[RuleBook]) -> RuleBook:
    try:
        when = date.fromisoformat(day)
    except ValueError as error:
        raise Refused([Problem("diff.named.no-day", facts={"got": day, "town": town})]) from error
    for book in books:
        if book.valid_from <= when <= book.valid_to:
            return book
    raise Refused([Problem("diff.named.none-on", facts={"town": town, "day": when, "have": _have(books)})])


def _have(books: Sequence[RuleBook]) -> str:
    return "; ".join(f"{book.name} {book.valid_from}–{book.valid_to}" for book in books)
