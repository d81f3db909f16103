"""Decides which base scores there are: a row for each participant and window, as if "takes part" were a deed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import frozen

from jifen.columns import at
from jifen.model import Window
from jifen.period import MONTHS

if TYPE_CHECKING:
    from jifen.model import Item
    from jifen.period import Period
    from jifen.program import Program
    from jifen.runs import Mask, Whole

EPOCH = date(1970, 1, 1)


@lru_cache(maxsize=64)
def windows(per: Window, period: Period) -> tuple[tuple[str, date, date], ...]:
    """Name, first and last day of each window of the period; the windows follow each other without gaps."""
    if per not in MONTHS:
        return ((period.name, period.start, period.end),)
    step, first = MONTHS[per], period.start
    found: list[tuple[str, date, date]] = []
    while first <= period.end:
        months = first.year * 12 + first.month - 1 + step
        after = date(months // 12, months % 12 + 1, 1)
        found.append((first.strftime("%Y-%m"), first, after - timedelta(days=1)))
        first = after
    return tuple(found)


def _there(item: Item, villages: pl.Series) -> Mask | None:
    """Which subjects' villages have the rule (R15); None: all."""
    if not item.only_in and not item.not_in:
        return None
    listed = villages.is_in(item.only_in or item.not_in).to_numpy()
    return listed if item.only_in else ~listed


def _held(item: Item, day: Whole, end: date, there: Mask | None) -> Whole:
    """Who has the rule on their `day` (R16), which lies in the window, and in their village."""
    last = end if item.until is None else min(end, item.until)
    held = day <= (last - EPOCH).days
    if item.since is not None:
        held &= day >= (item.since - EPOCH).days
    return np.flatnonzero(held if there is None else held & there)


@frozen(eq=False)
class Bases:
    """Base scores in order of subject and day, with the numbers of subject and item, and days since 1970."""

    deed: pl.Series
    subject: Whole
    item: Whole
    day: Whole


def base_rows(program: Program, period: Period, subjects: pl.DataFrame, first: int, since: Whole) -> Bases:
    """The base scores of a batch.

    `subjects` are the households of the batch (columns `village` and `subject`), the first of which has the number
    `first`; `since` is the first day of each. Who joins within a window has the whole window's base, from the day of
    joining. The rules of the window's first day, or of that day of joining, give it; a base that new rules bring is
    given from their first day.
    """
    found: list[tuple[int, str, str, Whole, Whole]] = []
    given: set[str] = set()
    for number, item, per in program.based:
        there = _there(item, subjects["village"])
        anew = item.code not in given
        given.add(item.code)
        for name, start, end in windows(per, period):
            begin = max(start, item.since) if anew and item.since else start
            day = np.maximum(since, (begin - EPOCH).days)
            mine = _held(item, day, end, there)
            found.append((number, f"base:{item.code}:", f":{name}", mine, day[mine]))
    return _in_order(found, subjects, first)


def _in_order(found: list[tuple[int, str, str, Whole, Whole]], subjects: pl.DataFrame, first: int) -> Bases:
    """The rows of all windows together, by subject, day and item."""
    sizes = [mine.size for *_, mine, _ in found]
    if not sum(sizes):
        none = np.zeros(0, dtype=np.int64)
        return Bases(pl.Series("deed", [], dtype=pl.String), none, none, none)
    which = np.repeat(np.arange(len(found)), sizes)
    who = np.concatenate([mine for *_, mine, _ in found])
    day = np.concatenate([days for *_, days in found])
    number = np.array([item for item, *_ in found], dtype=np.int64)[which]
    order = np.lexsort((number, day, who))
    which, who = which[order], who[order]
    parts = at(which)
    before, after = (pl.Series("deed", [part[side] for part in found], dtype=pl.String)[parts] for side in (1, 2))
    deed = before + subjects["subject"][at(who)].cast(pl.String) + after
    return Bases(deed, who + first, number[order], day[order])
