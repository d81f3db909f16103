"""Decides what a rule book means to the machine: items, schedules and limits as integers, compiled once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import frozen

from jifen.frames import QUANTITY_UNIT, coded
from jifen.limits import Limiter
from jifen.model import Measure, Of, Subject, VetoEffect, Window
from jifen.problems import Problem, Refused
from jifen.schedule import Schedule, smallest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
    """A limit above the items: which items' rows it looks at, and the limit."""

    mask: Mask
    limiter: Limiter


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


def _uppers(book: RuleBook) -> Iterator[Upper]:
    for shared in book.limits:
        members = frozenset(shared.items)
        limiter = Limiter.of_limit("shared", shared.code, shared, book.unit)
        yield Upper(_mask(book, lambda item, members=members: item.code in members), limiter)  # type: ignore[misc]
    for category in book.categories:
        mask = _mask(book, lambda item, name=category.name: item.category == name)  # type: ignore[misc]
        for number, limit in enumerate(category.limits, 1):
            yield Upper(mask, Limiter.of_limit("category", f"{category.name}#{number}", limit, book.unit))
    mask = _mask(book, lambda item: item.subject is Subject.HOUSEHOLD)
    for number, limit in enumerate(book.total.limits, 1):
        yield Upper(mask, Limiter.of_limit("total", f"total#{number}", limit, book.unit))


def _windows(book: RuleBook) -> Iterator[tuple[str, Window]]:
    for item in book.items:
        yield item.code, item.per
        if item.base:
            yield item.code, item.base.per
        yield from ((item.code, limit.per) for limit in item.every_limit)
    yield from ((shared.code, shared.per) for shared in book.limits)
    for category in book.categories:
        yield from ((category.name, limit.per) for limit in category.limits)
    yield from (("total", limit.per) for limit in book.total.limits)
