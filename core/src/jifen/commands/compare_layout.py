"""Decides how the figures of a comparison are set on a terminal: exact decimals with their signs, and titled tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from jifen.commands.printing import line, put, table
from jifen.wording import MINUS
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEN: Final = 2
"""Decimals of money in yuan."""
NOBODY: Final = "–"


def decimal(units: int, places: int) -> str:
    """A number of smallest units with all of its decimals."""
    return (MINUS if units < 0 else "") + format(Decimal(abs(units)).scaleb(-places), "f")


def signed(units: int, places: int) -> str:
    """With its sign; no change is 0."""
    if not units:
        return "0"
    return ("+" if units > 0 else "") + decimal(units, places)


def money(fen: int | None) -> str:
    """Fen as yuan; a dash where there is none."""
    return NOBODY if fen is None else decimal(fen, FEN)


def section(
    key: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: range | None = None, **facts: object
) -> None:
    """A titled table; all but the first column are numbers, or those in `right`. Nothing where there are no rows."""
    body = list(rows)
    if not body:
        return
    put()
    line(say(f"compare.title.{key}", **facts))
    table(columns, body, right=range(1, len(columns)) if right is None else right)


def heads(*names: str) -> list[str]:
    """The heads of columns in words."""
    return [say(f"compare.head.{name}") for name in names]
