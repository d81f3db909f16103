"""Decides what `jifen rules diff` shows: what changes from one rule book to another, item by item, with its clause."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Final

from attrs import asdict
from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.lines import width
from jifen.commands.printing import as_json, columns, line, mark, put
from jifen.model import Status
from jifen.rules_diff import differences, in_one_line, where
from jifen.rules_named import rules_named
from jifen.words import say, title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen.model import RuleBook
    from jifen.rules_diff import Difference

_DIGEST: Final = 12


def diff(
    old: Annotated[str, Parameter(help="diff.command.old", metavar="RULES")],
    new: Annotated[str, Parameter(help="diff.command.new", metavar="RULES")],
    /,
    *,
    data_only: Annotated[bool, Parameter("--json", negative="", help="diff.command.json")] = False,
) -> None:
    """Tell what changes from one rule book to another (R2, R15)."""
    books = rules_named(old, registry()), rules_named(new, registry())
    found = differences(*books)
    if data_only:
        as_json(_told(books, found))
        return
    mark(min((book.marked for book in books), key=list(Status).index))
    line(say("diff.command.from", **_facts(books[0])))
    line(say("diff.command.to", **_facts(books[1])))
    if not found:
        line(say("diff.command.none"))
        return
    line(say("diff.command.count", count=len(found)))
    show(found, books)


def show(found: Iterable[Difference], books: tuple[RuleBook, RuleBook]) -> None:
    """The differences by category, those of one item together."""
    for (category, named), here in groupby(found, key=lambda each: (each.category, bool(each.category or each.name))):
        put()
        line(_category(category, books) if category else say("diff.command.rest" if named else "diff.command.whole"))
        for head, group in groupby(here, key=_under):
            if head:
                line(head, "  ")
            indent = "    " if head else "  "
            for each in group:
                for text in _in_lines(each, columns() - len(indent)):
                    line(text, indent)


def _under(each: Difference) -> str:
    """The heading of an item; a category's own rules stand under its name already."""
    return "" if each.category and not each.code else where(each)


def _in_lines(each: Difference, room: int) -> list[str]:
    """One difference: on one line where it fits, else what was and what is on a line each."""
    told = in_one_line(each)
    if width(told) <= room or not (each.before and each.after):
        return [told]
    kind = say(f"diff.kind.{each.kind.value}")
    before, after = (say("diff.then").join(side) for side in (each.before, each.after))
    return [say("diff.command.was", kind=kind, before=before), say("diff.command.now", kind=kind, after=after)]


def _category(name: str, books: tuple[RuleBook, RuleBook]) -> str:
    """The heading of a category, as the later book has it."""
    for book in reversed(books):
        for category in book.categories:
            if category.name == name:
                called = title(category.title) or name
                return say("commands.rules.show.heading", name=called, clause=category.clause)
    return name


def _facts(book: RuleBook) -> dict[str, str]:
    return {
        "title": title(book.title),
        "name": book.name,
        "status": say(f"commands.status.{book.marked.value}"),
        "digest": book.digest[:_DIGEST],
    }


def _told(books: tuple[RuleBook, RuleBook], found: Iterable[Difference]) -> dict[str, object]:
    heads = [
        {"name": book.name, "title": title(book.title), "status": book.marked.value, "digest": book.digest}
        for book in books
    ]
    return {"old": heads[0], "new": heads[1], "differences": [asdict(each) for each in found]}
