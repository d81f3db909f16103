"""Decides which requests for goods can be decided: whose, for what, when, and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen import frames
from jifen.findings import Findings
from jifen.register_checks import by_name, coded, empty_cells, repeated

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.period import Period

STATUSES = ("requested", "cancelled")


def check_requests(
    requests: pl.DataFrame, households: pl.DataFrame, book: RuleBook, period: Period, known: set[int]
) -> tuple[pl.DataFrame, Findings]:
    """REQUESTS with codes in place of the names of goods and villages, and what is wrong in their rows.

    `households` are those that can be settled; a request without a village is its household's village's.
    """
    findings = Findings(dropped=known)
    goods = book.shop.goods if book.shop else ()
    requests = coded(requests, "good", by_name((name, good.code) for good in goods for name in good.name.values()))
    homes = households.select(pl.col("household", "village").cast(pl.String)).drop_nulls().unique("household")
    home = (
        pl.col("household")
        .cast(pl.String)
        .replace_strict(homes["household"], homes["village"], default=None, return_dtype=pl.String)
    )
    requests = requests.with_columns(home.alias("village"))
    empty_cells(findings, requests, frames.REQUESTS, but=("village",))
    repeated(findings, requests, "request", "duplicate-request")
    lost = requests["village"].is_null() & requests["household"].is_not_null()
    findings.where(requests, lost, "unknown-household", "household")
    strange = ~requests["good"].cast(pl.String).is_in([good.code for good in goods])
    listed = ", ".join(good.code for good in goods) or "–"
    findings.where(requests, strange, "unknown-good", "good", lambda row: {"got": row["good"], "known": listed})
    span = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    outside = (requests["date"] < period.start) | (requests["date"] > period.end)
    findings.where(requests, outside, "outside-period", "date", lambda row: {"got": row["date"], **span})
    findings.where(
        requests, requests["pieces"] < 1, "too-small", "pieces", lambda row: {"got": row["pieces"], "least": 1}
    )
    status = ~requests["status"].cast(pl.String).is_in(STATUSES)
    findings.where(requests, status, "unknown-request-status", "status")
    early = requests["date"] > requests["decided"]
    days = lambda row: {"got": row["decided"], "date": row["date"]}  # noqa: E731
    findings.where(requests, early, "withdrawn-before", "decided", days)
    return requests, findings
