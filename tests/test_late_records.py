"""Late records, the whole way through the commands: repeated to the day, corrected, and nothing old is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jifen.commands import main


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def said(capsys: pytest.CaptureFixture[str], *tokens: str) -> dict[str, Any]:
    """What a command tells a program."""
    capsys.readouterr()
    assert main([*tokens, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def total(table: Path, column: str) -> int:
    return int(pl.read_parquet(table)[column].sum())


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's workbooks of an invented year, in a folder in which nothing pins rules."""
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "data", "--town", "qinghe", "--villages", "2", "--households", "15", "--period", "2025"]) == 0
    return tmp_path


def test_a_year_is_repeated_and_corrected(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settle = ("settle", "--town", "qinghe", "--data", "data", "--period", "2025")
    said(capsys, *settle, "--known-at", "2025-12-20", "--out", "old")
    before = files(town / "old")
    again = said(capsys, *settle, "--known-at", "2025-12-20")
    assert Path(again["folder"]).name == "settlement-qinghe-2025-known-at-2025-12-20"
    assert again["settlement"]["known_at"] == "2025-12-20"
    assert files(town / again["folder"]) == before

    told = said(capsys, "correct", "old", "--data", "data")
    assert told["folder"] == "old-correction"
    assert files(town / "old") == before
    assert {"corrections.parquet", "announced.parquet", "correction.json", "correction.xlsx"} <= {
        *files(town / "old-correction")
    }
    now = said(capsys, *settle, "--out", "now")["settlement"]
    assert now["rows"]["awarded"] != again["settlement"]["rows"]["awarded"]
    old, new = (total(town / name / "awards.parquet", "points") for name in ("old", "now"))
    assert old + total(town / "old-correction" / "corrections.parquet", "change") == new
    people = [each for each in told["subjects"] if each["subject"] != each["village"]]
    assert people
    assert all("＊" in each["name"] for each in people)
    assert all(entry["why"]["words"] != entry["why"]["code"] for each in people for entry in each["entries"])


def test_nothing_to_correct_writes_nothing(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "settle", "--town", "qinghe", "--data", "data", "--period", "2025", "--out", "old")
    told = said(capsys, "correct", "old", "--data", "data")
    assert told == {"folder": None, "correction": None, "subjects": [], "announced": []}
    assert not (town / "old-correction").exists()
    assert main(["correct", "old", "--data", "data"]) == 0
    assert "没有要更正的" in capsys.readouterr().out


def test_a_correction_replaces_nothing(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "settle", "--town", "qinghe", "--data", "data", "--period", "2025", "--out", "old")
    before = files(town / "old")
    assert main(["correct", "old", "--data", "data", "--out", "old"]) == 1
    assert "更正不覆盖任何文件" in capsys.readouterr().err
    assert files(town / "old") == before
    assert main(["correct", "old", "--data", "data", "--on", "5.4."]) == 2
