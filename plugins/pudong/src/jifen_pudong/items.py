"""Decides how `items.toml` becomes the categories that are offered: sample items as data (R6 to R11, R13, R14)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.convert import convert
from jifen.document import Document, Faults
from jifen.model import Item, Names
from jifen.offers import Category

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).with_name("items.toml")


@frozen
class Heading:
    """A category's name and title in `items.toml`."""

    name: str
    title: Names


@frozen
class Samples:
    """What `items.toml` says: headings in the order of the notice, and their items."""

    categories: tuple[Heading, ...]
    items: tuple[Item, ...]


def categories(path: Path = FILE) -> tuple[Category, ...]:
    """The categories in the order of the notice, each with its items.

    Raises `Refused`, with file and line, where the file says what the model does not know.
    """
    document = Document.read(path)
    faults = Faults(document)
    told = convert(document.data, Samples, (), faults)
    faults.settle()
    if told is None:
        raise AssertionError("samples that do not fit have faults")
    titles: Mapping[str, Names] = {heading.name: heading.title for heading in told.categories}
    return tuple(
        Category(name, title, tuple(item for item in told.items if item.category == name))
        for name, title in titles.items()
    )
