"""Decides how the ``items.toml`` of a plugin becomes the categories that it offers: sample items as data (R11).

A `[below]` says what the books that take these categories may change and add, in the terms of a book's own `[below]`
(R15). Without one a book may restate, switch off and add whatever it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from jifen.convert import convert
from jifen.document import Document, Faults, package_folder
from jifen.item_checks import check_item
from jifen.layers import Baseline, Below
from jifen.model import Approval, Item, Names
from jifen.offers import Category
from jifen.shop_checks import check_below

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "items.toml"


@frozen
class Heading:
    """A category's name and title."""

    name: str
    """Name that rule books use, beginning with the plugin's entry point and a dot."""
    title: Names
    """What people call it."""


@frozen
class Samples:
    """The keys of ``items.toml``: headings, and the items below them, each naming its category."""

    categories: tuple[Heading, ...]
    """Headings, in the order in which people read them."""
    items: tuple[Item, ...]
    """Items, each whole and naming one of the headings."""
    below: Below | None = None
    """What books that take these categories may change and add; without it they are free."""
    approval: Approval | None = None
    """Who approved what is left open; without it the values are samples."""


def categories_of(package: str) -> tuple[Category, ...]:
    """The categories in the ``items.toml`` beside a package's ``__init__``; the package is found, not imported.

    Raises `Refused` as `read_categories` does, and where there is no such package.
    """
    return read_categories(package_folder(package) / FILE)


def read_categories(path: Path) -> tuple[Category, ...]:
    """The categories in the order of their headings, each with its items in the order of the file.

    Raises `Refused`, with file and line, for all that the model does not know, items that make no sense by themselves,
    codes and names that stand twice, and items whose category has no heading. How fine points may be is for the book
    that takes the item, and so is whether the items are there that another one puts right.
    """
    document = Document.read(path)
    faults = Faults(document)
    told = convert(document.data, Samples, (), faults)
    if told is not None:
        _check(told, faults)
    faults.settle()
    if told is None:
        raise AssertionError("samples that do not fit have faults")
    baseline = None if told.below is None else Baseline(told.below, document, told.approval)
    items = {
        heading.name: [item for item in told.items if item.category == heading.name] for heading in told.categories
    }
    return tuple(
        Category(heading.name, heading.title, tuple(items[heading.name]), baseline=baseline)
        for heading in told.categories
    )


def _check(told: Samples, faults: Faults) -> None:
    names = [heading.name for heading in told.categories]
    for position, name in enumerate(names):
        if name in names[:position]:
            faults.add("rulebook.repeated", ("categories", position, "name"), what=name)
    first: dict[str, int] = {}
    for position, item in enumerate(told.items):
        path = ("items", position)
        if item.code in first:
            before = faults.told(("items", first[item.code], "code"))
            faults.add("rulebook.repeated-code", (*path, "code"), code=item.code, first=before)
        first.setdefault(item.code, position)
        if item.category not in names:
            allowed = ", ".join(names)
            faults.add("rulebook.unknown-value", (*path, "category"), got=item.category, allowed=allowed)
        check_item(item, faults.document.data["items"][position], path, None, faults)
    check_below(told.below, set(first), names, faults)
