"""Decides whether a town's book stays within what the district baseline leaves open (R15).

A category without a `[below]` in its plugin's ``items.toml`` may be changed freely.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from jifen.layer_checks import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jifen.compose import Written
    from jifen.document import Faults
    from jifen.layers import Baseline, Below, Change, Range
    from jifen.locate import Path
    from jifen.model import Item
    from jifen.offers import Category


def check_baselines(
    offered: Iterable[Category], made: Sequence[tuple[Written, Item | None]], below: Below | None, faults: Faults
) -> None:
    """Adds every fault of a book against the baselines of its categories; those of one file count together.

    `made` are the book's items, `below` is what it leaves open to its villages.
    """
    bound: dict[int, tuple[Baseline, list[Category]]] = {}
    for category in offered:
        if category.baseline is not None:
            bound.setdefault(id(category.baseline), (category.baseline, []))[1].append(category)
    for baseline, categories in bound.values():
        bounds = Bounds(baseline.below, baseline.written, baseline.approval, faults)
        _check(bounds, categories, made, faults)
        if below is not None:
            _check_passed_on(bounds, categories, below, faults)


def _check(
    bounds: Bounds, categories: Sequence[Category], made: Sequence[tuple[Written, Item | None]], faults: Faults
) -> None:
    samples = {item.code: item for category in categories for item in category.items}
    for path, code in _switched_off(faults):
        if code in samples:
            bounds.off(samples[code], path)
    own: list[tuple[Item, Path]] = []
    for written, item in made:
        if item is None or written.path[0] != "items":
            continue  # it does not fit, or it stands as the category brings it
        if item.code in samples:
            bounds.change(samples[item.code], item, written.path)
        elif item.category in [category.name for category in categories]:
            own.append((item, written.path))
    bounds.own(own)


def _switched_off(faults: Faults) -> Iterable[tuple[Path, str]]:
    """The items that the book switches off, as they are written."""
    written = faults.document.data.get("items")
    for position, keys in enumerate(written if isinstance(written, list) else ()):
        if isinstance(keys, dict) and keys.get("off") is True and isinstance(keys.get("code"), str):
            yield ("items", position), keys["code"]


def _check_passed_on(bounds: Bounds, categories: Sequence[Category], below: Below, faults: Faults) -> None:
    """That a town leaves to its villages no more than the district left to it."""
    named = {code for change in below.changes for code in change.items}
    for position, change in enumerate(below.changes):
        path: Path = ("below", "changes", position)
        for sample in (item for category in categories for item in category.items):
            if sample.code in change.items or (sample.category in change.categories and sample.code not in named):
                _check_change(bounds, sample, change, path, faults)
    own, district = below.own, bounds.below.own
    if own is not None and {category.name for category in categories}.intersection(own.categories):
        most = Decimal(0) if district is None else district.most
        if own.most > most:
            faults.add("layers.passes-own", ("below", "own", "most"), most=most, where=bounds.where("below", "own"))


def _check_change(bounds: Bounds, sample: Item, change: Change, path: Path, faults: Faults) -> None:
    had, where = bounds.allowed(sample)
    facts = {"code": sample.code, "clause": sample.clause, "where": where}
    for key in ("points", "times", "limit"):
        given: Range | None = getattr(change, key)
        left: Range | None = getattr(had, key, None)
        if given is not None and left is None:
            faults.add("layers.passes-shut", (*path, key), key=key, **facts)
        elif given is not None and left is not None and not (left.holds(given.least) and left.holds(given.most)):
            faults.add("layers.passes-beyond", (*path, key), key=key, least=left.least, most=left.most, **facts)
    for key in ("off", "form"):
        if getattr(change, key) and not getattr(had, key, None):
            faults.add("layers.passes-shut", (*path, key), key=key, **facts)
