"""`jifen district` prints, and writes frames, a workbook and a page; or says what it lacks."""

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import jifen_pudong
import openpyxl
import polars as pl
import pytest
from jifen.commands import main
from jifen.offers import Command
from jifen_pudong.district.frames import WRITTEN

from plugins.pudong.tests.district_data import change, write
from plugins.pudong.tests.district_settlements import settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = write(tmp_path / "district")
    settled(folder, "2025-Q1", {"A1": 30, "A2": 20, "A3": 20, "A4": 10}, {"A1": 2, "A2": 1, "A3": 2, "A4": 0})
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], data: Path) -> Any:
    def run(*more: str, day: str = "2025-06-30") -> tuple[int, str, str]:
        status = main(["district", "--data", str(data), "--as-of", day, *more])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_the_plugin_offers_the_command() -> None:
    assert jifen_pudong.jifen_commands() == (
        Command("district", "district.help", "jifen_pudong.district.command:district"),
    )


def test_it_prints_a_line_for_each_town_and_why_it_has_its_points(run: Any) -> None:
    status, told, _ = run()
    assert status == 0
    assert "【样张】以下内容出自样张，不作为正式结果" in told
    assert "5个镇，31个行政村，其中11个参加（35.5%）" in told
    row = next(line for line in told.splitlines() if re.match(r"\s+4  桑洲镇", line))
    assert row.split() == ["4", "桑洲镇", "7", "4", "57.1%", "缺1个村", "缺1个村", "-4.5"]
    assert (
        "2024年12月31日　参加的行政村达到50%及以上：7个村中应有4个，到期3个，缺1个："
        "桑洲四村、桑洲五村、桑洲六村、桑洲七村中的1个；过后已补上1个（浦委农办(2023)5号，R25）"
    ) in told
    assert "2025年12月31日　村庄形态基本完整的村全部参加（未到期）：2个村中应有2个，已有1个，还缺1个：桑洲五村" in told
    assert "上限：每年最多扣12分（样张第二条第（一）项（R25））；此前已累计0分，因此少扣6分" in told
    assert "没有参加的村：雁埠一村、雁埠二村、雁埠三村、雁埠四村、雁埠五村、雁埠六村" in told
    assert "各次结算：2025-Q1 参加户62.5%、户均3.0分" in told
    assert "对村绩效考核：1 芦汀一村 10.0分；2 芦汀三村 8.0分；3 芦汀二村 5.0分；4 芦汀四村 2.0分" in told


def test_one_town_by_name_or_code_and_no_other(run: Any) -> None:
    for town in ("檀溪镇", "C"):
        status, told, _ = run("--town", town)
        assert status == 0
        assert "檀溪镇：4个行政村，参加2个（50.0%）" in told
        assert "芦汀" not in told
    status, _, told = run("--town", "檀镇")
    assert (status, "没有“檀镇”这个镇；本区的镇有：芦汀镇" in told) == (1, True)


def test_a_village_learns_why_it_has_the_points_that_its_town_gives_it(run: Any) -> None:
    status, told, _ = run("--village", "A2")
    assert status == 0
    assert "芦汀镇芦汀二村：绩效考核5.0分，全镇第3名（本年1次结算）" in told
    assert "2025-03-31　村级得分在本镇的位次　加4分" in told
    assert "细则 V02，样张第四条第（二）项（R1、R26）；记录 V02:2025-Q1:A2" in told
    assert "2025年还没有结算，没有绩效考核" in run("--village", "B1")[1]
    assert run("--village", "Z9")[0] == 1


def test_json_has_every_point_with_its_words(run: Any) -> None:
    status, told, _ = run("--json")
    found = json.loads(told)
    assert status == 0
    assert [(town["town"], town["points"], town["rank"]) for town in found["towns"]] == [
        ("E", "20.0", 1), ("A", "6.0", 2), ("C", "5.0", 3), ("B", "-4.5", 4), ("D", "-26.0", 5),
    ]  # fmt: skip
    (sangzhou,) = [town for town in found["towns"] if town["town"] == "B"]
    assert sangzhou["explanation"][0] == "2023-12-31　示范村到期没有参加　扣3分"
    assert sangzhou["targets"][0]["names"] == ["桑洲一村"]


