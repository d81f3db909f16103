"""Decides how findings in the rows of one frame are collected: which row, which column, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = dict[str, Any]
"""One row of a frame by column, or the facts about it."""


@frozen
class Finding:
    """One thing that is wrong in one row; `other` is the row that it clashes with."""

    code: str
    column: str
    facts: Row
    other: int | None = None


@frozen
class Findings:
    """Findings by row position; `dropped` rows are out whether or not anything more was found in them."""

    dropped: set[int] = field(factory=set)
    rows: dict[int, list[Finding]] = field(factory=dict)

    def add(self, row: int, code: str, column: str, other: int | None = None, **facts: object) -> None:
        """One more finding."""
        self.rows.setdefault(row, []).append(Finding(code, column, facts, other))

    def where(
        self,
        table: pl.DataFrame,
        mask: pl.Series,
        code: str,
        column: str,
        facts: Callable[[Row], Row] | None = None,
    ) -> None:
        """A finding for each row that the mask picks; `facts` sees the row, and only of those rows."""
        if not mask.any():
            return
        for row in rows_of(mask):
            known = table.row(row, named=True)
            self.add(row, code, column, **(facts(known) if facts else {"got": known[column]}))

    def drop_from(self, table: pl.DataFrame) -> pl.DataFrame:
        """The table without the rows in which anything was found."""
        out = sorted({*self.dropped, *self.rows})
        if not out:
            return table
        keep = pl.Series([True]).new_from_index(0, table.height).scatter(out, False)
        return table.filter(keep)


def rows_of(mask: pl.Series) -> Iterable[int]:
    """The positions at which a mask is true."""
    return mask.fill_null(value=False).arg_true().to_list()


def as_decimal(thousandths: int) -> str:
    """Thousandths as a decimal number without trailing zeros: 3500 is ``3.5``."""
    sign, size = ("-" if thousandths < 0 else ""), abs(thousandths)
    return f"{sign}{size // 1000}" + (f".{size % 1000:03d}".rstrip("0") if size % 1000 else "")
