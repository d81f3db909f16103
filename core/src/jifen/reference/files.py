"""Decides which files have a schema: a town's rule book, manifest, worked cases and layers, a plugin's items.

The schema of a rule book knows the plugins that are installed: which objects a section can use with which options, and
which categories there are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import attrs

from jifen.case_file import CaseFile
from jifen.categories import Samples
from jifen.item_checks import BY_LAYER
from jifen.layering import LayerFile, LayerTable
from jifen.manifest import Manifest
from jifen.model import BookCategory, Item, Part, RuleBook
from jifen.reference.docstrings import keys_described
from jifen.reference.schema import Schema, Schemas, name_of, words_of
from jifen.rulebook import MADE, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jifen.offers import EligibilityRule, RewardPolicy, VillageAggregation
    from jifen.registry import Registry

    Offered = EligibilityRule | VillageAggregation | RewardPolicy

OPTIONAL: Final[dict[type, tuple[str, ...]]] = {RuleBook: ("items",)}
"""Keys that a file may leave out, although what is made from it has them: a book may take categories as they are."""


def offered(registry: Registry) -> dict[str, Sequence[Offered]]:
    """What each section that names an object of a plugin can use, as it is installed."""
    kinds = (registry.eligibility_rules, registry.aggregations, registry.reward_policies)
    return dict(zip(SECTIONS, kinds, strict=True))


def rule_book(registry: Registry) -> Schema:
    """The schema of a rule book."""
    schemas = Schemas()
    # These two are written in other ways than their classes say, so they are defined before the book refers to them.
    _rule(schemas)
    schemas.refer(name_of(BookCategory), lambda: _category([each.name for each in registry.categories], schemas))
    needed = tuple(key.name for key in attrs.fields(RuleBook) if key.default is attrs.NOTHING)
    root = schemas.table(RuleBook, MADE, tuple(key for key in needed if key not in OPTIONAL[RuleBook]))
    del schemas.definitions[name_of(Part)]
    words = keys_described(RuleBook)
    for section, offers in offered(registry).items():
        root["properties"][section] = {**words_of(words[section]), **_section(offers, schemas)}
    return schemas.document("jifen rule book", root)


def manifest(_: Registry) -> Schema:
    """The schema of a town's manifest, ``town.toml``."""
    schemas = Schemas()
    return schemas.document("jifen town", schemas.table(Manifest))


def cases(_: Registry) -> Schema:
    """The schema of a town's worked cases."""
    schemas = Schemas()
    return schemas.document("jifen worked cases", schemas.table(CaseFile))


def layers(_: Registry) -> Schema:
    """The schema of the layers of a town's villages."""
    schemas = Schemas()
    root = schemas.table(LayerFile)
    rules = schemas.definitions[name_of(LayerTable)]["properties"]["items"]
    rules["items"] = _rule(schemas)
    return schemas.document("jifen village layers", root)


def items(_: Registry) -> Schema:
    """The schema of the sample items of a plugin's categories, ``items.toml``."""
    schemas = Schemas()
    schemas.refer(name_of(Item), lambda: schemas.table(Item, without=BY_LAYER))
    return schemas.document("jifen categories", schemas.table(Samples))


FILES: Final[dict[str, Callable[[Registry], Schema]]] = {
    "rulebook": rule_book,
    "town": manifest,
    "cases": cases,
    "villages": layers,
    "items": items,
}
"""The files by name, and how the schema of each is made."""


def _section(offers: Sequence[Offered], schemas: Schemas) -> Schema:
    """A section with the options of the object that it uses; where only one is installed, those of that one."""
    names = {"type": "string", "enum": [offer.name for offer in offers]}
    tables = [(offer.name, schemas.refer(offer.name, lambda offer=offer: _options(offer, schemas))) for offer in offers]
    if len(tables) == 1:
        return tables[0][1]
    choices = [
        {"if": {"properties": {"use": {"const": name}}, "required": ["use"]}, "then": table} for name, table in tables
    ]
    choice: Schema = {"allOf": choices} if choices else {}
    return {"type": "object", "properties": {"use": names}, "required": ["use"], **choice}


def _options(offer: Offered, schemas: Schemas) -> Schema:
    written: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    if offer.options is not None:
        written = schemas.table(offer.options)
    use: Schema = {"description": offer.title.get("en", offer.name), "const": offer.name}
    written["properties"] = {"use": use, **written["properties"]}
    written["required"] = ["use", *written.get("required", ())]
    return written


def _category(names: list[str], schemas: Schemas) -> Schema:
    """A category of a plugin by its name, or one of the book's own with a title."""
    own: Schema = {"properties": {"own": {"const": True}}, "required": ["own"]}
    known: Schema = {"properties": {"name": {"enum": names}}}
    return {**schemas.table(BookCategory), "if": own, "then": {"required": ["title"]}, "else": known}


def _rule(schemas: Schemas) -> Schema:
    """A rule as a book writes it: with a code of a category's, only the keys that change, or ``off = true``."""
    return schemas.refer(name_of(Item), lambda: _item(schemas))


def _item(schemas: Schemas) -> Schema:
    made = schemas.table(Item, without=BY_LAYER, needed=("code",))
    off: Schema = {"description": "Switches the category's item off; nothing else is written then.", "const": True}
    made["properties"]["off"] = off
    alone: Schema = {"properties": {"code": True, "off": True}, "additionalProperties": False}
    return {**made, "if": {"required": ["off"]}, "then": alone}


def written(schema: Schema) -> str:
    """A schema as it is kept in a file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
