"""Decides how the keys of a table are told: which values a key takes, what it is when it is left out, what it means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from jifen.reference.docstrings import keys_described
from jifen.reference.schema import plain_default, without_none

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOLD: Final[dict[object, tuple[str, str]]] = {
    str: ("text", "texts"),
    bool: ("true or false", "truth values"),
    int: ("whole number", "whole numbers"),
    Decimal: ("number", "numbers"),
    date: ("date", "dates"),
    object: ("table", "tables"),
    Any: ("value", "values"),
}


@frozen
class Key:
    """One key of a table, in words."""

    name: str
    told: str
    """What it takes."""
    default_told: str
    """What follows in the sentence: that it is required, or its default."""
    words: str
    """What it means."""
    table: type | None = None
    """The class of the table, or of the tables of the list, that it holds."""
    many: bool = False
    """Whether it holds a list."""
    choices: type[Enum] | None = None
    """The values from which it is one."""


def keys_of(kind: type, optional: tuple[str, ...] = ()) -> Iterator[Key]:
    """The keys of an attrs class in their order; what the class's docstring says about them is not said again.

    `optional` are keys that may be left out although the class has no default for them.
    """
    kinds, words = get_type_hints(kind), keys_described(kind, alone=False)
    for key in attrs.fields(kind):
        inner = without_none(kinds[key.name])
        many = get_origin(inner) in (tuple, list)
        one = get_args(inner)[0] if many else inner
        yield Key(
            key.name,
            _told(one, many=many),
            "" if key.name in optional else _default(key.default),
            words[key.name],
            one if isinstance(one, type) and attrs.has(one) else None,
            many,
            one if isinstance(one, type) and issubclass(one, Enum) else None,
        )


def _told(kind: Any, *, many: bool) -> str:
    if kind == dict[str, str]:
        return "list of names" if many else "name"
    if get_origin(kind) is dict:
        inner = get_args(kind)[1]
        return "list of tables" if many else f"table of {_TOLD[inner][1]}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = ", ".join(f"`{member.value}`" for member in kind)
        return f"list of {values}" if many else f"one of {values}"
    if isinstance(kind, type) and attrs.has(kind):
        return "list of tables" if many else "table"
    return f"list of {_TOLD[kind][1]}" if many else _TOLD[kind][0]


def _default(default: Any) -> str:
    if default is attrs.NOTHING:
        return "; required"
    plain = plain_default(default)
    if plain is None:
        return ""
    return f"; `{str(plain).lower() if isinstance(plain, bool) else plain}` unless written"
