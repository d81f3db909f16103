"""The command line: exit statuses, words for everything that was not understood, and a start that loads little."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from jifen.commands import main
from jifen.commands.app import COMMANDS
from jifen.commands.ending import Misused, told
from jifen.commands.lines import folded, width
from jifen.problems import Problem, Refused
from jifen.words import LANGUAGES, read_catalogue

if TYPE_CHECKING:
    from pathlib import Path


def jifen(*tokens: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("JIFEN_")}
    return subprocess.run(
        [sys.executable, "-m", "jifen", *tokens],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


def test_help_is_in_the_language_in_force_and_ends_with_0() -> None:
    chinese, english = jifen("--help"), jifen("--help", JIFEN_LANG="en")
    assert (chinese.returncode, english.returncode) == (0, 0)
    assert chinese.stdout.startswith("用法：jifen 命令\n")
    assert english.stdout.startswith("Usage: jifen COMMAND\n")
    for name in COMMANDS:
        assert f"  {name} " in chinese.stdout
    assert not any("一" <= character <= "鿿" for character in english.stdout.split("Commands:")[0])


@pytest.mark.parametrize("command", list(COMMANDS))
def test_no_help_page_shows_a_key_of_the_catalogue(command: str) -> None:
    for language in LANGUAGES:
        shown = jifen(command, "--help", JIFEN_LANG=language)
        assert shown.returncode == 0
        assert "commands." not in shown.stdout
        assert "help." not in shown.stdout


def test_help_loads_neither_polars_nor_numpy_nor_tables() -> None:
    code = "import sys, jifen; from jifen.commands import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"polars", "numpy", "babel", "rich.table", "cattrs", "jifen.frames", "jifen.flow"}
    assert not [name for name in heavy if f"'{name}'" in done.stderr]


def test_importing_jifen_loads_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import jifen; print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"polars", "numpy", "attrs", "attr", "pluggy", "tomli", "cyclopts", "rich"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["setle"], "没有命令“setle”，是不是 settle？"),
        (["settle"], "缺少 --town，这一项必须写"),
        (["settle", "--town"], "--town 后面要写上内容"),
        (["settle", "--twn", "x"], "没有选项“--twn”，是不是 --town？"),
        (["settle", "--town", "a", "--data", "b", "--period", "c", "--fast"], "没有选项“--fast”"),
        (["settle", "--town", "a", "--town", "b"], "--town 只能写一次"),
        (["plugins", "all"], "不明白多出来的“all”"),
        (["explain"], "缺少 结果文件夹，这一项必须写"),
        (["explain", "there"], "请写明要说明什么：--household 户号、--deed 记录号 或 --village 行政村代码，三者选一"),
    ],
)
def test_arguments_that_are_not_understood_end_with_2(
    tokens: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tokens) == 2
    assert capsys.readouterr().err.startswith(message)


def test_a_refusal_names_every_problem_on_a_line_of_its_own_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    refused = Refused([Problem("deeds.pending"), Problem("deeds.rejected")])
    assert told(refused, []) == 1
    assert capsys.readouterr().err == "还没有审核\n审核未通过\n"
    assert told(Misused(refused.problems), []) == 2


def test_a_refusal_is_a_list_of_problems_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(Refused([Problem("deeds.pending")]), ["--json"]) == 1
    found = json.loads(capsys.readouterr().err)
    assert found == [{"code": "deeds.pending", "place": {}, "facts": {}, "message": "还没有审核"}]


def test_a_fault_of_the_program_shows_no_traceback_and_leaves_a_report_without_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise ValueError("王小明 13800000000")

    with pytest.raises(ValueError, match="王") as caught:
        fail()
    assert told(caught.value, ["settle", "--town", "x"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "没有写下任何半成品" in said
    assert "王小明" not in said
    name = said.rsplit("：", 1)[1].strip()
    with open(name, encoding="utf-8") as report:  # noqa: PTH123 - the path is text in a message
        text = report.read()
    os.unlink(name)  # noqa: PTH108
    assert "settle --town x" in text
    assert "ValueError" in text
    assert "in fail" in text or " fail: " in text
    assert "13800000000" not in text.replace('raise ValueError("王小明 13800000000")', "")


def test_a_fault_is_raised_when_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_DEBUG", "1")
    with pytest.raises(Refused):
        main(["explain", "nowhere", "--deed", "x"])


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(tokens: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("jifen.commands.app.run", stop)
    assert main(["plugins"]) == 130
    assert "已中止" in capsys.readouterr().err


def test_a_closed_pipe_is_no_fault() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m jifen rules --help | true"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_what_is_not_a_settlement_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(tmp_path), "--village", "V1"]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: 这里没有结算结果；请写明 jifen settle 写出的文件夹\n"


def test_plugins_are_told_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    main(["plugins", "--json"])
    for plugin in json.loads(capsys.readouterr().out):
        assert {"entry", "distribution", "version", "status", "problems", "offers"} <= plugin.keys()


def test_a_doctor_looks_at_everything(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json"])
    findings = json.loads(capsys.readouterr().out)
    assert {"platform", "package", "catalogue", "temp"} <= {finding["check"] for finding in findings}
    assert [finding for finding in findings if finding["name"] == "jifen" and not finding["good"]] == []


def test_the_core_has_the_same_words_in_every_language() -> None:
    first, *others = (read_catalogue("jifen", language) for language in LANGUAGES)
    for other in others:
        assert first.keys() == other.keys()


def test_lines_are_as_wide_as_they_look() -> None:
    assert width("积分 12") == 7
    assert list(folded("每户每年最多加四十分，超出的部分不计。", 20)) == ["每户每年最多加四十", "分，超出的部分不计。"]
    assert list(folded("no word is broken", 9, "  ")) == ["no word", "  is", "  broken"]
