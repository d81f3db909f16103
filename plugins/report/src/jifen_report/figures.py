"""Decides how whole numbers are written on a page: points with the book's decimals, shares in percent, money in yuan.

All arithmetic is on integers, rounded half up where a page shows less than there is, so that a page is the same on
every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUS: Final = "−"
FEN: Final = 100
_TEN: Final = 10


def half_up(numerator: int, denominator: int) -> int:
    """A quotient rounded once, half up; the sign is kept apart. The denominator is above 0."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def decimals(values: Iterable[int], places: int) -> int:
    """How many decimals the values need at most, of those that the book has: a column is written with one number."""
    needed = 0
    for value in values:
        size, here = abs(value), places
        while here > needed and size % _TEN == 0:
            size, here = size // _TEN, here - 1
        needed = max(needed, here)
    return needed


def written(value: int, places: int, shown: int | None = None, *, plus: bool = False) -> str:
    """A value in the smallest unit with thousands separators: ``1,234.5``; `shown` decimals, else as many as it needs.

    Nothing at all is ``0``, so that it can be told from what was rounded to it.
    """
    if not value:
        return "0"
    kept = decimals([value], places) if shown is None else shown
    size = half_up(abs(value), _TEN ** (places - kept)) if kept < places else abs(value) * _TEN ** (kept - places)
    whole, rest = divmod(size, _TEN**kept)
    sign = (MINUS if value < 0 else "+" if plus else "") if size else ""
    return f"{sign}{whole:,}" + (f".{rest:0{kept}d}" if kept else "")


def share(numerator: int, denominator: int) -> str:
    """A share in percent with one decimal; an en dash where there is nothing to share."""
    return f"{written(half_up(numerator * 1000, denominator), 1, 1)}%" if denominator else "–"


def yuan(fen: int) -> str:
    """Money in yuan with two decimals."""
    return written(fen, 2, 2)
