"""Decides whether a town's worked cases come out as its people computed them by hand: deeds in, points expected.

``cases.toml`` is a list of ``[[cases]]``; `jifen.case_file` says what a case can hold. A town's test is two lines::

    from jifen.cases import check_town


    def test_rules_and_cases() -> None:
        check_town("qinghe")
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen

from jifen import frames
from jifen.case_file import (
    HOUSEHOLD,
    CaseFile,
    deed_rows,
    household_row,
    other_rows,
    request_rows,
    table,
    village_row,
)
from jifen.checking import admit
from jifen.convert import convert
from jifen.document import Document, Faults
from jifen.flow import settle
from jifen.inputs import Reading
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.registry import Registry
from jifen.rulebook import books_of
from jifen.succession import book_for
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path as FilePath

    from jifen.case_file import Case, Expected
    from jifen.locate import Path
    from jifen.model import RuleBook
    from jifen.settlement import Settlement


def check_town(name: str) -> None:
    """Reads an installed town's rule books and works all of its cases: the whole test of a town.

    Raises `Refused` with every problem of the rules or, where those are sound, of the cases.
    """
    registry = Registry.load()
    town = registry.town(name)
    books = books_of(town, registry)
    if town.cases is None:
        raise Refused([Problem("cases.no-file", facts={"town": name})])
    if problems := run_cases(books, town.folder / town.cases, registry):
        raise Refused(problems)


def worked_in(case: Case, books: Sequence[RuleBook]) -> tuple[Period, RuleBook]:
    """The period of a case, the year of its first deed if it names none, and the book that holds in it.

    Raises `Refused` where it is no period, or no book holds for the whole of it.
    """
    first = case.deeds[0].date if case.deeds else books[0].valid_from
    period = Period.parse(case.period or f"{first.year:04}")
    return period, book_for(books, period)


def run_cases(books: Sequence[RuleBook], path: FilePath, registry: Registry) -> list[Problem]:
    """Works every case of a file; what is wrong in it or comes out otherwise, each with file and line.

    Raises `Refused` where the file cannot be read or is no list of cases.
    """
    document = Document.read(path)
    faults = Faults(document)
    read = convert(document.data, CaseFile, (), faults)
    faults.settle()
    cases = read.cases if read else ()
    if not cases:
        faults.add("cases.none", ())
    for position, case in enumerate(cases):
        try:
            _Work.of(case, ("cases", position), books, registry, faults).compare()
        except Refused as refused:
            faults.take(refused.problems, ("cases", position))
    return faults.in_order()


@frozen(eq=False)
class _Work:
    case: Case
    path: Path
    numbers: list[str]
    book: RuleBook
    settled: Settlement
    faults: Faults

    @classmethod
    def of(cls, case: Case, path: Path, books: Sequence[RuleBook], registry: Registry, faults: Faults) -> _Work:
        """Settles the case by the book that holds in its period."""
        period, book = worked_in(case, books)
        before = date(period.start.year - 1, 1, 1)
        numbers = [deed.deed or f"{position}" for position, deed in enumerate(case.deeds, start=1)]
        tables = {
            "villages": table(frames.VILLAGES, [village_row(case, before)]),
            "households": table(frames.HOUSEHOLDS, [household_row(case, before), *other_rows(case)]),
            "deeds": table(frames.DEEDS, deed_rows(case, numbers, book, path, faults)),
            "requests": table(frames.REQUESTS, request_rows(case)),
        }
        inputs = admit(Reading(tables), book, period)
        for row in inputs.set_aside:
            where = (*path, "household") if row.frame == "households" else (*path, row.frame, row.row - 1)
            for problem in row.problems:
                faults.take([problem], (*where, problem.place.column or ""))
        return cls(case, path, numbers, book, settle(book, registry, inputs, period), faults)

    def compare(self) -> None:
        """Adds what did not come out as the case says."""
        case = self.case
        if not case.expects:
            self.faults.add("cases.no-expectation", self.path)
        for position, expected in enumerate(case.expect):
            self._expected(expected, (*self.path, "expect", position))
        self._exchanges()
        if case.total is None and case.grade is None:
            return
        standing = self.settled.standings.filter(pl.col("household") == HOUSEHOLD).to_dicts()
        if not standing:
            reasons = ", ".join(say(reason) for reason in self.settled.participants["reason"])
            self.faults.add("cases.no-standing", self.path, reason=reasons)
            return
        if case.total is not None:
            self._points(case.total, standing[0]["total"], (*self.path, "total"))
        if case.grade is not None and case.grade != standing[0]["grade"]:
            self.faults.add("cases.wrong-grade", (*self.path, "grade"), want=case.grade, got=standing[0]["grade"])

    def _exchanges(self) -> None:
        """What became of the requests, and what is left in the purses."""
        for position, asked in enumerate(self.case.exchanges):
            got = self.settled.exchanges.filter(pl.col("request") == f"{position + 1}")["reason"].to_list()
            if got != [asked.refused]:
                told = ", ".join(reason or say("cases.granted") for reason in got)
                want = asked.refused or say("cases.granted")
                self.faults.add("cases.wrong-exchange", (*self.path, "exchanges", position), want=want, got=told)
        entries = self.settled.purse_entries
        for purse, points in self.case.balances.items():
            path = (*self.path, "balances", purse)
            if purse not in [each.code for each in self.book.purses]:
                known = ", ".join(each.code for each in self.book.purses) or "–"
                self.faults.add("rulebook.unknown-purse", path, code=purse, known=known)
                continue
            left = entries.filter((pl.col("purse") == purse) & (pl.col("household") == HOUSEHOLD))["balance"]
            self._points(points, left[-1] if len(left) else 0, path)

    def _expected(self, expected: Expected, path: Path) -> None:
        if (expected.deed is None) == (expected.item is None) or (expected.points is None) == (
            expected.refused is None
        ):
            self.faults.add("cases.unclear", path)
        elif expected.item is not None:
            rows = self.settled.awards.filter(pl.col("item") == expected.item)
            if expected.points is None:
                self.faults.add("cases.unclear", path)
            elif expected.item not in self.book.items_in(self.case.village.code):
                self.faults.add("rulebook.unknown-item", (*path, "item"), code=expected.item)
            else:
                self._points(expected.points, int(rows["points"].sum()), (*path, "points"))
        elif expected.deed not in self.numbers:
            self.faults.add("cases.no-deed", (*path, "deed"), deed=expected.deed)
        else:
            self._deed(expected, path)

    def _deed(self, expected: Expected, path: Path) -> None:
        refused = self.settled.refused.filter(pl.col("deed") == expected.deed)["reason"].to_list()
        awards = self.settled.awards.filter(pl.col("deed") == expected.deed)
        if expected.points is None:
            if refused != [expected.refused]:
                got = self._told(int(awards["points"].sum())) if not refused else refused[0]
                self.faults.add("cases.wrong-refusal", (*path, "refused"), want=expected.refused, got=got)
        elif refused:
            self.faults.add("cases.was-refused", (*path, "points"), deed=expected.deed, reason=refused[0])
        else:
            self._points(expected.points, int(awards["points"].sum()), (*path, "points"))

    def _points(self, want: Decimal, got: int, path: Path) -> None:
        if want * self.book.unit != got:
            self.faults.add("cases.wrong-points", path, want=want, got=self._told(got))

    def _told(self, points: int) -> str:
        return f"{(Decimal(points) / self.book.unit).normalize() + 0:f}"
