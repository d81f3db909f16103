"""Decides what a deed measures: quantities, readings, grades and marks that suit the item's schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from jifen.frames import QUANTITY_UNIT
from jifen.model import Measure

from jifen_demo.habits import WINDOWS, yearly
from jifen_demo.names import Whole, weighted

if TYPE_CHECKING:
    from decimal import Decimal

    from jifen.model import Item
    from numpy.random import Generator

_GOOD_FIRST = 0.55
"""Each grade or band is about half as frequent as the better one before it."""
_TOP_MARK = 10
_NONE = np.iinfo(np.int64).min
"""Stands for a deed without a quantity until the frame is made."""


def _thousandths(value: Decimal) -> int:
    return int(value * QUANTITY_UNIT)


def typical(item: Item) -> int:
    """The middle amount of one deed in thousandths: a year of them goes some way into what the item's limits allow."""
    if item.tiers:
        return max(1, _thousandths(item.tiers[-1].at) // 12)
    if item.rates:
        first = item.rates[0]
        return _thousandths(first.upto) // 4 if first.upto is not None else _thousandths(first.each) * 4
    each = _thousandths(item.each) if item.each is not None else QUANTITY_UNIT
    if item.base or not item.points:
        return each
    room = [
        float(limit.gives / abs(item.points)) / max(1.0, yearly(item) / WINDOWS[limit.per])
        for limit in item.limits
        if limit.gives is not None
    ]
    return max(each, int(each * 0.6 * min(room))) if room else 2 * each


def _step(unit: str | None, middle: int) -> int:
    """To what an amount is rounded by the clerk: ten yuan, half an hour, one piece."""
    if unit and "元" in unit:
        return 10 * QUANTITY_UNIT if middle >= 100 * QUANTITY_UNIT else QUANTITY_UNIT
    if unit and ("时" in unit or "hour" in unit):
        return QUANTITY_UNIT // 2
    return QUANTITY_UNIT if middle >= QUANTITY_UNIT else 1


def quantities(rng: Generator, item: Item, count: int) -> Whole:
    """`count` measured amounts in thousandths, above 0, with a long tail as donations and hours have."""
    middle = typical(item)
    step = _step(item.unit, middle)
    drawn = middle * np.exp(rng.normal(0, 0.6, count))
    return np.asarray(np.maximum(step, np.rint(drawn / step) * step), dtype=np.int64)


def readings(rng: Generator, item: Item, count: int) -> Whole:
    """`count` readings in thousandths; every band is met, the better ones more often."""
    starts = np.array(sorted((_thousandths(band.at) for band in item.bands), reverse=True) or [0], dtype=np.int64)
    hundred = 100 * QUANTITY_UNIT
    top = hundred if starts[0] <= hundred else int(starts[0]) * 5 // 4
    ends = np.concatenate([[top], starts[:-1]])
    band = weighted(rng, [_GOOD_FIRST**place for place in range(len(starts))], count)
    # The lowest band is read near its upper end: a household that sorts nothing at all is rare.
    depth = np.where(band == len(starts) - 1, 0.5, 1.0) * rng.random(count)
    step = QUANTITY_UNIT // 2 if top >= 20 * QUANTITY_UNIT else QUANTITY_UNIT // 10
    drawn = (ends[band] - depth * (ends[band] - starts[band])) // step * step
    return np.asarray(np.maximum(drawn, starts[band]), dtype=np.int64)


def grades(rng: Generator, item: Item, count: int) -> Whole:
    """`count` places in the item's grades; the better, the more often."""
    values = list(item.grades.values())
    best_first = sorted(range(len(values)), key=lambda place: -values[place])
    drawn = weighted(rng, [_GOOD_FIRST**rank for rank in range(len(values))], count)
    return np.array(best_first, dtype=np.int64)[drawn]


def marks(rng: Generator, item: Item, count: int) -> pl.Series:
    """`count` lists of marks in thousandths: one reviewer more than the item asks for, mostly agreeing."""
    least = max(item.marks.at_least, 2 * item.marks.leave_out + 1) if item.marks else 1
    bounds = [limit.gives / item.points for limit in item.limits if limit.gives and item.points and item.points > 0]
    top = max(1.0, min([float(_TOP_MARK), *(float(bound) for bound in bounds)]))
    middle = rng.triangular(0.5 * top, 0.85 * top, top, count)[:, None]
    drawn = np.clip(np.rint((middle + rng.normal(0, 0.08 * top, (count, least + 1))) * 2) / 2, 0, top)
    return pl.Series(np.rint(drawn * QUANTITY_UNIT).astype(np.int64)).arr.to_list()


def named(rng: Generator, item: Item, count: int) -> Whole:
    """`count` points named case by case in thousandths: whole, small, within bounds, more often given than taken."""
    if item.named is None:
        return np.ones(count, dtype=np.int64)
    least, most = int(item.named.least), int(item.named.most)
    drawn = np.rint(np.abs(rng.normal(0, max(1, max(abs(least), most) / 8), count))) + 1
    drawn = np.where((rng.random(count) < _GOOD_FIRST) | (least >= 0), drawn, -drawn)
    return np.asarray(np.clip(drawn, least, most) * QUANTITY_UNIT, dtype=np.int64)


def measured(rng: Generator, items: tuple[Item, ...], item: Whole) -> pl.DataFrame:
    """quantity, grade and marks of each deed, by the measure of its item; `item` gives places in `items`."""
    quantity = np.full(len(item), _NONE, dtype=np.int64)
    grade = np.full(len(item), -1, dtype=np.int64)
    labels: list[str] = []
    scores = [pl.DataFrame(schema={"at": pl.Int64, "marks": pl.List(pl.Int64)})]
    for place, rule in enumerate(items):
        if rule.measure is Measure.COUNT:
            continue
        rows = np.flatnonzero(item == place)
        if rule.measure is Measure.QUANTITY:
            quantity[rows] = quantities(rng, rule, len(rows))
        elif rule.measure is Measure.NAMED:
            quantity[rows] = named(rng, rule, len(rows))
        elif rule.measure is Measure.READING:
            quantity[rows] = readings(rng, rule, len(rows))
        elif rule.measure is Measure.GRADE:
            grade[rows] = len(labels) + grades(rng, rule, len(rows))
            labels += rule.grades
        elif len(rows):
            scores.append(pl.DataFrame({"at": rows, "marks": marks(rng, rule, len(rows))}))
    names = pl.Series([*labels, None], dtype=pl.String)
    frame = pl.DataFrame(
        {
            "at": np.arange(len(item)),
            "quantity": quantity,
            "grade": names.gather(np.where(grade < 0, len(labels), grade)),
        }
    )
    frame = frame.with_columns(pl.when(pl.col("quantity") != _NONE).then("quantity"))
    return frame.join(pl.concat(scores), on="at", how="left", maintain_order="left").drop("at")
