"""Decides how the frozen classes of a TOML file become a JSON Schema (draft 2020-12), by which editors complete.

The schema refuses nothing that the reader takes; the reader refuses more: what a date in quotes is, which rules fit
together. Dates are texts with the format `date`, for that is how editors hand TOML's dates over.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import field, frozen

from jifen.convert import NamesTable
from jifen.reference.docstrings import described, keys_described

Schema = dict[str, Any]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_PLAIN: Final[dict[object, Schema]] = {
    str: {"type": "string", "pattern": r"\S"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "number"},
    Any: {},
    object: {},
    date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
}
_LISTS: Final = (tuple, list)


@frozen(eq=False)
class Schemas:
    """The definitions that a schema refers to, made when they are first referred to."""

    definitions: dict[str, Schema] = field(factory=dict)

    def of(self, kind: Any) -> Schema:
        """The schema of a value of a type, as the annotation of a key has it. Raises `TypeError` for a strange one."""
        kind = without_none(kind)
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if kind == dict[str, str]:
            return {"anyOf": [dict(_PLAIN[str]), self.of(NamesTable)]}
        if isinstance(kind, type) and attrs.has(kind):
            return self.refer(name_of(kind), lambda: self.table(kind))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"enum": [member.value for member in kind]}
        return self._of_many(kind)

    def _of_many(self, kind: Any) -> Schema:
        if get_origin(kind) in _LISTS:
            return {"type": "array", "items": self.of(get_args(kind)[0])}
        if get_origin(kind) is dict:
            return {"type": "object", "additionalProperties": self.of(get_args(kind)[1])}
        raise TypeError(f"no schema for {kind}")

    def refer(self, name: str, make: Any) -> Schema:
        """A reference to a definition, which is made unless it is there (or being made: classes may nest)."""
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name].update(make())
        return {"$ref": f"#/$defs/{name}"}

    def table(self, kind: type, without: tuple[str, ...] = (), needed: tuple[str, ...] | None = None) -> Schema:
        """The schema of a table: a class's keys but those in `without`; `needed` in place of those without default."""
        kinds, words = get_type_hints(kind), keys_described(kind)
        keys = [key for key in attrs.fields(kind) if key.init and key.name not in without]
        properties = {key.name: self.key(kinds[key.name], words[key.name], key.default) for key in keys}
        required = [key.name for key in keys if key.default is attrs.NOTHING] if needed is None else list(needed)
        made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            made["required"] = required
        return {**words_of(described(kind).partition("\n\n")[0]), **made}

    def key(self, kind: Any, words: str, default: Any) -> Schema:
        """The schema of one key, with what is said about it and its default where that is a plain value."""
        made = {**words_of(words), **self.of(kind)}
        plain = plain_default(default)
        return made if plain is None else {**made, "default": plain}

    def document(self, title: str, root: Schema) -> Schema:
        """The whole schema, definitions in the order of their names."""
        definitions = {name: self.definitions[name] for name in sorted(self.definitions)}
        return {"$schema": DRAFT, "title": title, **root, "$defs": definitions}


def words_of(text: str) -> Schema:
    """A description, where there is one."""
    return {"description": text} if text else {}


def name_of(kind: type) -> str:
    """The name of a class's definition; one of a plugin begins with its package."""
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == __name__.partition(".")[0] else f"{package}.{kind.__name__}"


def without_none(kind: Any) -> Any:
    """The type of what is written where a key may also be left out: TOML has no null."""
    if get_origin(kind) in (Union, UnionType):
        kinds = [each for each in get_args(kind) if each is not type(None)]
        if len(kinds) != 1:
            raise TypeError(f"no schema for {kind}")
        return kinds[0]
    return kind


def plain_default(default: Any) -> bool | int | float | str | None:
    """A default that JSON can say in one word; None where there is none."""
    if default in (attrs.NOTHING, ""):
        return None
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, Decimal):
        return int(default) if default == int(default) else float(default)
    return default if isinstance(default, bool | int | str) else None
