"""Decides how `jifen rules show --village` prints: a village's rules, each line with the layer that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jifen.commands.lines import folded, padded, width
from jifen.commands.printing import columns, day, line, put
from jifen.describe import describe_category, describe_grades, describe_total
from jifen.describe_shop import describe_purses, describe_shop
from jifen.due_process import describe_process
from jifen.provenance import Layer, dropped, rules_told, sources
from jifen.words import say, title

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.provenance import Dropped, Source, Told
    from jifen.registry import Registry

_INDENT: Final = "    "


def show_village(book: RuleBook, village: str, registry: Registry) -> None:
    """The layers with their approvals, then every rule that holds in the village."""
    line(say("commands.rules.check.book", title=title(book.title), name=book.name))
    line(say("commands.rules.check.dates", start=day(book.valid_from), end=day(book.valid_to)))
    put()
    line(say("layers.show.heading", village=village))
    for source in sources(book, village, registry):
        _marked(source.layer, _source(source, book))
    if all(layer.village != village for layer in book.layers):
        names = say("describe.list").join(layer.village for layer in book.layers) or "–"
        line(say("layers.show.no-layer", village=village, villages=names))
    rules = rules_told(book, village, registry)
    for category in book.categories:
        mine = [told for told in rules if told.item.category == category.name]
        if not mine:
            continue
        put()
        line(say("commands.rules.show.heading", name=title(category.title) or category.name, clause=category.clause))
        for sentence in describe_category(category):
            _marked(Layer.TOWN, sentence)
        for told in mine:
            _rule(told)
    put()
    accounts = (*describe_purses(book), *describe_shop(book), *describe_process(book))
    for sentence in (*describe_total(book), *describe_grades(book), *accounts):
        _marked(Layer.TOWN, sentence)
    _off(dropped(book, village, registry))


def village_as_json(book: RuleBook, village: str, registry: Registry) -> dict[str, Any]:
    """The same as data."""
    return {
        "village": village,
        "layers": [
            {
                "layer": source.layer.value,
                "approval": source.approval
                and {
                    "body": source.approval.body,
                    "document": source.approval.document,
                    "date": source.approval.date,
                },
                **({"categories": source.categories} if source.categories else {}),
            }
            for source in sources(book, village, registry)
        ],
        "rules": [
            {
                "code": told.item.code,
                "name": title(told.item.name),
                "category": told.item.category,
                "clause": told.item.clause,
                "status": told.item.status.value,
                "layer": told.layer.value,
                "lines": [
                    {"words": each.words, "layer": each.layer.value, "clause": each.clause} for each in told.lines
                ],
            }
            for told in rules_told(book, village, registry)
        ],
        "off": [
            {"code": each.item.code, "name": title(each.item.name), "layer": each.layer.value}
            for each in dropped(book, village, registry)
        ],
    }


def _source(source: Source, book: RuleBook) -> str:
    """Who stands behind a layer."""
    approval = source.approval
    if approval is not None:
        facts = {"body": approval.body, "document": approval.document, "date": day(approval.date)}
        return say(f"layers.show.approved-{source.layer.value}", **facts)
    if source.layer is Layer.TOWN:
        return say("layers.show.unapproved-town")
    titles = {category.name: title(category.title) or category.name for category in book.categories}
    names = say("describe.list").join(titles[name] for name in source.categories)
    return say(f"layers.show.unapproved-{source.layer.value}", categories=names)


def _rule(told: Told) -> None:
    """A rule, its lines, and where several layers have a say, the clause of each."""
    item = told.item
    line(say("commands.rules.show.item", name=title(item.name), code=item.code, clause=item.clause), "  ")
    for each in told.lines:
        _marked(each.layer, each.words, _INDENT)
    clauses = {(each.layer, each.clause): None for each in told.lines if each.clause != item.clause}
    if clauses:
        above = sorted(clauses, key=lambda each: list(Layer).index(each[0]))
        said = [say("layers.show.clause", layer=_name(layer), clause=clause) for layer, clause in above]
        blank = " " * (width(_INDENT) + _mark_width())
        line(say("layers.show.clauses", clauses=say("layers.show.and").join(said)), blank)


def _off(off: tuple[Dropped, ...]) -> None:
    if not off:
        return
    put()
    line(say("layers.show.off"))
    for each in off:
        item = each.item
        words = say("commands.rules.show.item", name=title(item.name), code=item.code, clause=item.clause)
        _marked(each.layer, words, "  ")


def _name(layer: Layer) -> str:
    return say(f"layers.mark.{layer.value}")


def _mark_width() -> int:
    return max(width(_name(layer)) for layer in Layer) + 2


def _marked(layer: Layer, words: str, indent: str = "  ") -> None:
    """A line behind the name of its layer, what is folded below its beginning."""
    head = indent + padded(_name(layer), _mark_width())
    for each in folded(head + words, columns(), " " * width(head)):
        put(each)
