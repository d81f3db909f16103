"""Decides how single figures are written in words: points with their sign, amounts with their unit, grades by name."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from jifen.model import Measure
from jifen.words import say, title

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook

MINUS: Final = "−"


def decimal(value: Decimal | int) -> str:
    """A number without an exponent and without zeros at the end: ``100``, ``0.5``."""
    return format(Decimal(value).normalize(), "f")


def points(value: Decimal | int) -> str:
    """So many points, without a sign of gain: ``12分``."""
    return say("describe.point" if abs(value) == 1 else "describe.points", n=signed(value, plus=""))


def change(value: Decimal | int | None) -> str:
    """Points given or taken: ``加12分``, ``扣8分``, ``不计分``."""
    if not value:
        return say("describe.zero")
    one = "-one" if abs(value) == 1 else ""
    return say(f"describe.{'plus' if value > 0 else 'minus'}{one}", n=decimal(Decimal(value).copy_abs()))


def signed(value: Decimal | int, *, plus: str = "+") -> str:
    """A number with its sign, as it stands on a board: ``+12``, ``−8``, ``0``."""
    sign = MINUS if value < 0 else plus if value > 0 else ""
    return f"{sign}{decimal(Decimal(value).copy_abs())}"


def amount(value: Decimal | int, item: Item) -> str:
    """A number of the item's units: ``4小时``, ``80%``; times where deeds are counted."""
    if item.measure is Measure.COUNT:
        times = say("describe.unit.time" if value == 1 else "describe.unit.times")
        return say("describe.amount", n=decimal(value), unit=times)
    if item.measure in (Measure.READING, Measure.MARKS) and item.unit is None:
        return decimal(value)
    unit = item.unit or say("describe.unit.quantity")
    return f"{decimal(value)}%" if unit in ("%", "％") else say("describe.amount", n=decimal(value), unit=unit)


def grade_name(book: RuleBook, code: str) -> str:
    """The name of a grade; its code where the book has no such grade."""
    return next((title(grade.name) for grade in book.grades if grade.code == code), code)


def worth(item: Item) -> list[Decimal]:
    """Every value that an item can add at once: what stands in its schedule and its base, without repeats and zeros."""
    values = [rate.points for rate in item.rates] + [step.points for step in (*item.tiers, *item.bands)]
    values += [*item.ladder, *item.grades.values()]
    values += [] if item.base is None else [item.base.points]
    values += [] if item.named is None else [item.named.least, item.named.most]
    values += [] if item.points is None else [item.points]
    return [value for value in dict.fromkeys(values) if value]


def costs(item: Item) -> bool:
    """Whether an item only takes: no value above 0, and nothing that comes back."""
    if item.put_right is not None or item.scored_by_plugin:
        return False
    return not any(value > 0 for value in worth(item)) and (item.veto is not None or any(worth(item)))


def at_a_glance(item: Item) -> str:
    """An item's points as one short figure for a table: ``+12``, ``−8～−20``, ``+25 / −5``; words where it has none."""
    if item.put_right is not None:
        return say("describe.glance.back")
    values = sorted(worth(item), key=abs)
    if not values:
        return say("describe.glance.veto" if item.veto else "describe.glance.other")
    sides = ([value for value in values if value > 0], [value for value in values if value < 0])
    return " / ".join(_span(side) for side in sides if side)


def _span(values: list[Decimal]) -> str:
    return signed(values[0]) if len(values) == 1 else f"{signed(values[0])}～{signed(values[-1])}"
