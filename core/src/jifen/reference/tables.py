"""Decides how the tables of a TOML file are told: each class that its keys hold, once, with where it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen.item_checks import BY_LAYER
from jifen.model import Item, Part, RuleBook
from jifen.reference.docstrings import described, keys_described
from jifen.reference.files import OPTIONAL
from jifen.reference.keys import Key, keys_of
from jifen.reference.markdown import anchor, bullet, paragraphs, sentence
from jifen.reference.schema import name_of
from jifen.rulebook import MADE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from enum import Enum

_NOWHERE: Final[Mapping[type, str]] = {}
_NOT_WRITTEN: Final[dict[type, tuple[str, ...]]] = {RuleBook: MADE, Item: BY_LAYER}

Tables = dict[type, list[str]]
"""Classes in the order in which they are met, with the places where each is written."""


def tables_of(root: type, path: str = "") -> Tables:
    """A class and every class below it; `path` is where the first is written, empty for the file itself."""
    tables: Tables = {root: [f"[{path}]"] if path else []}
    _walk(root, path, tables)
    return tables


def _walk(kind: type, path: str, tables: Tables) -> None:
    for key in _keys(kind):
        if key.table not in (None, Part):
            here = f"{path}.{key.name}" if path else key.name
            known = key.table in tables
            tables.setdefault(key.table, []).append(f"[[{here}]]" if key.many else f"[{here}]")
            if not known:
                _walk(key.table, here, tables)


def _keys(kind: type) -> Iterator[Key]:
    return (key for key in keys_of(kind, OPTIONAL.get(kind, ())) if key.name not in _NOT_WRITTEN.get(kind, ()))


def told(
    tables: Mapping[type, list[str]], level: str = "###", elsewhere: Mapping[type, str] = _NOWHERE
) -> Iterator[str]:
    """A section for each class that no other page tells: where it is written, what it is, and its keys."""
    for kind, places in tables.items():
        if kind not in elsewhere:
            named = ", ".join(f"`{place}`" for place in dict.fromkeys(places))
            yield f"{level} {name_of(kind)}"
            yield paragraphs(sentence(f"Written as {named}" if named else "The file itself", described(kind)))
            yield "\n".join(_key(key, elsewhere) for key in _keys(kind))


def values_told(tables: Iterable[type], level: str = "###") -> Iterator[str]:
    """A section for each enumeration of some tables whose values the source explains."""
    for kind in choices_of(tables):
        words = keys_described(kind, alone=False)
        yield f"{level} {name_of(kind)}"
        yield paragraphs(described(kind))
        yield "\n".join(bullet(": ".join(filter(None, (f"`{each.value}`", words[each.name])))) for each in kind)


def choices_of(tables: Iterable[type]) -> tuple[type[Enum], ...]:
    """The enumerations of some tables whose values the source explains."""
    found = (key.choices for kind in tables for key in _keys(kind) if key.choices is not None)
    return tuple(kind for kind in dict.fromkeys(found) if _explained(kind))


def _key(key: Key, elsewhere: Mapping[type, str]) -> str:
    kind = key.choices if key.choices is not None and _explained(key.choices) else key.table
    link = ""
    if kind is not None and kind is not Part:
        link = f", see [{name_of(kind)}]({elsewhere.get(kind, '')}{anchor(name_of(kind))})"
    return bullet(f"`{key.name}`: {sentence(key.told + link + key.default_told, key.words)}")


def _explained(kind: type) -> bool:
    return any(keys_described(kind, alone=False).values())
