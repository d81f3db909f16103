"""Decides how a district's folder becomes checked frames: four tables, every problem at once with file, row and column.

Tables are read by jifen-workbook, which the district has beside this plugin. Towns and villages may be written by code
or by a name that is nobody else's; kinds by code or by any of their names.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import tomli
from attrs import frozen
from jifen.dataset import data_files
from jifen.problems import Place, Problem, Refused

from jifen_pudong.district.frames import GIVEN
from jifen_pudong.district.given import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jifen.frames import Frame
    from jifen_workbook.district_tables import Found
    from jifen_workbook.layout import TableLayout

    from jifen_pudong.district.rollout import Rollout

SUFFIXES: Final = (".csv", ".parquet", ".xlsx")
_MAY_BE_EMPTY: Final = ("kinds",)


def read_given(folder: Path, rollout: Rollout) -> Given:
    """The four tables of a folder, each as one csv or Parquet file or one sheet of a workbook.

    Raises `Refused` with all problems of all tables.
    """
    try:
        from jifen_workbook.district_tables import read_tables
    except ImportError as missing:
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": "jifen-workbook"})]) from missing
    used = table_files(folder)
    tables, problems = read_tables(used, layouts())
    by_name: dict[str, list[Found]] = {frame.name: [] for frame in GIVEN}
    for table in tables:
        problems += table.problems
        by_name[table.layout.name].append(table)
    for name, found in by_name.items():
        if len(found) != 1:
            code = "district.table-twice" if found else "district.no-table"
            place = Place(
                file=found[1].source.file if found else str(folder), sheet=found[1].source.sheet if found else None
            )
            facts = {"table": name, "title": _titles()[name], "other": found[0].source.file if found else ""}
            problems.append(Problem(code, place, facts))
    if any(len(found) != 1 for found in by_name.values()):
        raise Refused(problems)
    check = _Check({name: found[0] for name, found in by_name.items()}, rollout, problems)
    made = check.frames()
    if problems:
        raise Refused(problems)
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in used}
    return Given(
        **{name: frame.check(made[name], name) for name, frame in ((f.name, f) for f in GIVEN)}, digests=digests
    )


def table_files(folder: Path) -> list[Path]:
    """The files of a folder in which the tables can be; what lies deeper, as settlements do, is none of them."""
    return [file for file in data_files(folder) if file.suffix.lower() in SUFFIXES and file.parent == folder]


@cache
def layouts() -> Mapping[str, TableLayout]:
    """The layout of each table by every name that a file or sheet of it may have, as `comparable` writes it."""
    from jifen_workbook.layout import ColumnLayout, TableLayout, comparable

    found: dict[str, TableLayout] = {}
    for frame in GIVEN:
        spec = _layout()[frame.name]
        columns = tuple(
            ColumnLayout(
                column.name,
                spec["columns"][column.name]["type"],
                tuple(spec["columns"][column.name]["headers"]),
                required=not column.null,
            )
            for column in frame.columns
        )
        table = TableLayout(frame.name, spec["titles"][1], columns)
        found.update({comparable(name): table for name in spec["titles"]})
    return found


@cache
def _layout() -> dict[str, Any]:
    return tomli.loads(files("jifen_pudong.district").joinpath("layout.toml").read_text("utf-8"))


def _titles() -> dict[str, str]:
    return {name: spec["titles"][1] for name, spec in _layout().items()}


@frozen(eq=False)
class _Check:
    """The checks across cells and tables; a cell that the reader could not read has its problem already."""

    tables: Mapping[str, Found]
    rollout: Rollout
    problems: list[Problem]

    def frames(self) -> dict[str, pl.DataFrame]:
        for frame in GIVEN:
            self.empty_cells(frame)
        towns, villages = self.rows("towns"), self.rows("villages")
        known_towns = _known((row.get("town"), row.get("name")) for _, row in towns)
        known_villages = _known((row.get("village"), row.get("name")) for _, row in villages)
        for name in ("villages", "recognitions"):
            self.resolve(name, "town", known_towns, "unknown-town")
        self.resolve("participation", "village", known_villages, "unknown-village")
        kinds = {word: kind.code for kind in self.rollout.kinds for word in (kind.code, *kind.name.values())}
        for number, row in villages:
            row["kinds"] = [self.kind(number, word, kinds) for word in row["kinds"] or []]
        recognitions = {
            word: each.kind for each in self.rollout.recognitions for word in (each.kind, *each.name.values())
        }
        self.resolve("recognitions", "kind", recognitions, "unknown-recognition")
        self.groups()
        for frame in GIVEN:
            self.once(frame)
        return {frame.name: self.frame(frame) for frame in GIVEN} if not self.problems else {}

    def rows(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        return self.tables[name].rows

    def add(self, name: str, number: int, column: str, code: str, /, **facts: object) -> None:
        source = self.tables[name].source
        place = Place(file=source.file, sheet=source.sheet, row=number, column=source.label(column))
        self.problems.append(Problem(f"district.{code}", place, facts))

    def empty_cells(self, frame: Frame) -> None:
        table = self.tables[frame.name]
        for number, row in table.rows:
            for column in frame.columns:
                empty = row[column.name] is None and (number, column.name) not in table.bad
                if empty and not column.null and column.name not in _MAY_BE_EMPTY:
                    self.add(frame.name, number, column.name, "empty-cell")

    def resolve(self, name: str, column: str, known: Mapping[str, str], code: str) -> None:
        for number, row in self.rows(name):
            written = row[column]
            if written is not None:
                row[column] = known.get(written)
                if row[column] is None:
                    self.add(name, number, column, code, got=written, known=_some(known.values()))

    def kind(self, number: int, word: str, kinds: Mapping[str, str]) -> str:
        if word not in kinds:
            self.add("villages", number, "kinds", "unknown-kind", got=word, known=_some(kinds))
        return kinds.get(word, word)

    def groups(self) -> None:
        """Villages have groups, and a pilot has at least so many of them and not more than there are (R5)."""
        have: dict[str, int] = {}
        for number, row in self.rows("villages"):
            if row["groups"] is not None and row["groups"] < 1:
                self.add("villages", number, "groups", "no-groups", got=row["groups"])
            elif row["village"] is not None and row["groups"] is not None:
                have[row["village"]] = row["groups"]
        least = self.rollout.pilots.least_groups
        for number, row in self.rows("participation"):
            pilot, all_of_them = row["pilot_groups"], have.get(row["village"])
            if pilot is not None and all_of_them is not None and not min(least, all_of_them) <= pilot <= all_of_them:
                facts = {"got": pilot, "least": least, "groups": all_of_them, "clause": self.rollout.pilots.clause}
                self.add("participation", number, "pilot_groups", "pilot-groups", **facts)

    def once(self, frame: Frame) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for number, row in self.rows(frame.name):
            key = tuple(row[column] for column in frame.key)
            if None in key:
                continue
            if key in seen:
                self.add(frame.name, number, frame.key[-1], "row-twice", got=" ".join(key), first=seen[key])
            seen.setdefault(key, number)

    def frame(self, frame: Frame) -> pl.DataFrame:
        rows = [row for _, row in self.rows(frame.name)]
        order = {"villages": ["town", "village"]}.get(frame.name, list(frame.key))
        return frame.make(rows).sort(order)


def _known(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """Codes, and names that only one has, to codes."""
    whole = [(code, name) for code, name in pairs if code is not None]
    count = Counter(name for _, name in whole)
    names = {name: code for code, name in whole if name is not None and count[name] == 1}
    return {**names, **{code: code for code, _ in whole}}


def _some(words: Iterable[str], most: int = 6) -> str:
    """The first few of what there is, for the words of a problem."""
    found = list(dict.fromkeys(words))
    return "、".join(found[:most]) + ("…" if len(found) > most else "")
