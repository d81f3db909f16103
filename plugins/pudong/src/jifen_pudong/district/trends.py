"""Decides what is told of the time before the day: villages by quarter, households and points by settlement.

Deeds and villages are counted, never visits, log-ins or the use of an app.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from jifen.period import Period

from jifen_pudong.district.frames import JOINED_TREND, POINTS_TREND
from jifen_pudong.shares import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import polars as pl

    from jifen_pudong.district.given import Given
    from jifen_pudong.district.rollout import Rollout
    from jifen_pudong.district.settled import AllSettled, Settled

THOUSAND: Final = 1000
_MONTHS: Final = 3


def quarters(first: date, last: date) -> Iterator[Period]:
    """The quarters from that of one day to that of another."""
    year, number = first.year, (first.month - 1) // _MONTHS + 1
    while (year, number) <= (last.year, (last.month - 1) // _MONTHS + 1):
        yield Period.parse(f"{year}-Q{number}")
        year, number = (year, number + 1) if number < 4 else (year + 1, 1)  # noqa: PLR2004 - quarters of a year


def joined_trend(given: Given, rollout: Rollout, as_of: date) -> pl.DataFrame:
    """JOINED_TREND, from the quarter in which the first village began; the last quarter ends on the day."""
    first = given.first_day()
    spans = [] if first is None or first > as_of else list(quarters(first, as_of))
    rows = []
    for span in spans:
        end = min(span.end, as_of)
        inside = given.joined(end, pilots=rollout.pilots.count)
        for town in given.town_names:
            mine = [village for village, _ in given.villages_of(town)]
            count = sum(village in inside for village in mine)
            rows.append({"town": town, "quarter": span.name, "end": end, "villages": len(mine), "joined": count})
    return JOINED_TREND.make(rows).sort("town", "end")


def points_trend(settled: AllSettled) -> pl.DataFrame:
    """POINTS_TREND, a row a settlement."""
    return POINTS_TREND.make(_points(each) for each in settled.counting)


def _points(each: Settled) -> dict[str, object]:
    found, scores = each.settlement, each.settlement.village_scores
    participants = int(scores["participants"].sum())
    total = Fraction(int(found.standings["total"].sum()) * THOUSAND, found.book.unit)
    return {
        "town": each.town,
        "period": each.period.name,
        "end": each.period.end,
        "villages": scores.height,
        "households": int(scores["households"].sum()),
        "participants": participants,
        "deeds": found.rows.awarded,
        "mean": rounded(total / participants) if participants else None,
    }


def quarters_settled(settled: list[Settled]) -> int:
    """How many quarters a town's settlements cover as a whole."""
    return len(
        {
            span.name
            for each in settled
            for span in quarters(each.period.start, each.period.end)
            if each.period.start <= span.start and span.end <= each.period.end
        }
    )
