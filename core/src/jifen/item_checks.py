"""Decides whether an item makes sense by itself: one schedule, a measure that fits it, numbers that can be kept."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import frozen

from jifen.compose import SCHEDULES
from jifen.exactness import Numbers
from jifen.limit_checks import check_limits
from jifen.model import Measure, Of, Subject, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from jifen.document import Faults
    from jifen.locate import Path
    from jifen.model import Item, Named, PutRight, Rate, Step

_FITS: Final[dict[str, tuple[Measure, ...]]] = {
    "points": (Measure.COUNT, Measure.QUANTITY, Measure.MARKS),
    "rates": (Measure.QUANTITY,),
    "tiers": (Measure.COUNT, Measure.QUANTITY),
    "ladder": (Measure.COUNT,),
    "grades": (Measure.GRADE,),
    "bands": (Measure.READING, Measure.MARKS),
    "base": (Measure.COUNT,),
    "named": (Measure.NAMED,),
    "put_right": (Measure.COUNT,),
    "veto": (Measure.COUNT,),
    "inspect": (Measure.COUNT,),
}
"""Which measures a schedule can be used with."""

_RUNS_ON: Final = ("ladder", "tiers", "rates")

BY_LAYER: Final = ("only_in", "not_in", "since", "until")
"""Keys that no file writes: they come from the layer of a village."""


def check_item(item: Item, keys: Mapping[str, object], path: Path, places: int | None, faults: Faults) -> None:
    """Adds every fault of one item; `keys` is what is written, so that a default is told from a decision."""
    check = _Check(item, keys, path, Numbers(places, faults), faults)
    for key in BY_LAYER:
        if key in keys:
            check.add("rulebook.scope-by-layer", key, key=key)
    if item.inspect is Window.DEED:
        check.add("rulebook.inspect-per-deed", "inspect")
    if item.subject is not Subject.HOUSEHOLD:
        check.village()
    check.evidence()
    check_limits(item.limits, (*path, "limits"), check.numbers, faults, members=item.subject is Subject.HOUSEHOLD)
    if item.put_right is not None:
        check.put_right(item.put_right)
    if not item.scored_by_plugin:
        check.schedule()
        check.points()
        check.base_and_veto()


@frozen
class _Check:
    item: Item
    keys: Mapping[str, object]
    path: Path
    numbers: Numbers
    faults: Faults

    def add(self, code: str, /, *more: str | int, **facts: object) -> None:
        self.faults.add(code, (*self.path, *more), **facts)

    def village(self) -> None:
        for key, wrong in (
            ("of", self.item.of is Of.MEMBER),
            ("base", self.item.base is not None),
            ("veto", self.item.veto is not None),
        ):
            if wrong:
                self.add("rulebook.not-for-village", key, key=key)

    def evidence(self) -> None:
        self.numbers.count(self.item.approvals, (*self.path, "approvals"))
        seen: set[str] = set()
        for position, kinds in enumerate(self.item.evidence):
            for kind in kinds.split("/"):
                if not kind.strip() or "|" in kind:
                    self.add("rulebook.bad-evidence", "evidence", position, got=kinds)
                elif kind in seen:
                    self.add("rulebook.repeated", "evidence", position, what=kind)
                seen.add(kind)

    def put_right(self, mending: PutRight) -> None:
        numerator, _, denominator = mending.share.partition("/")
        digits = numerator.isdecimal() and denominator.isdecimal() and numerator.isascii() and denominator.isascii()
        if not digits or int(denominator) == 0 or not 0 < Fraction(int(numerator), int(denominator)) <= 1:
            self.add("rulebook.bad-share", "put_right", "share", got=mending.share)
        if mending.within_days is not None:
            self.numbers.count(mending.within_days, (*self.path, "put_right", "within_days"))
        if not mending.items:
            self.add("rulebook.empty-list", "put_right", "items")
        if self.item.code in mending.items:
            self.add("rulebook.mends-itself", "put_right", "items")

    def schedule(self) -> None:
        item = self.item
        found = [key for key in SCHEDULES if getattr(item, key) not in (None, (), {})]
        kinds = [key for key in found if not (key == "base" and "points" in found)]
        if not kinds:
            if item.veto is None and item.inspect is None:
                self.add("rulebook.no-schedule", choices=", ".join((*SCHEDULES, "veto", "inspect")))
                return
            kinds = ["veto" if item.veto is not None else "inspect"]
        if len(kinds) > 1:
            self.add("rulebook.several-schedules", kinds[1], found=", ".join(kinds))
            return
        kind = kinds[0]
        if item.measure not in _FITS[kind]:
            allowed = ", ".join(_FITS[kind])
            self.add("rulebook.measure-unfit", "measure", schedule=kind, got=item.measure, allowed=allowed)
            return
        if (item.measure is Measure.MARKS) != (item.marks is not None):
            self.add("rulebook.marks-and-measure", "marks")
        if "each" in self.keys and not (kind == "points" and item.measure is Measure.QUANTITY):
            self.add("rulebook.each-idle", "each")
        if "whole" in self.keys and not (kind in ("points", "rates") and item.measure is Measure.QUANTITY):
            self.add("rulebook.whole-idle", "whole")
        self.window(kind)

    def window(self, kind: str) -> None:
        item = self.item
        by_units = kind == "points" and item.measure is Measure.QUANTITY
        runs_on = kind in _RUNS_ON or (by_units and item.each not in (None, 1))
        if kind == "ladder" and "per" not in self.keys:
            self.add("rulebook.ladder-without-per")
        elif runs_on and "per" not in self.keys:
            self.add("rulebook.per-missing", schedule="each" if by_units else kind)
        elif kind == "ladder" and item.per is Window.DEED:
            self.add("rulebook.ladder-per-deed", "per")
        elif not runs_on and not by_units and item.per is not Window.DEED:
            self.add("rulebook.per-idle", "per", got=item.per)

    def points(self) -> None:
        item, numbers, path = self.item, self.numbers, self.path
        if item.points is not None:
            numbers.points(item.points, (*path, "points"))
            if item.points == 0:
                self.add("rulebook.zero-points", "points")
        if item.each is not None:
            numbers.quantity(item.each, (*path, "each"), positive=True)
        for key in ("ladder", "grades"):
            values = getattr(item, key)
            for step, value in values.items() if key == "grades" else enumerate(values):
                numbers.points(value, (*path, key, step))
        if item.marks is not None:
            self.marks(item.marks.at_least, item.marks.leave_out)
        if item.named is not None:
            self.named(item.named)
        self.steps("tiers", item.tiers)
        self.steps("bands", item.bands)
        self.rates(item.rates)

    def base_and_veto(self) -> None:
        item, numbers, path = self.item, self.numbers, self.path
        if item.base is not None:
            numbers.points(item.base.points, (*path, "base", "points"), positive=True)
            if item.base.per is Window.DEED:
                self.add("rulebook.base-per-deed", "base", "per")
        if item.veto is not None:
            if not item.veto.effects:
                self.add("rulebook.empty-list", "veto", "effects")
            if item.veto.lifted_total is not None:
                numbers.points(item.veto.lifted_total, (*path, "veto", "lifted_total"))

    def named(self, named: Named) -> None:
        for key in ("least", "most"):
            self.numbers.points(getattr(named, key), (*self.path, "named", key))
        if named.least >= named.most:
            self.add("rulebook.named-nothing", "named", least=named.least, most=named.most)

    def marks(self, at_least: int, leave_out: int) -> None:
        self.numbers.count(at_least, (*self.path, "marks", "at_least"))
        if leave_out < 0:
            self.add("rulebook.negative", "marks", "leave_out", got=leave_out)
        elif at_least <= 2 * leave_out:
            self.add("rulebook.no-marks-left", "marks", least=2 * leave_out + 1)

    def steps(self, key: str, steps: Sequence[Step]) -> None:
        whole = self.item.measure is Measure.COUNT
        for position, step in enumerate(steps):
            here = (*self.path, key, position)
            self.numbers.points(step.points, (*here, "points"))
            self.numbers.quantity(step.at, (*here, "at"), positive=key == "tiers", whole=whole)
        # Bands may be written from the best down; which way they run is seen from the first and the last.
        wanted = key == "tiers" or not steps or steps[-1].at > steps[0].at
        for position, (earlier, later) in enumerate(pairwise(steps), start=1):
            if later.at == earlier.at or (later.at > earlier.at) is not wanted:
                self.add("rulebook.not-in-order", key, position, "at", got=later.at, before=earlier.at)
                break

    def rates(self, rates: Sequence[Rate]) -> None:
        start: Decimal | None = None
        for position, rate in enumerate(rates):
            here = (*self.path, "rates", position)
            self.numbers.points(rate.points, (*here, "points"))
            fine = self.numbers.quantity(rate.each, (*here, "each"), positive=True)
            if (rate.upto is None) != (position == len(rates) - 1):
                self.faults.add("rulebook.last-rate" if rate.upto is not None else "rulebook.rate-without-end", here)
            if rate.upto is None or not self.numbers.quantity(rate.upto, (*here, "upto"), positive=True):
                continue
            if start is not None and rate.upto <= start:
                self.add("rulebook.not-in-order", "rates", position, "upto", got=rate.upto, before=start)
            elif fine and (rate.upto - (start or 0)) % rate.each:
                self.add("rulebook.bracket-uneven", "rates", position, "upto", each=rate.each)
            start = rate.upto
