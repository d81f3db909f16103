"""Decides why an award is another one than it was: what became of its record since, or of other records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.settlement import Settlement

CANCELLED: Final = "correct.cancelled-since"
OTHER_ROWS: Final = "correct.other-rows"
CHANGED: Final = "correct.changed-record"

_NOW_OUT: Final = {
    "deeds.cancelled": CANCELLED,
    "deeds.rejected": "correct.rejected-since",
    "deeds.pending": "correct.pending-again",
    "deeds.not-participant": "correct.left",
    "deeds.before-joining": "correct.left",
    "deeds.approvals-missing": "correct.lacking-since",
    "deeds.evidence-missing": "correct.lacking-since",
}
"""Why an award is gone, by the reason for which its record counts no more; what puts right depends on other rows."""

_WAS_OUT: Final = {
    "deeds.cancelled": CHANGED,
    "deeds.rejected": "correct.approved-since",
    "deeds.pending": "correct.approved-since",
    "deeds.not-participant": "correct.joined",
    "deeds.before-joining": "correct.joined",
    "deeds.approvals-missing": "correct.completed-since",
    "deeds.evidence-missing": "correct.completed-since",
}
"""Why an award is new, by the reason for which its record did not count."""

_OF_THE_RECORD: Final = ("amount", "grade", "member", "date", "refers")
"""Columns of an award that come from its record alone."""


def with_reasons(
    changed: pl.DataFrame, before: tuple[pl.DataFrame, pl.DataFrame], now: Settlement, old: Settlement
) -> pl.DataFrame:
    """Adds ``why`` to awards that are others than they were.

    `changed` has the columns of AWARDS as they are now, with ``_old`` as they were; `before` are AWARDS and REFUSED as
    they were, earlier corrections included.
    """
    # A veto's own row follows the record that caused it.
    rows = changed.with_columns(
        pl.col("deed").str.strip_prefix("veto:").alias("record"),
        pl.coalesce("kind", "kind_old").alias("any_kind"),
    )
    was, is_now = before[0].select("deed").unique(), now.awards.select(pl.col("deed").cast(pl.String)).unique()
    rows = (
        _marked(rows, before[1], "was_out")
        .join(was.with_columns(was_there=True).rename({"deed": "record"}), on="record", how="left")
        .join(is_now.with_columns(is_there=True).rename({"deed": "record"}), on="record", how="left")
    )
    rows = _marked(rows, now.refused, "now_out")
    for name, settlement in (("took_part", old), ("takes_part", now)):
        there = settlement.participants.filter("participates").select(
            pl.col("household").cast(pl.String).alias("subject"), pl.lit(value=True).alias(name)
        )
        rows = rows.join(there, on="subject", how="left")
    veto, household = pl.col("any_kind") == "veto", pl.col("subject") != pl.coalesce("village", "village_old")
    gone = (
        pl.when(pl.col("now_out").is_not_null())
        .then(_by(_NOW_OUT, "now_out"))
        .when(pl.col("is_there"))
        .then(pl.when(veto).then(pl.lit(OTHER_ROWS)).otherwise(pl.lit(CHANGED)))
        .when(household & pl.col("takes_part").is_null() | (pl.col("any_kind") == "base"))
        .then(pl.lit("correct.left"))
        .otherwise(pl.lit("correct.removed"))
    )
    new = (
        pl.when(pl.col("was_out").is_not_null())
        .then(_by(_WAS_OUT, "was_out"))
        .when(pl.col("was_there"))
        .then(pl.when(veto).then(pl.lit(OTHER_ROWS)).otherwise(pl.lit(CHANGED)))
        .when(household & pl.col("took_part").is_null() | (pl.col("any_kind") == "base"))
        .then(pl.lit("correct.joined"))
        .otherwise(pl.lit("correct.recorded-late"))
    )
    other = pl.when(_own_record_differs(now)).then(pl.lit(CHANGED)).otherwise(pl.lit(OTHER_ROWS))
    why = pl.when(pl.col("points").is_null()).then(gone).when(pl.col("points_old").is_null()).then(new).otherwise(other)
    return rows.with_columns(why.alias("why"))


def _marked(rows: pl.DataFrame, refused: pl.DataFrame, name: str) -> pl.DataFrame:
    """Adds the reason for which the record of a row did not count, empty where it is not among `refused`."""
    reasons = refused.select(
        pl.col("deed").cast(pl.String).alias("record"), pl.col("reason").cast(pl.String).alias(name)
    )
    return rows.join(reasons.unique("record"), on="record", how="left")


def _by(codes: Mapping[str, str], column: str) -> pl.Expr:
    return pl.col(column).replace_strict(list(codes), list(codes.values()), default=OTHER_ROWS, return_dtype=pl.String)


def _own_record_differs(now: Settlement) -> pl.Expr:
    """Whether an award that is there before and after differs by its own record, not by what stands around it."""
    by_plugin = [item.code for item in now.book.items if item.scored_by_plugin]
    told = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in _OF_THE_RECORD)
    # Where nothing runs on, points before any limit come from the record alone.
    alone = pl.col("before").is_null() & pl.col("before_old").is_null() & ~pl.col("item").is_in(by_plugin)
    return (pl.col("any_kind") == "deed") & (told | (alone & (pl.col("gross") != pl.col("gross_old"))))
