"""Decides which sheets the district's workbook has: its frames with names for codes, and the reasons in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import frozen
from jifen.model import Status
from jifen.problems import Problem, Refused
from jifen.words import say, title

from jifen_pudong.district.telling import lines, missing_names, names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import polars as pl
    from jifen.model import RuleBook
    from jifen_workbook.district_book import Sheet

    from jifen_pudong.district.judging import Judged

    Column = tuple[str, Callable[["Row"], object]]

Row = dict[str, Any]


def write_book(judged: Judged, file: Path) -> None:
    """The workbook. Raises `Refused` (``commands.missing-plugin``) where jifen-workbook is not installed."""
    try:
        from jifen_workbook.district_book import write_book as write
    except ImportError as missing:
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": "jifen-workbook"})]) from missing
    book = judged.towns.book
    status = "" if book.marked is Status.APPROVED else say(f"commands.status.{book.marked.value}")
    heading = f"{title(book.title)} {judged.as_of}"
    write(file, heading, status, book.places, judged.as_of, _sheets(judged))


@frozen(eq=False)
class _Columns:
    """What stands in a column, by its header's key: the kind of its cells, and a row's cell."""

    judged: Judged

    def town(self) -> Column:
        return "text", lambda row: self.judged.given.town_names[row["town"]]

    def village(self) -> Column:
        return "text", lambda row: self.judged.given.village_names[row["village"]]

    def target(self) -> Column:
        names = {target.code: title(target.name) for target in self.judged.rollout.targets}
        return "text", lambda row: names[row["target"]]

    def missing_names(self) -> Column:
        given = self.judged.given
        return "long", lambda row: names(given, row["names"], row["missing"]) if row["missing"] else ""

    def have(self) -> Column:
        deducted = _points("have", self.judged.towns.book)[1]
        return "text", lambda row: str(deducted(row) if row["criterion"] == "deductions" else row["have"])


def _sheets(judged: Judged) -> tuple[Sheet, ...]:
    columns, book = _Columns(judged), judged.towns.book
    assessed = {
        "rank": _same("rank", "number"),
        "town": columns.town(),
        **_wholes("villages", "joined"),
        "share": _share("joined", "villages"),
        "pilots": _same("pilots"),
        **{name: _points(name, book) for name in ("given", "taken", "points")},
        "candidate": _word(lambda row: "district.candidate" if row["candidate"] else ""),
    }
    targets = {
        "town": columns.town(),
        "target": columns.target(),
        "date": _same("date", "day"),
        "state": _word(_state),
        "scope": _same("villages"),
        **_wholes("wanted", "joined", "missing"),
        "missing-now": _same("missing_now"),
        "names": columns.missing_names(),
    }
    criteria = {
        "town": columns.town(),
        "criterion": _word(lambda row: f"district.criterion-name.{row['criterion']}"),
        "have": columns.have(),
        "of": _same("of"),
        "met": _word(lambda row: "district.yes" if row["met"] else "district.no"),
    }
    joined = {
        "town": columns.town(),
        "quarter": _same("quarter", "text"),
        "end": _same("end", "day"),
        **_wholes("villages", "joined"),
        "share": _share("joined", "villages"),
    }
    settled = {
        "town": columns.town(),
        "period": _same("period", "text"),
        **_wholes("villages", "households", "participants"),
        "share": _share("participants", "households"),
        "deeds": _same("deeds"),
        "mean": ("money", lambda row: None if row["mean"] is None else Decimal(row["mean"]).scaleb(-3)),
    }
    villages = {
        "town": columns.town(),
        "rank": _same("rank", "number"),
        "village": columns.village(),
        "periods": _same("periods"),
        "points": _points("points", judged.villages.book),
    }
    return (
        _sheet("district-towns", judged.assessment, assessed),
        _sheet("district-targets", judged.states, targets),
        _reasons(judged),
        _sheet("district-criteria", judged.criteria, criteria),
        _sheet("district-joined", judged.joined_trend, joined),
        _sheet("district-settled", judged.points_trend, settled),
        _sheet("district-villages", judged.village_assessment, villages),
    )


def _sheet(key: str, frame: pl.DataFrame, columns: Mapping[str, Column]) -> Sheet:
    from jifen_workbook.district_book import Sheet

    heads = tuple((say(f"district.head.{name}"), kind) for name, (kind, _) in columns.items())
    rows = [[cell(row) for _, cell in columns.values()] for row in frame.iter_rows(named=True)]
    return Sheet(key, heads, rows)


def _reasons(judged: Judged) -> Sheet:
    """Each point with its words, a row a deed."""
    from jifen_workbook.district_book import Sheet

    missing = missing_names(judged.given, judged.states)
    heads = ((say("district.head.town"), "text"), (say("district.head.reason"), "long"))
    rows: list[list[object]] = []
    for code, name in judged.given.town_names.items():
        for words, depth in lines(judged.towns, judged.town_places, code, missing):
            if depth == 0:
                rows.append([name, words])
            else:
                rows[-1][1] = f"{rows[-1][1]}\n{words}"
    return Sheet("district-points", heads, rows)


def _same(column: str, kind: str = "whole") -> Column:
    return kind, lambda row: row[column]


def _wholes(*columns: str) -> dict[str, Column]:
    return {column: _same(column) for column in columns}


def _points(column: str, book: RuleBook) -> Column:
    return "points", lambda row: Decimal(row[column]).scaleb(-book.places)


def _word(key: Callable[[Row], str]) -> Column:
    return "text", lambda row: say(key(row)) if key(row) else ""


def _share(part: str, whole: str) -> Column:
    """A share to four places, cut off, for a cell that shows one place of its percent."""
    return "share", lambda row: Decimal(row[part] * 10_000 // row[whole]).scaleb(-4) if row[whole] else None


def _state(row: Row) -> str:
    if not row["missing"]:
        return "district.met"
    return "district.overdue" if row["due"] else "district.open"
