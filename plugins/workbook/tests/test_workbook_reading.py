"""Every kind of bad input is named by file, sheet, row, column and reason, all at once; good input is read exactly."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from jifen.words import say

from plugins.workbook.tests.office_folder import (
    DEED_HEAD,
    HOUSEHOLD_HEAD,
    HOUSEHOLDS,
    VILLAGE_HEAD,
    admitted,
    brought,
    deed,
    office,
    refused,
    told,
    workbook,
)

if TYPE_CHECKING:
    from collections.abc import Callable

AT = "deeds.xlsx，工作表“积分记录”，第 2 行，"


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"户号": "H9"}, "“户号 (B)”列：农户名册里没有户号“H9”；请核对户号"),
        (
            {"事项": "志愿服物"},
            "“事项 (C)”列：积分细则里没有事项“志愿服物”；请填写事项代码或名称，是不是“A02 志愿服务”？",
        ),
        (
            {"日期": date(2024, 12, 31)},
            "“日期 (D)”列：日期 2024-12-31 不在本次结算期 2025-01-01 至 2025-12-31 内；请核对日期",
        ),
        (
            {"登记日期": "2025/3/3"},
            "“登记日期 (E)”列：登记日期 2025-03-03 早于发生日期 2025-03-04；请核对两个日期",
        ),
        ({"日期": "二月底"}, "“日期 (D)”列：“二月底”不是日期；请填写如 2025-03-04 的日期"),
        ({"日期": "2025-02-30"}, "“日期 (D)”列：“2025-02-30”这一天不存在；请核对日期"),
        ({"日期": 45720}, "“日期 (D)”列：“45720”不是日期；请填写如 2025-03-04 的日期"),
        ({"数量": -4}, "“数量 (F)”列：-4 是负数；请填写 0 或正数，扣分由事项决定"),
        ({"数量": "约5"}, "“数量 (F)”列：“约5”不是纯数字；请只填数字，如 5 或 3.5"),
        ({"数量": "5次"}, "“数量 (F)”列：“5次”不是纯数字；请只填数字，如 5 或 3.5"),
        ({"数量": 1.2345}, "“数量 (F)”列：“1.2345”小数位太多；最多三位小数"),
        ({"数量": 2e9}, "“数量 (F)”列：2000000000 太大，像是填错了；应不超过 10 亿"),
        ({"事项": "A02"}, "“数量 (F)”列：事项“A02 志愿服务”按数量计分，数量不能空着；请填写数量"),
        ({"事项": "A03"}, "“等次 (G)”列：事项“A03 庭院评比”按等次计分，等次不能空着；请填写等次"),
        ({"事项": "A03", "等次": "良"}, "“等次 (G)”列：不认识的等次“良”；这个事项的等次有：优、差"),
        ({"事项": "A04"}, "“成员 (H)”列：事项“A04 参加培训”按人计，成员不能空着；请填写是哪位成员"),
        ({"成员": "王大明"}, "“成员 (H)”列：户号“H1”没有成员“王大明”；名册里的成员有：王小明、赵小红"),
        (
            {"事项": "D02"},
            "“整改对应记录 (I)”列：事项“D02 整改到位”是整改，整改对应记录不能空着；请填写被整改那条记录的记录号",
        ),
        ({"状态": "大概过了"}, "“状态 (K)”列：不认识的状态“大概过了”；请填写 已通过、待审、未通过 或 已撤销"),
        ({"状态": None}, "“状态 (K)”列：这一格不能空着；请填写"),
        (
            {"记录号": 12345678901234570},
            "“记录号 (A)”列：“12345678901234570”数字太长，Excel 已丢失末尾几位；请把单元格设为文本后重新填写",
        ),
    ],
)
def test_a_bad_cell_is_named_with_its_place_and_what_would_be_right(
    tmp_path: Path, facts: dict[str, object], words: str
) -> None:
    assert told(office(tmp_path, [deed("D1", **facts)])) == [AT + words]


def test_a_row_tells_all_of_its_problems_at_once(tmp_path: Path) -> None:
    files = office(
        tmp_path, [deed("D1", 户号="H9", 数量="约5", 事项="A02", 日期=date(2024, 1, 1)), deed("D2", 状态="?")]
    )
    found = admitted(files)
    assert [[problem.code for problem in row.problems] for row in found.set_aside] == [
        ["workbook.number-in-text", "checking.unknown-household", "checking.outside-period"],
        ["workbook.unknown-status"],
    ]
    assert found.set_aside[0].cells["数量 (F)"] == "约5"
    assert found.rows_in == 2
    assert found.deeds.height == 0


def test_both_rows_of_a_repeated_record_are_named(tmp_path: Path) -> None:
    files = office(tmp_path, [deed("D1"), deed("D2"), deed("D1")])
    tail = "；每条记录要有自己的编号，请核对是否重复录入"
    where = "deeds.xlsx，工作表“积分记录”，第 {} 行"
    assert told(files) == [
        where.format(2) + "，“记录号 (A)”列：记录号“D1”重复，另见 " + where.format(4) + tail,
        where.format(4) + "，“记录号 (A)”列：记录号“D1”重复，另见 " + where.format(2) + tail,
    ]


def test_a_formula_is_named_and_its_last_value_is_not_used(tmp_path: Path) -> None:
    files = office(tmp_path, [deed("D1", 事项="A02", 数量="=2+3"), deed("D2")])
    assert told(files) == [AT + "“数量 (F)”列：是公式（现值“”）；请改为固定的数值：复制后选择性粘贴为“值”"]


def test_a_row_of_the_register_that_cannot_be_used_takes_its_deeds_along(tmp_path: Path) -> None:
    row: list[list[object]] = [["H4", "桃源村", "1组", "钱一", "不详", "是", 2.5, None, ""]]
    files = office(tmp_path, [deed("D1", 户号="H4")], 农户=[HOUSEHOLD_HEAD, *HOUSEHOLDS, *row])
    register = "register.xlsx，工作表“农户”，第 5 行，"
    assert told(files) == [
        register + "“户籍在村 (E)”列：“不详”看不出是或否；请填写 是 或 否",
        register + "“实际居住人数 (G)”列：“2.5”不是整数；请填写整数",
        register + "“行政村 (B)”列：行政村表里没有“桃源村”；请填写行政村的代码或名称",
        AT + "“户号 (B)”列：户号“H4”的农户行本身有错，已搁置；请先改正农户名册",
    ]


def test_a_member_of_nobody_is_named(tmp_path: Path) -> None:
    files = office(tmp_path, [deed("D1")], 成员=[["户号", "成员"], ["H9", "钱一"], ["H1", None]])
    where = "register.xlsx，工作表“成员”，"
    assert told(files) == [
        where + "第 2 行，“户号 (A)”列：农户名册里没有户号“H9”；请核对户号",
        where + "第 3 行，“成员 (B)”列：这一格不能空着；请填写",
    ]


def _merged(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "积分记录"
    sheet.append(["青禾镇积分记录表"])
    sheet.append(DEED_HEAD)
    sheet.append(deed("D1"))
    sheet.merge_cells("A1:K1")
    book.save(path)


def _sheet(*rows: list[Any]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        workbook(path, 记录=list(rows))

    return write


def _far(path: Path) -> None:
    """A few kilobytes that a reader would need half a terabyte for."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "积分记录"
    sheet["A1"], sheet["XFD1048576"] = "记录号", "x"
    book.save(path)


