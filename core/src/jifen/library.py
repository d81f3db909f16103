"""Decides how a program settles tables that it has at hand: ``jifen.settle(town, households, deeds, period)``.

Tables come as Polars frames or from anything that hands out Arrow columns (pandas, PyArrow, DuckDB). Columns are those
of `jifen.frames`; those that may be empty can be left out.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve

from jifen import flow, frames
from jifen.checking import admit
from jifen.inputs import Reading
from jifen.known import as_known
from jifen.model import RuleBook
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import books_of
from jifen.succession import book_for

if TYPE_CHECKING:
    from datetime import date

    from jifen.frames import Column, Frame
    from jifen.settlement import Settlement

_ORIGIN: Final = "jifen.settle"
_MEASURED: Final = ("quantity", "marks")
"""Columns in thousandths; as numbers with a point they are taken as people write them."""
_SLACK: Final = 1e-6
"""Of a thousandth: what a number with a point may be off by because it is kept in binary."""


def settle(
    town: str | RuleBook,
    households: object,
    deeds: object,
    period: str,
    *,
    villages: object = None,
    known_at: date | None = None,
    set_aside: bool = False,
    registry: Registry | None = None,
) -> Settlement:
    """Settles one period of tables as in `jifen.frames`: HOUSEHOLDS, DEEDS and VILLAGES.

    `town` is the name of an installed town or a rule book. Without `villages` they are those of the households, each
    by its code. Whole numbers in `quantity` are thousandths; numbers with a point (4.5 hours) and decimals are taken as
    they stand. Days may be texts such as ``2025-03-01``. `known_at` settles what had been recorded by then. Without
    `registry` the plugins are those that were installed when a process first asked for them.

    Raises `Refused` for an unknown town, a period without rules, tables without the columns that are needed, and every
    row that cannot be used, all at once; with `set_aside` such rows are left out and are in
    ``settlement.origin.inputs.set_aside``.
    """
    plugins = registry or _installed(tuple(sys.path))
    span = Period.parse(period)
    if isinstance(town, RuleBook):
        book, name = town, ""
    else:
        rules, name = plugins.town(town), town
        book = book_for(books_of(rules, plugins), span, rules.pauses)
    homes = as_frame(households, frames.HOUSEHOLDS)
    tables = {
        "villages": _villages_of(homes) if villages is None else as_frame(villages, frames.VILLAGES),
        "households": homes,
        "deeds": as_frame(deeds, frames.DEEDS),
    }
    reading = Reading(tables, rows_in=tables["deeds"].height)
    if known_at is not None:
        reading = as_known(reading, known_at)
    inputs = evolve(admit(reading, book, span), known_at=known_at)
    if inputs.set_aside and not set_aside:
        raise Refused([problem for row in inputs.set_aside for problem in row.problems])
    return flow.settle(book, plugins, inputs, span, town=name)


@cache
def _installed(_path: tuple[str, ...]) -> Registry:
    """The plugins that are installed, looked for once a process: to find them takes as long as to settle a village."""
    return Registry.load()


def as_frame(table: object, frame: Frame) -> pl.DataFrame:
    """A table with the columns of a frame, in their types.

    Raises `Refused` where it is no table, and for columns that are missing, that the frame does not know, or whose
    cells are of another kind, all at once.
    """
    found = _taken(table, frame)
    problems = [
        frame.problem("frames.surplus-column", _ORIGIN, column=name)
        for name in found.columns
        if name not in frame.names
    ]
    columns = []
    for column in frame.columns:
        if column.name in found.columns:
            try:
                columns.append(_cast(found[column.name], column, frame))
            except Refused as refused:
                problems += refused.problems
        elif not column.null:
            problems.append(frame.problem("frames.missing-column", _ORIGIN, column=column.name))
    if problems:
        raise Refused(problems)
    return frame.complete(pl.DataFrame(columns))


def _taken(table: object, frame: Frame) -> pl.DataFrame:
    if isinstance(table, pl.DataFrame):
        return table
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    if hasattr(table, "__arrow_c_stream__"):
        return pl.DataFrame(table)
    raise Refused([frame.problem("frames.not-a-frame", _ORIGIN, got=type(table).__name__)])


def _cast(series: pl.Series, column: Column, frame: Frame) -> pl.Series:
    """The series in the column's type; what would lose something on the way is refused."""
    try:
        if column.name in _MEASURED:
            return _thousandths(series, column, frame)
        if column.dtype == pl.Date and series.dtype == pl.String:
            return series.str.to_date("%Y-%m-%d")
        if column.fits(series.dtype):
            return series
        made = series.cast(column.dtype)
    except pl.exceptions.PolarsError as error:
        raise _wrong(series, column, frame) from error
    if series.dtype.is_float() and (made.cast(series.dtype) != series).any():
        raise _wrong(series, column, frame)
    return made


def _thousandths(series: pl.Series, column: Column, frame: Frame) -> pl.Series:
    """Numbers with a point as thousandths; whole ones are thousandths. Raises `Refused` where one is finer."""
    listed = isinstance(series.dtype, pl.List)
    cells = series.explode() if listed else series
    if cells.dtype.is_integer() or cells.dtype == pl.Null:
        return series.cast(column.dtype)
    exact = cells.cast(pl.Float64) * frames.QUANTITY_UNIT
    whole = exact.round()
    if ((exact - whole).abs() > _SLACK).any():
        raise _wrong(series, column, frame)
    if not listed:
        return whole.cast(pl.Int64).alias(series.name)
    return series.list.eval((pl.element().cast(pl.Float64) * frames.QUANTITY_UNIT).round().cast(pl.Int64))


def _wrong(series: pl.Series, column: Column, frame: Frame) -> Refused:
    facts = {"column": column.name, "got": str(series.dtype), "want": str(column.dtype)}
    return Refused([frame.problem("frames.wrong-type", _ORIGIN, **facts)])


def _villages_of(homes: pl.DataFrame) -> pl.DataFrame:
    """The villages in which the households are, each under its code."""
    codes = pl.col("village").cast(pl.String)
    listed = (
        homes.group_by(codes.alias("village")).agg(groups=pl.col("group").n_unique().cast(pl.Int64)).sort("village")
    )
    return frames.VILLAGES.complete(listed.with_columns(name="village"))
