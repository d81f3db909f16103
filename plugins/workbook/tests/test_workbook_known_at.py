"""An office's tables of later repeat the settlement of then, with its workbook, byte for byte."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

import jifen_workbook
import pytest
from jifen.dataset import read_inputs
from jifen.flow import settle
from jifen.keeping import keep
from jifen.period import Period
from jifen.registry import Registry

from core.tests.history import BOOK, DAYS, FIRST, HOUSEHOLDS, PERIOD, Story, Wish, invented
from core.tests.scheme import CATEGORY, OTHER, REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

SPAN = Period.parse(PERIOD)
PLUGINS = Registry.of(
    REGISTRY.eligibility("test.everybody"),
    REGISTRY.category(CATEGORY),
    REGISTRY.category(OTHER),
    REGISTRY.aggregation("test.none"),
    REGISTRY.reward_policy("test.none"),
    *jifen_workbook.jifen_readers(),
    *jifen_workbook.jifen_writers(),
)
STATUS = {"approved": "已通过", "pending": "待审", "rejected": "未通过", "cancelled": "已撤销"}
DEEDS = {
    "deed": "记录号",
    "subject": "户号",
    "item": "事项",
    "date": "日期",
    "recorded": "登记日期",
    "quantity": "数量",
    "grade": "等次",
    "refers": "整改对应记录",
    "status": "状态",
    "approved": "审核日期",
    "decided": "撤销日期",
    "recorded_by": "登记人",
    "approved_by": "审核人",
}
WISHES = {
    "request": "申请号",
    "household": "户号",
    "good": "物品",
    "date": "日期",
    "status": "状态",
    "decided": "撤回日期",
}


def written(folder: Path, stories: list[Story], wishes: list[Wish], day: date) -> Path:
    """An office's tables as they stood at the end of a day; each record on its own row, later ones below."""
    folder.mkdir()
    table(folder / "村情况.csv", ["行政村代码", "行政村", "小组数"], [["V1", "荷塘村", 3]])
    heads = ["户号", "行政村", "村民小组", "户主", "户籍在村", "有宅基地房", "实际居住人数"]
    table(folder / "农户.csv", heads, [[home, "V1", "1组", "王芳", "是", "是", 2] for home in HOUSEHOLDS])
    deeds: list[list[object]] = []
    for row in filter(None, (story.by(day) for story in stories)):
        own = row["subject"] == row["village"]
        cells = {**row, "status": STATUS[row["status"]], "subject": "" if own else row["subject"]}
        cells["quantity"] = row["quantity"] and f"{row['quantity'] // 1000} "  # a clerk's blank, to be cleaned
        deeds.append([*(cells.get(name) or "" for name in DEEDS), "V1"])
    table(folder / "积分记录.csv", [*DEEDS.values(), "行政村"], deeds)
    said = {"requested": "申请", "cancelled": "撤回"}
    asked: list[list[object]] = [
        [{**row, "status": said[row["status"]]}.get(name) or "" for name in WISHES]
        for row in filter(None, (wish.by(day) for wish in wishes))
    ]
    if asked:
        table(folder / "兑换申请.csv", [*WISHES.values()], asked)
    return folder


def table(path: Path, heads: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([heads, *rows])


def settled(data: Path, out: Path, known_at: date | None = None) -> dict[str, bytes]:
    read = read_inputs(data, BOOK, SPAN, PLUGINS, known_at=known_at)
    keep(settle(BOOK, PLUGINS, read, SPAN, town="test"), read, out, PLUGINS)
    files = {file.name: file.read_bytes() for file in out.iterdir()}
    del files["settlement.json"]
    return files


@pytest.mark.parametrize("later", range(5, DAYS + 10, 8))
def test_the_workbook_of_then_is_repeated_byte_for_byte(later: int, tmp_path: Path) -> None:
    stories, wishes = invented(Random(11))
    day = FIRST + timedelta(days=later)
    then = settled(written(tmp_path / "then", stories, wishes, day), tmp_path / "a")
    data = written(tmp_path / "now", stories, wishes, FIRST + timedelta(days=120))
    again = settled(data, tmp_path / "b", known_at=day)
    now = settled(data, tmp_path / "c")
    assert "settlement.xlsx" in then
    assert again == then
    assert now != then
