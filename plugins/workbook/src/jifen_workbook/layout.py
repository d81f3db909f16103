"""Decides which table a sheet holds, by its headers alone, and which column is which."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import tomli
from attrs import frozen

from jifen_workbook.cells import narrow

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class ColumnLayout:
    """One column: what its cells are, whether a sheet must have it, and the headers that stand for it."""

    name: str
    type: str
    headers: tuple[str, ...]
    required: bool = False


@frozen
class TableLayout:
    """One kind of table and its columns."""

    name: str
    title: str
    columns: tuple[ColumnLayout, ...]

    def find(self, headers: Sequence[str]) -> dict[str, list[int]]:
        """Where each column stands in a header row; more than one place is a fault of the sheet."""
        named = {comparable(header): column.name for column in self.columns for header in column.headers}
        places: dict[str, list[int]] = {}
        for at, header in enumerate(headers):
            if (column := named.get(comparable(header))) is not None:
                places.setdefault(column, []).append(at)
        return places


@frozen
class Layout:
    """All tables, the words that cells may use, and the sheets that hold explanations only."""

    tables: tuple[TableLayout, ...]
    words: dict[str, dict[str, str]]
    ignored_sheets: frozenset[str]

    def recognise(self, headers: Sequence[str]) -> TableLayout | None:
        """The table with most columns in the header row, of those with at least half of what they require."""
        best: tuple[int, TableLayout] | None = None
        for table in self.tables:
            found = table.find(headers)
            required = [column.name for column in table.columns if column.required]
            if 2 * sum(name in found for name in required) >= len(required) and (best is None or len(found) > best[0]):
                best = (len(found), table)
        return best[1] if best else None


def comparable(text: str) -> str:
    """A header as it is compared: full-width signs made narrow, no spaces and underscores, no capitals."""
    return re.sub(r"[\s_]+", "", narrow(text)).lower()


@cache
def layout() -> Layout:
    """The layout that this package ships."""
    data: dict[str, Any] = tomli.loads((files("jifen_workbook") / "layout.toml").read_text("utf-8"))
    tables = tuple(
        TableLayout(
            name,
            table["title"],
            tuple(
                ColumnLayout(column, spec["type"], tuple(spec["headers"]), spec.get("required", False))
                for column, spec in table["columns"].items()
            ),
        )
        for name, table in data["tables"].items()
    )
    words = {
        kind: {comparable(word): code for code, known in codes.items() for word in known}
        for kind, codes in data["words"].items()
    }
    return Layout(tables, words, frozenset(comparable(name) for name in data["ignored_sheets"]))
