"""Decides how totals before and after are drawn: pairs of columns over classes of equal width, thresholds above them.

All coordinates are whole numbers, so that the same totals give the same bytes. Every column's number stands below it.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen
from jifen.words import say
from markupsafe import Markup

from jifen_report.figures import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

WIDE, HIGH = 4000, 2480
"""The drawing, in tenths of a pixel of its own."""
TOP, FOOT, LEFT = 380, 1850, 330
"""Where the columns begin and stand, and the room for the words at the left."""
CLASSES: Final = 8
"""About so many classes between the ends."""
END_SHARE: Final = 50
"""One household in so many at either end is gathered in an open class."""
APART: Final = 40
"""At least so far apart stand the names of two thresholds on one line."""


_WIDE_SIGN, _SIGN = 120, 66
"""About how wide a Chinese and another sign is."""


@frozen
class Classes:
    """Classes of equal width: [low, low + width), …; `below` and `above` say whether there are open ones."""

    low: int
    width: int
    count: int
    below: bool
    above: bool

    @classmethod
    def of(cls, *sides: pl.Series) -> Classes:
        """Classes that hold nearly all of the values; the few beyond are in open classes at the ends."""
        values = np.sort(np.concatenate([side.to_numpy() for side in sides]))
        if not values.size:
            return cls(0, 1, 1, below=False, above=False)
        spare = values.size // END_SHARE
        first, last = int(values[spare]), int(values[-1 - spare])
        width = nice((last - first) // CLASSES + 1)
        low = first // width * width
        count = (last - low) // width + 1
        return cls(low, width, count, below=bool(values[0] < low), above=bool(values[-1] >= low + count * width))

    def counts(self, side: pl.Series) -> list[int]:
        """How many values are in each class, the open ones included."""
        at = (side.to_numpy() - self.low) // self.width
        inner: list[int] = np.bincount(np.clip(at, -1, self.count) + 1, minlength=self.count + 2).tolist()
        return inner[0 if self.below else 1 : None if self.above else -1]

    def edges(self) -> list[int]:
        """The lower edge of each class but an open one below, and the upper edge of the last closed one."""
        return [self.low + self.width * n for n in range(self.count + 1)]


def nice(least: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not below `least`."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if step * size >= least:
                return step * size
        size *= 10


@frozen
class Threshold:
    """A grade's name and the least total that reaches it."""

    name: str
    at: int


def histogram(before: pl.Series, after: pl.Series, thresholds: Sequence[Threshold], places: int) -> Markup:
    """The drawing; totals are in the unit of `places`, of those who take part under each book."""
    classes = Classes.of(before, after)
    sides = (classes.counts(before), classes.counts(after))
    step = (WIDE - LEFT - 60) // len(sides[0])
    most = max((*sides[0], *sides[1], 1))
    pieces = [_threshold_lines(classes, thresholds, step)]
    for at, (one, two) in enumerate(zip(*sides, strict=True)):
        left = LEFT + at * step
        for number, (count, style) in enumerate(((one, "was"), (two, "will"))):
            size = (FOOT - TOP) * count // most
            size = max(size, 12) if count else 0
            pieces.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    style, left + step // 10 + number * step * 2 // 5, FOOT - size, step * 2 // 5, size
                )
            )
    pieces.append(Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, WIDE - 60, FOOT, FOOT))
    pieces += _edges(classes, step, places)
    for row, (name, counts) in enumerate(zip(("before", "after"), sides, strict=True)):
        y = FOOT + 360 + row * 200
        pieces.append(_text(say(f"report.compare.short.{name}"), 0, y, "row start"))
        pieces += [_text(f"{count:,}", LEFT + at * step + step // 2, y, "row") for at, count in enumerate(counts)]
    told = say("report.compare.histogram-told", before=len(before), after=len(after))
    return Markup(
        '<svg class="picture" viewBox="0 0 {} {}" role="img" focusable="false"><title>{}</title>{}</svg>'
    ).format(WIDE, HIGH, told, Markup("").join(pieces))


def _text(words: str, x: int, y: int, style: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(style, x, y, words)


def _edges(classes: Classes, step: int, places: int) -> list[Markup]:
    """The edges' values below the axis; every other one where they would run into each other."""
    texts = [written(value, places) for value in classes.edges()]
    every = 1 if max(len(text) for text in texts) * 68 < step else 2
    first = LEFT + (step if classes.below else 0)
    return [_text(text, first + at * step, FOOT + 170, "edge") for at, text in enumerate(texts) if at % every == 0]


def _threshold_lines(classes: Classes, thresholds: Sequence[Threshold], step: int) -> Markup:
    first = LEFT + (step if classes.below else 0)
    drawn: list[Markup] = []
    lines = [0, 0]
    for each in sorted(thresholds, key=lambda threshold: threshold.at):
        x = first + (each.at - classes.low) * step // classes.width
        if first <= x <= first + classes.count * step:
            drawn.append(Markup('<line class="bound" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, TOP - 60, FOOT))
            # Two lines of names; one that still would not fit is left to the table of grades.
            half = sum(_WIDE_SIGN if unicodedata.east_asian_width(sign) in "WF" else _SIGN for sign in each.name) // 2
            free = next((at for at, right in enumerate(lines) if x - half >= right + APART), None)
            if free is not None:
                drawn.append(_text(each.name, x, TOP - 90 - 140 * free, "edge"))
                lines[free] = x + half
    return Markup("").join(drawn)
