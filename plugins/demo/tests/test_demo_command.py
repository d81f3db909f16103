"""What `jifen demo` promises."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jifen_demo
import pytest
from attrs import evolve
from jifen.offers import Command, Town
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.words import LANGUAGES, read_catalogue
from jifen_demo.command import _longest, demo

from plugins.demo.tests.demo_book import BOOK


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command with a town whose book is the one of these tests."""
    rulebook: Any = pytest.importorskip("jifen.rulebook")
    made = Town("qinghe", {"zh_CN": "青禾镇", "en": "Qinghe"}, tmp_path, ("rules.toml",))
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls: cls.of(made)))
    monkeypatch.setattr(rulebook, "books_of", lambda town, registry: (BOOK,))


def test_the_plugin_offers_the_command() -> None:
    (offer,) = jifen_demo.jifen_commands()
    assert offer == Command(name="demo", help="demo.help", target="jifen_demo.command:demo")


@pytest.mark.usefixtures("town")
def test_it_tells_what_it_wrote_and_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    demo(tmp_path / "data", villages=1, households=40, deeds=5)
    told = capsys.readouterr().out
    assert "已编造“青禾镇”的数据（2025），全部虚构" in told
    assert "积分记录-青溪村.xlsx" in told
    assert "农户 40，成员" in told
    assert "合计 1 个村、40 户" in told
    assert f"jifen settle --town qinghe --data {tmp_path / 'data'} --period 2025" in told


@pytest.mark.usefixtures("town")
def test_json_lists_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(tmp_path / "data", villages=1, households=5, deeds=5, form="parquet", period="2025-Q2", json=True)
    told = json.loads(capsys.readouterr().out)
    assert [Path(file["file"]).name for file in told["files"]] == [
        "villages.parquet",
        "households.parquet",
        "deeds.parquet",
    ]
    assert told["period"] == "2025-Q2"


def test_a_folder_with_files_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "自己的.txt").write_text("别动")
    with pytest.raises(Refused, match="没有写入，原有文件都还在"):
        demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["自己的.txt"]


def test_a_file_in_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("别动")
    with pytest.raises(Refused, match="是一个文件，没有写入"):
        demo(tmp_path / "f")
    assert (tmp_path / "f").read_text() == "别动"


def test_parquet_has_no_bad_rows(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="parquet 文件里写不进不能用的行"):
        demo(tmp_path / "data", form="parquet", bad_rows=True)
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("town")
def test_a_period_without_a_rule_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="2031"):
        demo(tmp_path / "data", period="2031")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (date(2025, 1, 1), date(2026, 12, 31), "2025"),
        (date(2025, 7, 1), date(2025, 12, 31), "2025-H2"),
        (date(2025, 2, 15), date(2025, 12, 31), "2025-H2"),
        (date(2025, 4, 1), date(2025, 8, 31), "2025-Q2"),
        (date(2025, 5, 1), date(2025, 5, 31), "2025-05"),
        (date(2025, 5, 2), date(2025, 5, 30), "2025"),
    ],
)
def test_without_a_period_it_is_the_longest_that_the_newest_book_holds_for(
    first: date, last: date, period: str
) -> None:
    assert _longest(evolve(BOOK, valid_from=first, valid_to=last)).name == period


def test_both_catalogues_have_the_same_keys() -> None:
    first, second = (set(read_catalogue("jifen_demo", name)) for name in LANGUAGES)
    assert first == second
    assert all(key.startswith("demo.") for key in first)
