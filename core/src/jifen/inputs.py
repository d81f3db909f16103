"""Decides what a settlement takes in: three frames, where their rows came from, and what was found on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import field, frozen

from jifen.frames import CORRECTIONS, DEEDS, OPENINGS, REQUESTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from jifen.deployment import Approved
    from jifen.frames import Frame
    from jifen.problems import Problem

ORIGIN = {"source": pl.UInt32, "row": pl.UInt32}
"""Columns of an origins frame: position in `Reading.sources`, and the row as people number it there."""


@frozen
class Source:
    """One table that was read: its file, its sheet, and for each column of the frame the header as people see it."""

    file: str
    sheet: str | None = None
    labels: dict[str, str] = field(factory=dict)

    def label(self, column: str) -> str:
        """The header over a column, with its letter (``数量 (H)``); the column's own name where it has none."""
        return self.labels.get(column, column)


@frozen
class SetAside:
    """One row that could not be used, with its cells as they stood and every problem found in it."""

    frame: str
    file: str
    sheet: str | None
    row: int
    cells: dict[str, str]
    problems: tuple[Problem, ...]


@frozen
class Reading:
    """What a reader brings: frames by name (`villages`, `households`, `deeds`, `requests`) and what it found.

    `problems` concern whole files or sheets and cannot be set aside; `set_aside` are single rows. `cleaned` counts
    cells by what was cleaned in them (full-width digits, spaces). `rows_in` counts the rows of deeds that were read.

    A reader decides only what can be seen in a cell; `jifen.checking.admit` does the rest, for every reader alike.
    So a row with a bad cell stays in its frame, with that cell empty, *and* is in `set_aside`: that way all problems of
    the row are told at once. `origins` gives for each frame a row a row, in the same order: ``source`` (position in
    `sources`) and ``row``. A frame without origins counts its rows from 1 and is its own source.
    """

    frames: dict[str, pl.DataFrame]
    problems: tuple[Problem, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    cleaned: dict[str, int] = field(factory=dict)
    rows_in: int = 0
    sources: tuple[Source, ...] = ()
    origins: dict[str, pl.DataFrame] = field(factory=dict)
    cleaned_in: tuple[tuple[int, int, str], ...] = ()
    """Of `cleaned`, the cells whose row is known: source, row as in `origins`, and what was cleaned."""

    @classmethod
    def merged(cls, readings: Sequence[Reading]) -> Reading:
        """Several readings as one, in the order given; each frame's rows follow one another."""
        if len(readings) == 1:
            return readings[0]
        parts: dict[str, list[pl.DataFrame]] = {}
        places: dict[str, list[pl.DataFrame]] = {}
        sources: list[Source] = []
        cleaned: dict[str, int] = {}
        cleaned_in: list[tuple[int, int, str]] = []
        for reading in readings:
            offset = len(sources)
            sources += reading.sources
            cleaned_in += [(source + offset, row, kind) for source, row, kind in reading.cleaned_in]
            for kind, count in reading.cleaned.items():
                cleaned[kind] = cleaned.get(kind, 0) + count
            for name, frame in reading.frames.items():
                parts.setdefault(name, []).append(frame)
                origins = reading.origins.get(name)
                if origins is None:
                    sources.append(Source(name))
                    origins = counted(frame.height, len(sources) - 1)
                else:
                    origins = origins.with_columns((pl.col("source") + offset).cast(pl.UInt32))
                places.setdefault(name, []).append(origins)
        return cls(
            frames={name: pl.concat(found, how="diagonal_relaxed") for name, found in parts.items()},
            problems=tuple(problem for reading in readings for problem in reading.problems),
            set_aside=tuple(row for reading in readings for row in reading.set_aside),
            cleaned=cleaned,
            rows_in=sum(reading.rows_in for reading in readings),
            sources=tuple(sources),
            origins={name: pl.concat(found) for name, found in places.items()},
            cleaned_in=tuple(cleaned_in),
        )


def counted(height: int, source: int, first: int = 1) -> pl.DataFrame:
    """Origins of a frame whose rows follow one another in one source."""
    return pl.select(
        pl.repeat(source, height, dtype=pl.UInt32).alias("source"),
        pl.int_range(first, first + height, dtype=pl.UInt32).alias("row"),
    )


def _deeds(given: pl.DataFrame) -> pl.DataFrame:
    return _with_days(given, DEEDS, "approved", "decided")


def _requests(given: pl.DataFrame) -> pl.DataFrame:
    return _with_days(given, REQUESTS, "decided")


def _with_days(given: pl.DataFrame, frame: Frame, *names: str) -> pl.DataFrame:
    """Adds the days that a frame of before may lack; what else is missing or too much its own check tells."""
    if given.columns == frame.names:
        return given
    lacking = [name for name in names if name not in given.columns]
    added = given.with_columns(pl.lit(None, dtype=pl.Date).alias(name) for name in lacking)
    return added.select(frame.names) if set(added.columns) == set(frame.names) else added


@frozen
class Inputs:
    """The frames of one settlement, checked against `jifen.frames`, with their provenance.

    `requests` and `openings` are for books with purses; without them nobody asks and every purse begins empty.
    `corrections` are entries of settled periods that count in this one, in the smallest unit of this period's book.
    `known_at` is the day of which these rows are all that had been recorded; None: whatever there is.
    `approved` are the approvals of the rules in the deployment in force; None: there was no deployment.
    `digests` maps each input file's name to its SHA-256. `set_aside` are all rows that are left out, each with all of
    its problems; `sources` and `origins` (of the deeds alone, row by row) say where the others came from.
    """

    villages: pl.DataFrame
    households: pl.DataFrame
    deeds: pl.DataFrame = field(converter=_deeds)
    digests: dict[str, str] = field(factory=dict)
    set_aside: tuple[SetAside, ...] = ()
    cleaned: dict[str, int] = field(factory=dict)
    rows_in: int = 0
    sources: tuple[Source, ...] = ()
    origins: pl.DataFrame | None = None
    requests: pl.DataFrame = field(factory=REQUESTS.empty, converter=_requests)
    openings: pl.DataFrame = field(factory=OPENINGS.empty)
    corrections: pl.DataFrame = field(factory=CORRECTIONS.empty)
    known_at: date | None = None
    approved: tuple[Approved, ...] | None = None
