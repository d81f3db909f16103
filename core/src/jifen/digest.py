"""Decides what a rule book means, as one line of bytes: what was approved is what runs (所批即所行).

Comments, spacing, the order of keys and of items, and ``3`` for ``3.0`` do not change the meaning; the order of a
ladder, of brackets, limits and grades does. What is not written (an empty list, a key without a value) is no part of
it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import singledispatch
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import attrs

from jifen.model import PutRight, RuleBook, SharedLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UNORDERED: dict[tuple[type, str], Callable[[Any], Any]] = {
    (RuleBook, "items"): lambda item: (item["code"], item.get("only_in", []), str(item.get("since", ""))),
    (RuleBook, "categories"): lambda category: category["name"],
    (SharedLimit, "items"): str,
    (PutRight, "items"): str,
}
"""Lists whose order says nothing, with what to sort them by."""

_UNSAID: tuple[object, ...] = (None, (), {})


def digest(book: RuleBook) -> str:
    """SHA-256 over the meaning of a composed book, in hexadecimal; the digest it carries is left out."""
    return sha256(meaning(attrs.evolve(book, digest="")).encode()).hexdigest()


def meaning(value: object) -> str:
    """What a value of a book means, as one line: two values mean the same exactly where their lines are the same."""
    return _line(_meaning(value))


def meaning_of(owner: object, name: str) -> str:
    """What a field of a class of a book means; empty where the book does not say it."""
    return "" if getattr(owner, name) in _UNSAID else _line(_field(owner, name))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@singledispatch
def _meaning(value: object) -> object:
    kind: type[Any] = type(value)
    if not attrs.has(kind):
        raise TypeError(f"a rule book cannot hold {kind.__name__}")
    # What a book does not say is left out, so that a key which a later version brings changes no digest of before.
    return {name: _field(value, name) for name in attrs.fields_dict(kind) if getattr(value, name) not in _UNSAID}


@_meaning.register
def _same(value: int | str | None) -> object:
    return value


@_meaning.register
def _choice(value: Enum) -> object:
    return _meaning(value.value)


@_meaning.register
def _number(value: Decimal) -> object:
    # Marked, so that 3 and "3" differ, while 3 and 3.0 do not.
    return {"number": f"{value.normalize() + 0:f}"}


@_meaning.register
def _fraction(value: Fraction) -> object:
    return {"fraction": str(value)}


@_meaning.register
def _day(value: date) -> object:
    return {"date": value.isoformat()}


@_meaning.register(Mapping)
def _table(value: Mapping[Any, object]) -> object:
    return {str(_meaning(key)): _meaning(inner) for key, inner in value.items()}


@_meaning.register(list)
@_meaning.register(tuple)
def _list(value: Iterable[object]) -> object:
    return [_meaning(inner) for inner in value]


@_meaning.register(set)
@_meaning.register(frozenset)
def _set(value: Iterable[object]) -> object:
    return sorted((_meaning(inner) for inner in value), key=repr)


def _field(owner: object, name: str) -> object:
    meaning = _meaning(getattr(owner, name))
    by = _UNORDERED.get((type(owner), name))
    return sorted(meaning, key=by) if by and isinstance(meaning, list) else meaning
