"""Decides how a sheet of the office's workbook looks: title, header, widths, number formats, print setup."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_000_000
_NARROWEST, _HEAD_WIDE, _WIDEST, _LONGEST, _SAMPLED = 6, 14, 40, 72, 2000
_A4 = 9
Rows = list[list[object]]
"""Rows of a sheet: text, whole numbers, exact decimals, days, or nothing."""


class Kind(Enum):
    """What a column's cells are, and so how they are written and aligned."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    WHOLE = "whole"
    POINTS = "points"
    MONEY = "money"
    SHARE = "share"
    DAY = "day"


@frozen
class Head:
    """A column: the catalogue key of its header (or the header itself) and what its cells are."""

    name: str
    kind: Kind = Kind.TEXT
    plain: bool = False

    @property
    def words(self) -> str:
        """The header in the language in force."""
        return self.name if self.plain else say(f"workbook.head.{self.name}")


class Office:
    """A workbook being written: its formats, and sheet after sheet of one look.

    Text goes in by `write_string`, so that ``=cmd()`` is a text and stays one; numbers are exact decimals.
    """

    def __init__(self, book: xlsxwriter.Workbook, heading: str, mark: str, places: int) -> None:
        """`heading` and `mark` (样张 or 草案, or nothing) stand on every sheet and every printed page."""
        self._book, self._heading, self._mark = book, heading, mark
        decimals = "." + "0" * places if places else ""
        look = {"font_name": say("workbook.font"), "font_size": 10.5, "valign": "vcenter"}
        formats: dict[Kind, dict[str, Any]] = {
            Kind.TEXT: {"indent": 1},
            Kind.LONG: {"indent": 1, "text_wrap": True},
            Kind.NUMBER: {"num_format": "0", "align": "center"},
            Kind.WHOLE: {"num_format": "#,##0", "align": "right"},
            Kind.POINTS: {"num_format": f"#,##0{decimals}", "align": "right"},
            Kind.MONEY: {"num_format": "#,##0.00", "align": "right"},
            Kind.SHARE: {"num_format": "0.0%", "align": "right"},
            Kind.DAY: {"num_format": "yyyy-mm-dd", "align": "center"},
        }
        lines = {"border": 1, "border_color": "#C9CDD2"}
        self._formats = {kind: book.add_format({**look, **lines, **more}) for kind, more in formats.items()}
        self._title = book.add_format({**look, "font_size": 14, "bold": True})
        self._head = book.add_format(
            {**look, **lines, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#E4ECE7"}
        )

    def add(
        self, key: str, heads: Sequence[Head], rows: Rows, breaks: Sequence[int] = (), *, titled: bool = True
    ) -> None:
        """A sheet of a table, under a title unless it is to be read again; `breaks` are rows that begin a new page.

        A table longer than a sheet can be takes several.
        """
        title = say(f"workbook.sheet.{key}")
        starts = range(0, max(len(rows), 1), MOST_ROWS)
        for number, start in enumerate(starts, 1):
            sheet = self._book.add_worksheet(title if len(starts) == 1 else f"{title} {number}")
            part = rows[start : start + MOST_ROWS]
            top = 1 if titled else 0
            if titled:
                mark = f"【{self._mark}】" if self._mark else ""
                sheet.write_string(0, 0, f"{mark}{self._heading} {title}", self._title)
                sheet.set_row(0, 24)
            self._fill(sheet, top, heads, part)
            self._print(sheet, top, [at - start + top + 1 for at in breaks if start < at < start + len(part)])

    def _fill(self, sheet: Worksheet, top: int, heads: Sequence[Head], rows: Rows) -> None:
        """Header and cells, column by column, each as wide as what stands in it."""
        tall = any(wide(head.words) > _HEAD_WIDE for head in heads)
        sheet.set_row(top, 32 if tall else 20)
        for at, head in enumerate(heads):
            sheet.write_string(top, at, head.words, self._head)
            form = self._formats[head.kind]
            widest = max(_NARROWEST, min(wide(head.words) + 2, _HEAD_WIDE))
            for number, row in enumerate(rows):
                text = _write(sheet, number + top + 1, at, row[at], form)
                if number < _SAMPLED:
                    widest = max(widest, *(wide(line) for line in text.split("\n")))
            sheet.set_column(at, at, min(widest + 3, _WIDEST if head.kind is not Kind.LONG else _LONGEST))
        if not rows:
            sheet.write_string(top + 1, 0, say("workbook.nothing"), self._formats[Kind.TEXT])
        sheet.freeze_panes(top + 1, 0)
        if rows:
            sheet.autofilter(top, 0, top + len(rows), len(heads) - 1)

    def _print(self, sheet: Worksheet, top: int, breaks: Sequence[int]) -> None:
        """A4 landscape, one page wide, title and header on every page, with page numbers."""
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        if top:  # a sheet to be corrected is for the screen, and too wide to be read on one page
            sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, top)
        sheet.center_horizontally()
        heading, mark = self._heading.replace("&", "&&")[:80], self._mark.replace("&", "&&")
        sheet.set_header(f"&L{heading}&C&B{mark}&R&A")
        sheet.set_footer(f"&C{say('workbook.page', page='&P', pages='&N')}")
        if breaks:
            sheet.set_h_pagebreaks(list(breaks))


def _write(sheet: Worksheet, row: int, column: int, value: object, form: Format) -> str:
    """Writes one cell by its type; gives back about what it looks like, for the width."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, form)
        return ""
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
        return "0000-00-00"
    if isinstance(value, int | Decimal):
        sheet.write_number(row, column, value, form)  # a Decimal goes in digit by digit
        return f"{value:,}"
    text = str(value)
    sheet.write_string(row, column, text, form)
    return text


@lru_cache(maxsize=65_536)
def wide(text: str) -> int:
    """How wide a text is in half-width signs: a Chinese character takes two. The same words stand in many cells."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
