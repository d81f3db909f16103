"""Decides what the office gets of a settlement: one workbook of its tables, and one of the rows that were set aside."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

import xlsxwriter
from jifen.model import Status
from jifen.words import say, title

from jifen_workbook import accounts, settled
from jifen_workbook.names import Names
from jifen_workbook.set_aside import aside_table, write_set_aside
from jifen_workbook.sheets import Office

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.settlement import Settlement

FILE, ASIDE_FILE = "settlement.xlsx", "set-aside.xlsx"


def write(settlement: Settlement, inputs: Inputs, folder: Path) -> None:
    """``settlement.xlsx`` and, where rows were set aside, ``set-aside.xlsx``; the same settlement gives the same bytes.

    Only the sheet 公示榜 may be posted (R23): the others name households in full, for the office.
    """
    book = settlement.book
    mark = "" if book.marked is Status.APPROVED else say(f"workbook.mark.{book.marked.value}")
    names = Names.of(settlement, inputs)
    with xlsxwriter.Workbook(folder / FILE) as workbook:
        # A workbook carries the time of its making; the last day of the period stands for it, so that nothing varies.
        workbook.set_properties(
            {"title": title(book.title), "author": "jifen", "created": datetime.combine(settlement.period.end, time())}
        )
        office = Office(workbook, f"{title(book.title)} {settlement.period.name}", mark, book.places)
        office.add("about", *settled.about(settlement, inputs))
        office.add("board", *settled.board(settlement, names))
        office.add("households", *settled.households(settlement, names))
        office.add("villages", *settled.villages(settlement, names))
        office.add("parts", *settled.parts(settlement, names))
        office.add("rewards", *settled.rewards(settlement, names))
        if book.purses:
            office.add("purses", *accounts.purses(settlement, names))
        if book.shop:
            office.add("exchanges", *accounts.exchanges(settlement, names))
        office.add("outside", *settled.outside(settlement, names))
        office.add("refused", *settled.refused(settlement, inputs, names))
        office.add("set-aside", *aside_table(inputs.set_aside))
    if inputs.set_aside:
        write_set_aside(inputs.set_aside, folder / ASIDE_FILE)
