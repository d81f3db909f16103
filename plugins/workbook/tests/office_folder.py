"""Decides how tests make a small office's folder: one village, three households, a few rules; and how they spoil it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
from jifen.checking import admit
from jifen.model import Approval, BookCategory, Grade, Item, Measure, Of, Part, PutRight, RuleBook, Status
from jifen.period import Period
from jifen_workbook.reading import read

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.inputs import Inputs, Reading

YEAR = Period.parse("2025")
VILLAGE_HEAD: list[object] = ["行政村代码", "行政村", "小组数"]
HOUSEHOLD_HEAD: list[object] = [
    "户号",
    "行政村",
    "村民小组",
    "户主",
    "户籍在村",
    "有宅基地房",
    "实际居住人数",
    "同意日期",
    "联系电话",
]
DEED_HEAD: list[object] = [
    "记录号",
    "户号",
    "事项",
    "日期",
    "登记日期",
    "数量",
    "等次",
    "成员",
    "整改对应记录",
    "佐证",
    "状态",
]


def item(code: str, name: str, **facts: Any) -> Item:
    return Item(code=code, category="test.all", name={"zh_CN": name}, clause="第一条", **facts)


BOOK = RuleBook(
    name="test",
    title={"zh_CN": "试验细则"},
    valid_from=date(2025, 1, 1),
    valid_to=date(2025, 12, 31),
    status=Status.APPROVED,
    approval=Approval("青禾镇人民政府", "青府〔2025〕3号", date(2025, 1, 2)),
    eligibility=Part("test.everybody"),
    village=Part("test.none"),
    rewards=Part("test.none"),
    categories=(BookCategory("test.all", title={"zh_CN": "人居环境"}),),
    items=(
        item("A01", "参加清洁日", points=Decimal(12)),
        item("A02", "志愿服务", measure=Measure.QUANTITY, points=Decimal(1), each=Decimal(4)),
        item("A03", "庭院评比", measure=Measure.GRADE, grades={"优": Decimal(5), "差": Decimal(0)}),
        item("A04", "参加培训", points=Decimal(1), of=Of.MEMBER),
        item("D01", "乱堆乱放", points=Decimal(-5)),
        item("D02", "整改到位", put_right=PutRight(("D01",))),
    ),
    places=1,
    grades=(Grade("good", {"zh_CN": "良好"}, at_least=Decimal(10)), Grade("plain", {"zh_CN": "一般"})),
    digest="0" * 64,
)

VILLAGES: list[list[object]] = [["QH01", "柳溪村", 8]]
HOUSEHOLDS: list[list[object]] = [
    ["H1", "柳溪村", "1组", "王小明", "是", "√", 3, date(2025, 1, 1), "13800000000"],
    ["H2", "QH01", "2组", "欧阳娜娜", "true", "1", 2, "2025年1月1日", ""],
    ["H3", "柳溪村", "2组", "李四", "否", "×", 0, None, ""],
]


def deed(number: str, **facts: object) -> list[object]:
    """A row of the deeds' sheet by header; everything that is not said is as it should be."""
    row: dict[str, object] = {
        "记录号": number,
        "户号": "H1",
        "事项": "A01",
        "日期": date(2025, 3, 4),
        "登记日期": date(2025, 3, 5),
        "状态": "已通过",
        **facts,
    }
    return [row.get(header) for header in map(str, DEED_HEAD)]


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def office(folder: Path, deeds: list[list[object]], **more: list[list[object]]) -> tuple[Path, ...]:
    """The office's files with these deeds; `more` replaces or adds sheets of the register."""
    folder.mkdir(parents=True, exist_ok=True)
    register: dict[str, list[list[object]]] = {
        "行政村": [VILLAGE_HEAD, *VILLAGES],
        "农户": [HOUSEHOLD_HEAD, *HOUSEHOLDS],
        "成员": [["户号", "成员"], ["H1", "王小明"], ["H1", "赵小红"]],
        **more,
    }
    return workbook(folder / "register.xlsx", **register), workbook(folder / "deeds.xlsx", 积分记录=[DEED_HEAD, *deeds])


def brought(files: tuple[Path, ...]) -> Reading:
    return read(files, BOOK)


def admitted(files: tuple[Path, ...]) -> Inputs:
    return admit(brought(files), BOOK, YEAR)


def told(files: tuple[Path, ...]) -> list[str]:
    """Every problem of every row, in words."""
    return [str(problem) for row in admitted(files).set_aside for problem in row.problems]


def refused(files: tuple[Path, ...]) -> list[str]:
    """The problems of files and sheets, in words."""
    return [str(problem) for problem in brought(files).problems]
