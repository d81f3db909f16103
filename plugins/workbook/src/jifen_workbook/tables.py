"""Decides how a page becomes a table: its header is checked, its columns are read, its bad cells are named."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import frozen
from jifen import frames
from jifen.inputs import SetAside, Source
from jifen.problems import Place, Problem

from jifen_workbook import cells
from jifen_workbook.cells import BadCell
from jifen_workbook.layout import comparable, layout
from jifen_workbook.pages import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jifen_workbook.layout import ColumnLayout, TableLayout
    from jifen_workbook.pages import Page

MEMBERS = frames.Frame(
    "members", (frames.Column("household", pl.String, "", True), frames.Column("member", pl.String, "", True))
)
SCHEMAS = {
    frame.name: frame.schema for frame in (frames.VILLAGES, frames.HOUSEHOLDS, frames.DEEDS, frames.REQUESTS, MEMBERS)
}


@frozen(eq=False)
class Table:
    """A page that was understood: its rows as a frame, the number of each row, and what is wrong in cells."""

    layout: TableLayout
    source: Source
    frame: pl.DataFrame
    rows: list[int]
    set_aside: tuple[SetAside, ...] = ()
    cleaned: tuple[tuple[int, str], ...] = ()
    """A row's number and what was cleaned in one of its cells."""


def choice(kind: str, value: object) -> cells.Cleaned:
    """One of the words of the layout, as the code that it stands for."""
    found, kinds = cells.text(value)
    if found is None:
        return None, kinds
    code = layout().words[kind].get(comparable(str(found)))
    if code is None:
        raise BadCell(f"unknown-{kind.replace('_', '-')}", got=cells.shown(value))
    return code, kinds


def yes(value: object) -> cells.Cleaned:
    """Yes or no in one of the ways in which people tick."""
    code, kinds = choice("yes", value)
    return None if code is None else code == "yes", kinds


def evidence(value: object) -> cells.Cleaned:
    """Kinds of evidence joined by |, each as its code where the layout knows it."""
    found, kinds = cells.parts(value)
    known = layout().words["evidence"]
    return "|".join(known.get(comparable(kind), kind) for kind in found) or None, kinds


_TYPES: dict[str, Callable[[object], cells.Cleaned]] = {
    "text": cells.text,
    "whole": cells.whole,
    "thousandths": cells.thousandths,
    "day": cells.day,
    "several": cells.several,
    "joined": cells.joined,
    "marks": cells.marks,
    "yes": yes,
    "evidence": evidence,
    **{kind: partial(choice, kind) for kind in ("site", "star_review", "status", "request_status")},
}


def understand(page: Page) -> Table | list[Problem]:
    """The page as a table, or what is wrong with it as a whole; an empty list where it is an explanation only."""
    numbered = [(number, row) for number, row in enumerate(page.rows) if any(str(cell).strip() for cell in row)]
    if page.sheet is not None and comparable(page.sheet) in layout().ignored_sheets:
        return []
    if not numbered:
        return [_problem(page, "empty-sheet")]
    top, header = numbered[0]
    merged = [found for found in page.merged if found[0] <= top <= found[2]]
    if merged:
        ranges = [f"{column_letters(a)}{r + 1}:{column_letters(b)}{s + 1}" for r, a, s, b in merged]
        return [_problem(page, "merged-header", row=top + 1, ranges=", ".join(ranges))]
    names = [cells.shown(cell).strip() for cell in header]
    table = layout().recognise(names)
    if table is None:
        tables = "、".join(known.title for known in layout().tables)
        return [_problem(page, "unknown-table", row=top + 1, got="、".join(filter(None, names))[:80], tables=tables)]
    places = table.find(names)
    problems = [
        _problem(page, "missing-column", row=top + 1, column=column.headers[0], table=table.title)
        for column in table.columns
        if column.required and column.name not in places
    ]
    problems += [
        _problem(
            page,
            "repeated-column",
            row=top + 1,
            columns="、".join(f"{names[at]} ({column_letters(at)})" for at in found),
        )
        for found in places.values()
        if len(found) > 1
    ]
    if len(numbered) == 1:
        problems.append(_problem(page, "no-rows", table=table.title))
    if problems:
        return problems
    labels = {column: f"{names[at]} ({column_letters(at)})" for column, (at,) in places.items()}
    return _table(page, table, {column: at for column, (at,) in places.items()}, labels, numbered[1:])


