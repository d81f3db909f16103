"""Decides which items are scored together, and level by level which limits cut their rows; compiled once a book."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import evolve, frozen

from jifen.in_force import books_in, stretches
from jifen.limits import Limiter, Limits
from jifen.model import AtChange, Measure, Subject
from jifen.schedule import Schedule, smallest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jifen.model import Item, RuleBook
    from jifen.runs import Mask, Whole

BY_NOTHING, BY_SCHEDULE, BY_READING, BY_MARKS, BY_GRADE, BY_NAMED, BY_MENDED = range(7)
"""What the points of a deed come from; by nothing: a base score, a veto alone, or a plugin's own scorer."""
_MEASURED: Final = {Measure.GRADE: BY_GRADE, Measure.NAMED: BY_NAMED, Measure.MARKS: BY_MARKS}


@frozen(eq=False)
class Compiled:
    """One item in integers."""

    item: Item
    schedule: Schedule | None
    grades: Whole
    """Points of each grade of `jifen.program.Program.grades`."""
    mark_points: int
    """Points of one mark, and of one point that a deed names itself."""
    base: int
    share: Fraction
    limits: tuple[Limiter, ...]
    by_plugin: bool
    before: tuple[int, ...] = ()
    """Numbers of the rules before it, of the same code, whose points its limits count on (R16)."""
    amounts: tuple[int, ...] = ()
    """Those of them whose amounts its schedule counts on: they count the same thing."""

    @classmethod
    def of(cls, item: Item, unit: int, grades: tuple[str, ...], *, by_plugin: bool) -> Compiled:
        """Compile one item; the rule book was checked, so that exactly one schedule is there."""
        schedule = None
        if item.measure in (Measure.READING, Measure.MARKS) and item.bands:
            schedule = Schedule.bands(item.bands, unit)
        elif item.measure in (Measure.COUNT, Measure.QUANTITY) and item.put_right is None and not by_plugin:
            schedule = Schedule.of(item, unit)
        return cls(
            item,
            schedule,
            np.array([smallest(item.grades.get(grade, Decimal(0)), unit) for grade in grades], dtype=np.int64),
            smallest(item.points, unit) if item.points is not None else unit,
            smallest(item.base.points, unit) if item.base else 0,
            Fraction(item.put_right.share) if item.put_right else Fraction(0),
            tuple(
                Limiter.of_limit("item", f"{item.code}#{number}", limit, unit)
                for number, limit in enumerate(item.every_limit, 1)
            ),
            by_plugin,
        )


@frozen(eq=False)
class Level:
    """Limits that are looked at together, and which of them cuts the rows of which item; -1: none does."""

    of_item: Whole
    limits: Limits
    everywhere: bool
    """Whether each item that comes this way has one."""


@frozen(eq=False)
class Group:
    """Items that do not count on each other, so that they are scored together, and then limited level by level."""

    items: Mask
    measures: frozenset[int]
    """Of `jifen.program.Program.measures`, those of its items."""
    base: bool
    levels: tuple[Level, ...]
    before: Mask
    """Rules before its one item, of the same code, whose points its limits count on (R16)."""
    amounts: Mask
    """Those of them whose amounts its schedule counts on: they count the same thing."""


@frozen(eq=False)
class Upper:
    """A limit above the items: the items whose rows it cuts, the earlier ones that it counts on, and the limit."""

    items: Mask
    level: Level
    before: Mask
    """Items of rules before it in the period, whose points run in its sums and stay as they are (R16)."""


def mask_of(book: RuleBook, wanted: Callable[[Item], bool]) -> Mask:
    """A cell an item: whether it is wanted."""
    return np.array([wanted(item) for item in book.items], dtype=np.bool_)


def carrying(book: RuleBook, items: Sequence[Compiled]) -> Iterator[Compiled]:
    """The items with those of earlier books, of the same code, that they count on."""
    of, first = stretches(book), _carried_from(book)
    for number, compiled in enumerate(items):
        mine = compiled.item
        before = tuple(
            other
            for other, at in enumerate(of)
            if first[of[number]] <= at < of[number] and items[other].item.code == mine.code
        )
        same = (mine.measure, mine.unit, compiled.by_plugin)
        amounts = tuple(
            other
            for other in before
            if (items[other].item.measure, items[other].item.unit, items[other].by_plugin) == same
        )
        yield evolve(compiled, before=before, amounts=amounts)


