"""Decides how columns become whole numbers and are gathered, at the least cost a call: many batches are one household.

A call of an expression costs as much as scoring an item; a method of a series, or a mask, costs a tenth of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from jifen.runs import Mask, Whole


def filled(column: pl.Series, value: object) -> pl.Series:
    """The column with a value in its empty cells."""
    if not column.null_count():
        return column
    # What equals itself is there; an empty cell equals nothing, and an empty mask takes the value.
    return column.zip_with(column == column, pl.Series([value], dtype=column.dtype))  # noqa: PLR0124


def emptied(column: pl.Series, where: Mask) -> pl.Series:
    """The column with empty cells where the mask is true."""
    if not where.any():
        return column
    return column.zip_with(pl.Series(~where), pl.Series([None], dtype=column.dtype))


def empty(name: str, dtype: Any, size: int) -> pl.Series:
    """A column of empty cells."""
    return pl.Series(name, [None], dtype=dtype).new_from_index(0, size)


def present(column: pl.Series) -> pl.Series:
    """Where a cell is there."""
    return column.is_not_null() if column.null_count() else pl.Series([True]).new_from_index(0, len(column))


def numbers(texts: pl.Series, known: pl.Enum) -> Whole:
    """The number of each text among those that are known; -1 where it is empty or not known."""
    return numbered(texts.cast(known, strict=False).to_physical())


def numbered(codes: pl.Series) -> Whole:
    """Codes as whole numbers; -1 where there is none."""
    return filled(codes.cast(pl.Int64), -1).to_numpy()


def days(dates: pl.Series, otherwise: int = -1) -> Whole:
    """Days since 1970; `otherwise` where there is none."""
    return filled(dates.cast(pl.Int64), otherwise).to_numpy()


def at(rows: NDArray[np.integer]) -> pl.Series:
    """Positions to gather by (``column[at(rows)]``), made once for several columns."""
    return pl.Series(rows.astype(np.uint32))


def gathered(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Rows of a frame by position; a row from nowhere is empty. Column by column: to wake threads costs more."""
    if rows.is_empty():
        return frame.clear()
    return pl.DataFrame([column[rows] for column in frame.get_columns()])


def in_order(frame: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    """A frame of its own, sorted by two columns; where it is in order, its columns are those of the other one.

    A copy would take the memory of all households once more.
    """
    one, two = frame[first], frame[second]
    rising = (one[1:] > one[:-1]) | ((one[1:] == one[:-1]) & (two[1:] >= two[:-1]))
    return frame.clone() if rising.all() else frame.sort(first, second)


def among(column: pl.Series, texts: Collection[str]) -> Mask:
    """Where the cell is one of the texts; of a coded column each code is asked about once."""
    if not isinstance(column.dtype, pl.Enum):
        plain, wanted = column.cast(pl.String), list(texts)
        if len(wanted) != 1:
            return filled(plain.is_in(wanted), value=False).to_numpy()
        return filled(plain == wanted[0], value=False).to_numpy()
    known, asked = column.dtype.categories.to_list(), set(texts)
    if asked.isdisjoint(known):
        return np.zeros(len(column), dtype=np.bool_)
    true = np.array([*(text in asked for text in known), False])
    codes = column.to_physical()
    found: Mask = true[numbered(codes) if codes.null_count() else codes.to_numpy()]
    return found
