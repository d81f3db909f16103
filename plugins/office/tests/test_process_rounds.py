from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from jifen.problems import Refused
from jifen_office.process.models import Record
from jifen_office.process.rounds import Finding, Round, homes, items, record_round, taking_part
from jifen_office.process.workbooks import sheet_of, take_in
from jifen_office.register.models import Household

from plugins.office.tests.process_office import WITNESS, Office, at

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 5)


@pytest.fixture
def office() -> Office:
    return Office.open()


def places(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, int | None, str | None]]:
    return [(each.code, each.place.row, each.place.column) for each in refused.value.problems]


def garden(office: Office, group: str = "1组") -> Round:
    return Round(office.village, group, "A03", DAY)


def filled(data: bytes, cells: dict[str, object]) -> io.BytesIO:
    """The workbook with cells filled in, as a spreadsheet program leaves it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for cell, value in cells.items():
        book.active[cell] = value
    made = io.BytesIO()
    book.save(made)
    made.seek(0)
    return made


def test_a_round_can_be_about_what_is_found_in_grades_amounts_or_marks(office: Office) -> None:
    assert {"A01", "A02", "A03", "A06", "A07", "B02"} <= {item.code for item in items(office.village, DAY)}
    assert {"A04", "C01", "C07", "D01", "K02"}.isdisjoint(item.code for item in items(office.village, DAY))
    shore = Office.open("wangchao", "WC01")
    cells = [item.code for item in items(shore.village, DAY) if item.inspect is not None]
    assert set(cells) == {"A01", "A08", "WS01", "PU02"}
    assert [item.code for item in items(shore.village, DAY)][:4] == cells


def test_a_round_is_recorded_at_once_and_rows_without_a_finding_are_left_out(office: Office) -> None:
    rows = [Finding("QH01-0001", "优"), Finding("QH01-0002", " "), Finding("QH01-0003", " 合格 ", "菜畦有杂草")]
    made = record_round(garden(office), rows, key="k", by=office.leader, now=at(DAY))
    assert [(each.household.code, each.grade, each.note) for each in made if each.household] == [
        ("QH01-0001", "优", ""),
        ("QH01-0003", "合格", "菜畦有杂草"),
    ]
    assert [each.number for each in made] == ["QH01-2025-00001", "QH01-2025-00002"]
    assert [home.code for home in homes(office.village, "1组")] == ["QH01-0001", "QH01-0002", "QH01-0003"]


def test_a_sheet_has_a_row_for_each_household_that_had_agreed_to_take_part_by_its_day(office: Office) -> None:
    Household.objects.filter(code="QH01-0001").update(consent=DAY)
    Household.objects.filter(code="QH01-0002").update(consent=None)
    Household.objects.filter(code="QH01-0003").update(consent=DAY + timedelta(days=1))
    assert [home.code for home in taking_part(garden(office))] == ["QH01-0001"]


def test_all_faults_of_a_sheet_are_told_at_once_by_row_and_nothing_is_recorded(office: Office) -> None:
    Household.objects.filter(code="QH01-0002").update(consent=None)
    rows = [
        Finding("QH01-0001", "特优"),
        Finding("QH01-0002", "良"),
        Finding("QH01-0001", "良"),
        Finding("QH01-0004", "良"),
        Finding("QH01-9999", "良"),
        Finding("QH01-0003", "优", "好" * 301),
    ]
    with pytest.raises(Refused) as refused:
        record_round(garden(office), rows, key="k", by=office.clerk, now=at(DAY))
    assert places(refused) == [
        ("checking.unknown-grade", 1, "检查结果"),
        ("process.not-participant", 2, "户号"),
        ("process.twice", 3, "户号"),
        ("process.not-in-group", 4, "户号"),
        ("process.not-in-group", 5, "户号"),
        ("process.too-long", 6, "备注"),
    ]
    assert "第 2 行" in str(refused.value)
    assert Record.objects.count() == 0


def test_a_cell_that_cannot_be_read_is_told_once(office: Office) -> None:
    this = Round(office.village, "1组", "A01", DAY, (WITNESS,))
    rows = [Finding("QH01-0001", "三处"), Finding("QH01-0002", "２"), Finding("QH01-0003", "0.0001")]
    with pytest.raises(Refused) as refused:
        record_round(this, rows, key="k", by=office.clerk, now=at(DAY))
    assert places(refused) == [("workbook.number-in-text", 1, "检查结果"), ("workbook.too-fine", 3, "检查结果")]
    (made,) = record_round(this, rows[1:2], key="k", by=office.clerk, now=at(DAY))
    assert made.quantity == 2000


def test_evidence_of_a_whole_round_is_put_to_each_of_its_records(office: Office) -> None:
    rows = [Finding("QH01-0001", "1"), Finding("QH01-0002", "0")]
    bare = Round(office.village, "1组", "A01", DAY)
    with pytest.raises(Refused) as refused:
        record_round(bare, rows, key="k", by=office.clerk, now=at(DAY))
    assert places(refused) == [("process.needs-evidence", 1, "佐证"), ("process.needs-evidence", 2, "佐证")]
    made = record_round(
        Round(office.village, "1组", "A01", DAY, (WITNESS,)), rows, key="k", by=office.clerk, now=at(DAY)
    )
    assert [each.evidence.get().words for each in made] == ["沈桂芳", "沈桂芳"]


def test_marks_of_several_reviewers_stand_in_one_cell(office: Office) -> None:
    this = Round(office.village, "1组", "A07", DAY)
    (made,) = record_round(this, [Finding("QH01-0001", "8;9;7.5；8、9")], key="k", by=office.clerk, now=at(DAY))
    assert made.marks == [8000, 9000, 7500, 8000, 9000]


def test_a_leader_records_no_round_of_another_group(office: Office) -> None:
    for this in (garden(office, "2组"), garden(Office.open(code="QH02"))):
        with pytest.raises(Refused) as refused:
            record_round(this, [Finding("QH01-0004", "优")], key="k", by=office.leader, now=at(DAY))
        assert [each.code for each in refused.value.problems] == ["process.may-not-record"]


def test_an_item_that_is_counted_by_deeds_has_no_round_and_an_empty_sheet_is_none(office: Office) -> None:
    for this, rows, code in (
        (Round(office.village, "1组", "A04", DAY), [Finding("QH01-0001", "1")], "process.no-round"),
        (garden(office), [Finding("QH01-0001", "")], "process.empty-round"),
        (Round(office.village, "1组", "Z99", DAY), [Finding("QH01-0001", "1")], "register.no-item"),
    ):
        with pytest.raises(Refused) as refused:
            record_round(this, rows, key="k", by=office.clerk, now=at(DAY))
        assert [each.code for each in refused.value.problems] == [code]


def test_a_sheet_goes_out_and_comes_back_filled_in(office: Office) -> None:
    data = sheet_of(garden(office))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    heads = [cell.value for cell in sheet[1]]
    assert heads == ["记录号", "户号", "户主", "事项", "日期", "登记日期", "等次", "备注", "状态"]
    assert [cell.value for cell in sheet["B"]][1:] == ["QH01-0001", "QH01-0002", "QH01-0003"]
    back = filled(data, {"G2": "优", "G4": "差", "H4": "堆放杂物"})
    made = take_in(office.village, back, "1组菜园.xlsx", key="k", by=office.leader, now=at(DAY))
    assert [(each.household.code, each.grade, each.note) for each in made if each.household] == [
        ("QH01-0001", "优", ""),
        ("QH01-0003", "差", "堆放杂物"),
    ]
    assert sheet_of(garden(office)) == data


def test_a_sheet_goes_out_and_comes_back_in_english(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")
    data = sheet_of(garden(office))
    heads = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data)).active[1]]
    assert heads == ["deed", "subject", "householder", "item", "date", "recorded", "grade", "note", "status"]
    (made,) = take_in(office.village, filled(data, {"G2": "优"}), "1.xlsx", key="k", by=office.clerk, now=at(DAY))
    assert made.grade == "优"
    with pytest.raises(Refused) as refused:
        take_in(office.village, filled(data, {"G2": "A"}), "1.xlsx", key="k2", by=office.clerk, now=at(DAY))
    assert str(refused.value).startswith("1.xlsx, sheet Records, row 2, column grade (G): unknown grade")


def test_faults_of_a_workbook_are_told_by_sheet_row_and_column(office: Office) -> None:
    back = filled(sheet_of(garden(office)), {"G2": "特优", "B3": "QH01-0099", "G3": "优", "E4": "三月五日", "G4": "优"})
    with pytest.raises(Refused) as refused:
        take_in(office.village, back, "菜园.xlsx", key="k", by=office.clerk, now=at(DAY))
    assert places(refused) == [
        ("checking.unknown-grade", 2, "等次 (G)"),
        ("checking.unknown-household", 3, "户号 (B)"),
        ("workbook.not-a-date", 4, "日期 (E)"),
    ]
    assert str(refused.value).startswith("菜园.xlsx")
    assert Record.objects.count() == 0


MEMBERS = "户号,成员\nQH01-0001,顾建国\n"
TABLE = "记录号,户号,事项,日期,登记日期,等次,数量,佐证,状态,备注\n"


def test_any_sheet_of_records_is_taken_in_with_names_for_codes(office: Office) -> None:
    text = TABLE + (
        "1,QH01-0001,参加村庄清洁日,2025年3月1日,2025-03-01,,,照片,待审,\n"
        "2,QH01-0005,D06,2025/3/2,2025-03-02,,350.5,扫描件,待审,修桥\n"
        "3,QH01-0001,A05,2025-03-03,2025-03-03,,,照片、视频,待审,\n"
        ",QH01-0002,B03,2025-03-04,2025-03-04,,,,待审,\n"
    )
    made = take_in(
        office.village, io.BytesIO(text.encode("gb18030")), "三月.csv", key="k", by=office.clerk, now=at(DAY)
    )
    assert [(each.item, each.date.day, each.quantity) for each in made] == [
        ("A04", 1, None),
        ("D06", 2, 350_500),
        ("A05", 3, None),
        ("B03", 4, None),
    ]
    assert [(each.kind, each.words) for each in made[2].evidence.order_by("pk")] == [
        ("photo", "随表留存：三月.csv"),
        ("video", "随表留存：三月.csv"),
    ]
    with pytest.raises(Refused) as refused:
        take_in(office.village, io.BytesIO(text.encode()), "三月.csv", key="k2", by=office.leader, now=at(DAY))
    assert [each.facts["who"] for each in refused.value.problems] == ["河畔村2组"]


def test_a_row_can_put_right_a_row_of_the_same_sheet(office: Office) -> None:
    text = "记录号,户号,事项,日期,登记日期,整改对应记录,佐证,状态\n2,QH01-0001,C07,2025-03-04,2025-03-04,1,照片,待审\n"
    text += "1,QH01-0001,A05,2025-03-01,2025-03-01,,照片,待审\n"
    mended, fault = take_in(
        office.village, io.BytesIO(text.encode()), "整改.csv", key="k", by=office.clerk, now=at(DAY)
    )
    assert mended.refers == fault


def test_what_is_no_sheet_of_records_is_refused_and_told(office: Office) -> None:
    for data, name, code in (
        (b"x", "照片.jpg", "process.no-sheet"),
        (b"", "空.csv", "workbook.empty-file"),
        (b"PK\x03\x04 nothing", "坏.xlsx", "workbook.not-a-workbook"),
        ("户号,户主,行政村,村民小组\nQH01-0001,顾建国,QH01,1组\n".encode(), "名册.csv", "workbook.missing-column"),
        (MEMBERS.encode(), "成员.csv", "checking.no-deeds"),
        (
            (TABLE + "1,QH01-0001,A04,2025-03-01,2025-03-01,,,照片,待审,\n" * 2).encode(),
            "重.csv",
            "checking.duplicate-deed",
        ),
        (
            (TABLE + "1,QH01-0001,A04,2025-03-01,2025-03-01,,,照片,待审,\n" * 2).encode(),
            "../../重.csv",
            "checking.duplicate-deed",
        ),
    ):
        with pytest.raises(Refused) as refused:
            take_in(office.village, io.BytesIO(data), name, key="k", by=office.clerk, now=at(DAY))
        assert {each.code for each in refused.value.problems} == {code}
        assert {Path(str(each.place.file)).name for each in refused.value.problems} == {Path(name).name}


def test_rows_of_another_village_are_refused(office: Office) -> None:
    other = Office.open(code="QH02")
    text = TABLE + f"1,{other.homes[0].code},A04,2025-03-01,2025-03-01,,,照片,待审,\n"
    with pytest.raises(Refused) as refused:
        take_in(office.village, io.BytesIO(text.encode()), "村.csv", key="k", by=office.clerk, now=at(DAY))
    assert [each.code for each in refused.value.problems] == ["checking.unknown-household"]


def test_records_of_several_years_are_checked_by_the_rules_of_each(office: Office) -> None:
    text = (
        TABLE
        + "1,QH01-0001,A04,2025-03-01,2025-03-01,,,照片,待审,\n2,QH01-0001,A04,2023-03-01,2025-03-01,,,照片,待审,\n"
    )
    with pytest.raises(Refused) as refused:
        take_in(office.village, io.BytesIO(text.encode()), "年.csv", key="k", by=office.clerk, now=at(DAY))
    assert [each.code for each in refused.value.problems] == ["rulebook.none-in-force"]