def _carried_from(book: RuleBook) -> list[int]:
    """For each book that follows another, the position of the first one that its sums count on."""
    found: list[int] = []
    for at, each in enumerate(books_in(book)):
        found.append(at if at == 0 or each.at_change is AtChange.ANEW else found[-1])
    return found


def measured(compiled: Compiled) -> int:
    """By what the deeds of an item are scored."""
    item = compiled.item
    if item.put_right is not None:
        return BY_MENDED
    if compiled.by_plugin:
        return BY_NOTHING
    if item.measure in _MEASURED:
        return _MEASURED[item.measure]
    if item.measure is Measure.READING and compiled.schedule is not None:
        return BY_READING
    return BY_NOTHING if compiled.schedule is None else BY_SCHEDULE


def groups_of(items: Sequence[Compiled], measures: Sequence[int], limiters: list[Limiter]) -> Iterator[Group]:
    """Items that count on none before them are a group; the others, each its own, follow. Adds to `limiters`."""
    for put_right in (False, True):
        mine = [at for at, compiled in enumerate(items) if (compiled.item.put_right is not None) is put_right]
        together = [at for at in mine if not items[at].before]
        for numbers in (together, *([at] for at in mine if items[at].before)):
            if numbers:
                yield Group(
                    _at(len(items), numbers),
                    frozenset(measures[at] for at in numbers),
                    any(items[at].base for at in numbers),
                    tuple(_levels(items, numbers, limiters)),
                    _at(len(items), items[numbers[0]].before),
                    _at(len(items), items[numbers[0]].amounts),
                )


def _levels(items: Sequence[Compiled], numbers: Sequence[int], limiters: list[Limiter]) -> Iterator[Level]:
    """The first limit of each item, then the second of each, and so on."""
    for level in range(max(len(items[at].limits) for at in numbers)):
        here = [at for at in numbers if len(items[at].limits) > level]
        of_item = np.full(len(items), -1, dtype=np.int64)
        of_item[here] = np.arange(len(here))
        found = [items[at].limits[level] for at in here]
        yield Level(of_item, Limits.of(found, len(limiters)), len(here) == len(numbers))
        limiters += found


def _at(size: int, numbers: Sequence[int]) -> Mask:
    mask = np.zeros(size, dtype=np.bool_)
    mask[list(numbers)] = True
    return mask


def uppers_of(book: RuleBook, limiters: list[Limiter]) -> Iterator[Upper]:
    """Shared limits, categories, totals: level by level, those of each book in turn. Adds to `limiters`."""
    of, first = np.array(stretches(book), dtype=np.int64), _carried_from(book)
    for wanted in (_shared, _of_categories, _of_total):
        for at, each in enumerate(books_in(book)):
            for takes, limiter in wanted(each):
                mask = mask_of(book, takes)
                level = Level(np.zeros(mask.size, dtype=np.int64), Limits.of([limiter], len(limiters)), everywhere=True)
                limiters.append(limiter)
                yield Upper(mask & (of == at), level, mask & (of < at) & (of >= first[at]))


def _shared(book: RuleBook) -> Iterator[tuple[Callable[[Item], bool], Limiter]]:
    for shared in book.limits:
        members = frozenset(shared.items)
        yield partial(_is_one_of, members), Limiter.of_limit("shared", shared.code, shared, book.unit)


def _of_categories(book: RuleBook) -> Iterator[tuple[Callable[[Item], bool], Limiter]]:
    for category in book.categories:
        for number, limit in enumerate(category.limits, 1):
            code = f"{category.name}#{number}"
            yield partial(_is_in, category.name), Limiter.of_limit("category", code, limit, book.unit)


def _of_total(book: RuleBook) -> Iterator[tuple[Callable[[Item], bool], Limiter]]:
    for number, limit in enumerate(book.total.limits, 1):
        yield _is_of_households, Limiter.of_limit("total", f"total#{number}", limit, book.unit)


def _is_one_of(codes: frozenset[str], item: Item) -> bool:
    return item.code in codes


def _is_in(category: str, item: Item) -> bool:
    return item.category == category


def _is_of_households(item: Item) -> bool:
    return item.subject is Subject.HOUSEHOLD
