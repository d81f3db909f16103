"""Decides how TOML values become the frozen classes of the model: strictly, by one private converter.

Nothing is guessed: ``"3"`` is no number, ``"false"`` no truth value, a text no list, a number no date, and a key that
nobody asked for is a fault. Only two things are taken as well: a whole number where a fraction may stand, and a plain
text for a name in several languages (`Names`, that is every ``dict[str, str]``).
"""

from __future__ import annotations

import inspect
import json
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from cattrs import Converter
from cattrs.cols import (
    homogenous_tuple_structure_factory,
    is_mapping,
    list_structure_factory,
    mapping_structure_factory,
)
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

if TYPE_CHECKING:
    from jifen.document import Faults
    from jifen.locate import Path
    from jifen.model import Item

T = TypeVar("T")


class UnfitError(ValueError):
    """A value that is not what its key wants; `code` is the key of the words for it."""

    def __init__(self, code: str, **facts: object) -> None:
        """Keep the code and the facts."""
        super().__init__(code)
        self.code = code
        self.facts = facts


@attrs.frozen
class NamesTable:
    """A name in several languages as TOML writes it."""

    zh_CN: str  # noqa: N815 - the language's own code
    en: str | None = None


def literal(value: object) -> str:
    """A value as TOML writes it, shortened, for the words of a problem."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 60 else f'{text[:57]}…"'  # noqa: PLR2004 - what still reads well in one line
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, Decimal) and not value.is_finite():
        return "nan" if value.is_nan() else f"{value:f}".lower().removesuffix("inity")
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(value: object, _: object = None) -> str:
    if not isinstance(value, str):
        raise UnfitError("rulebook.want-text", got=literal(value))
    if not value.strip():
        raise UnfitError("rulebook.empty-text")
    return value


def _truth(value: object, _: object = None) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("rulebook.want-truth", got=literal(value))
    return value


def _whole(value: object, _: object = None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnfitError("rulebook.want-whole", got=literal(value))
    return value


def _number(value: object, _: object = None) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise UnfitError("rulebook.want-number", got=literal(value))
    return Decimal(value)


def _day(value: object, _: object = None) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UnfitError("rulebook.want-date", got=literal(value))
    return value


def _one_of(value: object, kind: type[Enum]) -> Enum:
    for member in kind:
        if member.value == value and type(member.value) is type(value):
            return member
    raise UnfitError(
        "rulebook.unknown-value", got=literal(value), allowed=", ".join(str(member.value) for member in kind)
    )


def _strict(check: type, code: str, inner: Any) -> Any:
    """A hook that lets only values of one TOML type through to cattrs' own hook."""

    def hook(value: object, kind: Any) -> Any:
        if not isinstance(value, check):
            raise UnfitError(code, got=literal(value))
        return inner(value, kind)

    return hook


def _names(value: object, _: object) -> dict[str, str]:
    if isinstance(value, str):
        return {"zh_CN": _text(value)}
    if not isinstance(value, dict):
        raise UnfitError("rulebook.want-name", got=literal(value))
    named = attrs.asdict(_converter.structure(value, NamesTable))
    return {language: name for language, name in named.items() if name is not None}


def _make() -> Converter:
    converter = Converter(
        forbid_extra_keys=True,
        detailed_validation=True,
        omit_if_default=True,
        unstruct_collection_overrides={tuple: list},
    )
    for kind, hook in ((str, _text), (bool, _truth), (int, _whole), (Decimal, _number), (date, _day)):
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook(StrEnum, _one_of)
    converter.register_structure_hook(Enum, _one_of)
    converter.register_unstructure_hook(StrEnum, lambda choice: choice.value)  # else it is taken for a plain text

    def is_list(kind: Any) -> bool:
        return getattr(kind, "__origin__", None) is list

    def is_tuple(kind: Any) -> bool:
        return getattr(kind, "__origin__", None) is tuple and kind.__args__[1:] == (...,)

    def tuples(kind: Any, made: Converter) -> Any:
        return _strict(list, "rulebook.want-list", homogenous_tuple_structure_factory(kind, made))

    def lists(kind: Any, made: Converter) -> Any:
        return _strict(list, "rulebook.want-list", list_structure_factory(kind, made))

    def mappings(kind: Any, made: Converter) -> Any:
        return _strict(dict, "rulebook.want-table", mapping_structure_factory(kind, made, dict))

    def classes(kind: Any, made: Converter) -> Any:
        return _strict(dict, "rulebook.want-table", made.gen_structure_attrs_fromdict(kind))

    converter.register_structure_hook_factory(is_tuple, tuples)
    converter.register_structure_hook_factory(is_list, lists)
    converter.register_structure_hook_factory(is_mapping, mappings)
    converter.register_structure_hook_factory(attrs.has, classes)
    converter.register_structure_hook_func(lambda kind: kind == dict[str, str], _names)
    return converter


_converter = _make()


def convert(value: object, kind: type[T], path: Path, faults: Faults) -> T | None:
    """The value as an object of `kind`; None where it does not fit, with every fault of it added at its path."""
    try:
        return _converter.structure(value, kind)
    except Exception as error:  # noqa: BLE001 - whatever a class of a plugin raises is told as a fault of the value
        _tell(error, value, path, faults)
        return None


def as_toml(item: Item) -> dict[str, Any]:
    """An item as a book would write it, defaults left out, so that a book's own keys can take the place of its keys."""
    written: dict[str, Any] = _converter.unstructure(item)
    return written


def _tell(error: BaseException, value: object, path: Path, faults: Faults) -> None:
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            step = _step(inner)
            if step is None:
                _tell(inner, value, path, faults)
            elif isinstance(inner, KeyError) and isinstance(value, dict) and step not in value:
                missing(str(step), path, faults)
            else:
                within: Any = value
                _tell(inner, within[step], (*path, step), faults)
    elif isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields):
            unknown(key, list(inspect.signature(error.cl).parameters), path, faults)
    elif isinstance(error, UnfitError):
        faults.add(error.code, path, **error.facts)
    else:
        faults.add("rulebook.bad-value", path, detail=f"{error}")


def _step(error: BaseException) -> str | int | None:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return note.name
        if isinstance(note, IterableValidationNote):
            return note.index
    return None


def missing(key: str, path: Path, faults: Faults) -> None:
    """Adds that a table lacks a key; a clause has words of its own, for it is what makes a rule a rule (R22)."""
    faults.add("rulebook.missing-clause" if key == "clause" else "rulebook.missing-key", path, key=key)


def unknown(key: str, allowed: list[str], path: Path, faults: Faults) -> None:
    """Adds that nobody asked for a key, with the one that was perhaps meant."""
    near = get_close_matches(key, allowed, 1)
    if near:
        faults.add("rulebook.unknown-key-near", (*path, key), key=key, near=near[0])
    else:
        faults.add("rulebook.unknown-key", (*path, key), key=key, allowed=", ".join(allowed))
