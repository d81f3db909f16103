"""Decides what `jifen rules` does: tells all problems of a rule book, a town's rules in plain words, or the schema."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from jifen.commands.app import page_options, registry
from jifen.commands.printing import as_json, day, line, mark, put, table
from jifen.commands.writing import write_whole
from jifen.forms import forms_in
from jifen.problems import Place, Problem, Refused
from jifen.words import say, title

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook

app = App(**page_options("rules", "commands.rules.help"))


def check(
    file: Annotated[Path, Parameter(help="commands.rules.check.file")],
    /,
    *,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.rules.check.json")] = False,
) -> None:
    """Check one rule book; `Refused` with every problem."""
    from jifen.rulebook import read_book

    book = read_book(file, registry())
    if data_only:
        as_json(_summary(book))
        return
    line(say("commands.rules.check.good", file=file))
    line(say("commands.rules.check.book", title=title(book.title), name=book.name))
    line(say("commands.rules.check.dates", start=day(book.valid_from), end=day(book.valid_to)))
    line(say("commands.rules.check.status", status=say(f"commands.status.{book.marked.value}")))
    line(say("commands.rules.check.digest", digest=book.digest))
    forms = say("usage.and").join(say(f"commands.form.{form}") for form in forms_in(book))
    line(say("commands.rules.check.forms", forms=forms))
    put()
    table(
        [say("commands.rules.check.category"), say("commands.rules.check.items")],
        [[_category(book, name), str(count)] for name, count in _counts(book).items()],
        right=(1,),
    )


def show(
    town: Annotated[str, Parameter(help="commands.rules.show.town")],
    /,
    *,
    village: Annotated[str | None, Parameter(help="layers.show.village", metavar="VILLAGE")] = None,
    data: Annotated[Path | None, Parameter(help="layers.show.data", metavar="DIR")] = None,
    on: Annotated[date | None, Parameter(help="layers.show.on", metavar="DATE")] = None,
    html: Annotated[Path | None, Parameter(help="commands.rules.show.html", metavar="FILE")] = None,
    force: Annotated[bool, Parameter(negative="", help="commands.rules.force")] = False,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.rules.show.json")] = False,
) -> None:
    """Tell a town's rules, or one village's with the layer of each line, on the terminal or as a page to post."""
    from jifen.commands.rules_layers import show_village, village_as_json
    from jifen.provenance import held

    book = _book(town, data, on)
    if html is not None:
        _write_page(held(book, village) if village else book, html, force=force)
    elif village and data_only:
        as_json({"town": town, **_summary(held(book, village)), **village_as_json(book, village, registry())})
    elif village:
        mark(book.marked)
        show_village(book, village, registry())
    elif data_only:
        as_json({"town": town, **_summary(book), "rules": [_told(book, item) for item in book.items]})
    else:
        mark(book.marked)
        _show(book)


def _book(town: str, data: Path | None, on: date | None) -> RuleBook:
    """The book in force on a day, or the latest, with the layers of the package and of the folder of data."""
    from jifen.rulebook import books_of

    if data is not None and not data.is_dir():
        raise Refused([Problem("dataset.no-folder", Place(file=str(data)))])
    books = books_of(registry().town(town), registry(), data)
    found = [book for book in books if on is None or book.valid_from <= on <= book.valid_to]
    if not found:
        have = "; ".join(f"{book.name} {book.valid_from}–{book.valid_to}" for book in books)
        raise Refused([Problem("layers.show.none-on", facts={"town": town, "day": on, "have": have})])
    return max(found, key=lambda each: each.valid_from)


def schema(
    *,
    of: Annotated[
        Literal["rulebook", "town", "cases", "villages", "items"], Parameter(help="commands.rules.schema.of")
    ] = "rulebook",
    out: Annotated[Path | None, Parameter(help="commands.rules.schema.out", metavar="FILE")] = None,
    force: Annotated[bool, Parameter(negative="", help="commands.rules.force")] = False,
) -> None:
    """The JSON Schema of a town's file, which knows the installed plugins, for an editor to complete and check."""
    from jifen.reference.files import FILES, written

    text = written(FILES[of](registry()))
    if out is None:
        put(text.removesuffix("\n"))
    else:
        _write(text, out, force=force)


def _write_page(book: RuleBook, file: Path, *, force: bool) -> None:
    """The page comes from the plugin for pages."""
    try:
        from jifen_report import board
    except ModuleNotFoundError as missing:
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": "jifen-report"})]) from missing
    _write(board(book), file, force=force)


def _write(text: str, file: Path, *, force: bool) -> None:
    """The file appears whole or not at all."""
    write_whole(file, lambda fresh: fresh.write_text(text, "utf-8", newline="\n"), force=force)
    line(say("commands.rules.written", file=file))


def _show(book: RuleBook) -> None:
    from jifen.describe import describe_category, describe_grades, describe_item, describe_total
    from jifen.describe_shop import describe_purses, describe_shop
    from jifen.due_process import describe_process

    line(say("commands.rules.check.book", title=title(book.title), name=book.name))
    line(say("commands.rules.check.dates", start=day(book.valid_from), end=day(book.valid_to)))
    for category in book.categories:
        items = [item for item in book.items if item.category == category.name]
        if not items:
            continue
        put()
        line(say("commands.rules.show.heading", name=_category(book, category.name), clause=category.clause))
        for sentence in describe_category(category):
            line(sentence, "  ")
        for item in items:
            line(say("commands.rules.show.item", name=title(item.name), code=item.code, clause=item.clause), "  ")
            for sentence in describe_item(item, book):
                line(sentence, "      ")
    put()
    accounts = (*describe_purses(book), *describe_shop(book), *describe_process(book))
    for sentence in (*describe_total(book), *describe_grades(book), *accounts):
        line(sentence)


def _category(book: RuleBook, name: str) -> str:
    return next((title(category.title) for category in book.categories if category.name == name), "") or name


def _counts(book: RuleBook) -> dict[str, int]:
    counts = Counter(item.category for item in book.items)
    return {category.name: counts[category.name] for category in book.categories}


def _told(book: RuleBook, item: Item) -> dict[str, Any]:
    from jifen.describe import describe_item

    return {
        "code": item.code,
        "name": title(item.name),
        "category": item.category,
        "clause": item.clause,
        "status": item.status.value,
        "words": describe_item(item, book),
    }


def _summary(book: RuleBook) -> dict[str, Any]:
    return {
        "name": book.name,
        "title": title(book.title),
        "valid_from": book.valid_from,
        "valid_to": book.valid_to,
        "status": book.marked.value,
        "digest": book.digest,
        "items": _counts(book),
        "forms": forms_in(book),
    }


app.command(check, name="check", help="commands.rules.check.help")
app.command(show, name="show", help="commands.rules.show.help")
app.command(schema, name="schema", help="commands.rules.schema.help")
app.command("jifen.commands.rules_diff:diff", name="diff", help="diff.command.help")
app.command("jifen.commands.rules_coverage:coverage", name="coverage", help="coverage.command.help")
