"""Decides which villages and households can be settled: known, complete, and there only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen import frames
from jifen.findings import Findings, Row, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jifen.frames import Frame

SITES = ("home", "industrial", "enterprise")
STAR_REVIEWS = ("first", "repeat")
STARS = 5


def check_villages(villages: pl.DataFrame, known: set[int]) -> tuple[pl.DataFrame, Findings]:
    """VILLAGES as they came, with what is wrong in their rows; `known` rows are already set aside."""
    findings = Findings(dropped=known)
    empty_cells(findings, villages, frames.VILLAGES)
    repeated(findings, villages, "village", "duplicate-village")
    findings.where(villages, villages["groups"] < 1, "too-small", "groups", _least(1, "groups"))
    return villages, findings


def check_households(
    households: pl.DataFrame, villages: pl.DataFrame, known: set[int]
) -> tuple[pl.DataFrame, Findings]:
    """HOUSEHOLDS with village codes in place of names, and what is wrong in their rows."""
    findings = Findings(dropped=known)
    households = coded(households, "village", by_name(villages.select("name", "village").iter_rows()), villages)
    empty_cells(findings, households, frames.HOUSEHOLDS)
    repeated(findings, households, "household", "duplicate-household")
    stray = ~households["village"].cast(pl.String).is_in(villages["village"].cast(pl.String).to_list())
    findings.where(households, stray, "unknown-village", "village")
    findings.where(households, households["living"] < 0, "too-small", "living", _least(0, "living"))
    stars = households["stars"]
    findings.where(households, (stars < 0) | (stars > STARS), "stars", "stars")
    for column, words in (("site", SITES), ("star_review", STAR_REVIEWS)):
        strange = ~households[column].cast(pl.String).is_in(words)
        findings.where(households, strange, f"unknown-{column.replace('_', '-')}", column)
    return households, findings


def _least(bound: int, column: str) -> Callable[[Row], Row]:
    return lambda row: {"got": row[column], "least": bound}


def empty_cells(findings: Findings, table: pl.DataFrame, frame: Frame, but: tuple[str, ...] = ()) -> None:
    """An empty cell where none may be."""
    for column in frame.columns:
        if not column.null and column.name not in but and table[column.name].null_count():
            findings.where(table, table[column.name].is_null(), "empty-cell", column.name, lambda _: {})


def repeated(findings: Findings, table: pl.DataFrame, column: str, code: str) -> None:
    """A number that may be there only once; every row that has it is named, with the first other one."""
    key = table[column]
    # A hash without repeats proves the column free of them, at a third of the cost of looking for them.
    if key.hash().n_unique() == key.len():
        return
    first: dict[object, list[int]] = {}
    for row in rows_of(key.is_duplicated() & key.is_not_null()):
        first.setdefault(key[row], []).append(row)
    for value, rows in first.items():
        for row in rows:
            other = rows[0] if row != rows[0] else rows[1]
            findings.add(row, code, column, other, got=value)


def by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names to codes; a name that two codes share stands for neither."""
    found: dict[str, set[str]] = {}
    for name, code in pairs:
        found.setdefault(name, set()).add(code)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def alike(values: Iterable[str | None], column: pl.Series) -> pl.Series:
    """The values as a series of the column's own type; what that type cannot hold is empty."""
    text = values.cast(pl.String) if isinstance(values, pl.Series) else pl.Series(list(values), dtype=pl.String)
    return text.cast(column.dtype, strict=False)


def coded(table: pl.DataFrame, column: str, codes: dict[str, str], known: pl.DataFrame | None = None) -> pl.DataFrame:
    """The column with names replaced by codes; only where some value is a name and no code."""
    have = set(known[column].to_list()) if known is not None else set(codes.values())
    names = [value for value in table[column].unique().to_list() if value is not None and value not in have]
    swap = {name: codes[name] for name in names if name in codes}
    return table.with_columns(pl.col(column).cast(pl.String).replace(swap)) if swap else table
