"""Decides whether a village's layer stays within what the town's book leaves open; both places are named (R15)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import evolve, frozen

from jifen.document import Document, Faults
from jifen.layers import Below, Change
from jifen.model import Item, Measure, Subject
from jifen.wording import worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jifen.layers import Own, Range
    from jifen.locate import Path
    from jifen.model import RuleBook

FREE: Final = frozenset({"clause", "note", "status", "only_in"})
"""What a layer may always say anew about a rule: where it stands in the village's own resolution."""
STRICTER: Final = frozenset({"evidence", "approvals"})
"""What a layer may only make stricter."""
VALUES: Final = frozenset({"points", "rates", "tiers", "ladder", "grades", "bands", "base"})
"""What says how much a deed is worth."""


@frozen(eq=False)
class Bounds:
    """What one book leaves to its villages; `written` is its own file, `faults` are those of the layers' file."""

    book: RuleBook
    written: Document
    faults: Faults

    def _allowed(self, code: str) -> tuple[Change | None, str]:
        """What the book says of changing an item, and where."""
        below = self.book.below or Below()
        for position, change in enumerate(below.changes):
            if code in change.items:
                return change, str(self.written.place(("below", "changes", position)))
        return None, str(self.written.place(("below",) if self.book.below else ()))

    def off(self, code: str, keys: dict[str, Any], path: Path) -> None:
        """That a rule which is switched off may be."""
        if keys["off"] is not True or set(keys) - {"code", "off"}:
            self.faults.add("layers.off-alone", (*path, "off"), code=code)
        change, where = self._allowed(code)
        if change is None or not change.off:
            self.faults.add("layers.off-not-open", (*path, "off"), code=code, where=where)

    def change(self, town: Item, made: Item, path: Path) -> None:
        """That a restated rule stays within what the book leaves open."""
        change, where = self._allowed(town.code)
        facts = {"code": town.code, "where": where}
        for name in attrs.fields_dict(Item):
            old, new = getattr(town, name), getattr(made, name)
            if old == new or name in FREE:
                continue
            here = (*path, name)
            if name in STRICTER:
                if not _stricter(name, old, new):
                    self.faults.add("layers.less-strict", here, key=name, **facts)
                continue
            open_to, values = _open(name, change, town, made)
            if open_to is None:
                self.faults.add("layers.not-open", here, key=name, **facts)
                continue
            for value in values:
                if not open_to.holds(value):
                    bounds = {"least": open_to.least, "most": open_to.most}
                    self.faults.add("layers.beyond", here, got=value, **bounds, **facts)

    def own(self, found: Sequence[tuple[Item, Path]]) -> None:
        """That the village's own rules are as many and as small as the book lets them be."""
        own = self.book.below.own if self.book.below else None
        where = str(self.written.place(("below", "own") if own else ()))
        if own is None:
            for item, path in found:
                self.faults.add("layers.no-own", path, code=item.code, where=where)
            return
        for item, path in found:
            for key, code, facts in _beyond(item, own):
                self.faults.add(code, (*path, key), code=item.code, where=where, **facts)
        for side, most in (("bonus", own.bonus), ("penalty", own.penalty)):
            mine = [path for item, path in found if _takes(item) is (side == "penalty")]
            for path in mine[most:]:
                self.faults.add(f"layers.too-many-{side}", path, most=most, where=where)


def _takes(item: Item) -> bool:
    return any(value < 0 for value in worth(item))


def _beyond(item: Item, own: Own) -> Iterator[tuple[str, str, dict[str, object]]]:
    """What is too much about a rule of a village's own: key, code of the words, facts."""
    if item.category not in own.categories:
        yield "category", "layers.own-category", {"category": item.category, "known": ", ".join(own.categories)}
    plain = item.measure in (Measure.COUNT, Measure.GRADE, Measure.READING) and item.base is None
    if not plain or item.veto or item.put_right or item.scored_by_plugin or item.subject is not Subject.HOUSEHOLD:
        yield "code", "layers.own-form", {}
    for value in worth(item):
        if abs(value) > own.most:
            yield "code", "layers.own-too-large", {"got": value, "most": own.most}


def _stricter(name: str, old: Any, new: Any) -> bool:
    return bool(new >= old) if name == "approvals" else set(old) <= set(new)


def _open(name: str, change: Change | None, town: Item, made: Item) -> tuple[Range | None, list[Decimal]]:
    """The range that is left open for a key of an item, and the values that must lie in it."""
    if change is not None and name in VALUES:
        return change.points, worth(made)
    if change is not None and name == "limits" and _same_but_times(town, made):
        return change.times, [Decimal(limit.times) for limit in made.limits if limit.times is not None]
    return None, []


def _same_but_times(town: Item, made: Item) -> bool:
    """Whether the limits differ in how many times only."""
    return [evolve(limit, times=None) for limit in town.limits] == [evolve(limit, times=None) for limit in made.limits]
