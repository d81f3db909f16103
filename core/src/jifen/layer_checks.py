"""Decides whether a layer stays within what the layer above leaves open; both places are named (R15).

The same checks hold a town's book to the district baseline and a village's layer to the town's book.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import frozen

from jifen.document import Document, Faults
from jifen.layers import Below, Change
from jifen.model import Approval, Item, Measure, Subject
from jifen.wording import worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jifen.layers import Own
    from jifen.locate import Path
    from jifen.model import Limit

FREE: Final = frozenset({"name", "clause", "note", "status", "only_in"})
"""What a layer may always say anew about a rule: how people there call it, where it stands in their document."""
STRICTER: Final = frozenset({"evidence", "approvals"})
"""What a layer may only make stricter."""
FIXED: Final = frozenset({"code", "category", "subject", "scored_by_plugin"})
"""What no layer changes, however freely it may write a rule."""
IN_POINTS: Final = ("gives", "takes", "floor", "ceiling")
"""The bounds of a limit that are points."""


@frozen(eq=False)
class Bounds:
    """What one layer leaves open; `written` is its own file, `faults` are those of the file of the layer below."""

    below: Below
    written: Document
    approval: Approval | None
    faults: Faults

    def where(self, *path: str | int) -> str:
        """The place that says what is open, with the document that approved it; what is not written: the file."""
        place = self.written.place(path if "below" in self.written.data else ())
        return str(place) if self.approval is None else f"{self.approval.document} {place}"

    def allowed(self, item: Item) -> tuple[Change | None, str]:
        """What is said of changing an item, by its code or else by its category, and where."""
        changes = list(enumerate(self.below.changes))
        for position, change in changes:
            if item.code in change.items:
                return change, self.where("below", "changes", position)
        for position, change in changes:
            if item.category in change.categories:
                return change, self.where("below", "changes", position)
        return None, self.where("below")

    def off(self, above: Item, path: Path) -> None:
        """That a rule which is switched off may be."""
        change, where = self.allowed(above)
        if change is None or not change.off:
            self.faults.add("layers.off-not-open", (*path, "off"), code=above.code, clause=above.clause, where=where)

    def change(self, above: Item, made: Item, path: Path) -> None:
        """That a restated rule stays within what is left open."""
        change, where = self.allowed(above)
        change = change or Change()
        facts: dict[str, object] = {"code": above.code, "clause": above.clause, "where": where}
        shut: set[str | int] = set()
        for name in attrs.fields_dict(Item):
            old, new = getattr(above, name), getattr(made, name)
            if old != new and name not in FREE and (code := _wrong(name, old, new, change)):
                shut.add(name)
                self.faults.add(code, (*path, name), key=name, **facts)
        if "limits" not in shut and change.form and above.every_limit and not made.every_limit:
            self.faults.add("layers.limit-dropped", (*path, "limits"), **facts)
        for bounds, values in ((change.points, _values), (change.times, _times), (change.limit, _in_points)):
            for inner, value in _changed(values(above), values(made)).items():
                if inner[0] in shut:
                    continue
                if bounds is None:
                    shut.add(inner[0])
                    self.faults.add("layers.not-open", (*path, *inner), key=inner[0], **facts)
                elif not bounds.holds(value):
                    least, most = bounds.least, bounds.most
                    self.faults.add("layers.beyond", (*path, *inner), got=value, least=least, most=most, **facts)

    def own(self, found: Sequence[tuple[Item, Path]]) -> None:
        """That rules of the lower layer's own are as many and as small as they may be."""
        own = self.below.own
        if own is None:
            for item, path in found:
                self.faults.add("layers.no-own", path, code=item.code, where=self.where("below"))
            return
        where = self.where("below", "own")
        for item, path in found:
            for key, code, facts in _beyond(item, own):
                self.faults.add(code, (*path, key), code=item.code, where=where, **facts)
        for side, most in (("bonus", own.bonus), ("penalty", own.penalty)):
            mine = [path for item, path in found if _takes(item) is (side == "penalty")]
            for path in mine[most:]:
                self.faults.add(f"layers.too-many-{side}", path, most=most, where=where)


