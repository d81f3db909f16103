"""Decides how rows that could not be used are handed back: place, every reason, and the cells as they were."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import xlsxwriter
from jifen.words import say

from jifen_workbook.sheets import Head, Kind, Office

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jifen.inputs import SetAside

    from jifen_workbook.sheets import Rows

_LETTER = re.compile(r" \([A-Z]+\)$")
_CONSTANT_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's times have no zone


def reasons(row: SetAside) -> str:
    """Every problem of a row, one a line, each with its column; the file and row stand beside it anyway."""
    lines = []
    for problem in row.problems:
        words = say(problem.code, **problem.facts)
        column = problem.place.column
        lines.append(say("place.column", column=column) + say("place.colon", words=words) if column else words)
    return "\n".join(lines)


def aside_table(rows: Sequence[SetAside]) -> tuple[list[Head], Rows]:
    """All rows that were set aside, of whatever table, with their reasons (R22)."""
    heads = [Head("table"), Head("file"), Head("sheet"), Head("row", Kind.NUMBER), Head("reasons", Kind.LONG)]
    return heads, [[say(f"workbook.table.{row.frame}"), row.file, row.sheet, row.row, reasons(row)] for row in rows]


def write_set_aside(rows: Sequence[SetAside], path: Path) -> None:
    """A workbook of these rows alone, a sheet for each table: correct them there, and hand them in again.

    The headers are those of the source, so that a corrected sheet can be read as it is; the columns of place and
    reasons are not read. Raises `OSError` where the file cannot be written.
    """
    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"author": "jifen", "created": _CONSTANT_DAY})
        office = Office(workbook, "", "", 0)
        for frame in dict.fromkeys(row.frame for row in rows):
            mine = [row for row in rows if row.frame == frame]
            headers = list(dict.fromkeys(_LETTER.sub("", header) for row in mine for header in row.cells))
            heads = [Head(header, plain=True) for header in headers]
            heads += [Head("file"), Head("sheet"), Head("row", Kind.NUMBER), Head("reasons", Kind.LONG)]
            table: Rows = []
            for row in mine:
                cells = {_LETTER.sub("", header): text for header, text in row.cells.items()}
                table.append([*(cells.get(header) for header in headers), row.file, row.sheet, row.row, reasons(row)])
            office.add(f"aside-{frame}", heads, table, titled=False)
