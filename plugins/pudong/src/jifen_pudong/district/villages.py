"""Decides how villages are assessed by their town: village scores become deeds, the book settles them.

For item ``V01`` the reading is the share of the town's villages whose score is not above the village's, for ``V02``
the share of households that take part. Both are whole thousandths of a percent, cut off (R26). A village is assessed
for the calendar year of the day: the settlements that ended in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from jifen import frames
from jifen.flow import settle
from jifen.frames import QUANTITY_UNIT
from jifen.inputs import Inputs
from jifen.model import Measure, Subject
from jifen.period import Period
from jifen.problems import Problem, Refused

from jifen_pudong.district.frames import VILLAGE_ASSESSMENT
from jifen_pudong.district.towns import period

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from jifen.model import RuleBook
    from jifen.registry import Registry
    from jifen.settlement import Settlement

    from jifen_pudong.district.given import Given
    from jifen_pudong.district.settled import AllSettled, Settled

PLACE: Final = "V01"
HOUSEHOLDS: Final = "V02"
_PERCENT: Final = 100


def assess_villages(
    book: RuleBook, registry: Registry, given: Given, settled: AllSettled, as_of: date
) -> tuple[Settlement, Inputs]:
    """The settlement of the towns' book for their villages, and its inputs.

    Raises `Refused` (``district.unfit-item``) where the book lacks one of the two items, and whatever `settle` refuses.
    """
    _check(book)
    inputs = Inputs(
        villages=frames.VILLAGES.make(
            {"village": row["village"], "name": row["name"], "groups": row["groups"]}
            for row in given.villages.iter_rows(named=True)
        ),
        households=frames.HOUSEHOLDS.empty(),
        deeds=frames.DEEDS.make(deed for each in in_year(settled, as_of) for deed in _deeds(each)),
        digests=given.digests,
    )
    period(book, as_of)
    return settle(book, registry, inputs, Period.parse(str(as_of.year))), inputs


def in_year(settled: AllSettled, as_of: date) -> list[Settled]:
    """The settlements that ended in the year of the day, up to it."""
    return [each for each in settled.counting if each.period.end.year == as_of.year]


def _check(book: RuleBook) -> None:
    items = book.items_in()
    wrong = [
        code
        for code in (PLACE, HOUSEHOLDS)
        if code not in items or items[code].subject is not Subject.VILLAGE or items[code].measure is not Measure.READING
    ]
    if wrong:
        measure = Measure.READING.value
        raise Refused(
            [
                Problem("district.unfit-item", facts={"got": code, "book": book.name, "measure": measure})
                for code in wrong
            ]
        )


def _deeds(each: Settled) -> Iterator[dict[str, object]]:
    """Two readings of each village, on the last day of the settled period."""
    scores = each.settlement.village_scores
    for row in scores.iter_rows(named=True):
        village = str(row["village"])
        readings = {
            PLACE: (scores.height - row["rank"] + 1, scores.height),
            HOUSEHOLDS: (row["participants"], row["households"]),
        }
        for item, (part, whole) in readings.items():
            if whole:
                yield {
                    "deed": f"{item}:{each.period.name}:{village}",
                    "village": village,
                    "subject": village,
                    "item": item,
                    "date": each.period.end,
                    "recorded": each.period.end,
                    "quantity": part * _PERCENT * QUANTITY_UNIT // whole,
                    "status": "approved",
                }


def village_ranks(given: Given, settlement: Settlement, settled: AllSettled, as_of: date) -> pl.DataFrame:
    """VILLAGE_ASSESSMENT of the villages that were settled in the year, by town and place."""
    count: dict[str, int] = {}
    for each in in_year(settled, as_of):
        for village in each.settlement.village_scores["village"]:
            count[str(village)] = count.get(str(village), 0) + 1
    points = dict(settlement.village_scores.select(pl.col("village").cast(pl.String), "points").iter_rows())
    rows = [
        {
            "town": given.town_of[village],
            "village": village,
            "periods": periods,
            "points": points[village],
            "rank": 0,
        }
        for village, periods in count.items()
    ]
    ranked = pl.col("points").rank("min", descending=True).over("town").cast(pl.Int64).alias("rank")
    return VILLAGE_ASSESSMENT.make(rows).with_columns(ranked).sort("town", "rank", "village")
