"""Decides what a sheet looks like: a bold frozen header, widths, print settings; the same rows as xlsx or as csv."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import xlsxwriter
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Cell = str | int | Decimal | date | None
_MADE = datetime(2025, 1, 1)  # noqa: DTZ001 - one day for all files, so that the same seed gives the same bytes
_FONT = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1, "border_color": "#BFBFBF"}

_SHORT = 9
"""Columns of at most so many characters hold a word or two, and are centred."""


@frozen
class Formula:
    """A cell that calculates; `jifen` refuses it, and only the unusable rows have one."""

    text: str


@frozen
class Written:
    """A file that was written, and how many rows each table in it has."""

    path: Path
    rows: dict[str, int]


@frozen
class Table:
    """One sheet: its name, its headers with their widths in characters, and its rows."""

    sheet: str
    headers: dict[str, float]
    rows: list[list[Cell | Formula]] = field(factory=list)

    def add(self, row: dict[str, Cell | Formula]) -> None:
        """One more row, given by header."""
        self.rows.append([row.get(header) for header in self.headers])

    def cells(self, row: int) -> dict[str, Cell | Formula]:
        """A row by header."""
        return dict(zip(self.headers, self.rows[row], strict=True))

    def column(self, header: str) -> int:
        """The place of a header."""
        return list(self.headers).index(header)


def write_xlsx(path: Path, tables: Iterable[Table], footer: str) -> None:
    """A workbook as an office keeps it. Text is written as text, so that it can never become a formula."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _MADE, "title": path.stem, "comments": footer})
    head = book.add_format({**_FONT, "bold": True, "bg_color": "#DDEBD5", "align": "center", "text_wrap": True})
    plain = book.add_format(_FONT)
    short = book.add_format({**_FONT, "align": "center"})
    day = book.add_format({**_FONT, "num_format": "yyyy-mm-dd", "align": "center"})
    for table in tables:
        sheet = book.add_worksheet(table.sheet)
        for at, width in enumerate(table.headers.values()):
            sheet.set_column(at, at, width)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.headers) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_header(f"&C{table.sheet}")
        sheet.set_footer(f"&L{footer}&R&P / &N")
        sheet.set_row(0, 22)
        for at, header in enumerate(table.headers):
            sheet.write_string(0, at, header, head)
        narrow = [width <= _SHORT for width in table.headers.values()]
        for number, row in enumerate(table.rows, 1):
            for at, value in enumerate(row):
                if value is None:
                    sheet.write_blank(number, at, None, plain)
                elif isinstance(value, str):
                    sheet.write_string(number, at, value, short if narrow[at] else plain)
                elif isinstance(value, date):
                    sheet.write_datetime(number, at, value, day)
                elif isinstance(value, Formula):
                    sheet.write_formula(number, at, value.text, plain)
                else:
                    sheet.write_number(number, at, value, plain)
    book.close()


def write_csv(path: Path, table: Table) -> None:
    """The rows of one table as Excel saves them: UTF-8 with a byte order mark, commas, CRLF."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.headers)
        writer.writerows(["" if value is None else _in_text(value) for value in row] for row in table.rows)


def _in_text(value: Cell | Formula) -> str:
    return value.text if isinstance(value, Formula) else str(value)
