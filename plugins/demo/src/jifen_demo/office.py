"""Decides what a town office's folder holds: the register, one workbook of deeds a village, and the village facts.

Headers and words are those of the layout that `jifen-workbook` reads. A few cells are written as clerks write them:
with full-width digits, blanks at the end, or a day in words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from jifen.findings import as_decimal

from jifen_demo.sheets import Table, Written, write_csv, write_xlsx
from jifen_demo.unusable import add_unusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.model import RuleBook

FOOTER = "虚构数据，仅供演示"
VILLAGE_SHEET = {
    "行政村代码": 12,
    "行政村": 12,
    "小组数": 8,
    "试点小组": 14,
    "决议文号": 40,
    "决议日期": 12,
    "镇批复文号": 24,
    "镇批复日期": 12,
}
HOUSEHOLD_SHEET = {
    "户号": 12,
    "行政村": 10,
    "村民小组": 9,
    "户主": 10,
    "地址": 20,
    "地块性质": 9,
    "户籍在村": 9,
    "有宅基地房": 10,
    "实际居住人数": 12,
    "同意日期": 12,
    "决议文号": 34,
    "决议日期": 12,
    "星级": 6,
    "星级评定": 9,
    "类别": 10,
}
MEMBER_SHEET = {"户号": 12, "成员": 12}
DEED_SHEET = {
    "记录号": 18,
    "行政村": 9,
    "户号": 12,
    "户主": 9,
    "事项": 28,
    "日期": 14,
    "登记日期": 12,
    "数量": 8,
    "等次": 7,
    "评分": 20,
    "成员": 9,
    "整改对应记录": 18,
    "佐证": 16,
    "状态": 9,
    "审核日期": 12,
    "审定日期": 12,
    "登记人": 9,
    "审核人": 18,
    "备注": 26,
}
REQUEST_SHEET = {
    "申请号": 18,
    "行政村": 9,
    "户号": 12,
    "户主": 9,
    "物品": 16,
    "日期": 12,
    "件数": 6,
    "状态": 8,
    "撤回日期": 12,
    "备注": 20,
}
_SITES = {"home": "住宅", "industrial": "工业", "enterprise": "企业"}
_REVIEWS = {"first": "初评", "repeat": "复评"}
_STATUSES = {"approved": "已通过", "pending": "待审", "rejected": "未通过", "cancelled": "已撤销"}
_EVIDENCE = {
    "photo": "照片",
    "scan": "扫描件",
    "video": "视频",
    "certificate": "证书",
    "register": "签到表",
    "receipt": "收据",
}
_BY_CODE = 7
"""One item in so many is written by its code."""
_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")


def write_office(
    inputs: Inputs, folder: Path, *, book: RuleBook | None = None, form: str = "xlsx", bad_rows: bool = False
) -> list[Written]:
    """What the office would really have, as xlsx or csv; the files, with how many rows each has.

    With a `book`, items are written by name as clerks do, and now and then by code. `bad_rows` adds one of each kind
    of row that cannot be used to the register and to the first village's deeds. Bytes depend on the arguments alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts, register, members = _village_table(inputs), _household_table(inputs), _member_table(inputs)
    names = dict(inputs.villages.select("village", "name").iter_rows())
    written = []
    for number, (code, name) in enumerate(names.items()):
        deeds = _deed_table(inputs, code, name, book)
        if bad_rows and number == 0:
            add_unusable(facts, register, deeds, book)
        written += _write(folder, f"积分记录-{name}", [deeds], form)
    if inputs.requests.height:
        written += _write(folder, "兑换申请", [_request_table(inputs, book)], form)
    return [*_write(folder, "村情况", [facts], form), *_write(folder, "农户名册", [register, members], form), *written]


def _write(folder: Path, stem: str, tables: list[Table], form: str) -> list[Written]:
    if form == "xlsx":
        write_xlsx(folder / f"{stem}.xlsx", tables, FOOTER)
        return [Written(folder / f"{stem}.xlsx", {table.sheet: len(table.rows) for table in tables})]
    written = []
    for table in tables:
        path = folder / (f"{stem}.csv" if len(tables) == 1 else f"{stem}-{table.sheet}.csv")
        write_csv(path, table)
        written.append(Written(path, {table.sheet: len(table.rows)}))
    return written


def _table(sheet: str, headers: dict[str, int], frame: pl.DataFrame) -> Table:
    return Table(sheet, dict(headers), [list(row) for row in frame.select(list(headers)).iter_rows()])


def _said(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).cast(pl.String).replace(words)


def _village_table(inputs: Inputs) -> Table:
    frame = inputs.villages.select(
        行政村代码="village",
        行政村="name",
        小组数="groups",
        试点小组=pl.col("pilot_groups").list.join(";"),
        决议文号="resolution",
        决议日期="resolution_date",
        镇批复文号="town_approval",
        镇批复日期="town_approval_date",
    )
    return _table("行政村", VILLAGE_SHEET, frame)


