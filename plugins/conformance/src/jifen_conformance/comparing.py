"""Decides where two settlements differ: the first frame, row and column, in words short enough for a message."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST = 300
_SHOWN = 3


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Coded text as text, so that only what a column says is compared."""
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in one order, whatever order they came in."""
    texts = plain(frame)
    return texts.sort(texts.columns, nulls_last=True) if texts.width else texts


def difference(first: Mapping[str, pl.DataFrame], second: Mapping[str, pl.DataFrame], names: Iterable[str] = ()) -> str:
    """The first difference between frames of one name (of `names`, or all), or an empty text."""
    for name in names or first:
        one, other = plain(first[name]), plain(second[name])
        if told := between(one, other):
            return f"{name}: {told}"
    return ""


def between(one: pl.DataFrame, other: pl.DataFrame) -> str:
    """The first difference between two frames, or an empty text."""
    if one.columns != other.columns:
        return f"columns {one.columns} and {other.columns}"
    if one.schema != other.schema:
        return f"types {list(one.schema.values())} and {list(other.schema.values())}"
    if one.equals(other):
        return ""
    count = f"{one.height} rows and {other.height} rows; " if one.height != other.height else ""
    for left, right in zip_longest(one.iter_rows(named=True), other.iter_rows(named=True)):
        if left is None or right is None:
            return short(f"{count}only one has {_row(left or right or {}, [])}")
        changed = [column for column in left if left[column] != right[column]]
        if changed:
            return short(f"{count}{_row(left, changed)} and {_row(right, changed)}")
    return ""


def _row(row: Mapping[str, object], changed: list[str]) -> str:
    """A row by its first two columns and those that changed."""
    shown = list(dict.fromkeys([*list(row)[:2], *changed[:3]]))
    return "(" + ", ".join(f"{column}={row[column]}" for column in shown) + ")"


def few(texts: Iterable[object]) -> str:
    """The first three, and how many more there are."""
    found = list(dict.fromkeys(str(each) for each in texts))
    return "; ".join([*found[:_SHOWN], *([f"… {len(found)} in all"] if len(found) > _SHOWN else [])])


def short(text: str) -> str:
    """A text that a line can hold."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
