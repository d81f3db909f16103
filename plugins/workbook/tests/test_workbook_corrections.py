"""The workbook of a correction: every entry with its reason, exact points, names in full, the same bytes every time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
from attrs import evolve
from jifen.correction import Correction, correct
from jifen.flow import settle
from jifen.keeping import Kept
from jifen.model import Status
from jifen.period import Period
from jifen_workbook import write_correction

from core.tests.history import BOOK, PERIOD
from core.tests.scheme import REGISTRY, deed, inputs

if TYPE_CHECKING:
    from pathlib import Path

SPAN = Period.parse(PERIOD)
A, B = deed("a", "03-02", "clean", recorded_by="张丽", approved_by="赵强"), deed("=b", "03-04", "stray")


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")


def corrected(status: Status = Status.APPROVED) -> Correction:
    book = evolve(BOOK, status=status)
    then, now = inputs([A]), inputs([{**A, "status": "cancelled"}, B])
    kept = Kept(settle(book, REGISTRY, then, SPAN), then.villages, {}, {})
    return correct(kept, settle(book, REGISTRY, now, SPAN), now, on=date(2025, 4, 5))


def rows(path: Path, sheet: str) -> list[tuple[object, ...]]:
    found = openpyxl.load_workbook(path / "correction.xlsx")[sheet].iter_rows(values_only=True)
    return [tuple(cell for cell in row if cell is not None) for row in found]


def test_every_household_has_its_sum_and_every_entry_its_reason(tmp_path: Path) -> None:
    write_correction(corrected(), tmp_path)
    assert rows(tmp_path, "更正汇总")[2:] == [("荷塘村", "H1", "王芳", 112, -17, 95, 2)]
    told = rows(tmp_path, "更正明细")
    assert told[0] == ("试验 2025-03 第1次更正（入账日 2025-04-05） 更正明细",)
    assert [row[5:] for row in told[2:]] == [
        (12, -12, "结算后已撤销", "第一条", "张丽", "赵强", "correct:2025-03:a"),
        (-5, -5, "结算后才登记（或当时这一行不能用）", "第一条", "correct:2025-03:=b"),
    ]
    assert rows(tmp_path, "已公布而现在不同")[2:] == [
        ("荷塘村", "H1", "王芳", "等级", "高", "低"),
        ("荷塘村", "H1", "王芳", "本村名次", "1", "2"),
        ("荷塘村", "H2", "王芳", "本村名次", "2", "1"),
    ]


def test_the_same_correction_gives_the_same_bytes_and_a_sample_is_marked(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_correction(corrected(Status.SAMPLE), tmp_path / name)
    one, two = ((tmp_path / name / "correction.xlsx").read_bytes() for name in ("one", "two"))
    assert one == two
    for sheet in openpyxl.load_workbook(tmp_path / "one" / "correction.xlsx"):
        assert str(sheet["A1"].value).startswith("【样张】")


def test_a_household_that_left_the_register_has_no_name(tmp_path: Path) -> None:
    found = corrected()
    gone = evolve(found.inputs, households=found.inputs.households.filter(pl.col("household") != "H1"))
    write_correction(evolve(found, inputs=gone), tmp_path)
    assert rows(tmp_path, "更正汇总")[2:] == [("荷塘村", "H1", 112, -17, 95, 2)]