def _problem(page: Page, code: str, row: int | None = None, **facts: object) -> Problem:
    return Problem(f"workbook.{code}", Place(file=page.file, sheet=page.sheet, row=row), facts)


def _table(
    page: Page,
    table: TableLayout,
    places: dict[str, int],
    labels: dict[str, str],
    numbered: list[tuple[int, Sequence[object]]],
) -> Table:
    source = Source(page.file, page.sheet, labels)
    numbers = [number for number, _ in numbered]
    bad: dict[int, list[Problem]] = {}
    cleaned: list[tuple[int, str]] = []
    series = []
    formulas = {at: number for number, at in page.formulas}
    for column in table.columns:
        if column.name not in places:
            continue
        at = places[column.name]
        values = [row[at] if at < len(row) else "" for _, row in numbered]
        found, faults = _column(column, values, cleaned, typed=page.typed)
        if at in formulas:
            for index, number in enumerate(numbers):
                if (number, at) in page.formulas:
                    faults[index] = BadCell("formula", got=cells.shown(values[index]))
                    found[index] = None
        for index, fault in faults.items():
            place = Place(file=page.file, sheet=page.sheet, row=numbers[index] + 1, column=labels[column.name])
            bad.setdefault(index, []).append(Problem(f"workbook.{fault.code}", place, fault.facts))
        series.append(pl.Series(column.name, found, dtype=SCHEMAS[table.name][column.name], strict=True))
    headers = sorted((at, labels[column]) for column, at in places.items())
    aside = tuple(
        SetAside(
            table.name, page.file, page.sheet, numbers[index] + 1, _cells(headers, numbered[index][1]), tuple(found)
        )
        for index, found in sorted(bad.items())
    )
    rows = [number + 1 for number in numbers]
    in_rows = tuple((rows[index], kind) for index, kind in cleaned)
    return Table(table, source, pl.DataFrame(series), rows, aside, in_rows)


def _cells(headers: list[tuple[int, str]], row: Sequence[object]) -> dict[str, str]:
    """The cells of the columns that are read, as they stand, under their headers."""
    return {label: cells.shown(row[at]) for at, label in headers if at < len(row) and row[at] != ""}


def _column(
    column: ColumnLayout, values: list[object], cleaned: list[tuple[int, str]], *, typed: bool
) -> tuple[list[Any], dict[int, BadCell]]:
    """Each cell's value, and the faults by position; every different value is looked at once."""
    parse = _TYPES[column.type]
    # 1, 1.0 and True are one key of a dict but three different cells.
    mixed = len({type(value) for value in values} - {str}) > 1
    keys: list[Any] = [(type(value), value) for value in values] if mixed else values
    results: dict[Any, Any] = {}
    faults: dict[Any, BadCell] = {}
    notes: dict[Any, tuple[str, ...]] = {}
    for key in dict.fromkeys(keys):
        try:
            results[key], kinds = parse(key[1] if mixed else key)
        except BadCell as fault:
            results[key], faults[key] = None, fault
            continue
        if kinds and (kept := tuple(kind for kind in kinds if typed or kind != cells.AS_TEXT)):
            notes[key] = kept
    if notes:
        for index, key in enumerate(keys):
            cleaned += [(index, kind) for kind in notes.get(key, ())]
    named = {index: faults[key] for index, key in enumerate(keys) if key in faults} if faults else {}
    return [results[key] for key in keys], named
