"""Decides that every check is told in both languages, and that its page in the reference is the one that is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from jifen.problems import Refused
from jifen_conformance.capabilities import CAPABILITIES, MEANINGS
from jifen_conformance.check import CHECKS
from jifen_conformance.document import SUBJECTS, document
from jifen_conformance.telling import chinese, words

PAGE = Path(__file__).parents[3] / "docs/reference/conformance.md"
HAN = ("\u4e00", "\u9fff")


def test_the_page_of_the_reference_is_made_from_the_docstrings() -> None:
    assert PAGE.read_text("utf-8") == document(), (
        "run: python -m jifen_conformance.document > docs/reference/conformance.md"
    )


def test_the_page_lists_every_check_and_every_capability() -> None:
    page = document()
    assert [code for code in CHECKS if f"\n### {code}\n" not in page] == []
    assert {code[0] for code in CHECKS} <= SUBJECTS.keys()
    assert list(MEANINGS) == list(CAPABILITIES)
    assert {check.capability for check in CHECKS.values()} - {None} <= CAPABILITIES.keys()


def test_every_check_is_told_in_chinese() -> None:
    assert sorted(chinese()) == sorted(CHECKS)
    for code, told in chinese().items():
        for text in (told.promise, told.why, told.mend):
            assert any(HAN[0] <= letter <= HAN[1] for letter in text), (code, text)


def test_chinese_words_for_no_check_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "checks.toml"
    file.write_text('[S01]\npromise = "一"\nwhy = "二"\nmend = "三"\n\n[Z99]\npromise = "一"\n', "utf-8")
    with pytest.raises(Refused, match=r"checks\.toml:6"):
        chinese(file)


def test_the_language_in_force_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert words(CHECKS["S01"]).promise == CHECKS["S01"].promise
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    assert words(CHECKS["S01"]) == chinese()["S01"]
