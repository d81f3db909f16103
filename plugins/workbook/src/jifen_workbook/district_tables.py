"""Decides how the tables that a district hands in are read: Parquet, csv and workbooks, by the names of their headers.

The layout comes from who asks; a cell is read by `jifen_workbook.cells`, like a town office's.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import frozen
from jifen.inputs import Source
from jifen.problems import Place, Problem, Refused

from jifen_workbook import cells
from jifen_workbook.cells import BadCell
from jifen_workbook.layout import comparable, layout
from jifen_workbook.pages import Page, column_letters, pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from jifen_workbook.layout import TableLayout

_TYPES: dict[str, Callable[[object], cells.Cleaned]] = {
    "text": cells.text,
    "whole": cells.whole,
    "day": cells.day,
    "several": cells.several,
}
_REMARKS = frozenset(comparable(name) for name in ("备注", "序号", "note", "number"))
"""Columns that offices keep for themselves."""


@frozen(eq=False)
class Found:
    """One table: where it stood, and for each row its number there and its values by column, None for an empty cell.

    `bad` are the cells that could not be read, by row and column; each has its problem.
    """

    layout: TableLayout
    source: Source
    rows: list[tuple[int, dict[str, Any]]]
    problems: tuple[Problem, ...] = ()
    bad: frozenset[tuple[int, str]] = frozenset()


def read_tables(files: Sequence[Path], tables: Mapping[str, TableLayout]) -> tuple[list[Found], list[Problem]]:
    """The tables of these files and what is wrong with whole files and sheets.

    `tables` are the layouts by the comparable name of a file or sheet. A sheet of explanations is left out.
    """
    found: list[Found] = []
    problems: list[Problem] = []
    for file in files:
        try:
            for page in _pages(file):
                name = comparable(page.sheet or file.stem)
                if name in tables:
                    found.append(_table(page, tables[name]))
                elif name not in layout().ignored_sheets:
                    known = "、".join(dict.fromkeys(table.title for table in tables.values()))
                    place = Place(file=page.file, sheet=page.sheet)
                    problems.append(Problem("workbook.unknown-name", place, {"tables": known}))
        except Refused as refused:
            problems += refused.problems
    return found, problems


def _pages(file: Path) -> Iterator[Page]:
    """The pages of a file; a Parquet file is one whose header are its columns."""
    if file.suffix.lower() != ".parquet":
        yield from pages(file, file.name)
        return
    try:
        frame = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Refused([Problem("dataset.not-parquet", Place(file=file.name))]) from error
    yield Page(file.name, None, [frame.columns, *frame.iter_rows()], typed=True)


def _table(page: Page, table: TableLayout) -> Found:
    header = [_blank(cell) or "" for cell in page.rows[0]] if page.rows else []
    labels = [f"{name} ({column_letters(at)})" for at, name in enumerate(header)]
    places = table.find(header)
    problems = [
        _problem(page, "missing-column", 1, column=column.headers[0], table=table.title)
        for column in table.columns
        if column.required and column.name not in places
    ]
    problems += [
        _problem(page, "repeated-column", 1, columns="、".join(labels[at] for at in many))
        for many in places.values()
        if len(many) > 1
    ]
    read = {at for many in places.values() for at in many}
    known = "、".join(column.headers[0] for column in table.columns)
    problems += [
        _problem(page, "unknown-column", 1, got=labels[at], known=known)
        for at, name in enumerate(header)
        if name and at not in read and comparable(name) not in _REMARKS
    ]
    source = Source(page.file, page.sheet, {column: labels[at] for column, (at, *_) in places.items()})
    if problems:
        return Found(table, source, [], tuple(problems))
    rows: list[tuple[int, dict[str, Any]]] = []
    bad: set[tuple[int, str]] = set()
    for number, row in enumerate(page.rows[1:], 2):
        if all(_blank(cell) is None for cell in row):
            continue
        values: dict[str, Any] = {column.name: None for column in table.columns}
        for column in table.columns:
            if column.name not in places:
                continue
            at = places[column.name][0]
            try:
                values[column.name] = _cell(page, number, at, row, column.type)
            except BadCell as fault:
                place = Place(file=page.file, sheet=page.sheet, row=number, column=labels[at])
                problems.append(Problem(f"workbook.{fault.code}", place, fault.facts))
                bad.add((number, column.name))
        rows.append((number, values))
    return Found(table, source, rows, tuple(problems), frozenset(bad))


def _cell(page: Page, number: int, at: int, row: Sequence[object], kind: str) -> Any:
    value = row[at] if at < len(row) else None
    if (number - 1, at) in page.formulas:
        raise BadCell("formula", got=cells.shown(value))
    if isinstance(value, list):  # as Parquet has several values
        return [str(each) for each in value] or None
    if isinstance(value, date) and kind != "day":
        raise BadCell("not-a-number" if kind == "whole" else "day-for-text", got=cells.shown(value))
    return None if _blank(value) is None else _TYPES[kind](value)[0]


def _blank(value: object) -> str | None:
    """The cell as text; None for an empty one."""
    return None if value is None else cells.shown(value).strip() or None


def _problem(page: Page, code: str, row: int, **facts: object) -> Problem:
    return Problem(f"workbook.{code}", Place(file=page.file, sheet=page.sheet, row=row), facts)
