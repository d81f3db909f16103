"""Decides what the office gets of a correction: who gets how many points and why, as a workbook."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

import xlsxwriter
from jifen.correction_words import announced_in_words, item_name
from jifen.model import Status
from jifen.words import say, title

from jifen_workbook.names import Names
from jifen_workbook.sheets import Head, Kind, Office

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.correction import Correction

    from jifen_workbook.settled import Sheet
    from jifen_workbook.sheets import Rows

FILE = "correction.xlsx"


def write_correction(correction: Correction, folder: Path) -> None:
    """``correction.xlsx``, for the office: it names households in full. The same correction gives the same bytes."""
    book = correction.now.book
    mark = "" if book.marked is Status.APPROVED else say(f"workbook.mark.{book.marked.value}")
    names = Names.of(correction.now, correction.inputs)
    facts = {"book": title(book.title), "period": correction.now.period.name, "day": correction.on}
    heading = say("workbook.corrects", number=correction.number, **facts)
    with xlsxwriter.Workbook(folder / FILE) as workbook:
        # A workbook carries the time of its making; the day of the entries stands for it, so that nothing varies.
        workbook.set_properties(
            {"title": heading, "author": "jifen", "created": datetime.combine(correction.on, time())}
        )
        office = Office(workbook, heading, mark, book.places)
        office.add("corrected", *_totals(correction, names))
        office.add("corrections", *_entries(correction, names))
        office.add("announced", *_announced(correction, names))


def _totals(correction: Correction, names: Names) -> Sheet:
    """A row a household or village: what it had, what is added, what it has."""
    heads = [Head("village"), Head("subject"), Head("name"), Head("before", Kind.POINTS)]
    heads += [Head("change", Kind.POINTS), Head("now", Kind.POINTS), Head("entries", Kind.WHOLE)]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            row["subject"],
            names.subject(row["subject"]),
            names.points(row["old"]),
            names.points(row["change"]),
            names.points(row["old"] + row["change"]),
            row["entries"],
        ]
        for row in correction.totals().iter_rows(named=True)
    ]
    return heads, rows


def _entries(correction: Correction, names: Names) -> Sheet:
    """A row an entry: the award, what it was and is, the reason, and who recorded and approved it (R22)."""
    heads = [Head("village"), Head("subject"), Head("name"), Head("done", Kind.DAY), Head("item")]
    heads += [Head("before", Kind.POINTS), Head("now", Kind.POINTS), Head("change", Kind.POINTS)]
    heads += [Head("why", Kind.LONG), Head("clause"), Head("recorded-by"), Head("approved-by"), Head("entry")]
    rows: Rows = []
    for row in correction.corrections.iter_rows(named=True):
        unit = 10 ** row["places"]
        old, new = (None if row[side] is None else Decimal(row[side]) / unit for side in ("old", "new"))
        rows.append(
            [
                names.villages.get(row["village"], row["village"]),
                row["subject"],
                names.subject(row["subject"]),
                row["date"],
                item_name(correction.now.book, row),
                old,
                new,
                Decimal(row["change"]) / unit,
                say(row["why"]),
                row["clause"],
                row["recorded_by"],
                row["approved_by"],
                row["entry"],
            ]
        )
    return heads, rows


def _announced(correction: Correction, names: Names) -> Sheet:
    """What was announced and would be another now; listed, not changed."""
    heads = [Head("village"), Head("subject"), Head("name"), Head("what"), Head("was"), Head("would-be")]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            row["subject"],
            names.subject(row["subject"]),
            *announced_in_words(correction, row),
        ]
        for row in correction.announced.iter_rows(named=True)
    ]
    return heads, rows