def _takes(item: Item) -> bool:
    return item.veto is not None or any(value < 0 for value in worth(item))


def _beyond(item: Item, own: Own) -> Iterator[tuple[str, str, dict[str, object]]]:
    """What is too much about a rule of one's own: key, code of the words, facts."""
    if item.category not in own.categories:
        yield "category", "layers.own-category", {"category": item.category, "known": ", ".join(own.categories)}
    plain = item.measure in (Measure.COUNT, Measure.GRADE, Measure.READING) and item.base is None
    usual = plain and not item.veto and not item.put_right and item.subject is Subject.HOUSEHOLD
    if item.scored_by_plugin or not (own.form or usual):
        yield "code", "layers.own-form", {}
    for value in worth(item):
        if abs(value) > own.most:
            yield "code", "layers.own-too-large", {"got": value, "most": own.most}


def _wrong(name: str, old: Any, new: Any, change: Change) -> str | None:
    """Why one key of a rule may not be what it is now, its numbers aside."""
    if name in STRICTER:
        return None if _stricter(name, old, new) else "layers.less-strict"
    if _shape(name, old) == _shape(name, new):
        return None
    if name in FIXED or not change.form:
        return "layers.not-open"
    if name == "veto" and old is not None and not (new and set(old.effects) <= set(new.effects)):
        return "layers.less-strict"
    return None


def _stricter(name: str, old: Any, new: Any) -> bool:
    """More approvals; more kinds of evidence, or fewer to choose from."""
    if name == "approvals":
        return bool(new >= old)
    return all(any(set(mine.split("/")) <= set(kind.split("/")) for mine in new) for kind in old)


def _shape(name: str, value: Any) -> object:
    """What a key of a rule says apart from its numbers of points and times; a ladder may have any number of rungs."""
    if name in ("points", "named", "ladder"):
        return value not in (None, ())
    if name == "grades":
        return set(value)
    if name in ("tiers", "bands"):
        return [step.at for step in value]
    if name == "rates":
        return [(rate.each, rate.upto) for rate in value]
    if name == "base":
        return value and value.per
    return [_limit_shape(limit) for limit in value] if name == "limits" else value


def _limit_shape(limit: Limit) -> object:
    bounded = [key for key in ("times", *IN_POINTS) if getattr(limit, key) is not None]
    return limit.per, limit.of, limit.partial, bounded


def _changed(above: Mapping[Path, Decimal], made: Mapping[Path, Decimal]) -> Mapping[Path, Decimal]:
    """The numbers that are not what they were; a 0 where nothing stood, such as that of a new band, is none."""
    return {path: value for path, value in made.items() if value != above.get(path, 0)}


def _values(item: Item) -> Mapping[Path, Decimal]:
    """Every number of points in an item's schedule, by where it is written."""
    found: dict[Path, Decimal] = {("ladder", rung): value for rung, value in enumerate(item.ladder)}
    found |= {("grades", grade): value for grade, value in item.grades.items()}
    for key in ("rates", "tiers", "bands"):
        found |= {(key, step, "points"): each.points for step, each in enumerate(getattr(item, key))}
    if item.points is not None:
        found["points",] = item.points
    if item.base is not None:
        found["base", "points"] = item.base.points
    if item.named is not None:
        found |= {("named", "least"): item.named.least, ("named", "most"): item.named.most}
    return found


def _times(item: Item) -> Mapping[Path, Decimal]:
    """How many deeds each of an item's limits lets count."""
    limits = enumerate(item.limits)
    return {("limits", at, "times"): Decimal(limit.times) for at, limit in limits if limit.times is not None}


def _in_points(item: Item) -> Mapping[Path, Decimal]:
    """Every bound in points of an item's limits."""
    found = {("limits", at, key): getattr(limit, key) for at, limit in enumerate(item.limits) for key in IN_POINTS}
    return {path: value for path, value in found.items() if value is not None}