def _named(inputs: Inputs) -> pl.Expr:
    """The village's name in place of its code."""
    return _said("village", dict(inputs.villages.select("village", "name").iter_rows()))


def _household_table(inputs: Inputs) -> Table:
    def yes(column: str) -> pl.Expr:
        return pl.when(column).then(pl.lit("是")).otherwise(pl.lit("否"))

    frame = inputs.households.select(
        户号="household",
        行政村=_named(inputs),
        村民小组="group",
        户主="name",
        地址="address",
        地块性质=_said("site", _SITES),
        户籍在村=yes("registered"),
        有宅基地房=yes("homestead"),
        实际居住人数="living",
        同意日期="consent",
        决议文号="resolution",
        决议日期="resolution_date",
        星级="stars",
        星级评定=_said("star_review", _REVIEWS),
        类别="kind",
    )
    table = _table("农户", HOUSEHOLD_SHEET, frame)
    _slip(table, "地址", 29, 3, lambda text: text.translate(_WIDE))
    _slip(table, "户主", 41, 7, lambda text: text + "\u3000")
    return table


def _member_table(inputs: Inputs) -> Table:
    return _table(
        "成员", MEMBER_SHEET, inputs.households.select(户号="household", 成员="members").explode("成员").drop_nulls()
    )


def _deed_table(inputs: Inputs, code: str, name: str, book: RuleBook | None) -> Table:
    """One village's deeds in the order in which they were recorded."""
    deeds = inputs.deeds.filter(pl.col("village") == code).sort("deed")
    heads = inputs.households.filter(pl.col("village") == code).select(subject="household", 户主="name")
    frame = deeds.join(heads, on="subject", how="left", maintain_order="left").select(
        记录号="deed",
        行政村=pl.lit(name),
        户号=pl.when(pl.col("subject") != pl.col("village")).then("subject"),
        户主="户主",
        事项=_item(book, code),
        日期="date",
        登记日期="recorded",
        数量=None,
        等次="grade",
        评分=None,
        成员="member",
        整改对应记录="refers",
        佐证=pl.col("evidence")
        .cast(pl.String)
        .str.split("|")
        .list.eval(pl.element().replace(_EVIDENCE))
        .list.join("、"),
        状态=_said("status", _STATUSES),
        审核日期="approved",
        审定日期="decided",
        登记人="recorded_by",
        审核人=pl.col("approved_by").str.replace_all("|", "、", literal=True),
        备注="note",
    )
    table = _table("积分记录", DEED_SHEET, frame)
    quantity, marks = table.column("数量"), table.column("评分")
    for row, (amount, found) in zip(table.rows, deeds.select("quantity", "marks").iter_rows(), strict=True):
        row[quantity] = None if amount is None else Decimal(as_decimal(amount))
        row[marks] = None if found is None else ";".join(as_decimal(mark) for mark in found)
    _slip(table, "事项", 61, 7, lambda text: text + "\u3000")
    _slip(table, "数量", 23, 11, lambda text: text.translate(_WIDE))
    _slip(table, "日期", 127, 5, _in_words)
    return table


def _request_table(inputs: Inputs, book: RuleBook | None) -> Table:
    """What households ask to have for their points, in the order of the days."""
    heads = inputs.households.select("household", 户主="name")
    villages = dict(inputs.villages.select("village", "name").iter_rows())
    goods = {good.code: good.name.get("zh_CN", good.code) for good in book.shop.goods} if book and book.shop else {}
    asked = inputs.requests.sort("date", "request").join(heads, on="household", how="left", maintain_order="left")
    frame = asked.select(
        申请号="request",
        行政村=_said("village", villages),
        户号="household",
        户主="户主",
        物品=_said("good", goods),
        日期="date",
        件数="pieces",
        状态=_said("status", {"requested": "申请", "cancelled": "撤回"}),
        撤回日期="decided",
        备注="note",
    )
    return _table("兑换申请", REQUEST_SHEET, frame)


def _item(book: RuleBook | None, village: str) -> pl.Expr:
    """The item's name where it names one item only, its code now and then."""
    if book is None:
        return pl.col("item")
    there = book.items_in(village)
    names = [item.name.get("zh_CN", code) for code, item in there.items()]
    known = {code: name for code, name in zip(there, names, strict=True) if names.count(name) == 1}
    by_code = pl.int_range(pl.len()) % _BY_CODE == 0
    return pl.when(by_code).then("item").otherwise(_said("item", known))


def _slip(table: Table, header: str, every: int, first: int, written: Callable[[str], str]) -> None:
    """Writes every so-manieth cell of a column as a hurried clerk would."""
    at = table.column(header)
    for row in table.rows[first::every]:
        if row[at] is not None:
            row[at] = written(str(row[at]))


def _in_words(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"
