"""Decides which layer each line of a village's rules comes from: district baseline › town › village (R15, R22).

Each rule is told in the words of `jifen.describe` as every layer has it. A line that a layer above had said already,
and that no layer in between changed, comes from there; so nothing has to be known about the forms of rules.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from jifen.describe import describe_item, describe_limit, describe_shared, how_much

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jifen.model import Approval, Item, RuleBook
    from jifen.registry import Registry


class Layer(StrEnum):
    """Whose rules they are, from above."""

    PLUGIN = "plugin"
    """Samples of a plugin that binds nobody to them."""
    DISTRICT = "district"
    """The district baseline: samples of a plugin that says what towns may change."""
    TOWN = "town"
    """The town's rule book."""
    VILLAGE = "village"
    """What the village's assembly decided."""


@frozen
class Source:
    """A layer that has a say in the rules."""

    layer: Layer
    """Which one."""
    approval: Approval | None
    """Who approved it, in which document, when."""
    categories: tuple[str, ...] = ()
    """For what comes from plugins: the names of the categories that they bring."""


@frozen
class Line:
    """What a rule says in one sentence, and the layer that said it first."""

    words: str
    """The sentence."""
    layer: Layer
    """The layer."""
    clause: str
    """The rule's clause in that layer."""


@frozen
class Told:
    """A rule that holds in the village."""

    item: Item
    """The rule as it holds there."""
    layer: Layer
    """The lowest layer that has written it."""
    lines: tuple[Line, ...]
    """What it says."""


@frozen
class Dropped:
    """A rule that a layer switched off."""

    item: Item
    """The rule as the layer above has it."""
    layer: Layer
    """The layer that switched it off."""


def held(book: RuleBook, village: str) -> RuleBook:
    """The book with the rules of one village alone, as if they held everywhere."""
    mine = [evolve(item, only_in=(), not_in=()) for item in book.items if item.holds_in(village)]
    return evolve(book, items=tuple(mine))


def sources(book: RuleBook, village: str, registry: Registry) -> tuple[Source, ...]:
    """The layers from above, those that have nothing to say left out."""
    bound: list[str] = []
    free: list[str] = []
    approval = None
    for category in book.categories:
        if category.own:
            continue
        baseline = registry.category(category.name).baseline
        approval = approval or (baseline.approval if baseline else None)
        (bound if baseline else free).append(category.name)
    found = [Source(Layer.DISTRICT, approval, tuple(bound))] if bound else []
    found += [Source(Layer.PLUGIN, None, tuple(free))] if free else []
    mine = [Source(Layer.VILLAGE, layer.approval) for layer in book.layers if layer.village == village]
    return (*found, Source(Layer.TOWN, book.approval), *mine)


def rules_told(book: RuleBook, village: str, registry: Registry) -> tuple[Told, ...]:
    """The rules that hold in a village, in the order of the book, line by line with their layer."""
    there = held(book, village)
    samples, town = _samples(book, registry), book.items_in()
    # A village's version stands after the town's rules; it is told where the town has its own.
    order = {code: number for number, code in enumerate(dict.fromkeys(item.code for item in book.items))}
    told = []
    for item in sorted(there.items, key=lambda each: order[each.code]):
        versions: list[tuple[Layer, Item]] = []
        if item.code in samples:
            versions.append(samples[item.code])
        if item.code in town and town[item.code] != _as(versions):
            versions.append((Layer.TOWN, town[item.code]))
        if book.item(item.code, village).only_in:
            versions.append((Layer.VILLAGE, item))
        told.append(Told(item, versions[-1][0], tuple(_lines(versions, there))))
    return tuple(told)


def dropped(book: RuleBook, village: str, registry: Registry) -> tuple[Dropped, ...]:
    """The rules that the town switched off, then those that the village did."""
    town, there = book.items_in(), book.items_in(village)
    by_town = [item for code, (_, item) in _samples(book, registry).items() if code not in town]
    by_village = [item for code, item in town.items() if code not in there]
    told = ((by_town, Layer.TOWN), (by_village, Layer.VILLAGE))
    return tuple(Dropped(item, layer) for items, layer in told for item in items)


def _samples(book: RuleBook, registry: Registry) -> dict[str, tuple[Layer, Item]]:
    """What plugins bring to the book's categories, by code."""
    found = {}
    for named in book.categories:
        if named.own:
            continue
        category = registry.category(named.name)
        layer = Layer.DISTRICT if category.baseline else Layer.PLUGIN
        found.update({item.code: (layer, item) for item in category.items})
    return found


def _as(versions: Sequence[tuple[Layer, Item]]) -> Item | None:
    return versions[-1][1] if versions else None


def _lines(versions: Sequence[tuple[Layer, Item]], book: RuleBook) -> Iterator[Line]:
    """The lines of the last version, each with the highest layer from which on it was said without a break."""
    *above, (layer, item) = versions
    # A limit that several items share is the town's, whoever brings the items.
    shared = {describe_shared(limit, book): limit.clause for limit in book.limits if item.code in limit.items}
    said = [(which, version.clause, sentences(version, book)) for which, version in reversed(above)]
    for words in sentences(item, book):
        if words in shared:
            yield Line(words, Layer.TOWN, shared[words])
            continue
        origin, clause = layer, item.clause
        for which, its, theirs in said:
            if words not in theirs:
                break
            origin, clause = which, its
        yield Line(words, origin, clause)


def sentences(item: Item, book: RuleBook) -> list[str]:
    """An item as `describe_item` tells it, with each limit of its own in a line of its own, and not where it holds."""
    alone = evolve(item, only_in=(), not_in=())
    _, *more = describe_item(alone, book)
    limits = [clause for limit in alone.limits for clause in describe_limit(limit)]
    return [how_much(alone, book)[0], *limits, *more]
