"""Decides how tables of a district become a workbook of the office's look; the tables come ready from who asks."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from attrs import frozen

from jifen_workbook.sheets import Head, Kind, Office

if TYPE_CHECKING:
    from jifen_workbook.sheets import Rows


@frozen
class Sheet:
    """A table: the key of its name below ``workbook.sheet.``, headers with the kind of their cells, and rows."""

    key: str
    heads: tuple[tuple[str, str], ...]
    rows: Rows


def write_book(file: Path, heading: str, mark: str, places: int, as_of: date, sheets: tuple[Sheet, ...]) -> None:
    """The workbook; `mark` (样张 or 草案, or nothing) stands on every sheet. The same tables give the same bytes."""
    with xlsxwriter.Workbook(file) as workbook:
        # The day of the assessment stands for the time of its making, so that nothing varies.
        workbook.set_properties({"title": heading, "author": "jifen", "created": datetime.combine(as_of, time())})
        office = Office(workbook, heading, mark, places)
        for sheet in sheets:
            heads = [Head(words, Kind(kind), plain=True) for words, kind in sheet.heads]
            office.add(sheet.key, heads, sheet.rows)
