"""Decides which towns are candidates for a model case: those that meet every criterion that is stated (R27).

It finds; people decide whether a town is put forward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen_pudong.district.frames import CRITERIA
from jifen_pudong.district.trends import quarters_settled
from jifen_pudong.shares import share_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import polars as pl

    from jifen_pudong.district.given import Given
    from jifen_pudong.district.rollout import Rollout
    from jifen_pudong.district.settled import AllSettled

Row = dict[str, object]


def criteria(given: Given, rollout: Rollout, settled: AllSettled, taken: dict[str, int], as_of: date) -> pl.DataFrame:
    """CRITERIA, by town; `taken` are the points that the assessment took of each town, below or equal to 0."""
    return CRITERIA.make(
        {"town": town, **row}
        for town in given.town_names
        for row in _of(given, rollout, settled, town, taken.get(town, 0), as_of)
    )


def _of(given: Given, rollout: Rollout, settled: AllSettled, town: str, taken: int, as_of: date) -> Iterator[Row]:
    wanted, mine = rollout.candidates, settled.of(town)
    if wanted.villages is not None:
        inside = given.joined(as_of, pilots=rollout.pilots.count)
        villages = [village for village, _ in given.villages_of(town)]
        yield _share("villages", sum(village in inside for village in villages), len(villages), wanted.villages)
    if wanted.quarters is not None:
        have = quarters_settled(mine)
        yield {"criterion": "quarters", "met": have >= wanted.quarters, "have": have}
    if wanted.households is not None:
        scores = mine[-1].settlement.village_scores if mine else None
        part, whole = (0, 0) if scores is None else (int(scores["participants"].sum()), int(scores["households"].sum()))
        yield _share("households", part, whole, wanted.households)
    if wanted.no_deductions:
        yield {"criterion": "deductions", "met": taken == 0, "have": -taken}


def _share(criterion: str, part: int, whole: int, least: str) -> Row:
    share = share_of(least) or 0
    return {"criterion": criterion, "met": whole > 0 and part >= share * whole, "have": part, "of": whole}
