"""Decides a score that is nothing but its deeds: the lines of each category of the book, item by item (R26).

For books of an assessment: of villages by their town, of towns by the district.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from jifen import frames
from jifen.offers import VillageAggregation

if TYPE_CHECKING:
    from jifen.offers import VillageView


def aggregate(view: VillageView, _options: None) -> pl.DataFrame:
    """VILLAGE_PARTS: a part for each category in the book's order, a line for each item in the order of its code."""
    order = {category.name: number for number, category in enumerate(view.book.categories)}
    place = pl.col("category").replace_strict(order, return_dtype=pl.Int64)
    sums = view.by_item().sort("village", place, "item")
    return frames.VILLAGE_PARTS.make(
        {"village": village, "part": category, "detail": item, "points": points, "clause": clause}
        for village, category, item, clause, points in sums.iter_rows()
    )


ASSESSMENT: Final = VillageAggregation(
    "pudong.assessment",
    {"zh_CN": "按事项逐项计分", "en": "The sum of its deeds, item by item"},
    aggregate,
)
