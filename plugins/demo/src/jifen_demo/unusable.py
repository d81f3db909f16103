"""Decides what a row looks like that cannot be used: one of each kind, to see how `jifen` names and sets them aside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from jifen.deed_rules import takes_deeds
from jifen.model import Measure, Subject

from jifen_demo.habits import by_member
from jifen_demo.sheets import Cell, Formula, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.model import Item, RuleBook

Row = dict[str, Cell | Formula]


def add_unusable(villages: Table, households: Table, deeds: Table, book: RuleBook | None) -> None:
    """Adds a village, some households and some deeds that cannot be used; all other rows stay usable but one.

    The one is the deed whose number is used a second time, for nobody can tell which of the two is meant.
    """
    code = str(villages.rows[0][0])
    plain = households.cells(0)
    for changes in _households(code):
        households.add({**plain, **changes})
    for number, row in enumerate(_deeds(villages, deeds, book), 1):
        deeds.add({"记录号": f"{code}-错-{number:02d}", **row})
    villages.add({"行政村代码": f"{code[:-2]}99", "行政村": "无组村", "小组数": 0})


def _households(code: str) -> list[Row]:
    wrong: list[Row] = [
        {"行政村": "无名村"},
        {"地块性质": "菜地"},
        {"户籍在村": "也许"},
        {"实际居住人数": -1},
        {"星级": 9},
        {"同意日期": "去年冬天"},
        {"户主": None},
    ]
    twice: Row = {"户号": f"{code}-9999"}
    return [*({"户号": f"{code}-99{number:02d}", **row} for number, row in enumerate(wrong, 1)), twice, twice]


def _deeds(villages: Table, deeds: Table, book: RuleBook | None) -> list[Row]:
    plain = _plain(deeds, book)
    day = plain["日期"]
    first = date(day.year, 1, 1) if isinstance(day, date) else date.min
    wrong: list[Row] = [
        {"户号": "没有这户"},
        {"户号": None},
        {"行政村": "无名村"},
        {"事项": f"{plain['事项']}了"},
        {"日期": first.replace(year=first.year - 1)},
        {"登记日期": first - timedelta(days=3)},
        {"日期": "三月初四"},
        {"日期": f"{first.year}-02-30"},
        {"数量": -2},
        {"数量": "约5"},
        {"数量": Formula("=2+3")},
        {"成员": "查无此人"},
        {"状态": None},
        {"状态": "办好了"},
        {"记录号": deeds.rows[0][0]},
    ]
    if len(villages.rows) > 1:
        wrong.append({"行政村": villages.rows[1][1]})
    kinds: dict[str, Row] = {}
    for item in book.items if book else ():
        for kind, row in _against(item, named=item.code in by_member(book) if book else False):
            kinds.setdefault(kind, {**row, "事项": item.code})
    return [{**plain, **row} for row in (*wrong, *kinds.values())]


def _plain(deeds: Table, book: RuleBook | None) -> Row:
    """A household's deed whose item needs nothing more than a day, without its number."""
    simple = {
        name
        for item in (book.items if book else ())
        if item.measure is Measure.COUNT and _of_household(item) and not item.put_right
        for name in item.name.values()
    }
    for number in range(len(deeds.rows)):
        cells = deeds.cells(number)
        if cells["户号"] and isinstance(cells["日期"], date) and (cells["事项"] in simple or not book):
            return {**{header: cell for header, cell in cells.items() if header != "记录号"}, "备注": "错误示例"}
    return deeds.cells(0)


def _of_household(item: Item) -> bool:
    return item.subject is Subject.HOUSEHOLD and takes_deeds(item)


def _against(item: Item, *, named: bool) -> Iterator[tuple[str, Row]]:
    """What a deed of this item could lack or have that is strange, each with the kind of fault that it is."""
    if not _of_household(item):
        yield ("of-village" if item.subject is Subject.VILLAGE else "no-deeds"), {}
        return
    column = {Measure.QUANTITY: "数量", Measure.READING: "数量", Measure.GRADE: "等次", Measure.MARKS: "评分"}
    if item.measure in column:
        yield f"needs-{item.measure}", {column[item.measure]: None}
    if item.measure is Measure.GRADE:
        yield "unknown-grade", {"等次": "顶好"}
    if item.measure is Measure.MARKS:
        yield "number-in-marks", {"评分": "8;约9;8;8;8;8;8;8;8"}
        if item.marks and max(item.marks.at_least, 2 * item.marks.leave_out + 1) > 1:
            yield "too-few-marks", {"评分": "8"}
    if item.put_right:
        yield "needs-refers", {"整改对应记录": None}
    if named:
        yield "needs-member", {"成员": None}
