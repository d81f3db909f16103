"""Decides what a book's items are: those of the categories that it names, changed, dropped and added to by its own.

Composition is on what is written, key by key: an item of the book with the code of a category's item takes the place of
the keys it writes. A schedule of another kind (a ladder for fixed points, another measure) replaces the schedule as a
whole, so that nothing of the old one is left over. What a book restates, its approval covers: the status starts anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from jifen.convert import as_toml, convert, literal, missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jifen.document import Faults
    from jifen.locate import Path
    from jifen.offers import Category

SCHEDULES: Final = ("points", "rates", "tiers", "ladder", "grades", "bands", "base", "named", "put_right")
"""The keys that say what a deed is worth."""

_WITH_SCHEDULE: Final = (*SCHEDULES, "measure", "each", "whole", "marks", "per", "note")
"""What speaks of the schedule, and so goes with it: a note too says how it was counted."""


@frozen
class Written:
    """An item as it is written once composed, and the path to answer for it."""

    code: str
    keys: Mapping[str, Any]
    path: Path


def compose(
    offered: Mapping[int, Category], own: Iterable[object], faults: Faults, *, complete: bool = True
) -> list[Written]:
    """The composed items: of each category (by its position in the book), then the book's new ones.

    `complete` is False where a category could not be had: then nothing is said of items that may belong to it.
    """
    items: dict[str, Written] = {}
    for position, category in offered.items():
        for item in category.items:
            path: Path = ("categories", position, "items", item.code)
            if item.code in items:
                faults.add("rulebook.repeated-code", path, code=item.code, first=faults.told(items[item.code].path))
                continue
            items[item.code] = Written(item.code, {**as_toml(item), "per": item.per.value}, path)
    stated: dict[str, Path] = {}
    for position, keys in enumerate(own):
        path = ("items", position)
        code = _code(keys, path, stated, faults)
        if code is None or not isinstance(keys, dict):
            continue
        if "off" in keys:
            _drop(code, keys, path, items, faults, complete=complete)
        elif code in items:
            items[code] = Written(code, restated(items[code].keys, keys), path)
        elif complete or "category" in keys:
            items[code] = Written(code, keys, path)
    return list(items.values())


def _code(keys: object, path: Path, stated: dict[str, Path], faults: Faults) -> str | None:
    """The code of one of the book's own items, where it is written and not taken."""
    if not isinstance(keys, dict):
        faults.add("rulebook.want-table", path, got=literal(keys))
        return None
    if "code" not in keys:
        missing("code", path, faults)
        return None
    code = convert(keys["code"], str, (*path, "code"), faults)
    if code in stated:
        faults.add("rulebook.repeated-code", (*path, "code"), code=code, first=faults.told(stated[code]))
        return None
    if code is not None:
        stated[code] = path
    return code


def restated(sample: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """An item as it is written once a book's own keys have taken the place of those of the sample."""
    schedule = {key for key in SCHEDULES if key in keys}
    changed = not schedule <= set(sample) or keys.get("measure", sample.get("measure")) != sample.get("measure")
    kept = {
        key: value
        for key, value in sample.items()
        if key != "status" and not (changed and schedule and key in _WITH_SCHEDULE)
    }
    return {**kept, **keys}


def _drop(
    code: str, keys: Mapping[str, Any], path: Path, items: dict[str, Written], faults: Faults, *, complete: bool
) -> None:
    if keys["off"] is not True:
        faults.add("rulebook.off-not-true", (*path, "off"), got=literal(keys["off"]))
    for key in keys:
        if key not in ("code", "off"):
            faults.add("rulebook.off-with-more", (*path, key), key=key)
    if items.pop(code, None) is None and complete:
        faults.add("rulebook.off-unknown", (*path, "code"), code=code)
