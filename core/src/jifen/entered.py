"""Decides how entries that correct an earlier period count in this one: as awards outside every limit (R22).

They were limited in their own period. They add to what was given or taken, to the total, the category and the purses,
after a veto of this period. An entry for a household that does not take part any more is told among what did not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from jifen.frames import AWARDS, CATEGORY_POINTS, REFUSED, plain

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.runs import Mask, Whole

KIND: Final = "correction"
GONE: Final = "deeds.not-participant"
"""Why an entry does not count."""


def entered_sums(corrections: pl.DataFrame, subjects: pl.DataFrame, taking_part: Mask) -> tuple[Whole, Whole]:
    """Points given and points taken by the entries of each subject that takes part, in order of `subjects`."""
    given, taken = np.zeros(subjects.height, dtype=np.int64), np.zeros(subjects.height, dtype=np.int64)
    if corrections.height:
        asked = corrections.group_by(pl.col("subject").cast(pl.String)).agg(
            given=pl.col("change").clip(lower_bound=0).sum(), taken=pl.col("change").clip(upper_bound=0).sum()
        )
        found = subjects.select("subject").join(asked, on="subject", how="left", maintain_order="left")
        given = np.where(taking_part, found["given"].fill_null(0).to_numpy(), 0)
        taken = np.where(taking_part, found["taken"].fill_null(0).to_numpy(), 0)
    return given, taken


def with_entries(
    book: RuleBook,
    corrections: pl.DataFrame,
    standings: pl.DataFrame,
    awards: pl.DataFrame,
    points: pl.DataFrame,
    refused: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """AWARDS, CATEGORY_POINTS and REFUSED with the entries; each award stands at the end of its day."""
    if not corrections.height:
        return awards, points, refused
    who = pl.col("subject").cast(pl.String)
    takes_part = who.is_in(standings["household"].cast(pl.String).implode()) | (
        who == pl.col("village").cast(pl.String)
    )
    mine = _awards(corrections.filter(takes_part))
    gone = corrections.filter(~takes_part)
    # An entry may be of an item or category that the codes of this period do not know.
    told = pl.concat([plain(awards), mine]).sort("village", "subject", "date", maintain_order=True)
    sums = pl.concat([plain(points), mine.select(CATEGORY_POINTS.names)])
    order = {category.name: at for at, category in enumerate(book.categories)}
    place = pl.col("category").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return (
        told,
        sums.group_by("village", "subject", "category")
        .agg(pl.col("points").sum())
        .sort("village", "subject", place, "category"),
        pl.concat([plain(refused), _refused(gone)]),
    )


def _awards(corrections: pl.DataFrame) -> pl.DataFrame:
    lacking = ("amount", "before", "after", "grade", "reason")
    empty = [pl.lit(None, dtype=AWARDS.schema[name]).alias(name) for name in lacking]
    same = ("village", "subject", "member", "category", "item", "clause", "recorded_by", "approved_by")
    return corrections.select(
        pl.col("entry").alias("deed"),
        *(pl.col(name).cast(pl.String) for name in same),
        pl.lit(KIND).alias("kind"),
        pl.col("on").alias("date"),
        *empty,
        pl.col("change").alias("gross"),
        pl.col("change").alias("points"),
        pl.col("deed").cast(pl.String).alias("refers"),
    ).select(AWARDS.names)


def _refused(corrections: pl.DataFrame) -> pl.DataFrame:
    return corrections.select(
        pl.col("entry").alias("deed"),
        pl.col("village", "subject", "item").cast(pl.String),
        pl.col("on").alias("date"),
        pl.lit("refused").alias("outcome"),
        pl.lit(GONE).alias("reason"),
    ).select(REFUSED.names)
