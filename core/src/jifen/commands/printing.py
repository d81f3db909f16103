"""Decides how a command prints: tables that fit Chinese characters, JSON, points in words, and the mark of a sample."""

from __future__ import annotations

import json
import shutil
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from jifen.commands.lines import folded, padded, width
from jifen.model import RuleBook, Status
from jifen.words import language, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_GAP: Final = "  "
_NARROWEST: Final = 20
"""A last column is not folded to less than this."""


def columns() -> int:
    """How wide a line may be; what goes to a file or a pipe is not folded."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 1_000


def put(text: str = "") -> None:
    """One line to standard output, as it is."""
    sys.stdout.write(f"{text}\n")


def as_json(value: object) -> None:
    """Print JSON for a program to read: exact decimals and dates as text."""
    put(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def line(text: str = "", indent: str = "") -> None:
    """Print a paragraph, folded to the terminal."""
    for each in folded(indent + text, columns(), indent):
        put(each)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Print a table; the columns in `right` (numbers) are flush right. A last column that is too long is folded."""
    body, flush = [[*row] for row in rows], set(right)
    widths = [max(width(row[at]) for row in (heads, *body)) for at in range(len(heads))]
    last = len(heads) - 1
    room = columns() - sum(widths[:last]) - len(_GAP) * last
    if last not in flush:
        widths[last] = min(widths[last], max(room, width(heads[last]), _NARROWEST))
    for number, row in enumerate((heads, *body)):
        if number == 1:
            put(_GAP.join("─" * wide for wide in widths))
        cells = [
            _flush_right(cell, wide) if at in flush else padded(cell, wide)
            for at, (cell, wide) in enumerate(zip(row[:last], widths, strict=False))
        ]
        if last in flush:
            put(_GAP.join([*cells, _flush_right(row[last], widths[last])]))
            continue
        ends = list(folded(row[last], widths[last]))
        put(_GAP.join([*cells, ends[0]]).rstrip())
        for end in ends[1:]:
            put(" " * (sum(widths[:last]) + len(_GAP) * last) + end)


def _flush_right(text: str, columns: int) -> str:
    return " " * max(columns - width(text), 0) + text


def points(units: int, book: RuleBook) -> str:
    """Points in the book's decimals, exactly: 125 with one decimal is ``12.5``."""
    return format(Decimal(units).scaleb(-book.places), "f")


def day(when: date) -> str:
    """A date as people write it in the language in force."""
    from babel.dates import format_date

    return format_date(when, format="long", locale=language())


def percent(part: int, whole: int) -> str:
    """A share with one decimal, rounded half up on integers; nothing of nothing is a dash."""
    if not whole:
        return "–"
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def mark(status: Status) -> None:
    """Whatever is not approved says so above everything else."""
    if status is not Status.APPROVED:
        line(say("commands.marked", status=say(f"commands.status.{status.value}")))
        put()
