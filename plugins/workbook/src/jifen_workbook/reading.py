"""Decides what a town office's files bring: every table of every file, as frames with the origin of each row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl
from jifen import frames
from jifen.inputs import ORIGIN, Reading, SetAside
from jifen.problems import Place, Problem, Refused

from jifen_workbook.pages import pages
from jifen_workbook.tables import MEMBERS, Table, understand

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.model import RuleBook

_FRAMES = (frames.VILLAGES, frames.HOUSEHOLDS, MEMBERS, frames.DEEDS, frames.REQUESTS)
_USUAL: dict[str, dict[str, object]] = {
    "households": {"site": "home"},
    "requests": {"pieces": 1, "status": "requested"},
}
"""What an empty cell stands for."""


def read(files: tuple[Path, ...], _book: RuleBook) -> Reading:
    """VILLAGES, HOUSEHOLDS, DEEDS and REQUESTS from workbooks and tables; `LAYOUT.md` says what they look like.

    Nothing is raised for bad content: problems of files and sheets, and rows with bad cells, are all in the reading.
    """
    problems: list[Problem] = []
    tables: list[Table] = []
    for path, name in _named(files):
        try:
            for page in pages(path, name):
                found = understand(page)
                if isinstance(found, Table):
                    tables.append(found)
                else:
                    problems += found
        except Refused as refused:
            problems += refused.problems
    cleaned_in = tuple((at, row, kind) for at, table in enumerate(tables) for row, kind in table.cleaned)
    found_frames, origins = _frames(tables)
    aside = [row for table in tables for row in table.set_aside]
    members = found_frames.pop("members", None)
    if members is not None and "households" in found_frames:
        households = found_frames["households"]
        aside = _strangers(members, origins["members"], households, tables, aside)
        found_frames["households"] = _with_members(households, members)
    origins.pop("members", None)
    return Reading(
        frames=found_frames,
        problems=tuple(problems),
        set_aside=tuple(aside),
        cleaned=dict(sorted(Counter(kind for *_, kind in cleaned_in).items())),
        cleaned_in=cleaned_in,
        rows_in=found_frames["deeds"].height if "deeds" in found_frames else 0,
        sources=tuple(table.source for table in tables),
        origins=origins,
    )


def _named(files: tuple[Path, ...]) -> list[tuple[Path, str]]:
    """The files in the order of their names, without lock files; those of one name are told apart by their folder."""
    kept = [file for file in files if not file.name.startswith(("~$", "."))]
    count = Counter(file.name for file in kept)
    named = [(file, file.name if count[file.name] == 1 else f"{file.parent.name}/{file.name}") for file in kept]
    return sorted(named, key=lambda pair: pair[1])


def _frames(tables: list[Table]) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """One frame of each kind, and beside it the origin of each row."""
    found: dict[str, pl.DataFrame] = {}
    origins: dict[str, pl.DataFrame] = {}
    for frame in _FRAMES:
        mine = [(at, table) for at, table in enumerate(tables) if table.layout.name == frame.name]
        if not mine:
            continue
        whole = pl.concat([_complete(frame, table.frame) for _, table in mine])
        usual = _USUAL.get(frame.name, {})
        whole = whole.with_columns(pl.col(name).fill_null(value) for name, value in usual.items())
        found[frame.name] = whole
        origins[frame.name] = pl.concat(
            [pl.DataFrame({"source": [at] * len(table.rows), "row": table.rows}, schema=ORIGIN) for at, table in mine]
        )
    return found, origins


def _complete(frame: frames.Frame, table: pl.DataFrame) -> pl.DataFrame:
    """All columns of the frame, in order; those that the sheet does not have are empty."""
    return table.select(
        pl.col(column.name) if column.name in table.columns else pl.lit(None, dtype=column.dtype).alias(column.name)
        for column in frame.columns
    )


def _with_members(households: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The households with the names of their members in the order of the sheet, each name once."""
    names = (
        members.drop_nulls()
        .unique(maintain_order=True)
        .group_by("household", maintain_order=True)
        .agg(members="member")
    )
    joined = households.drop("members").join(names, on="household", how="left", maintain_order="left")
    return joined.select(households.columns)


def _strangers(
    members: pl.DataFrame, origins: pl.DataFrame, households: pl.DataFrame, tables: list[Table], aside: list[SetAside]
) -> list[SetAside]:
    """`aside` with the members of households that are not in the register, and those without household or name."""
    wrong = pl.concat([members, origins], how="horizontal").filter(
        ~pl.col("household").is_in(households["household"].drop_nulls().implode())
        | pl.any_horizontal(pl.col("household", "member").is_null())
    )
    known = set(households["household"])
    rows = {(row.file, row.sheet, row.row): row for row in aside}
    for household, member, at, row in wrong.iter_rows():
        source = tables[at].source
        place = Place(file=source.file, sheet=source.sheet, row=row)
        problems = []
        if household is None or member is None:
            empty = "household" if household is None else "member"
            problems.append(Problem("checking.empty-cell", _at(place, source.label(empty))))
        if household is not None and household not in known:
            problems.append(
                Problem("checking.unknown-household", _at(place, source.label("household")), {"got": household})
            )
        have = rows.get((source.file, source.sheet, row))
        named = {problem.place.column for problem in have.problems} if have else set()
        new = tuple(problem for problem in problems if problem.place.column not in named)
        texts = {source.label("household"): household, source.label("member"): member}
        cells = have.cells if have else {label: text for label, text in texts.items() if text}
        old = have.problems if have else ()
        rows[source.file, source.sheet, row] = SetAside("members", source.file, source.sheet, row, cells, old + new)
    return list(rows.values())


def _at(place: Place, column: str) -> Place:
    return Place(file=place.file, sheet=place.sheet, row=place.row, column=column)
