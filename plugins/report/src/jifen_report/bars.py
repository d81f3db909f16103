"""Decides how a bar is drawn: SVG of our own in percent of its width, told in words as well, the same bytes every time.

A bar never stands alone: it is a cell of a table that has its numbers, so that nobody needs to see it. Parts differ by
lightness and pattern besides colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

FINENESS: Final = 10_000
"""A bar's width in hundredths of a percent."""


@frozen
class Segment:
    """One piece of a bar: its length, and the class of its colour and pattern (``s0`` … ``s3``, ``give``, ``take``)."""

    value: int
    style: str


def percent(part: int, whole: int) -> str:
    """A part of a whole in percent with two decimals, from integers alone."""
    size = min(FINENESS, max(0, part) * FINENESS // whole) if whole > 0 else 0
    return f"{size // 100}.{size % 100:02d}%"


def bar(segments: Sequence[Segment], low: int, high: int, told: str) -> Markup:
    """A stacked bar on an axis from `low` (at most 0) to `high` (at least 0): gains right of 0, losses left of it.

    `told` says in words what the bar shows; it becomes the drawing's title.
    """
    span = high - low
    pieces: list[Markup] = []
    right = left = 0
    for segment in segments:
        if segment.value >= 0:
            start, right = right, right + segment.value
            begin, width = start - low, segment.value
        else:
            left += segment.value
            begin, width = left - low, -segment.value
        if width and span > 0:
            pieces.append(
                Markup('<rect class="{}" x="{}" y="0" width="{}" height="100%"/>').format(
                    segment.style, percent(begin, span), percent(width, span)
                )
            )
    zero = percent(-low, span)
    axis = Markup('<line class="axis" x1="{0}" x2="{0}" y1="0" y2="100%"/>').format(zero) if low < 0 else Markup("")
    return Markup('<svg class="bar" role="img" focusable="false"><title>{}</title>{}{}</svg>').format(
        told, Markup("").join(pieces), axis
    )
