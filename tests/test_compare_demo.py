"""A town's draft against its rules in force, on an invented year: the command, its page and its workbook."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pytest
from jifen.commands import main

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).parents[1]
RULES: Final = ROOT / "towns" / "qinghe" / "src" / "jifen_town_qinghe" / "rules.toml"
CHANGES: Final = (
    ('status = "approved"           #', 'status = "draft"              #'),
    ('name = "qinghe-2025"', 'name = "qinghe-2026"'),
    ("valid_from = 2025-01-01", "valid_from = 2026-01-01"),
    ("valid_to = 2025-12-31", "valid_to = 2026-12-31"),
    ("ladder = [-8, -15, -20]", "ladder = [-10, -20]"),
    ("above = 1140", "above = 1160"),
    ('points = 2\nlimits = [{ times = 4, per = "month" }]', 'points = 3\nlimits = [{ times = 4, per = "month" }]'),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``data`` of two villages and a ``draft.toml``."""
    folder = tmp_path_factory.mktemp("compare")
    tokens = ["demo", str(folder / "data"), "--villages", "2", "--households", "60", "--format", "parquet"]
    assert main(tokens) == 0
    text = RULES.read_text("utf-8")
    for old, new in CHANGES:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "draft.toml").write_text(text, "utf-8")
    return folder


def run(place: Path, *more: str, after: str = "draft.toml") -> int:
    other = str(place / after) if after.endswith(".toml") else after
    tokens = ["compare", "--rules", "qinghe", "--rules", other, "--data", str(place / "data"), "--period", "2025"]
    return main([*tokens, *more])


@pytest.fixture(scope="module")
def page(place: Path) -> str:
    assert run(place, "--html", str(place / "page.html"), "--by", "kind") == 0
    return (place / "page.html").read_text("utf-8")


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_json_adds_up(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, "--json", "--by", "village") == 0
    told: dict[str, Any] = json.loads(printed(capsys))
    whole = told["households"]
    assert not told["same"]
    assert Decimal(whole["gained"]) + Decimal(whole["lost"]) == Decimal(whole["change"])
    assert sum(Decimal(each["change"]) for each in told["by_village"]) == Decimal(whole["change"])
    assert sum(Decimal(each["change"]) for each in told["moved"]) == Decimal(whole["change"])
    assert sum(row["households"] for row in told["grades"]) == whole["households"]
    names = {each["name"] for each in told["moved"]}
    assert all("＊" in name for name in names)


def test_the_terminal_tells_it_in_the_language_in_force(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(place) == 0
    told = printed(capsys)
    assert told.startswith("【草案】")
    for words in ("参加村庄清洁日（A04）", "等级变动（户）", "村级得分和名次", "增加最多的农户"):
        assert words in told
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert run(place, "--by", "group") == 0
    told = printed(capsys)
    assert "Joining the village clean-up (A04)" in told
    assert "compare." not in told


def test_a_book_and_itself_are_told_to_be_the_same_everywhere(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html, sheets = tmp_path / "same.html", tmp_path / "same.xlsx"
    assert run(place, "--html", str(html), "--workbook", str(sheets), after="qinghe") == 0
    assert "试算结果没有任何差别" in printed(capsys)
    text = html.read_text("utf-8")
    assert "试算结果没有任何差别" in text
    assert "<table" not in text
    assert "试算结果没有任何差别" in values(sheets, "对比说明")


def test_rules_have_to_be_named_twice(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = ["compare", "--rules", "qinghe", "--data", str(place / "data"), "--period", "2025"]
    assert main(tokens) == 2
    assert "--rules" in capsys.readouterr().err


def test_a_file_that_is_there_is_not_replaced_unasked(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.html"
    file.write_text("kept", "utf-8")
    assert run(place, "--html", str(file)) == 1
    assert "--force" in capsys.readouterr().err
    assert file.read_text("utf-8") == "kept"
    assert run(place, "--html", str(file), "--force") == 0
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_the_page_stands_alone_names_nobody_and_is_marked(page: str, place: Path) -> None:
    import polars as pl

    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=", page)
    assert "草案：" in page
    assert page.count('class="picture"') == 2
    households = pl.read_parquet(place / "data" / "households.parquet")
    shown = [name for name in {*households["name"], *households["household"]} if name in page]
    assert shown == []


def test_the_page_and_the_workbook_are_the_same_every_time(place: Path, page: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        html, sheets = str(tmp_path / f"{name}.html"), str(tmp_path / f"{name}.xlsx")
        assert run(place, "--html", html, "--workbook", sheets, "--by", "kind") == 0
    assert (tmp_path / "one.html").read_text("utf-8") == page
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def values(file: Path, sheet: str) -> list[object]:
    book = openpyxl.load_workbook(file)
    return [cell for row in book[sheet].iter_rows(values_only=True) for cell in row]


def rows(file: Path, sheet: str) -> Sequence[tuple[Any, ...]]:
    """The rows below title and header."""
    return [*openpyxl.load_workbook(file)[sheet].iter_rows(min_row=3, values_only=True)]


def test_the_workbook_has_every_household_and_marks_every_sheet(place: Path, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "compare.xlsx"
    assert run(place, "--workbook", str(file), "--by", "group", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    book = openpyxl.load_workbook(file)
    assert all(str(sheet["A1"].value).startswith("【草案】") for sheet in book)
    names = book.sheetnames
    assert names.index("按村民小组") < names.index("按村") < names.index("按农户类型")
    people = rows(file, "每户变化")
    assert len(people) == told["households"]["households"]
    change = sum(Decimal(str(row[7])) for row in people)
    assert change == Decimal(told["households"]["change"])
    near = rows(file, "等级线附近")
    assert len(near) == sum(row["below"] + row["above"] for row in told["near"]["grades"])


def test_coverage_tells_what_to_look_at_first(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = ["rules", "coverage", "--town", "qinghe", "--data", str(place / "data"), "--period", "2025"]
    assert main([*tokens, "--json"]) == 0
    told: dict[str, Any] = json.loads(printed(capsys))
    assert [*told["look"]] == [
        "hits-most", "unused", "nothing-counted", "worthless", "nobody", "everybody", "decides", "never-binds"
    ]  # fmt: skip
    assert told["look"]["decides"]
    for row in told["limits"]:
        assert row["cut"] <= row["concerned"]
    assert main(tokens) == 0
    assert "左右名次的项目" in printed(capsys)
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert main(tokens) == 0
    told_in_english = printed(capsys)
    assert "Items that decide places" in told_in_english
    assert "coverage." not in told_in_english