def test_nothing_counts_visits_or_log_ins() -> None:
    words = {word for frame in WRITTEN for column in frame.columns for word in column.name.split("_")}
    assert words & {"visits", "logins", "login", "clicks", "views", "users", "app", "opened"} == set()
    assert {"villages", "joined", "deeds", "households"} <= words


def test_out_has_every_frame_the_workbook_and_the_page(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, told, _ = run("--out", str(out))
    assert status == 0
    assert f"已写入 {out}" in told
    for frame in WRITTEN:
        frame.check(pl.read_parquet(out / f"{frame.name}.parquet"), frame.name)
    book = openpyxl.load_workbook(out / "district.xlsx")
    assert book.sheetnames == ["各镇", "推进目标", "考核得分来由", "典型案例条件", "参加走势", "结算走势", "镇对村考核"]
    rows = list(book["各镇"].iter_rows(values_only=True))
    assert "样张" in rows[0][0]
    assert rows[1][:5] == ("名次", "镇", "行政村", "参加", "占比")
    assert rows[2][:4] == (1, "橘浦镇", 1, 1)
    reasons = {(row[0], row[1].splitlines()[0]) for row in book["考核得分来由"].iter_rows(min_row=3, values_only=True)}
    assert ("桑洲镇", "2024-12-31　参加的行政村到期不足半数　扣1.5分") in reasons


def test_the_same_data_give_the_same_bytes(run: Any, tmp_path: Path) -> None:
    run("--out", str(tmp_path / "one"))
    run("--out", str(tmp_path / "two"))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert [
        name for name in names if (tmp_path / "one" / name).read_bytes() != (tmp_path / "two" / name).read_bytes()
    ] == []


def test_what_is_there_is_replaced_only_when_asked(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("--out", str(out))
    status, _, told = run("--out", str(out))
    assert (status, "这里已有一份考核结果" in told) == (1, True)
    assert run("--out", str(out), "--force")[0] == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x", "utf-8")
    assert run("--out", str(tmp_path / "mine"), "--force")[0] == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


class Page(HTMLParser):
    """What a page refers to, its text, and which elements are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.text: list[str] = []
        self.stack: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.outside += [value for name, value in attrs if name in ("src", "href") and value and value[0] != "#"]
        if tag not in ("meta", "br"):
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_stands_alone_escapes_names_and_draws_each_town(run: Any, data: Path, tmp_path: Path) -> None:
    change(data, "镇", "D,雁埠镇", "D,<script>雁埠镇")
    for table in ("行政村", "示范典型"):
        path = data / f"{table}.csv"
        path.write_text(path.read_text("utf-8").replace("雁埠镇", "D"), "utf-8")
    assert run("--out", str(tmp_path / "out"))[0] == 0
    text = (tmp_path / "out" / "district.html").read_text("utf-8")
    page = Page(text)
    assert (page.outside, page.stack) == ([], [])
    assert "<script" not in text
    assert "样张：所用细则含有未经批准的示例分值" in text
    assert text.count('<svg class="small" ') == 5
    assert "<title>橘浦镇：1个村中参加1个，其中试点1个</title>" in text
    assert "2025-Q1 参加户62.5%、户均3.0分" in "".join(page.text)
    assert "上限：每年最多扣12分" in "".join(page.text)


@pytest.mark.parametrize("name", ["jifen_report", "jifen_workbook"])
def test_a_plugin_that_is_lacking_is_named_and_nothing_is_written(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    status, _, told = run("--out", str(tmp_path / "out"))
    assert status == 1
    assert f"pip install {name.replace('_', '-')}" in told
    assert not (tmp_path / "out").exists()


def test_english_where_it_is_asked_for(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")
    status, told, _ = run("--out", str(tmp_path / "out"))
    assert status == 0
    assert "District's assessment of its towns, as of June 30, 2025" in told
    assert "7 administrative villages, 4 taking part (57.1%)" in told
    assert "Rollout and assessment" in (tmp_path / "out" / "district.html").read_text("utf-8")
