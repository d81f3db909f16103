"""Decides how a file becomes pages of cells: sheets of a workbook, encodings of a CSV, formulas."""

from __future__ import annotations

import csv
import io
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from typing import TYPE_CHECKING

import python_calamine
from attrs import frozen
from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ET.ParseError,
    python_calamine.CalamineError,
    EOFError,
    KeyError,
    RuntimeError,
    ValueError,
)
"""What a damaged or foreign package makes zipfile, expat and calamine raise; each means that it is no workbook."""
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=\"([A-Z]{1,3})(\d+)\"")
_NAMED = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d+)[\"']")
_NUMBERED = re.compile(rb"\sr\s*=\s*[\"'](\d+)[\"']")
_UNNAMED = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?![^>]*\sr\s*=)")
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
_MOST_CELLS = 20_000_000
"""A reader makes room for every cell from A1 to the last; a table of a whole town has a hundredth of these."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@frozen(eq=False)
class Page:
    """One sheet, or one CSV: its rows from the first on, and what its cells cannot show themselves.

    `formulas` holds (row, column) of formula cells, and `merged` the merged ranges as (first row, first column, last
    row, last column), all counted from 0. `typed` says whether cells know numbers from text.
    """

    file: str
    sheet: str | None
    rows: Sequence[Sequence[object]]
    typed: bool
    formulas: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()


def pages(path: Path, name: str) -> Iterator[Page]:
    """The pages of a file that people know as `name`. Raises `Refused` with one problem where it cannot be read."""
    data = path.read_bytes()
    if not data.strip():
        raise _refused(name, "empty-file")
    if path.suffix.lower() == ".csv":
        yield _csv(name, data)
    else:
        yield from _sheets(name, data)


def _refused(file: str, code: str, sheet: str | None = None, **facts: object) -> Refused:
    return Refused([Problem(f"workbook.{code}", Place(file=file, sheet=sheet), facts)])


def _csv(name: str, data: bytes) -> Page:
    text = _decoded(name, data)
    head = text.partition("\n")[0]
    separator = max(",\t;", key=lambda sign: (head.count(sign), sign == ","))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise _refused(name, "csv-broken", reason=error) from error
    return Page(name, None, rows, typed=False)


def _decoded(name: str, data: bytes) -> str:
    """UTF-8 with or without a BOM, else GB18030, as Excel writes a CSV in Chinese.

    Bytes that are neither are named with their offset; a first line of UTF-8 beyond ASCII
    settles which one was meant.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        utf8 = error
    first = data.partition(b"\n")[0]
    meant_utf8 = not first.isascii() and len(first) < utf8.start
    if not meant_utf8:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise _refused(name, "encoding", offset=error.start, byte=f"0x{data[error.start]:02X}") from None
    raise _refused(name, "encoding", offset=utf8.start, byte=f"0x{data[utf8.start]:02X}")


def _sheets(file: str, data: bytes) -> Iterator[Page]:
    if data.startswith(_OLE):
        raise _refused(file, "protected")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = _parts(archive)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
    except _BROKEN as error:
        raise _refused(file, "not-a-workbook") from error
    with archive, book:
        for name in names:
            if name not in parts:
                continue  # a chart sheet has no cells
            try:
                xml = archive.read(parts[name])
                _check_size(file, name, xml)
                sheet = book.get_sheet_by_name(name)
                rows = sheet.to_python(skip_empty_area=False)
                formulas = _formulas(xml)
            except _BROKEN as error:
                raise _refused(file, "not-a-workbook") from error
            ranges = tuple((start[0], start[1], end[0], end[1]) for start, end in sheet.merged_cell_ranges or ())
            yield Page(file, name, rows, typed=True, formulas=formulas, merged=ranges)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet names to their parts in the package; worksheets only. Raises `ValueError` for two of one name."""
    links = {}
    for link in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels")):  # noqa: S314 - expat refuses entity bombs
        if link.get("Type", "").endswith("/worksheet"):
            links[link.get("Id")] = posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
    found = {}
    for sheet in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314 - as above
        if sheet.tag.endswith("}sheet") and sheet.get(_RELATION) in links:
            if (name := sheet.get("name", "")) in found:
                raise ValueError(name)  # the reader would take the one, and the other would be measured
            found[name] = links[sheet.get(_RELATION)]
    return found


def _check_size(file: str, name: str, xml: bytes) -> None:
    """Raises `Refused` where a cell lies so far outside of the table that no memory would hold what is between.

    A row that has a number but no cell takes no room: LibreOffice ends its sheets with such a row.
    """
    row, column = 0, 0
    for letters, number in _NAMED.findall(xml):
        row, column = max(row, int(number)), max(column, column_number(letters.decode("ascii").upper()) + 1)
    if _UNNAMED.search(xml) is not None:  # such a cell stands behind the one before it, in the row that it is in
        rows = _ROW.split(xml)
        row = max(row, len(rows) - 1, *map(int, _NUMBERED.findall(xml)), 0)
        column += max(len(_ANY_CELL.findall(each)) for each in rows)
    if row * column > _MOST_CELLS:
        raise _refused(file, "too-far", name, cell=f"{column_letters(column - 1)}{row}")


def _formulas(xml: bytes) -> frozenset[tuple[int, int]]:
    """Where formulas stand; readers of values see only what a formula last came to."""
    found = set()
    for formula in _FORMULA.finditer(xml):
        start = max(xml.rfind(b"<c ", 0, formula.start()), xml.rfind(b":c ", 0, formula.start()) - 8)
        if (cell := _CELL.search(xml, max(start, 0), formula.start())) is not None:
            found.add((int(cell[2]) - 1, column_number(cell[1].decode("ascii"))))
    return frozenset(found)


def column_number(letters: str) -> int:
    """A column's number from 0: A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """The other way round."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
