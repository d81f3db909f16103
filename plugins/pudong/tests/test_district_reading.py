"""What a district hands in is read strictly: all problems at once, each with file, row and column."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
from jifen.problems import Refused

from plugins.pudong.tests.district_data import change, judged, points, put, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "district")


def problems(folder: Path) -> list[str]:
    with pytest.raises(Refused) as refused:
        judged(folder, "2025-12-31")
    return [str(problem) for problem in refused.value.problems]


def test_every_problem_is_told_at_once_with_its_place(data: Path) -> None:
    change(data, "行政村", "A1,芦汀一村,乡村振兴示范村、村庄形态基本完整,5", "A1,芦汀一村,示范村,五")
    change(data, "参加情况", "A2,2023-06-01", "A9,2023-06-31")
    change(data, "参加情况", "号,2\n", "号,1\n")
    change(data, "示范典型", "芦汀镇,上海市示范基地,2024-05-10", "芦町镇,示范基地,2024-05-10")
    told = "\n".join(problems(data))
    assert "行政村.csv，第 2 行，“村庄类型 (D)”列：不认识的村庄类型“示范村”" in told
    assert "行政村.csv，第 2 行，“村民小组数 (E)”列：“五”不是纯数字" in told
    assert "参加情况.csv，第 3 行，“行政村代码 (A)”列：没有“A9”这个村" in told
    assert "参加情况.csv，第 3 行，“开始日期 (B)”列：“2023-06-31”这一天不存在" in told
    assert (
        "参加情况.csv，第 14 行，“试点小组数 (D)”列：试点小组数 1 不可用；试点不少于2个小组，也不超过全村的5个小组（R5）"
        in told
    )
    assert "示范典型.csv，第 2 行，“镇 (A)”列：没有“芦町镇”这个镇" in told
    assert "示范典型.csv，第 2 行，“类别 (B)”列：不认识的类别“示范基地”" in told


@pytest.mark.parametrize(
    ("table", "old", "new", "told"),
    [
        ("镇", "B,桑洲镇", "A,桑洲镇", "镇.csv，第 3 行，“镇代码 (A)”列：“A”已在第2行出现"),
        ("镇", "B,桑洲镇", "B,", "镇.csv，第 3 行，“镇 (B)”列：没有填写"),
        ("镇", "镇代码,镇", "镇代码,镇长", "“镇”表缺少“镇”这一列"),
        ("镇", "镇代码,镇", "镇代码,镇,电话", "认不出“电话 (C)”这一列"),
        ("镇", "镇代码,镇", "镇代码,镇,镇名", "镇 (B)、镇名 (C) 是同一列"),
        ("行政村", "A1,芦汀一村", "A2,芦汀一村", "“A2”已在第2行出现"),
        ("行政村", "雁埠乙村,村庄形态基本完整,5", "雁埠乙村,村庄形态基本完整,0", "村民小组数 0 不可用"),
        ("参加情况", "A2,2023-06-01", "A1,2023-06-01", "“A1”已在第2行出现"),
        ("参加情况", "A2,2023-06-01", "A2,", "“开始日期 (B)”列：没有填写"),
        ("参加情况", "示例〔2023〕12号,2", "示例〔2023〕12号,6", "试点小组数 6 不可用"),
        (
            "示范典型",
            "沪农〔2025〕示例1号",
            "沪农〔2024〕示例1号",
            "“A demonstration-base 沪农〔2024〕示例1号”已在第2行出现",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(data: Path, table: str, old: str, new: str, told: str) -> None:
    change(data, table, old, new)
    assert any(told in problem for problem in problems(data)), problems(data)


def test_a_table_is_there_once(data: Path) -> None:
    (data / "示范典型.csv").rename(data / "recognitions.csv")
    put(data, "表彰", "镇,类别,日期,文件")
    put(data, "杂项", "甲,乙")
    (data / "镇.csv").unlink()
    told = "\n".join(problems(data))
    assert "杂项.csv: 不认识这张表" in told
    assert "“示范典型”表有两份" in told
    assert "缺少“镇”这张表；请放入 towns.csv" in told


def test_a_remark_of_the_office_is_left_alone(data: Path) -> None:
    change(data, "镇", "镇代码,镇", "镇代码,镇,备注")
    change(data, "镇", "B,桑洲镇", "B,桑洲镇,沿河")
    assert points(judged(data, "2025-12-31"))["B"] == -55


def test_a_workbook_and_parquet_say_the_same_as_csv(data: Path, tmp_path: Path) -> None:
    by_csv = judged(data, "2025-12-31")
    book = openpyxl.Workbook()
    book.remove(book.active)
    folder, columns = tmp_path / "xlsx", tmp_path / "parquet"
    folder.mkdir()
    columns.mkdir()
    for table in ("镇", "行政村", "参加情况", "示范典型"):
        sheet = book.create_sheet(table)
        for row in (data / f"{table}.csv").read_text("utf-8").splitlines():
            sheet.append([typed(cell) for cell in row.split(",")])
    book.save(folder / "区.xlsx")
    for name in ("towns", "villages", "participation", "recognitions"):
        getattr(by_csv.given, name).write_parquet(columns / f"{name}.parquet")
    for other in (folder, columns):
        again = judged(other, "2025-12-31")
        assert again.states.equals(by_csv.states)
        assert again.towns.awards.equals(by_csv.towns.awards)
    assert by_csv.given.villages.schema["kinds"] == pl.List(pl.String)


def typed(cell: str) -> object:
    """As Excel keeps it: numbers and dates as such."""
    if cell.isdecimal():
        return int(cell)
    return dt.date.fromisoformat(cell) if len(cell) == 10 and cell[4] == "-" else cell or None


def test_a_formula_is_no_value(data: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "镇"
    for row in (
        ("镇代码", "镇"),
        *(((code, name)) for code, name in (("A", "芦汀镇"), ("B", '=CONCATENATE("桑洲","镇")'))),
    ):
        sheet.append(row)
    book.save(data / "区.xlsx")
    (data / "镇.csv").unlink()
    assert any("区.xlsx，工作表“镇”，第 3 行，“镇 (B)”列：是公式" in problem for problem in problems(data))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("at_least = 1", 'at_least = 1\nshare = "1/2"', "目标的写法有2种"),
        ("at_least = 1", "", "目标的写法有0种"),
        ("at_least = 1", "at_least = 0", "at_least 为 0"),
        ('share = "50%"', 'share = "150%"', "“150%”不是可用的比例"),
        ('kinds = ["intact"]', 'kinds = ["whole"]', "不认识的村庄类型“whole”"),
        ('item = "T03"', 'item = "T99"', "没有合用的项目“T99”"),
        ('item = "T11"', 'item = "T01"', "没有合用的项目“T01”"),
        ('code = "2024-half"', 'code = "2025-intact"', "代码 2025-intact 用了两次"),
        ("date = 2024-12-31", "date = 2034-12-31", "目标日期不在考核办法的施行期限内"),
        ("least_groups = 2", "least_groups = 1", "试点组数不能少于2个"),
        ("quarters = 4", "logins = 4", "logins"),
    ],
)
def test_a_rollout_that_makes_no_sense_is_refused_with_its_line(data: Path, old: str, new: str, told: str) -> None:
    from jifen.document import package_folder

    text = (package_folder("jifen_pudong.district") / "rollout.toml").read_text("utf-8")
    assert text.count(old) == 1
    (data / "rollout.toml").write_text(text.replace(old, new), "utf-8")
    (problem,) = problems(data)
    assert told in problem
    assert "rollout.toml:" in problem


def test_a_book_of_towns_has_items_of_towns_only(data: Path) -> None:
    from jifen.document import package_folder

    text = (package_folder("jifen_pudong.district") / "assessment.toml").read_text("utf-8")
    other = text.replace('subject = "town"\nname = { zh_CN = "入选', 'subject = "village"\nname = { zh_CN = "入选')
    assert other != text
    (data / "assessment.toml").write_text(other, "utf-8")
    (problem,) = problems(data)
    assert "assessment.toml:" in problem
    assert "不能再有 village 的条目" in problem
    (data / "assessment.toml").write_text(text.replace('subject = "town"', 'subject = "village"'), "utf-8")
    assert all('这份办法里的项目都应是 subject = "town"' in problem for problem in problems(data))


def test_a_district_has_points_of_its_own(data: Path) -> None:
    from jifen.document import package_folder

    text = (package_folder("jifen_pudong.district") / "assessment.toml").read_text("utf-8")
    (data / "assessment.toml").write_text(text.replace("points = -1.5", "points = -4"), "utf-8")
    assert points(judged(data, "2025-12-31"))["B"] == -30 - 40 - 10


def test_a_day_without_rules_is_refused(data: Path) -> None:
    with pytest.raises(Refused, match="2027-01-01不在《区对镇积分制推进考核办法》的施行期限内"):
        judged(data, "2027-01-01")
