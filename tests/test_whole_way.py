"""The whole way: a town's workbooks are invented, settled, shown, written and explained, by the command line alone."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
from jifen.commands import main

if TYPE_CHECKING:
    from pathlib import Path

TOWN = ("--town", "qinghe", "--period", "2025")
"""The settlement that every test makes, of a small town."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "data"
    assert main(["demo", str(folder), "--town", "qinghe", "--villages", "2", "--households", "40", "--seed", "7"]) == 0
    return folder


@pytest.fixture(scope="module")
def out(data: Path) -> Path:
    folder = data.parent / "out"
    assert main(["settle", *TOWN, "--data", str(data), "--out", str(folder)]) == 0
    return folder


def frame(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


def test_everything_is_written(out: Path) -> None:
    names = {file.name for file in out.iterdir()}
    assert {"settlement.json", "rules.json", "settlement.xlsx", "report.html", "awards.parquet"} <= names


def test_rows_in_are_rows_accounted_for(out: Path) -> None:
    rows = json.loads((out / "settlement.json").read_text("utf-8"))["rows"]
    assert rows["in"] == rows["awarded"] + rows["refused"] + rows["cancelled"] + rows["set_aside"]
    assert min(rows["awarded"], rows["refused"], rows["cancelled"]) > 0


def test_awards_add_up_to_every_household_s_total(out: Path) -> None:
    sums = (
        frame(out, "awards").group_by(pl.col("subject").cast(pl.String).alias("household")).agg(pl.col("points").sum())
    )
    standings = frame(out, "standings").with_columns(pl.col("household").cast(pl.String))
    both = standings.join(sums, on="household", how="left").with_columns(pl.col("points").fill_null(0))
    assert both.filter(pl.col("points") != pl.col("total")).height == 0


def test_gross_and_cuts_add_up_to_every_award(out: Path) -> None:
    changes = frame(out, "cuts").group_by(pl.col("deed").cast(pl.String)).agg(pl.col("change").sum())
    awards = frame(out, "awards").with_columns(pl.col("deed").cast(pl.String)).join(changes, on="deed", how="left")
    wrong = awards.filter(pl.col("gross") + pl.col("change").fill_null(0) != pl.col("points"))
    assert wrong.height == 0


def test_the_same_settlement_gives_the_same_bytes(data: Path, out: Path, tmp_path: Path) -> None:
    assert main(["settle", *TOWN, "--data", str(data), "--out", str(tmp_path / "again")]) == 0
    again = {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()}
    assert again == {file.name: file.read_bytes() for file in out.iterdir()}


def test_shuffled_rows_and_renamed_files_change_no_frame(data: Path, out: Path, tmp_path: Path) -> None:
    folder, chance = tmp_path / "data", random.Random(1)
    folder.mkdir()
    for number, file in enumerate(sorted(data.iterdir(), reverse=True)):
        book = openpyxl.load_workbook(file)
        for sheet in book.worksheets:
            head, *rows = list(sheet.iter_rows(values_only=True))
            chance.shuffle(rows)
            sheet.delete_rows(1, sheet.max_row)
            for row in (head, *rows):
                sheet.append(row)
        book.save(folder / f"{number}.xlsx")
    assert main(["settle", *TOWN, "--data", str(folder), "--out", str(tmp_path / "out")]) == 0
    for file in out.glob("*.parquet"):
        if file.name != "villages.parquet":
            assert (tmp_path / "out" / file.name).read_bytes() == file.read_bytes(), file.name


def test_every_household_deed_and_village_can_be_explained(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standings, refused = frame(out, "standings"), frame(out, "refused")
    asked = [("--household", code) for code in standings["household"].cast(pl.String).head(3)]
    asked += [("--household", frame(out, "participants").filter(~pl.col("participates"))["household"][0])]
    asked += [("--deed", code) for code in (*frame(out, "awards")["deed"].head(3), refused["deed"][0])]
    asked += [("--village", code) for code in frame(out, "village_scores")["village"]]
    for option, code in asked:
        assert main(["explain", str(out), option, str(code)]) == 0
        shown = capsys.readouterr().out
        assert not re.search(r"\b(explain|describe|deeds|pudong)\.[a-z]", shown), shown


def test_a_settlement_that_is_there_is_not_overwritten(
    data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in out.iterdir()}
    assert main(["settle", *TOWN, "--data", str(data), "--out", str(out)]) == 1
    assert "--force" in capsys.readouterr().err
    assert before == {file.name: file.stat().st_mtime_ns for file in out.iterdir()}


def test_rows_that_cannot_be_used_are_refused_at_once_or_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = str(tmp_path / "data"), tmp_path / "out"
    assert main(["demo", folder, "--town", "qinghe", "--villages", "1", "--households", "20", "--bad-rows"]) == 0
    assert main(["settle", *TOWN, "--data", folder, "--out", str(out)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) > 5
    assert not out.exists()
    assert main(["settle", *TOWN, "--data", folder, "--out", str(out), "--set-aside"]) == 0
    rows = json.loads((out / "settlement.json").read_text("utf-8"))["rows"]
    assert rows["set_aside"] > 0
    assert rows["in"] == rows["awarded"] + rows["refused"] + rows["cancelled"] + rows["set_aside"]
    assert (out / "set-aside.xlsx").is_file()


def test_unknown_towns_and_periods_are_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for town, period in (("nowhere", "2025"), ("qinghe", "last-year"), ("qinghe", "1999")):
        tokens = ["--town", town, "--period", period, "--data", str(data), "--out", str(tmp_path / "out")]
        assert main(["settle", *tokens]) == 1
        assert capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_full_name_is_printed(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settle", *TOWN, "--data", str(data), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    sheet = openpyxl.load_workbook(data / "农户名册.xlsx")["农户"]
    head, *rows = list(sheet.iter_rows(values_only=True))
    names = {str(row[head.index("户主")]) for row in rows}
    assert not [name for name in names if name in shown]


def test_rules_are_shown_in_words_and_on_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "show", "qinghe"]) == 0
    assert "A01" in capsys.readouterr().out
    assert main(["rules", "show", "qinghe", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"]
    page = str(tmp_path / "board.html")
    assert main(["rules", "show", "qinghe", "--html", page]) == 0
    assert main(["rules", "show", "qinghe", "--html", page]) == 1
    assert main(["rules", "show", "qinghe", "--html", page, "--force"]) == 0
