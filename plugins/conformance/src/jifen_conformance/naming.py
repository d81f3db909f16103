"""Decides which names a rule book has: its own title, those of its rules, and those in the options of its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import fields, has

if TYPE_CHECKING:
    from jifen.model import RuleBook

    Named = tuple[str, Mapping[str, str]]

NAMES: Final = frozenset({"name", "title"})
PARTS: Final = ("eligibility", "village", "rewards")


def names_of(book: RuleBook) -> Iterator[Named]:
    """What has a name, in a word or two with its code, and its names by language."""
    yield "title", book.title
    for category in book.categories:
        yield f"category {category.name}", category.title
    for item in book.items:
        yield f"item {item.code}", item.name
    for kind in ("grades", "limits", "purses"):
        for each in getattr(book, kind):
            yield f"{kind} {each.code}", each.name
    for good in book.shop.goods if book.shop else ():
        yield f"good {good.code}", good.name
    for part in PARTS:
        yield from _named(getattr(book, part).options, part)


def texts_of(book: RuleBook) -> Iterator[Named]:
    """As `names_of`, and the notes of items."""
    yield from names_of(book)
    yield from ((f"note of item {item.code}", item.note) for item in book.items)


def _named(value: Any, where: str) -> Iterator[Named]:
    """The names in an attrs class and in what it holds, whatever plugin it is from."""
    if isinstance(value, tuple | list):
        for each in value:
            yield from _named(each, where)
    elif has(type(value)):
        inside = f"{where} {getattr(value, 'code', '')}".strip()
        for field in fields(type(value)):
            held = getattr(value, field.name)
            if field.name in NAMES and isinstance(held, Mapping):
                yield inside, held
            else:
                yield from _named(held, inside)
