"""`jifen new` as people use it: what it prints, what it asks, and what it refuses without writing anything."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Final

import pytest
from jifen.commands import main
from jifen_new.making import TEMPLATES, make
from jifen_new.naming import Kind, Project

from contrib.templates.tests.made_folders import TOWN, committed, files, later, made

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `jifen new …` in an empty folder, where nobody is at a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIFEN_LANG", "zh")

    def new(*tokens: str) -> tuple[int, str, str]:
        status = main(["new", *tokens])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return new


def test_a_town_is_made_and_the_next_three_commands_are_told(run: Run) -> None:
    status, out, err = run("town", "lian-hua", "--title", "莲花镇", "--year", "2030")
    assert (status, err) == (0, "")
    folder = Path("jifen-town-lian-hua")
    assert all(path in out for path in files(folder))
    assert out.splitlines()[-3:] == [
        "  python -m pip install -e ./jifen-town-lian-hua",
        "  jifen rules check ./jifen-town-lian-hua/src/jifen_town_lian_hua/rules.toml",
        "  jifen conformance lian-hua",
    ]
    assert main(out.splitlines()[-2].split()[1:]) == 0
    assert "莲花镇乡村治理积分细则（2030年）" in (folder / "src/jifen_town_lian_hua/rules.toml").read_text("utf-8")


def test_a_category_is_made_into_the_folder_that_is_named(run: Run) -> None:
    status, out, _ = run("category", "water", "--into", "plugins/my water", "-y")
    assert status == 0
    assert out.splitlines()[-3] == "  python -m pip install -e './plugins/my water'"
    assert (Path("plugins/my water/src/jifen_water/items.toml")).is_file()


def test_an_empty_folder_may_be_there_already_even_the_current_one(run: Run) -> None:
    assert run("town", "lianhua", "--into", ".")[0] == 0
    assert sorted(path.name for path in Path().iterdir()) == [
        ".copier-answers.yml",
        "README.md",
        "pyproject.toml",
        "src",
        "tests",
    ]


def test_a_town_without_a_year_is_for_the_coming_one(run: Run) -> None:
    assert run("town", "lianhua")[0] == 0
    year = datetime.now().astimezone().year + 1
    rules = Path("jifen-town-lianhua/src/jifen_town_lianhua/rules.toml").read_text("utf-8")
    assert f"valid_from = {year}-01-01" in rules


def test_both_languages_are_spoken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "已建好" in run("town", "lianhua")[1]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert "Made the category plugin" in run("category", "water")[1]


def test_json_lists_what_was_made_and_what_an_update_did(run: Run) -> None:
    made = json.loads(run("town", "lianhua", "--json")[1])
    assert (made["distribution"], made["folder"]) == ("jifen-town-lianhua", "jifen-town-lianhua")
    assert made["files"] == sorted(files(Path("jifen-town-lianhua")))
    done = json.loads(run("update", "jifen-town-lianhua", "--json")[1])
    assert done["git"] is False
    assert {each["file"] for each in done["files"]} == set(made["files"])


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (("town", "Qing_He"), "qing-he"),
        (("town", "lian--hua"), "lian-hua"),
        (("town", "2024"), "lianhua"),
        (("town", "莲花"), "lianhua"),
        (("town", "l" * 21), "l" * 20),
        (("category", "town-lianhua"), "改为 lianhua"),
        (("town", "qinghe"), "jifen-town-qinghe 0.1.0"),
        (("category", "pudong"), "jifen-pudong 0.1.0"),
        (("category", "new"), "jifen-new 0.1.0"),
        (("town", "lianhua", "--title", 'a"b'), '--title: 有不能用的符号：" '.strip()),
        (("town", "lianhua", "--title", "a\nb"), "U+000A"),
        (("town", "lianhua", "--title", "长" * 31), "31"),
        (("category", "water", "--owner", " "), "--owner: 不能是空的"),
        (("town", "lianhua", "--year", "1999"), "2020"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(run: Run, tokens: tuple[str, ...], told: str) -> None:
    status, out, err = run(*tokens)
    assert (status, out) == (1, "")
    assert told in err
    assert list(Path().iterdir()) == []


def test_all_that_is_wrong_is_told_at_once(run: Run) -> None:
    _, _, err = run("town", "Qing He", "--title", "", "--year", "1")
    assert len(err.splitlines()) == 3


def test_nothing_is_written_into_a_folder_with_files_or_over_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "rules.toml").write_text("mine", "utf-8")
    (tmp_path / "file").write_text("mine", "utf-8")
    before = files(tmp_path)
    assert "里已有文件" in run("town", "lianhua", "--into", "full")[2]
    assert "是一个文件" in run("town", "lianhua", "--into", "file")[2]
    assert files(tmp_path) == before


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the engine lets go of open folders then
def test_a_template_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    templates = later(tmp_path)
    (templates / "town" / "tests" / "broken.py.jinja").write_text("{{ unknown.key }}", "utf-8")
    with pytest.raises(Exception, match="unknown"):
        make(TOWN, tmp_path / "out" / "made", {}, templates)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_update_tells_every_file_and_how_to_see_the_changes(run: Run, tmp_path: Path) -> None:
    folder = made(TOWN, tmp_path / "town")
    assert "没有改动" in run("update", "town")[1]
    settings = folder / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace("hatchling>=1.27", "hatchling>=1.20"), "utf-8")
    status, out, _ = run("update", "town")
    assert status == 0
    assert "已更新 (build-system)" in out
    assert re.search(r"rules\.toml +你自己的，没有动", out)
    assert "没有用 git 管理" in out
    settings.write_text(settings.read_text("utf-8").replace("hatchling>=1.27", "hatchling>=1.20"), "utf-8")
    committed(folder)
    assert "git diff" in run("update", "town")[1]


def test_the_command_line_starts_without_the_template_engine() -> None:
    code = "import sys, jifen_new.command; sys.exit('copier' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_word_that_a_template_uses_is_given(tmp_path: Path) -> None:
    assert sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()) == sorted(Kind)
    for kind in Kind:
        assert "Undefined" not in "".join(files(made(Project(kind, "x"), tmp_path / kind)).values())


ON_A_TERMINAL = (
    # A job in the background is born deaf to Ctrl-C; somebody at a terminal is not.
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.login_tty(0); "
    "os.execv(sys.executable, [sys.executable, '-m', 'jifen', *sys.argv[1:]])"
)


GIVING_UP: Final = ("\x03", "\x04")
PATIENCE: Final = 100
"""Pieces of the screen, or silences of three seconds, before a program is taken to hang."""


def at_a_terminal(folder: Path, typed: str, *tokens: str) -> tuple[int, str]:
    """Runs `jifen new …` on a terminal of its own, types when it begins to ask; returns the status and the screen."""
    ours, theirs = pty.openpty()
    surroundings = {**os.environ, "JIFEN_LANG": "zh", "COLUMNS": "120", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", ON_A_TERMINAL, "new", *tokens]
    process = subprocess.Popen(command, cwd=folder, env=surroundings, stdin=theirs, start_new_session=True)
    os.close(theirs)
    screen, waiting = b"", typed.encode()
    try:
        for _ in range(PATIENCE):
            if not select([ours], [], [], 3)[0]:
                # A key that ends the program can fall into the moment before it listens: a person presses it again.
                if typed in GIVING_UP and not waiting:
                    os.write(ours, typed.encode())
                continue
            if not (read := _read(ours)):
                break
            screen += read
            if waiting and "）：".encode() in screen:
                os.write(ours, waiting)
                waiting = b""
    finally:
        os.close(ours)  # hangs up, which ends whoever still waits for an answer
    return process.wait(60), screen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody is at the other end any more
        return b""


def test_on_a_terminal_it_asks_and_asks_again_what_cannot_be(tmp_path: Path) -> None:
    status, screen = at_a_terminal(tmp_path, '"\n莲花镇\n\nnext\n1900\n2031\n', "town", "lianhua")
    assert status == 0, screen
    assert "镇的中文名称（lianhua镇）：" in screen
    assert "有不能用的符号" in screen
    assert "“next”不是年份" in screen
    assert "1900 不是能用的年份" in screen
    town = (tmp_path / "jifen-town-lianhua/src/jifen_town_lianhua/town.toml").read_text("utf-8")
    assert 'title = { zh_CN = "莲花镇", en = "Lianhua" }' in town


def test_what_is_given_is_not_asked(tmp_path: Path) -> None:
    status, screen = at_a_terminal(tmp_path, "\n\n", "town", "lianhua", "--title", "莲花镇")
    assert status == 0, screen
    assert "中文名称" not in screen.split("已建好")[0]
    assert "细则在哪一年施行" in screen


@pytest.mark.parametrize("key", GIVING_UP, ids=["ctrl-c", "ctrl-d"])
def test_who_gives_up_leaves_nothing_behind(tmp_path: Path, key: str) -> None:
    (tmp_path / "here").mkdir()
    status, screen = at_a_terminal(tmp_path / "here", key, "town", "lianhua")
    assert status == 130, screen
    assert list((tmp_path / "here").iterdir()) == []
