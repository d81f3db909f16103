"""Decides how rules are kept beside the points that they gave: the rule book as JSON, and the words of every code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
from cattrs import Converter

from jifen.model import RuleBook
from jifen.words import LANGUAGES, words_of

if TYPE_CHECKING:
    from jifen.settlement import Settlement

_CODES = {
    "participants": ("ground", "reason"),
    "refused": ("reason",),
    "village_parts": ("part", "detail"),
    "rewards": ("kind", "ground"),
    "exchanges": ("reason",),
}
"""Columns in which codes stand that are keys of the catalogues."""


def rules_as_json(settlement: Settlement) -> dict[str, Any]:
    """The rule book and, by language, the words of the codes that the frames hold."""
    codes: set[str] = set()
    for name, columns in _CODES.items():
        for column in columns:
            codes.update(getattr(settlement, name)[column].cast(pl.String).drop_nulls().unique())
    words: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for code in sorted(codes):
        for language, text in words_of(code).items():
            words[language][code] = text
    return {"book": _converter().unstructure(settlement.book), "words": words}


def rules_from_json(kept: dict[str, Any]) -> RuleBook:
    """The rule book; the options of plugins stay as plain tables."""
    return _converter().structure(kept["book"], RuleBook)


@cache
def _converter() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, Enum), _value)
    # A section's options are typed `object` in the model: they are taken apart by the class that they have.
    converter.register_unstructure_hook_func(lambda kind: kind is object, converter.unstructure)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    return converter


def _value(member: Enum) -> object:
    return member.value
