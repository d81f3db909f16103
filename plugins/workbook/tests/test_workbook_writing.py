"""The office's workbook is exact, safe and the same every time; rows set aside can be corrected and read again."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import attrs
import openpyxl
import polars as pl
import pytest
from jifen import frames
from jifen.flow import settle
from jifen.model import Status
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.registry import Registry
from jifen_workbook.writing import write

from plugins.workbook.tests.office_folder import BOOK, HOUSEHOLD_HEAD, HOUSEHOLDS, YEAR, admitted, deed, office

if TYPE_CHECKING:
    from pathlib import Path


def _everybody(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
    del villages, options
    here = pl.col("consent").is_not_null()
    return households.select(
        "household",
        "village",
        participates=here,
        ground=pl.when(here).then(pl.lit("test.all")),
        reason=pl.when(~here).then(pl.lit("test.no-consent")),
        since=pl.lit(None, dtype=pl.Date),
    )


REGISTRY = Registry.of(
    EligibilityRule("test.everybody", {"zh_CN": "全体"}, _everybody),
    Category("test.all", {"zh_CN": "人居环境"}),
    VillageAggregation("test.none", {"zh_CN": "无"}, lambda view, options: frames.VILLAGE_PARTS.empty()),
    RewardPolicy("test.none", {"zh_CN": "无"}, lambda view, options: frames.REWARDS.empty()),
)
DEEDS = [
    deed("D1"),
    deed("D2", 户号="H2", 事项="A02", 数量=10),
    deed("D3", 状态="待审"),
    deed("D4", 状态="已撤销"),
    deed("D5", 户号="H9"),
]


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")


def settled(folder: Path, rows: list[list[object]] = DEEDS, status: Status = Status.APPROVED, **more: Any) -> Path:
    inputs = admitted(office(folder / "in", rows, **more))
    out = folder / "out"
    out.mkdir()
    book = attrs.evolve(BOOK, status=status)
    write(settle(book, REGISTRY, inputs, YEAR, town="青禾镇"), inputs, out)
    return out


def cells(path: Path, sheet: str) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))
    return found


def test_every_sheet_is_there_and_says_what_was_settled(tmp_path: Path) -> None:
    path = settled(tmp_path) / "settlement.xlsx"
    names = ["说明", "公示榜", "农户得分", "村得分", "村得分明细", "奖励", "未参加农户", "未计分", "搁置"]
    assert openpyxl.load_workbook(path).sheetnames == names
    assert ("记录去向", "读入 5 = 计分 2 + 不计分 1 + 已撤销 1 + 搁置 1") in cells(path, "说明")
    assert ("批准", "青禾镇人民政府 青府〔2025〕3号 2025-01-02") in cells(path, "说明")


def test_the_notice_board_masks_names_and_the_office_sees_them(tmp_path: Path) -> None:
    path = settled(tmp_path) / "settlement.xlsx"
    assert cells(path, "公示榜")[1:] == [
        ("行政村", "名次", "村民小组", "户主", "总分", "等级"),
        ("柳溪村", 1, "1组", "王＊＊", 12, "良好"),
        ("柳溪村", 2, "2组", "欧阳＊＊", 2, "一般"),
    ]
    assert cells(path, "农户得分")[2][:7] == ("柳溪村", "H1", "王小明", "1组", 1, 12, "良好")


def test_points_are_numbers_with_the_places_of_the_rule_book(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(settled(tmp_path) / "settlement.xlsx")["公示榜"]
    assert (sheet["E3"].value, sheet["E3"].number_format) == (12, "#,##0.0")


def test_what_is_not_scored_says_why_and_where_it_stands(tmp_path: Path) -> None:
    path = settled(tmp_path) / "settlement.xlsx"
    rows = [(row[1], row[6], row[7], row[8], row[9]) for row in cells(path, "未计分")[2:]]
    assert rows == [
        ("D3", "不计分", "还没有审核", "deeds.xlsx", 4),
        ("D4", "已撤销", "已撤销", "deeds.xlsx", 5),
    ]
    reason = "“户号 (B)”列：农户名册里没有户号“H9”；请核对户号"
    assert cells(path, "搁置")[2:] == [("积分记录", "deeds.xlsx", "积分记录", 6, reason)]


def test_text_never_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    evil = ["=cmd()", "https://example.invalid", "+1+1", "@SUM(A1)"]
    rows = [[f"=E{n}", "柳溪村", text, text, "是", "是", 1, "2025-01-01", ""] for n, text in enumerate(evil)]
    path = settled(tmp_path, [*DEEDS, deed("=D9", 户号="=X")], 农户=[HOUSEHOLD_HEAD, *HOUSEHOLDS, *rows])
    for name in ("settlement.xlsx", "set-aside.xlsx"):
        with zipfile.ZipFile(path / name) as archive:
            sheets = [archive.read(part) for part in archive.namelist() if "worksheets/" in part]
        assert sheets
        assert not any(b"<f>" in sheet or b"hyperlink" in sheet for sheet in sheets)


def test_a_cell_that_was_escaped_on_the_way_in_stays_text(tmp_path: Path) -> None:
    """openpyxl stores ``=E0`` as a formula, so the row is set aside; as a CSV it is text and comes out as text."""
    register, deeds = office(tmp_path / "in", DEEDS)
    table = tmp_path / "in" / "户.csv"
    table.write_text(
        "户号,行政村,村民小组,户主,户籍在村,有宅基地房,实际居住人数,同意日期\nH7,柳溪村,1组,=cmd(),是,是,1,2025-01-01\n",
        "utf-8",
    )
    inputs = admitted((register, deeds, table))
    write(settle(BOOK, REGISTRY, inputs, YEAR, town="青禾镇"), inputs, tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "settlement.xlsx")["农户得分"]
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=cmd()"]
    assert [cell.data_type for cell in found] in (["s"], ["f"])
    with zipfile.ZipFile(tmp_path / "settlement.xlsx") as archive:
        assert not any(b"<f>" in archive.read(part) for part in archive.namelist())


def test_the_same_settlement_gives_the_same_bytes(tmp_path: Path) -> None:
    first = settled(tmp_path / "a")
    second = settled(tmp_path / "b")
    for name in ("settlement.xlsx", "set-aside.xlsx"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize(("status", "mark"), [(Status.SAMPLE, "样张"), (Status.DRAFT, "草案")])
def test_what_is_not_approved_is_marked_on_every_sheet(tmp_path: Path, status: Status, mark: str) -> None:
    book = openpyxl.load_workbook(settled(tmp_path, status=status) / "settlement.xlsx")
    for sheet in book.worksheets:
        assert f"【{mark}】" in sheet["A1"].value
        assert mark in sheet.oddHeader.center.text
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$2"


def test_rows_set_aside_can_be_corrected_and_read_again(tmp_path: Path) -> None:
    out = settled(tmp_path)
    path = out / "set-aside.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["积分记录"]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("户号") + 1).value = "H2"
    book.save(path)
    register, _ = office(tmp_path / "again", DEEDS)
    found = admitted((register, path))
    assert found.set_aside == ()
    assert found.deeds.select("deed", "subject", "item").rows() == [("D5", "H2", "A01")]


def test_nothing_set_aside_writes_no_workbook_of_its_own(tmp_path: Path) -> None:
    assert [path.name for path in settled(tmp_path, DEEDS[:2]).iterdir()] == ["settlement.xlsx"]
