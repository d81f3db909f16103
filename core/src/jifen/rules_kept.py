"""Decides how rules are kept beside the points that they gave: the rule book as JSON, and the words of every code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import polars as pl
from cattrs import Converter

from jifen.model import Part, RuleBook
from jifen.problems import Refused
from jifen.words import LANGUAGES, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.offers import EligibilityRule, RewardPolicy, VillageAggregation
    from jifen.registry import Registry
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
    return {"book": plain(settlement.book), "words": words}


def plain(value: object) -> Any:
    """A book, or a part of one, as JSON can hold it: tables, lists, and decimals and dates as text."""
    return _converter().unstructure(value)


def rules_from_json(kept: dict[str, Any]) -> RuleBook:
    """The rule book; the options of plugins stay as plain tables."""
    return _converter().structure(kept["book"], RuleBook)


def with_options(book: RuleBook, registry: Registry) -> RuleBook:
    """A book that was kept, with its plugins' options as the classes they declare, so that it can be settled again.

    The options of a plugin that is not installed stay plain tables. Raises whatever a class makes of what it does not
    know.
    """
    finds: dict[str, Callable[[str], EligibilityRule | VillageAggregation | RewardPolicy]] = {
        "eligibility": registry.eligibility,
        "village": registry.aggregation,
        "rewards": registry.reward_policy,
    }
    parts: dict[str, Any] = {}
    for section, find in finds.items():
        part: Part = getattr(book, section)
        try:
            kind = find(part.use).options
        except Refused:
            continue
        if kind is not None and isinstance(part.options, dict):
            parts[section] = Part(part.use, _converter().structure(part.options, kind))
    earlier = tuple(with_options(each, registry) for each in book.earlier)
    return attrs.evolve(book, **parts, earlier=earlier) if parts or earlier else book


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
