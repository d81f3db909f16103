"""Decides what a rule book means to the machine: items, schedules and limits as integers, compiled once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import evolve, frozen

from jifen.frames import QUANTITY_UNIT, coded
from jifen.in_force import books_in, stretches
from jifen.limits import Limiter
from jifen.model import AtChange, Measure, Of, Subject, VetoEffect, Window
from jifen.problems import Problem, Refused
from jifen.schedule import Schedule, smallest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jifen.model import Item, RuleBook, Step
    from jifen.period import Period
    from jifen.runs import Mask, Whole

    Scorer = Callable[[pl.DataFrame, tuple[Item, ...]], pl.DataFrame]


@frozen(eq=False)
class Bands:
    """Points by the highest threshold that a reading reaches; below the lowest: 0."""

    at: Whole
    points: Whole

    @classmethod
    def of(cls, steps: tuple[Step, ...], unit: int) -> Bands:
        """From the book's bands, in whatever order they stand."""
        pairs = sorted((smallest(step.at, QUANTITY_UNIT), smallest(step.points, unit)) for step in steps)
        return cls(*(np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True)))

    def __call__(self, readings: Whole) -> Whole:
        """Points of each reading."""
        padded = np.concatenate([np.zeros(1, dtype=np.int64), self.points])
        return padded[np.searchsorted(self.at, readings, side="right")]


@frozen(eq=False)
class Compiled:
    """One item in integers."""

    item: Item
    schedule: Schedule | None
    bands: Bands | None
    grades: Whole
    """Points of each grade of `Program.grades`."""
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
        running = item.measure in (Measure.COUNT, Measure.QUANTITY) and not by_plugin
        return cls(
            item,
            Schedule.of(item, unit) if running and item.put_right is None else None,
            Bands.of(item.bands, unit) if item.bands else None,
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
class Upper:
    """A limit above the items: the items whose rows it cuts, the earlier ones that it counts on, and the limit."""

    mask: Mask
    limiter: Limiter
    before: Mask
    """Items of rules before it in the period, whose points run in its sums and stay as they are (R16)."""


@frozen(eq=False)
class Program:
    """A rule book, compiled. Items are numbered in the book's order."""

    book: RuleBook
    items: tuple[Compiled, ...]
    uppers: tuple[Upper, ...]
    menders: Mask
    """Which items put earlier deeds right."""
    by_member: bool
    scorers: Mapping[str, Scorer]
    grades: tuple[str, ...]
    """All grades that some item knows."""
    labels: pl.DataFrame
    """category, item and clause, a row an item: what an award carries of its rule."""
    categories: pl.Series
    category_of: Whole

    @classmethod
    def of(cls, book: RuleBook, scorers: Mapping[str, Scorer]) -> Program:
        """Compile a book; `scorers` maps the name of a category to the function of a plugin that scores it."""
        grades = tuple(dict.fromkeys(grade for item in book.items for grade in item.grades))
        items = tuple(Compiled.of(item, book.unit, grades, by_plugin=_by_plugin(item, scorers)) for item in book.items)
        if book.earlier:
            items = tuple(_carrying(book, items))
        uppers = tuple(_uppers(book))
        of_member = any(item.of is Of.MEMBER for item in book.items) or any(
            limiter.of is Of.MEMBER
            for limiter in (*(limit for item in items for limit in item.limits), *(upper.limiter for upper in uppers))
        )
        menders = _mask(book, lambda item: item.put_right is not None)
        labels = pl.DataFrame(
            [
                coded("category", [item.category for item in book.items]),
                coded("item", [item.code for item in book.items]),
                coded("clause", [item.clause for item in book.items]),
            ]
        )
        names = [category.name for category in book.categories]
        of_item = np.array([names.index(item.category) for item in book.items], dtype=np.int64)
        return cls(book, items, uppers, menders, of_member, scorers, grades, labels, coded("category", names), of_item)

    def numbers(self, *codes: str) -> list[int]:
        """The numbers of items by their codes."""
        wanted = set(codes)
        return [number for number, item in enumerate(self.book.items) if item.code in wanted]

    def check_period(self, period: Period) -> None:
        """Raises `Refused` where a rule counts in windows that the period cuts, for their sums would be incomplete."""
        problems = [
            Problem("settle.window-longer", facts={"where": where, "per": per.value, "period": period.name})
            for where, per in _windows(self.book)
            if not period.holds_whole(per)
        ]
        if problems:
            raise Refused(problems)

    def vetoes(self, effect: VetoEffect) -> list[int]:
        """The numbers of the items whose veto has this effect."""
        return [n for n, item in enumerate(self.book.items) if item.veto and effect in item.veto.effects]


def _by_plugin(item: Item, scorers: Mapping[str, Scorer]) -> bool:
    """Whether the scorer of its category scores it; the other items of such a category are data like any."""
    return item.scored_by_plugin and item.category in scorers


def _mask(book: RuleBook, wanted: Callable[[Item], bool]) -> Mask:
    return np.array([wanted(item) for item in book.items], dtype=np.bool_)


def _carrying(book: RuleBook, items: Sequence[Compiled]) -> Iterator[Compiled]:
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


def _uppers(book: RuleBook) -> Iterator[Upper]:
    """Shared limits, categories, totals: level by level, those of each book in turn."""
    of, first = np.array(stretches(book), dtype=np.int64), _carried_from(book)
    for wanted in (_shared, _of_categories, _of_total):
        for at, each in enumerate(books_in(book)):
            for takes, limiter in wanted(each):
                mask = _mask(book, takes)
                yield Upper(mask & (of == at), limiter, mask & (of < at) & (of >= first[at]))


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


def _windows(book: RuleBook) -> Iterator[tuple[str, Window]]:
    for earlier in book.earlier:
        yield from _windows(earlier)
    for item in book.items:
        yield item.code, item.per
        if item.base:
            yield item.code, item.base.per
        yield from ((item.code, limit.per) for limit in item.every_limit)
    yield from ((shared.code, shared.per) for shared in book.limits)
    for category in book.categories:
        yield from ((category.name, limit.per) for limit in category.limits)
    yield from (("total", limit.per) for limit in book.total.limits)
