"""What the invented office's folder promises."""

from __future__ import annotations

import codecs
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from jifen.checking import admit
from jifen.inputs import Inputs, Reading
from jifen.period import Period
from jifen_demo import invent, write_office, write_parquet
from jifen_demo.sheets import Written

from plugins.demo.tests.demo_book import BOOK

YEAR = Period.parse("2025")


@pytest.fixture(scope="module")
def town() -> Inputs:
    return invent(BOOK, period=YEAR, villages=3, households=45, deeds_per_household=20, seed=2025)


def read(written: list[Written]) -> Reading:
    reading = pytest.importorskip("jifen_workbook.reading")
    found: Reading = reading.read(tuple(each.path for each in written), BOOK)
    return found


@pytest.mark.parametrize("form", ["xlsx", "csv", "parquet"])
def test_same_seed_same_bytes(town: Inputs, tmp_path: Path, form: str) -> None:
    for name in ("one", "two"):
        if form == "parquet":
            write_parquet(town, tmp_path / name)
        else:
            write_office(town, tmp_path / name, book=BOOK, form=form)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_the_folder_holds_register_facts_and_a_workbook_for_each_village(town: Inputs, tmp_path: Path) -> None:
    paths = [each.path for each in write_office(town, tmp_path, book=BOOK)]
    assert [path.name for path in paths] == [
        "村情况.xlsx",
        "农户名册.xlsx",
        "积分记录-青溪村.xlsx",
        "积分记录-荷塘村.xlsx",
        "积分记录-新桥村.xlsx",
    ]
    assert openpyxl.load_workbook(paths[1], read_only=True).sheetnames == ["农户", "成员"]


def test_a_sheet_looks_like_an_offices(town: Inputs, tmp_path: Path) -> None:
    paths = [each.path for each in write_office(town, tmp_path, book=BOOK)]
    sheet = openpyxl.load_workbook(paths[2])["积分记录"]
    assert [cell.value for cell in sheet[1]][:7] == ["记录号", "行政村", "户号", "户主", "事项", "日期", "登记日期"]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "C2"
    assert sheet.oddFooter.left.text == "虚构数据，仅供演示"
    items = {str(cell.value).strip() for cell in sheet["E"][1:]}
    assert {"参加村庄清洁日", "A01"} <= items
    assert {cell.data_type for column in sheet.iter_cols() for cell in column} <= {"s", "n", "d"}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_office_is_read_back_as_it_was_invented(town: Inputs, tmp_path: Path, form: str) -> None:
    reading = read(write_office(town, tmp_path, book=BOOK, form=form))
    assert reading.problems == ()
    assert sum(reading.cleaned.values()) > 0
    admitted = admit(reading, BOOK, YEAR)
    assert [str(problem) for row in admitted.set_aside for problem in row.problems] == []
    for table, key in (("villages", "village"), ("households", "household"), ("deeds", "deed")):
        have, want = getattr(admitted, table).sort(key), getattr(town, table).sort(key)
        for column in want.columns:
            got = have[column]
            got = got.cast(pl.String) if want.schema[column] == pl.String else got
            assert got.equals(want[column], null_equal=True), (table, column)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_bad_rows_cannot_be_used_and_no_other_row_is_harmed(town: Inputs, tmp_path: Path, form: str) -> None:
    good = read(write_office(town, tmp_path / "good", book=BOOK, form=form))
    bad = read(write_office(town, tmp_path / "bad", book=BOOK, form=form, bad_rows=True))
    assert bad.problems == ()
    admitted = admit(bad, BOOK, YEAR)
    added = {name: bad.frames[name].height - good.frames[name].height for name in bad.frames}
    assert added["households"] == 9
    assert added["deeds"] >= 27
    aside = pl.Series([row.frame for row in admitted.set_aside]).value_counts()
    # of the two deeds with one number neither is meant, so one usable row goes with the bad ones
    assert dict(aside.iter_rows()) == {"villages": 1, "households": added["households"], "deeds": added["deeds"] + 1}
    codes = {problem.code for row in admitted.set_aside for problem in row.problems}
    assert {
        "checking.duplicate-deed",
        "checking.duplicate-household",
        "checking.empty-cell",
        "checking.item-of-household",
        "checking.item-of-village",
        "checking.item-takes-no-deeds",
        "checking.needs-grade",
        "checking.needs-marks",
        "checking.needs-member",
        "checking.needs-quantity",
        "checking.needs-reading",
        "checking.needs-refers",
        "checking.negative",
        "checking.other-village",
        "checking.outside-period",
        "checking.recorded-before",
        "checking.too-few-marks",
        "checking.unknown-grade",
        "checking.unknown-household",
        "checking.unknown-item",
        "checking.unknown-member",
        "checking.unknown-village",
    } <= codes


def test_csv_begins_with_a_mark_as_excel_saves_it(town: Inputs, tmp_path: Path) -> None:
    for path in [each.path for each in write_office(town, tmp_path, book=BOOK, form="csv")]:
        assert path.read_bytes().startswith(codecs.BOM_UTF8)
        assert b"\r\n" in path.read_bytes()


def test_without_a_book_items_are_written_by_code(town: Inputs, tmp_path: Path) -> None:
    paths = [each.path for each in write_office(town, tmp_path, form="csv")]
    items = pl.read_csv(paths[-1], infer_schema=False)["事项"].str.strip_chars()
    assert set(items) <= {item.code for item in BOOK.items}


def test_parquet_is_sorted_by_village_subject_date_and_deed(town: Inputs, tmp_path: Path) -> None:
    paths = [each.path for each in write_parquet(town, tmp_path)]
    assert [path.name for path in paths] == ["villages.parquet", "households.parquet", "deeds.parquet"]
    deeds = pl.read_parquet(paths[2])
    assert deeds.equals(town.deeds.sort("village", "subject", "date", "deed"))
    assert pl.read_parquet(paths[1]).sort("household").equals(town.households.sort("household"))