def _rewritten(path: Path, change: Callable[[bytes], bytes], part: str = "xl/worksheets/") -> None:
    """The workbook again, with a part's XML changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, change(data) if name.startswith(part) else data)


def _far_in_single_quotes(path: Path) -> None:
    _far(path)
    _rewritten(path, lambda xml: xml.replace(b'"', b"'"))


def _twice(path: Path) -> None:
    """A sheet that is far too large, hidden behind a small one of its name."""
    book = openpyxl.Workbook()
    far, small = book.active, book.create_sheet("b")
    assert far is not None
    far.title = "a"
    far["XFD1048576"], small["A1"] = "x", "x"
    book.save(path)
    _rewritten(path, lambda xml: xml.replace(b'name="b"', b'name="a"'), "xl/workbook.xml")


def _far_without_names(path: Path) -> None:
    """The last row has a number, and its cells have no names: they stand one behind the other."""
    _far(path)
    cells = b"<c t='inlineStr'><is><t>x</t></is></c>" * 9000
    row = b'<row r="1048576">' + cells + b"</row></sheetData>"
    _rewritten(path, lambda xml: re.sub(rb'<row r="1048576".*</sheetData>', row, xml, flags=re.DOTALL))


def _bytes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        ("空.xlsx", _bytes(b""), "空.xlsx: 文件是空的；请重新导出或删去这个文件"),
        ("空.csv", _bytes(b""), "空.csv: 文件是空的；请重新导出或删去这个文件"),
        (
            "坏.xlsx",
            _bytes(b"not a zip"),
            "坏.xlsx: 不是能打开的 xlsx 工作簿；请用 Excel 或 WPS 打开后另存为 .xlsx",
        ),
        (
            "密.xlsx",
            _bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
            "密.xlsx: 工作簿加了密码，或是旧的 .xls 格式；请去掉密码，另存为 .xlsx",
        ),
        (
            "码.csv",
            _bytes("记录号,户号\n".encode() + b"D1,\xff\n"),
            "码.csv: 既不是 UTF-8 也不是 GB18030 编码，第 20 个字节（0xFF）读不出来；请用 Excel 另存为“CSV UTF-8”",
        ),
        (
            "码.csv",
            _bytes("记录号,户号\n".encode("gb18030") + b"D1,\xff\n"),
            "码.csv: 既不是 UTF-8 也不是 GB18030 编码，第 15 个字节（0xFF）读不出来；请用 Excel 另存为“CSV UTF-8”",
        ),
        ("双.xlsx", _twice, "双.xlsx: 不是能打开的 xlsx 工作簿；请用 Excel 或 WPS 打开后另存为 .xlsx"),
        (
            "远.xlsx",
            _far,
            (
                "远.xlsx，工作表“积分记录”：表格以外很远的地方还有单元格，这张表一直伸到 XFD1048576；"
                "请删除表格以外的行和列，重新保存"
            ),
        ),
        (
            "远.xlsx",
            _far_in_single_quotes,
            (
                "远.xlsx，工作表“积分记录”：表格以外很远的地方还有单元格，这张表一直伸到 XFD1048576；"
                "请删除表格以外的行和列，重新保存"
            ),
        ),
        (
            "远.xlsx",
            _far_without_names,
            (
                "远.xlsx，工作表“积分记录”：表格以外很远的地方还有单元格，这张表一直伸到 MHE1048576；"
                "请删除表格以外的行和列，重新保存"
            ),
        ),
        ("无.xlsx", _sheet(), "无.xlsx，工作表“记录”：工作表是空的；请填写内容或删去这张工作表"),
        (
            "头.xlsx",
            _sheet(DEED_HEAD),
            "头.xlsx，工作表“记录”：“积分记录”表只有表头，没有内容；请填写内容或删去这张工作表",
        ),
        (
            "并.xlsx",
            _merged,
            (
                "并.xlsx，工作表“积分记录”，第 1 行：表头有合并单元格（A1:K1）；"
                "请取消合并，删去表头上方的标题，让表头占第一行、每列一格"
            ),
        ),
        (
            "缺.xlsx",
            _sheet([head for head in DEED_HEAD if head != "状态"], deed("D1")),
            "缺.xlsx，工作表“记录”，第 1 行：“积分记录”表缺少“状态”这一列；请补上",
        ),
        (
            "重.xlsx",
            _sheet([*DEED_HEAD, "发生日期"], deed("D1")),
            "重.xlsx，工作表“记录”，第 1 行：日期 (D)、发生日期 (L) 是同一列，只能有一个；请删去多余的",
        ),
        (
            "别.xlsx",
            _sheet(["菜名", "价钱"], ["白菜", 2]),
            (
                "别.xlsx，工作表“记录”，第 1 行：认不出这是哪一张表，表头是：菜名、价钱；"
                "应是 行政村、农户、成员、积分记录、兑换申请 之一，不是数据的工作表请改名为“说明”"
            ),
        ),
    ],
)
def test_a_file_or_sheet_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, spoil: Callable[[Path], None], words: str
) -> None:
    files = office(tmp_path, [deed("D1")])
    spoil(tmp_path / name)
    assert refused((*files, tmp_path / name)) == [words]


def test_an_empty_row_at_the_end_of_a_sheet_is_no_fault(tmp_path: Path) -> None:
    """As LibreOffice writes it."""
    files = office(tmp_path, [deed("D1")])
    (table,) = [file for file in files if file.stem == "deeds"]
    _rewritten(table, lambda xml: xml.replace(b"</sheetData>", b'<row r="1048576" hidden="false"/></sheetData>'))
    assert admitted(files).deeds["deed"].to_list() == ["D1"]


def test_values_are_read_as_people_write_them_and_cleaning_is_counted(tmp_path: Path) -> None:
    days = [
        "2025-03-04",
        "2025/3/4",
        "2025.3.4",
        "2025年3月4日",
        "20250304",
        "２０２５－３－４",
        20250304,
        date(2025, 3, 4),
    ]
    rows = [deed(f"D{number}", 日期=day) for number, day in enumerate(days)]
    rows += [
        deed("Ｄ９", 户号="　Ｈ１ ", 事项="志愿服务", 数量="５．５", 佐证="照片；扫描件"),
        deed("D10", 事项="A02", 数量=0.1),
        deed("D11", 事项="A02", 数量="1,200"),
        deed("D12", 成员="赵小红"),
    ]
    found = admitted(office(tmp_path, rows))
    assert found.set_aside == ()
    assert set(found.deeds["date"]) == {date(2025, 3, 4)}
    last = found.deeds.tail(4)
    assert last["deed"].to_list() == ["D9", "D10", "D11", "D12"]
    assert last["subject"][0] == "H1"
    assert last["item"][0] == "A02"
    assert last["evidence"][0] == "photo|scan"
    assert last["quantity"].to_list() == [5500, 100, 1200000, None]
    assert {say(kind): count for kind, count in found.cleaned.items()} == {
        "全角字符改为半角": 4,
        "去掉多余空格": 1,
        "文本格式的数字": 2,
    }


def test_the_register_is_read_with_members_and_without_telephone_numbers(tmp_path: Path) -> None:
    found = admitted(office(tmp_path, [deed("D1")]))
    assert found.households["registered"].to_list() == [True, True, False]
    assert found.households["village"].to_list() == ["QH01"] * 3
    assert found.households["consent"].to_list() == [date(2025, 1, 1), date(2025, 1, 1), None]
    assert found.households["members"].to_list() == [["王小明", "赵小红"], None, None]
    assert "13800000000" not in str(found.households.rows())
    assert found.deeds["village"].to_list() == ["QH01"]


def test_renaming_files_and_sheets_changes_nothing(tmp_path: Path) -> None:
    files = office(tmp_path / "a", [deed("D1"), deed("D2", 事项="A02", 数量=3)])
    first = admitted(files)
    other = tmp_path / "b"
    other.mkdir()
    renamed = tuple(path.rename(other / name) for path, name in zip(files, ("z.xlsx", "a.xlsx"), strict=True))
    again = admitted(renamed)
    for name in ("villages", "households", "deeds"):
        assert getattr(first, name).equals(getattr(again, name))


def test_files_of_one_name_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    files = office(tmp_path / "a", [deed("D1", 户号="H8")])
    (tmp_path / "b").mkdir()
    other = workbook(tmp_path / "b" / "deeds.xlsx", 积分记录=[DEED_HEAD, deed("D2", 户号="H9")])
    assert [line.partition("，")[0] for line in told((*files, other))] == ["a/deeds.xlsx", "b/deeds.xlsx"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_as_it_comes_from_excel(tmp_path: Path, encoding: str) -> None:
    files = office(tmp_path, [deed("D1")])
    table = tmp_path / "记录.csv"
    lines = [
        "记录号,户号,事项,日期,登记日期,数量,状态",
        'D2,H1,志愿服务,2025/3/4,2025/3/5,"4",已通过',
        "D3,H1,A02,2025/3/4,2025/3/5,四,已通过",
    ]
    table.write_bytes("\r\n".join(lines).encode(encoding))
    found = admitted((*files, table))
    assert found.deeds["quantity"].to_list() == [None, 4000]
    assert [str(problem) for row in found.set_aside for problem in row.problems] == [
        "记录.csv，第 3 行，“数量 (F)”列：“四”不是纯数字；请只填数字，如 5 或 3.5"
    ]
    assert found.cleaned == {}


def test_english_headers_and_words_are_read(tmp_path: Path) -> None:
    head: list[object] = ["Deed", "Household", "Item", "Date", "Recorded", "Status", "Recorded by"]
    row: list[object] = ["D1", "H2", "A01", "2025-03-04", "2025-03-04", "approved", "Li"]
    register, _ = office(tmp_path, [deed("D0")])
    found = admitted((register, workbook(tmp_path / "en.xlsx", Sheet1=[head, row])))
    assert found.deeds.select("deed", "subject", "status", "recorded_by").row(0) == ("D1", "H2", "approved", "Li")


def test_explanations_blank_rows_and_lock_files_are_passed_over(tmp_path: Path) -> None:
    register, deeds = office(tmp_path, [deed("D1"), [None] * len(DEED_HEAD), deed("D2", 户号="H9")], 说明=[["怎么填"]])
    lock = tmp_path / "~$deeds.xlsx"
    lock.write_bytes(b"lock")
    assert refused((register, deeds, lock)) == []
    assert admitted((register, deeds, lock)).rows_in == 2
    assert told((register, deeds, lock))[0].startswith("deeds.xlsx，工作表“积分记录”，第 4 行")


def test_the_layout_that_offices_are_told_is_the_one_that_is_read() -> None:
    from jifen_workbook.layout import layout

    told_layout = (Path(__file__).parents[1] / "LAYOUT.md").read_text("utf-8")
    for table in layout().tables:
        for column in table.columns:
            for header in column.headers:
                assert header in told_layout, f"{table.name}.{column.name}: {header}"
    assert [column.headers[0] for column in layout().tables[0].columns][:3] == VILLAGE_HEAD
    assert brought(()).frames == {}


def test_requests_are_read_with_what_empty_cells_stand_for(tmp_path: Path) -> None:
    import csv

    from jifen_workbook.reading import read

    rows = [
        ["申请号", "户号", "户主", "物品", "申请日期", "件数", "状态"],
        ["X1", "H1", "王芳", "香皂", "2025-03-05", "2", "申请"],
        ["X2", "H1", "王芳", "soap", "2025年3月6日", "", ""],
        ["X3", "H2", "李建国", "香皂", "2025-03-07", "1", "撤回"],
        ["X4", "H2", "李建国", "香皂", "三月", "1", "已领"],
    ]
    with (tmp_path / "兑换申请.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    reading = read((tmp_path / "兑换申请.csv",), None)  # type: ignore[arg-type]  # no rule book is asked for here
    found = reading.frames["requests"].select("request", "good", "pieces", "status").rows()
    assert found[:3] == [("X1", "香皂", 2, "requested"), ("X2", "soap", 1, "requested"), ("X3", "香皂", 1, "cancelled")]
    (aside,) = reading.set_aside
    assert (aside.frame, aside.row) == ("requests", 5)
    assert [problem.code for problem in aside.problems] == ["workbook.not-a-date", "workbook.unknown-request-status"]
