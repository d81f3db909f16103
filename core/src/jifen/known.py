"""Decides what had been recorded by the end of a day, from rows that say when they were recorded and decided.

A deed recorded later is not there yet, and one decided later has the status that it had before: pending, or approved
where it was cancelled later. A request of a later day is not there, one cancelled later is still asked for, and an
entry that corrects an earlier period is there from its own day on. Without a day of decision a status always was so.

The register of villages and households and the openings of purses bear no such days: they are as they are now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve

from jifen import frames
from jifen.inputs import Reading, Source, counted

if TYPE_CHECKING:
    from datetime import date

_RECORDED: Final = {frames.DEEDS.name: "recorded", frames.REQUESTS.name: "date", frames.CORRECTIONS.name: "on"}
"""The column that says since when a row is there."""


def as_known(reading: Reading, day: date) -> Reading:
    """The reading as it would have been at the end of a day.

    A row whose day cannot be read stays, for `jifen.checking` to tell. What a reader found in a row goes with the row.
    """
    found, origins, sources = dict(reading.frames), dict(reading.origins), list(reading.sources)
    gone: set[tuple[int, int]] = set()
    later = 0
    for name, column in _RECORDED.items():
        if name not in found or found[name].schema.get(column) != pl.Date:
            continue  # a column that is missing or of another type is refused, not guessed
        table = found[name]
        if name not in origins:
            sources.append(Source(name))
            origins[name] = counted(table.height, len(sources) - 1)
        known = (table[column] <= day).fill_null(value=True)
        gone |= set(origins[name].filter(~known).iter_rows())
        later += int((~known).sum()) if name == frames.DEEDS.name else 0
        found[name], origins[name] = table.filter(known), origins[name].filter(known)
    for frame, status in ((frames.DEEDS, _deeds_then), (frames.REQUESTS, _requests_then)):
        if frame.name in found:
            found[frame.name] = status(frame.complete(found[frame.name]), day)
    places = {(sources[source].file, sources[source].sheet, row) for source, row in gone}
    cleaned = dict(reading.cleaned)
    for source, row, kind in reading.cleaned_in:
        if (source, row) in gone:
            cleaned[kind] -= 1
    return evolve(
        reading,
        frames=found,
        origins=origins,
        sources=tuple(sources),
        rows_in=max(reading.rows_in - later, 0),
        set_aside=tuple(row for row in reading.set_aside if (row.file, row.sheet, row.row) not in places),
        cleaned={kind: count for kind, count in cleaned.items() if count},
        cleaned_in=tuple(each for each in reading.cleaned_in if each[:2] not in gone),
    )


def _later(column: str, day: date) -> pl.Expr:
    return (pl.col(column) > day).fill_null(value=False)


def _deeds_then(deeds: pl.DataFrame, day: date) -> pl.DataFrame:
    """DEEDS with the status of then. A deed withdrawn before anyone approved it has one day for both decisions."""
    if not _have(deeds, "status", "approved", "decided", "approved_by"):
        return deeds
    status = pl.col("status").cast(pl.String)
    first = pl.when(status == "approved").then(pl.coalesce("decided", "approved")).otherwise("decided")
    undone = (first > day).fill_null(value=False) & status.is_in(["approved", "rejected", "cancelled"])
    never = (status == "rejected") & pl.col("approved").is_null()
    pending = undone & ((status == "approved") | never | _later("approved", day))
    return deeds.with_columns(
        pl.when(pending)
        .then(pl.lit("pending"))
        .when(undone)
        .then(pl.lit("approved"))
        .otherwise(status)
        .alias("status"),
        pl.when(pending).then(None).otherwise("approved_by").alias("approved_by"),
        pl.when(~_later("approved", day)).then("approved").alias("approved"),
        pl.when(~_later("decided", day)).then("decided").alias("decided"),
    )


def _requests_then(requests: pl.DataFrame, day: date) -> pl.DataFrame:
    """REQUESTS with the status of then."""
    if not _have(requests, "status", "decided"):
        return requests
    status = pl.col("status").cast(pl.String)
    undone = _later("decided", day) & (status == "cancelled")
    return requests.with_columns(
        pl.when(undone).then(pl.lit("requested")).otherwise(status).alias("status"),
        pl.when(~_later("decided", day)).then("decided").alias("decided"),
    )


def _have(table: pl.DataFrame, *columns: str) -> bool:
    """Whether the columns are there, and those that must be days are days; what is not is refused later."""
    days = {"approved", "decided"}
    return all(name in table.columns and (name not in days or table.schema[name] == pl.Date) for name in columns)
