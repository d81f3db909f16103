from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from jifen.problems import Place, Problem, Refused
from jifen.words import LANGUAGES, add_catalogue, add_words, knows, language, say, speaking, title

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "zh_CN"),
        ("zh_CN", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh-TW", "zh_CN"),
        ("en", "en"),
        ("en_GB", "en"),
        ("en-US", "en"),
        ("fr", "zh_CN"),
    ],
)
def test_chinese_is_spoken_unless_jifen_lang_names_another_language(
    wanted: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIFEN_LANG", wanted)
    assert language() == found


def test_an_unknown_key_is_shown_as_it_is() -> None:
    assert say("nobody.knows-this", got=1) == "nobody.knows-this"
    assert not knows("nobody.knows-this")
    assert knows("rulebook.missing-key")


def test_words_are_looked_up_when_they_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("rulebook.missing-key", Place("x.toml", 3), {"key": "name"})
    assert str(problem) == "x.toml:3: 缺少 name；请补上"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert str(problem) == "x.toml:3: name is missing; add it"


def test_a_place_in_a_workbook_is_told_by_file_sheet_row_and_column(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("户.xlsx", sheet="一组", row=7, column="数量")
    assert str(place) == "户.xlsx，工作表“一组”，第 7 行，“数量”列"
    assert str(Place("户.csv", row=7)) == "户.csv，第 7 行"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert str(place) == "户.xlsx, sheet 一组, row 7, column 数量"


def test_a_problem_as_json_has_its_code_place_and_facts_beside_the_words() -> None:
    problem = Problem("rulebook.want-positive", Place("x.toml", 3, path="api"), {"got": 0})
    assert problem.as_json() == {
        "code": "rulebook.want-positive",
        "place": {"file": "x.toml", "line": 3, "path": "api"},
        "facts": {"got": 0},
        "message": "x.toml:3: api: 0 太小；要大于 0",
    }


def test_a_refusal_tells_all_of_its_problems_a_line_each() -> None:
    problems = [Problem("rulebook.missing-key", facts={"key": key}) for key in ("a", "b")]
    assert str(Refused(problems)) == "缺少 a；请补上\n缺少 b；请补上"


def test_a_name_is_told_in_the_language_in_force_or_the_first_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"zh_CN": "青禾镇", "en": "Qinghe"}
    assert title(names) == "青禾镇"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert title(names) == "Qinghe"
    assert title({"zh_CN": "青禾镇"}) == "青禾镇"
    assert title({}) == ""


def test_two_packages_cannot_have_words_for_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say("rulebook.missing-key", key="x")
    home = tmp_path / "jifen_taking_a_key"
    for name in LANGUAGES:
        folder = home / "catalogue" / name
        folder.mkdir(parents=True)
        (folder / "words.toml").write_text('[rulebook]\nmissing-key = "taken"\n', "utf-8")
    (home / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyError, match=r"already in a catalogue: rulebook\.missing-key"):
        add_catalogue("jifen_taking_a_key")
    assert say("rulebook.missing-key", key="x") == "缺少 x；请补上"


def test_a_package_of_one_module_keeps_its_few_words_beside_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jifen.words._words", {})
    monkeypatch.setattr("jifen.words._packages", {})
    add_words("orchard", {"orchard.ripe": {"zh_CN": "熟了{count}个", "en": "{count} are ripe"}})
    assert say("orchard.ripe", count=3) == "熟了3个"
    with pytest.raises(KeyError, match=r"orchard\.ripe"):
        add_words("other", {"orchard.ripe": {"zh_CN": "熟", "en": "ripe"}})
    with pytest.raises(KeyError, match="en"):
        add_words("third", {"third.green": {"zh_CN": "青"}})


def test_each_thread_can_speak_a_language_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    begun = Barrier(2)

    def spoken(name: str) -> str:
        with speaking(name):
            begun.wait(10)
            return language()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(spoken, LANGUAGES)) == list(LANGUAGES)
    with pytest.raises(ZeroDivisionError), speaking("en"):
        1 / 0  # noqa: B018
    assert language() == "zh_CN"


def test_several_threads_can_be_the_first_to_speak() -> None:
    program = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from threading import Barrier\n"
        "from jifen.words import say\n"
        "begun = Barrier(16)\n"
        "def speak(_):\n"
        "    begun.wait(10)\n"
        "    return say('place.join')\n"
        "with ThreadPoolExecutor(16) as threads:\n"
        "    print(len(set(threads.map(speak, range(16)))))\n"
    )
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("1\n", "")
