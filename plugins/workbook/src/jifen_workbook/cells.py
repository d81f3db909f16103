"""Decides what one cell says: text, a day, an exact number, yes or no; and what was cleaned in it.

A function here sees each different value of a column once, so plain Python is quick enough. It returns the value with
the kinds of cleaning that it took, or raises `BadCell` with the words of `catalogue/*/workbook.toml`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jifen.frames import QUANTITY_UNIT

WIDE, SPACES, AS_TEXT = "workbook.cleaned.full-width", "workbook.cleaned.spaces", "workbook.cleaned.number-as-text"
Cleaned = tuple[Any, tuple[str, ...]]
_LETTERS = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_SIGNS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BLANKS = dict.fromkeys((0x3000, 0xA0, 0x2007, 0x202F), " ")
_INVISIBLE = dict.fromkeys((0x200B, 0xFEFF), "")
_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?")
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?(?: \d{1,2}:\d{2}(:\d{2})?)?"
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EXACT_FLOAT = 2**53


class BadCell(Exception):  # noqa: N818 - a finding about a cell, not a fault of the program
    """A cell that cannot be used: the key of its words below ``workbook.`` and the facts."""

    def __init__(self, code: str, **facts: object) -> None:
        """Keep code and facts."""
        self.code = code
        self.facts = facts
        super().__init__(code)


def narrow(text: str) -> str:
    """Full-width signs made narrow and blanks of any width cut off at both ends, to compare and to count with."""
    return text.translate(_SIGNS).translate(_BLANKS).translate(_INVISIBLE).strip()


def shown(value: object) -> str:
    """A cell's value as a person sees it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _clean(text: str, table: dict[int, int]) -> tuple[str, tuple[str, ...]]:
    if text.isascii() and text == text.strip():
        return text, ()
    letters = text.translate(table)
    spaced = letters.translate(_BLANKS).translate(_INVISIBLE).strip()
    return spaced, (*((WIDE,) if letters != text else ()), *((SPACES,) if spaced != letters else ()))


def text(value: object) -> Cleaned:
    """Text; a whole number in the cell is its digits. Chinese punctuation stays as it is."""
    if isinstance(value, str):
        found, kinds = _clean(value, _LETTERS)
        return found or None, kinds
    if isinstance(value, bool | float | int) and abs(value) >= _EXACT_FLOAT:
        raise BadCell("number-too-long", got=shown(value))
    return shown(value), ()


def _digits(value: object) -> tuple[Decimal | None, tuple[str, ...]]:
    if isinstance(value, str):
        found, kinds = _clean(value, _SIGNS)
        if not found:
            return None, kinds
        if not _NUMBER.fullmatch(found):
            raise BadCell("number-in-text", got=value)
        return Decimal(found.replace(",", "")), (*kinds, AS_TEXT)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCell("not-a-number", got=shown(value))
    return Decimal(repr(value)), ()


def thousandths(value: object) -> Cleaned:
    """A decimal number in thousandths, exactly as its digits stand; 0.1 in a cell is 100."""
    number, kinds = _digits(value)
    if number is None:
        return None, kinds
    scaled = number * QUANTITY_UNIT
    if scaled != scaled.to_integral_value():
        raise BadCell("too-fine", got=shown(value))
    if abs(scaled) > 2**62:
        raise BadCell("number-too-long", got=shown(value))
    return int(scaled), kinds


def whole(value: object) -> Cleaned:
    """A whole number."""
    number, kinds = _digits(value)
    if number is None:
        return None, kinds
    if number != number.to_integral_value() or abs(number) > _EXACT_FLOAT:
        raise BadCell("not-whole", got=shown(value))
    return int(number), kinds


def day(value: object) -> Cleaned:
    """A calendar day: an Excel date, or one of the ways in which people write it; a time of day is left out."""
    if isinstance(value, datetime):
        return value.date(), ()
    if isinstance(value, date):
        return value, ()
    found, kinds = _clean(shown(value), _SIGNS)
    if not found:
        return None, kinds
    if (match := _DAY.fullmatch(found)) is not None:
        parts = (match[1], match[2] or match[3] or match[4] or match[5], match[6])
    elif (match := _COMPACT_DAY.fullmatch(found)) is not None:
        parts = (match[1], match[2], match[3])
    else:
        raise BadCell("not-a-date", got=shown(value))
    try:
        return date(*(int(part) for part in parts)), kinds
    except ValueError:
        raise BadCell("no-such-date", got=shown(value)) from None


def parts(value: object) -> tuple[list[str], tuple[str, ...]]:
    """Several values in one cell, told apart by ; 、 | or a line break."""
    found, kinds = text(value)
    return [part.strip() for part in re.split(r"[;；、|\n]", found or "") if part.strip()], kinds


def several(value: object) -> Cleaned:
    """A list of texts; empty where the cell is."""
    found, kinds = parts(value)
    return found or None, kinds


def joined(value: object) -> Cleaned:
    """Several texts, joined by | as frames have them."""
    found, kinds = parts(value)
    return "|".join(found) or None, kinds


def marks(value: object) -> Cleaned:
    """Marks of several reviewers, in thousandths."""
    if not isinstance(value, str):
        return [thousandths(value)[0]], ()
    found, kinds = parts(value)
    return [thousandths(part)[0] for part in found] or None, kinds
