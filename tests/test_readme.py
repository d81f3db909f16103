"""Decides that both READMEs say the same, and that what they quote is what the program prints today."""

from __future__ import annotations

import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import Final

import pytest
from cyclopts import App
from jifen.commands import main
from jifen.commands.app import build

from tests.doc_runner import missing
from tests.doc_runner import sessions as sessions_in

ROOT: Final = Path(__file__).parents[1]
LANGUAGES: Final = {"README.md": "en", "README.zh-CN.md": "zh"}
FENCE: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(([^)]+)\)")
INLINE: Final = re.compile(r"`([^`\n]+)`")
PLACEHOLDERS: Final = {"PERIOD": "2025", "TOWN": "qinghe"}
SECTIONS: Final = 11

every_readme = pytest.mark.parametrize("name", LANGUAGES)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def fences(name: str) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in FENCE.finditer(read(name))]


def prose(name: str) -> str:
    return FENCE.sub("", read(name))


def sessions(name: str) -> list[tuple[str, list[str]]]:
    """Each command that is quoted with a prompt, and the lines quoted as its output."""
    return sessions_in("".join(text for kind, text in fences(name) if kind == "console"))


def commands(name: str) -> list[str]:
    """Every command line of jifen that is written out, in the order of the page."""
    inline = [text for text in INLINE.findall(prose(name)) if text.startswith("jifen ")]
    return [*(command for command, _ in sessions(name)), *inline]


def app_of(command: str) -> App:
    """The command as the program knows it; KeyError where there is none."""
    words = list(takewhile(re.compile(r"[a-z]+").fullmatch, command.split()[1:]))
    app = build(words[0])
    for word in words:
        app = app[word]
    return app


def shape(name: str) -> list[str]:
    """What both languages have in common: levels of headings, rows of tables, points and pictures."""
    kept: list[str] = []
    for line in prose(name).splitlines():
        start = re.match(r"#+ |\||- |!\[", line)
        if start:
            kept.append(start[0])
    return kept


def test_both_readmes_have_the_same_sections_tables_and_points() -> None:
    one, other = (shape(name) for name in LANGUAGES)
    assert one == other
    assert one.count("## ") == SECTIONS


def test_both_readmes_have_the_same_commands_and_the_same_code() -> None:
    one, other = LANGUAGES
    assert commands(one) == commands(other)
    assert [kind for kind, _ in fences(one)] == [kind for kind, _ in fences(other)]
    for (kind, text), (_, translated) in zip(fences(one), fences(other), strict=True):
        assert kind == "console" or text == translated


def test_both_readmes_link_to_the_same_files() -> None:
    one, other = ([link for link in LINK.findall(read(name)) if link not in LANGUAGES] for name in LANGUAGES)
    assert sorted(one) == sorted(other)


@every_readme
def test_every_linked_file_and_picture_is_there(name: str) -> None:
    links = LINK.findall(read(name))
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


@every_readme
def test_every_command_that_is_written_down_is_understood(name: str) -> None:
    for command in commands(name):
        _, *tokens = (PLACEHOLDERS.get(word, word) for word in shlex.split(command))
        app = build(tokens[0])
        if len(tokens) == 1:  # a command that is only named
            app_of(command)
        else:
            app.parse_args(tokens, exit_on_error=False, print_error=False)


@every_readme
def test_every_option_that_is_named_is_one_of_the_command_in_its_row(name: str) -> None:
    rows = [line for line in prose(name).splitlines() if line.startswith("| `jifen ")]
    assert rows
    for row in rows:
        command, *_ = INLINE.findall(row)
        known = {option for argument in app_of(command).assemble_argument_collection() for option in argument.names}
        assert {option for option in re.findall(r"--[a-z-]+", row) if option not in known} == set(), row
        assert "--json" in known, "the page says that every command has it"


@every_readme
def test_every_nox_session_that_is_named_exists(name: str) -> None:
    defined = set(re.findall(r"^@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"nox -s (\w+)", read(name)))
    assert {"demo", "tests"} <= named <= defined


@every_readme
def test_the_rule_that_is_quoted_stands_in_the_rule_book(name: str) -> None:
    book = next(ROOT.glob("towns/qinghe/src/*/rules.toml")).read_text("utf-8")
    quoted = [text for kind, text in fences(name) if kind == "toml"]
    assert quoted
    assert [text for text in quoted if text not in book] == []


def test_the_household_that_is_explained_is_the_one_of_the_demo() -> None:
    found = re.search(r'^HOUSEHOLD: Final = "(.+)"$', (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert any(command.endswith(f"--household {found[1]}") for command, _ in sessions("README.md"))


@pytest.mark.pages
@every_readme
def test_what_is_quoted_is_what_the_commands_print_now(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands run in the order of the page, in an empty folder; both streams are what a person sees."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIFEN_LANG", LANGUAGES[name])
    monkeypatch.setenv("COLUMNS", "100")
    for command, quoted in sessions(name):
        program, *tokens = shlex.split(command)
        assert program == "jifen"
        with StringIO() as screen, redirect_stdout(screen), redirect_stderr(screen):
            main(tokens)
            told = screen.getvalue()
        printed = [line.rstrip() for line in told.rstrip().splitlines()]
        assert missing(quoted, printed) == [], f"{command}\n{told}"
