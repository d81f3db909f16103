"""Decides into which classes winners and losers fall: three steps of one size up, three down, and no change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen
from jifen.words import say

from jifen_report.figures import written
from jifen_report.histogram import nice

if TYPE_CHECKING:
    import polars as pl

STEPS: Final = 3
NEARLY_ALL: Final = 10
"""All but one in so many of those that move are below the open classes."""


@frozen
class Size:
    """One class: its words, how many households, and whether they win (1), lose (-1) or neither (0)."""

    words: str
    households: int
    way: int


def sizes(change: pl.Series, places: int) -> list[Size]:
    """From those that win most to those that lose most; classes below `step`, up to twice of it, and beyond."""
    values = change.to_numpy()
    moved = np.sort(np.abs(values[values != 0]))
    step = nice(int(moved[-1 - moved.size // NEARLY_ALL]) // STEPS + 1) if moved.size else 1
    level = np.minimum((np.abs(values) - 1) // step + 1, STEPS) * np.sign(values)
    counts = {at: int(np.count_nonzero(level == at)) for at in range(-STEPS, STEPS + 1)}
    return [Size(_words(at, step, places), counts[at], (at > 0) - (at < 0)) for at in range(STEPS, -STEPS - 1, -1)]


def _words(level: int, step: int, places: int) -> str:
    if not level:
        return say("report.compare.size.same")
    way = "more" if level > 0 else "less"
    low, high = written((abs(level) - 1) * step, places), written(abs(level) * step, places)
    if abs(level) == 1:
        return say(f"report.compare.size.{way}-upto", high=high)
    if abs(level) == STEPS:
        return say(f"report.compare.size.{way}-beyond", low=low)
    return say(f"report.compare.size.{way}-between", low=low, high=high)
