"""Decides what the office gets of a comparison of two rule books: every household that moves, and all of the tables.

Names stand in full, for the office alone (R23); the page of `jifen-report` is what an assembly is given.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import xlsxwriter
from jifen.model import Status
from jifen.whatif.by import By
from jifen.whatif.naming import Names
from jifen.words import say, title

from jifen_workbook import compared_tables as tables
from jifen_workbook.sheets import Head, Kind, Office

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.comparison import Comparison

    from jifen_workbook.compared_tables import Sheet


def write_comparison(found: Comparison, by: By | None, file: Path) -> None:
    """One workbook; the same comparison gives the same bytes. `by` says which split comes first; all are there."""
    book = found.marked
    mark = "" if book.marked is Status.APPROVED else say(f"workbook.mark.{book.marked.value}")
    names = Names.of(found)
    heading = say("workbook.compare.heading", title=title(found.after.book.title), period=found.period.name)
    with xlsxwriter.Workbook(file) as workbook:
        # As in a settlement's workbook, the last day of the period stands for the time of making.
        workbook.set_properties(
            {"title": heading, "author": "jifen", "created": datetime.combine(found.period.end, time())}
        )
        office = Office(workbook, heading, mark, found.places)
        office.add("compare-about", *about(found, names))
        office.add("compare-categories", *tables.categories(found, names))
        office.add("compare-rules", *tables.rules(found, names))
        office.add("compare-grades", *tables.grades(found, names))
        office.add("compare-villages", *tables.villages(found, names))
        office.add("compare-rewards", *tables.rewards(found, names))
        for each in sorted(By, key=lambda each: each is not by):
            office.add(f"compare-by-{each.value}", *tables.split(found, each))
        office.add("compare-households", *tables.households(found, names))
        office.add("compare-near", *tables.near(found, names))


def about(found: Comparison, names: Names) -> Sheet:
    """Which books, which period, the whole in figures, and what one of the books cannot use."""
    whole = found.whole
    lines: list[tuple[str, object]] = [
        *(line for side in ("before", "after") for line in _book(found, side)),
        ("period", f"{found.period.name} ({found.period.start} – {found.period.end})"),
        ("as-if", say("workbook.compare.as-if")),
        ("result", say("workbook.compare.same") if found.same else say("workbook.compare.differs")),
        *((name, f"{whole[name]:,}") for name in ("households", "winners", "losers", "unchanged", "better", "worse")),
        *((name, f"{tables.in_points(found, whole[name]):,}") for name in ("gained", "lost", "change")),
        *(
            ("unread", say(f"workbook.compare.village-rules.{side}", villages=names.some_villages(villages)))
            for side, villages in found.village_rules
        ),
        *(("unread", _unread(row, names)) for row in found.unread.iter_rows(named=True)),
        ("private", say("workbook.compare.private")),
    ]
    heads = [Head("about"), Head("content", Kind.LONG)]
    return heads, [[say(f"workbook.compare.about.{key}"), value] for key, value in lines]


def _book(found: Comparison, side: str) -> list[tuple[str, object]]:
    book = found.before.book if side == "before" else found.after.book
    return [
        (side, say("workbook.compare.book", title=title(book.title), name=book.name)),
        (f"status-{side}", say(f"workbook.status.{book.marked.value}")),
        (f"digest-{side}", book.digest),
    ]


def _unread(row: dict[str, Any], names: Names) -> str:
    item = names.items.get(row["item"], names.rewards.get(row["item"], row["item"]))
    reason = names.reason(row["reason"])
    return say(f"workbook.compare.unread.{row['side']}", item=item, code=row["item"], rows=row["rows"], reason=reason)
