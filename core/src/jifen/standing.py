"""Decides where a household stands: its total, what a veto makes of it, its grade, and its place in the village."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen.columns import at, numbers
from jifen.frames import STANDINGS
from jifen.model import VetoEffect
from jifen.schedule import smallest
from jifen.scoring import PUT_RIGHT

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.program import Program
    from jifen.runs import Mask, Whole
    from jifen.scoring import Batch, Scored

NO_CEILING: Final = 2**62


@frozen(eq=False)
class Vetoes:
    """Vetoes that hold, by subject of the batch: the deed behind it (-1: none), bars from honours, grade, and total."""

    deed: Whole
    barred: Mask
    grade: Whole
    """The best grade that is left, as its number in the book; -1: any."""
    total: Whole
    """The most that the total may be; `NO_CEILING`: any."""
    strikes: Whole
    """The deed that bounds the total (-1: none); of several, the one that leaves least."""


def vetoes(program: Program, batch: Batch, first: int, size: int) -> Vetoes:
    """Looks at the veto deeds of a batch. A veto that was put right holds only as far as the book's `lifted_…` says."""
    book = program.book
    found = Vetoes(
        np.full(size, -1, dtype=np.int64),
        np.zeros(size, dtype=np.bool_),
        np.full(size, -1, dtype=np.int64),
        np.full(size, NO_CEILING, dtype=np.int64),
        np.full(size, -1, dtype=np.int64),
    )
    lifted = np.zeros(batch.subject.size, dtype=np.bool_)
    lifted[batch.refers[batch.kind == PUT_RIGHT]] = True
    grades = [grade.code for grade in book.grades]
    for number, item in enumerate(book.items):
        if item.veto is None:
            continue
        lifted_total = NO_CEILING if item.veto.lifted_total is None else smallest(item.veto.lifted_total, book.unit)
        # Rules of before may name a grade that the book of the period's end no longer has: then none bounds it.
        lifted_grade = grades.index(item.veto.lifted_grade) if item.veto.lifted_grade in grades else -1
        # Vetoes are few: a loop over them is clearer than columns.
        for row in np.flatnonzero(batch.item == number).tolist():
            who, mended = int(batch.subject[row]) - first, bool(lifted[row])
            if found.deed[who] < 0 or (lifted[found.deed[who]] and not mended):
                found.deed[who] = row
            if VetoEffect.NO_HONOURS in item.veto.effects and not mended:
                found.barred[who] = True
            if VetoEffect.LOWEST_GRADE in item.veto.effects:
                found.grade[who] = max(found.grade[who], lifted_grade if mended else len(grades))
            most = lifted_total if mended else 0
            if VetoEffect.ZERO_TOTAL in item.veto.effects and most < found.total[who]:
                found.total[who], found.strikes[who] = most, row
    return found


def category_points(program: Program, batch: Batch, points: Whole, first: int, subjects: pl.DataFrame) -> pl.DataFrame:
    """CATEGORY_POINTS of a batch: a row for each subject and category in which it has an award."""
    names = program.book.categories
    flat = (batch.subject - first) * len(names) + program.category_of[batch.item]
    total = np.zeros(subjects.height * len(names), dtype=np.int64)
    np.add.at(total, flat, points)
    there = np.zeros(total.size, dtype=np.bool_)
    there[flat] = True
    cells = np.flatnonzero(there)
    whose = at(cells // len(names))
    return pl.DataFrame(
        [
            subjects["village"][whose],
            subjects["subject"][whose],
            program.categories[at(cells % len(names))],
            pl.Series("points", total[cells]),
        ]
    )


def sums(batch: Batch, scored: Scored, first: int, size: int) -> tuple[Whole, Whole]:
    """Points given and points taken of each subject; what puts right counts against what was taken."""
    given, taken = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    who, is_given = batch.subject - first, scored.side > 0
    np.add.at(given, who[is_given], scored.points[is_given])
    np.add.at(taken, who[~is_given], scored.points[~is_given])
    return given, taken


def grade_codes(book: RuleBook, total: Whole, best: Whole) -> pl.Series:
    """The grade of each total; `best` is the best that a veto leaves. Null where no grade is reached."""
    level = np.full(total.size, len(book.grades), dtype=np.int64)
    for number in range(len(book.grades) - 1, -1, -1):
        grade = book.grades[number]
        if grade.above is not None:
            reached = total > smallest(grade.above, book.unit)
        elif grade.at_least is not None:
            reached = total >= smallest(grade.at_least, book.unit)
        else:
            reached = np.ones(total.size, dtype=np.bool_)
        level[reached] = number
    # A veto's "lowest grade" is the last of the book, whatever its threshold.
    vetoed = np.minimum(best, len(book.grades) - 1)
    level = np.where(best >= 0, np.maximum(level, vetoed), level)
    level = np.where(best >= len(book.grades), len(book.grades) - 1, level)
    return pl.Series("grade", [*(grade.code for grade in book.grades), None], pl.String)[at(level)]


def rank(book: RuleBook, standings: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """STANDINGS with `rank`: by total in the village; ties share a place (1, 1, 3) unless the book tells them apart."""
    village = standings["village"].cast(pl.String)
    # Rows of a village follow each other; within it the order is by total, then by each category that tells ties apart.
    size = standings.height
    number = np.zeros(size, dtype=np.int64)
    number[1:] = np.cumsum((village[1:] != village[:-1]).to_numpy()) if size else 0
    keys = [number, -standings["total"].to_numpy()]
    households = pl.Enum(standings["household"].cast(pl.String)) if book.ranking.ties else pl.Enum([])
    for category in book.ranking.ties:
        mine = points.filter(pl.col("category").cast(pl.String) == category)
        whose, tie = numbers(mine["subject"].cast(pl.String), households), np.zeros(size, dtype=np.int64)
        tie[whose[whose >= 0]] = mine["points"].to_numpy()[whose >= 0]
        keys.append(-tie)
    order = np.lexsort(keys[::-1])
    places, new, first = np.arange(size), np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    first[:1] = True
    first[1:] = np.diff(number[order]) != 0
    new |= first
    for key in keys:
        new[1:] |= np.diff(key[order]) != 0
    place = np.empty(size, dtype=np.int64)
    place[order] = (
        np.maximum.accumulate(np.where(new, places, 0)) - np.maximum.accumulate(np.where(first, places, 0)) + 1
    )
    ranked = standings[STANDINGS.names]
    return ranked.replace_column(ranked.get_column_index("rank"), pl.Series("rank", place))
