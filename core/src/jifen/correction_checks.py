"""Decides which entries that correct an earlier period can count in this one: whose, when, and in which unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen import frames
from jifen.findings import Findings
from jifen.register_checks import empty_cells, repeated

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.period import Period

_POINTS = ("old", "new", "change")
_MOST_PLACES = 6
_MOST = 10**12
"""Points in one entry beyond which the file is mistaken; a sum of such stays far below 64 bits."""


def check_corrections(
    corrections: pl.DataFrame,
    villages: pl.DataFrame,
    households: pl.DataFrame,
    book: RuleBook,
    period: Period,
    known: set[int],
) -> tuple[pl.DataFrame, Findings]:
    """CORRECTIONS with points in the unit of this period's book, and what is wrong in their rows.

    `villages` and `households` are those that can be settled.
    """
    findings = Findings(dropped=known)
    empty_cells(findings, corrections, frames.CORRECTIONS)
    repeated(findings, corrections, "entry", "duplicate-entry")
    _check_subject(findings, corrections, villages, households)
    span = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    outside = (corrections["on"] < period.start) | (corrections["on"] > period.end)
    findings.where(corrections, outside, "outside-period", "on", lambda row: {"got": row["on"], **span})
    same = corrections["period"].cast(pl.String) == period.name
    findings.where(corrections, same, "corrects-itself", "period")
    return _in_unit(findings, corrections, book), findings


def _check_subject(
    findings: Findings, corrections: pl.DataFrame, villages: pl.DataFrame, households: pl.DataFrame
) -> None:
    codes = villages["village"].cast(pl.String)
    homes = pl.concat(
        [
            households.select(
                pl.col("household").cast(pl.String).alias("subject"), pl.col("village").cast(pl.String).alias("home")
            ),
            pl.DataFrame({"subject": codes, "home": codes}),
        ]
    ).unique("subject", keep="first")
    found = corrections.select(pl.col("subject", "village").cast(pl.String)).join(
        homes, on="subject", how="left", maintain_order="left"
    )
    lost = found["home"].is_null() & found["subject"].is_not_null()
    findings.where(corrections, lost, "unknown-household", "subject")
    elsewhere = (found["home"] != found["village"]).fill_null(value=False)
    at = dict(homes.iter_rows())
    home = lambda row: {"got": row["village"], "home": at.get(str(row["subject"]), "")}  # noqa: E731
    findings.where(corrections, elsewhere, "other-village", "village", home)


def _in_unit(findings: Findings, corrections: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """The points in the smallest unit of `book`; a period whose book had another one is converted exactly or told."""
    step = pl.lit(10).pow(pl.col("places").clip(0, _MOST_PLACES)).cast(pl.Int64)
    ours = [pl.col(name) * book.unit for name in _POINTS]
    wrong = corrections.select(
        strange=~pl.col("places").is_between(0, _MOST_PLACES),
        large=pl.any_horizontal(pl.col(name).abs() > _MOST for name in _POINTS),
        apart=pl.col("new").fill_null(0) - pl.col("old").fill_null(0) != pl.col("change"),
        fine=pl.any_horizontal(points % step != 0 for points in ours),
    ).with_columns(pl.all().fill_null(value=False))
    findings.where(corrections, wrong["strange"], "not-places", "places")
    findings.where(corrections, wrong["large"], "too-large", "change", lambda row: {"got": row["change"]})
    sound = ~(wrong["strange"] | wrong["large"])
    sums = lambda row: {"got": row["change"], "old": row["old"] or 0, "new": row["new"] or 0}  # noqa: E731
    findings.where(corrections, sound & wrong["apart"], "correction-sum", "change", sums)
    places = lambda row: {"got": row["entry"], "places": book.places}  # noqa: E731
    findings.where(corrections, sound & wrong["fine"], "correction-too-fine", "change", places)
    exact = [(points // step).alias(name) for name, points in zip(_POINTS, ours, strict=True)]
    return corrections.with_columns(*exact, pl.lit(book.places).cast(pl.Int64).alias("places"))
