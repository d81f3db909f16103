"""Decides where each town stands against each rollout target: wanted, joined, missing by name, on integers (R25).

Who takes part on the day of a date is in time; who begins on the day after is not. A date decides for good: a village
that joins later is no longer missing now, but was missing then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen_pudong.district.frames import STATES
from jifen_pudong.shares import share_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from jifen_pudong.district.given import Given
    from jifen_pudong.district.rollout import Rollout, Target


def states(given: Given, rollout: Rollout, as_of: date) -> pl.DataFrame:
    """STATES, by town and then in the order of the targets."""
    return STATES.make(
        _state(given, rollout, town, target, as_of)
        for town in given.towns["town"]
        for target in sorted(rollout.targets, key=lambda target: target.date)
    )


def _state(given: Given, rollout: Rollout, town: str, target: Target, as_of: date) -> dict[str, object]:
    day = min(as_of, target.date)
    scope = list(_scope(given, town, target))
    inside = joined(given, rollout, day)
    out = [village for village in scope if village not in inside]
    wanted = wanted_of(target, len(scope))
    missing = max(0, wanted - len(scope) + len(out))
    now = sum(village in joined(given, rollout, as_of) for village in scope)
    return {
        "town": town,
        "target": target.code,
        "date": target.date,
        "due": target.date <= as_of,
        "villages": len(scope),
        "wanted": wanted,
        "joined": len(scope) - len(out),
        "missing": missing,
        "names": out if missing else [],
        "missing_now": max(0, wanted - now),
    }


def _scope(given: Given, town: str, target: Target) -> Iterator[str]:
    """The villages of the town that the target speaks of."""
    for village, kinds in given.villages_of(town):
        if not target.kinds or set(target.kinds) & set(kinds):
            yield village


def wanted_of(target: Target, villages: int) -> int:
    """How many must take part: 50% of 7 villages are 4."""
    if target.at_least is not None:
        return min(target.at_least, villages)
    share = share_of(target.share or "1") or 1
    return -(-share.numerator * villages // share.denominator)


def joined(given: Given, rollout: Rollout, day: date) -> frozenset[str]:
    """The villages that take part at the end of a day; those that pilot only where pilots count (R5)."""
    return given.joined(day, pilots=rollout.pilots.count)
