"""Decides what a rule book means to the machine: items, schedules and limits as integers, compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import frozen

from jifen.counting import STATUSES
from jifen.frames import coded
from jifen.grouping import Compiled, carrying, groups_of, mask_of, measured, uppers_of
from jifen.in_force import InForce
from jifen.limits import Windows
from jifen.model import Measure, Of, Subject, VetoEffect, Window
from jifen.problems import Problem, Refused
from jifen.schedule import Schedules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jifen.grouping import Group, Upper
    from jifen.limits import Limiter
    from jifen.model import Item, RuleBook
    from jifen.period import Period
    from jifen.runs import Mask, Whole

    Scorer = Callable[[pl.DataFrame, tuple[Item, ...]], pl.DataFrame]


@frozen(eq=False)
class Program:
    """A rule book, compiled. Items are numbered in the book's order; a table has a cell an item."""

    book: RuleBook
    in_force: InForce
    coding: tuple[pl.Expr, ...]
    """The columns of deeds that are looked at as numbers: item, status and grade; one call for all of them."""
    items: tuple[Compiled, ...]
    groups: tuple[Group, ...]
    """In the order in which they are scored: what puts right comes after what it takes its points from."""
    uppers: tuple[Upper, ...]
    limit_words: pl.DataFrame
    """level and limit, a row a limit: what a cut carries of it."""
    measures: Whole
    """By what the deeds of an item are scored, one of the `BY_…`."""
    schedules: Schedules
    windows: Windows
    """In what the amounts of each item run on."""
    run_on: Mask
    by_quantity: Mask
    named: Mask
    banded: Mask
    base: Whole
    mark_points: Whole
    leave_out: Whole
    """How many of the highest and of the lowest marks are left out."""
    share: Whole
    share_of: Whole
    """What puts right gives back `share` parts of `share_of`."""
    grade_points: Whole
    """A row an item, a column a grade of `grades`."""
    menders: Mask
    """Which items put earlier deeds right."""
    mends: tuple[tuple[int, Mask, int | None], ...]
    """Each of them: its number, the items that it puts right, and within how many days."""
    approvals: Whole
    """How many people must approve."""
    evidenced: Mask
    """Which items ask for evidence."""
    of_household: Mask
    """Which items are of households."""
    based: tuple[tuple[int, Item, Window], ...]
    """The items with a base score: number, item, and in what windows it is given."""
    of_member: Mask
    """Which items' rows run in a sum of a member's own."""
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
            items = tuple(carrying(book, items))
        limiters: list[Limiter] = []
        measures = [measured(compiled) for compiled in items]
        groups = tuple(groups_of(items, measures, limiters))
        uppers = tuple(uppers_of(book, limiters))
        labels = pl.DataFrame(
            [
                coded("category", [item.category for item in book.items]),
                coded("item", [item.code for item in book.items]),
                coded("clause", [item.clause for item in book.items]),
            ]
        )
        names = [category.name for category in book.categories]
        of_item = np.array([names.index(item.category) for item in book.items], dtype=np.int64)
        words = [
            pl.Series("level", [limiter.level for limiter in limiters], dtype=pl.String),
            pl.Series("limit", [limiter.code for limiter in limiters], dtype=pl.String),
        ]
        in_force = InForce.of(book)
        return cls(
            book=book,
            in_force=in_force,
            coding=(
                pl.col("item").cast(in_force.codes, strict=False).to_physical(),
                pl.col("status").cast(pl.Enum(STATUSES)).to_physical(),
                pl.col("grade").cast(pl.Enum(grades), strict=False).to_physical(),
            ),
            items=items,
            groups=groups,
            uppers=uppers,
            limit_words=pl.DataFrame(words),
            measures=np.array(measures, dtype=np.int64),
            schedules=Schedules.of([compiled.schedule for compiled in items]),
            # Deeds that are each a window of their own do not run on at all.
            windows=Windows.of([(Window.ALL if item.per is Window.DEED else item.per, item.of) for item in book.items]),
            run_on=mask_of(book, lambda item: item.per is not Window.DEED),
            by_quantity=mask_of(book, lambda item: item.measure is Measure.QUANTITY),
            named=mask_of(book, lambda item: item.measure is Measure.NAMED),
            banded=mask_of(book, lambda item: bool(item.bands)),
            base=np.array([compiled.base for compiled in items], dtype=np.int64),
            mark_points=np.array([compiled.mark_points for compiled in items], dtype=np.int64),
            leave_out=np.array([item.marks.leave_out if item.marks else 0 for item in book.items], dtype=np.int64),
            share=np.array([compiled.share.numerator for compiled in items], dtype=np.int64),
            share_of=np.array([compiled.share.denominator for compiled in items], dtype=np.int64),
            grade_points=np.array([each.grades for each in items], dtype=np.int64).reshape(len(items), len(grades)),
            menders=mask_of(book, lambda item: item.put_right is not None),
            mends=tuple(_mends(book)),
            approvals=np.array([item.approvals for item in book.items], dtype=np.int64),
            evidenced=mask_of(book, lambda item: bool(item.evidence)),
            of_household=mask_of(book, lambda item: item.subject is Subject.HOUSEHOLD),
            based=tuple((number, item, item.base.per) for number, item in enumerate(book.items) if item.base),
            of_member=_of_member(book, groups, uppers),
            scorers=scorers,
            grades=grades,
            labels=labels,
            categories=coded("category", names),
            category_of=of_item,
        )

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


def _mends(book: RuleBook) -> Iterator[tuple[int, Mask, int | None]]:
    for number, item in enumerate(book.items):
        if item.put_right is not None:
            mended = np.array([other.code in item.put_right.items for other in book.items], dtype=np.bool_)
            yield number, mended, item.put_right.within_days


def _of_member(book: RuleBook, groups: Iterable[Group], uppers: Iterable[Upper]) -> Mask:
    """Items that count for each member, or under a limit that does, with those of earlier books that they count on."""
    found = mask_of(book, lambda item: Of.MEMBER in {item.of, *(limit.of for limit in item.every_limit)})
    for group in groups:
        if (group.items & found).any():
            found |= group.before | group.amounts
    for upper in uppers:
        if upper.level.limits.windows.some_by_member:
            found |= upper.items | upper.before
    return found


def _by_plugin(item: Item, scorers: Mapping[str, Scorer]) -> bool:
    """Whether the scorer of its category scores it; the other items of such a category are data like any."""
    return item.scored_by_plugin and item.category in scorers


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
