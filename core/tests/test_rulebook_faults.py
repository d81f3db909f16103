from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen.problems import Problem, Refused
from jifen.rulebook import read_book
from jifen.words import LANGUAGES, knows, read_catalogue

from core.tests.good_book import REGISTRY, TEXT, changed, read, said

FAULTS: list[dict[str, Any]] = tomli.loads(Path(__file__).with_name("rulebook_faults.toml").read_text("utf-8"))[
    "faults"
]

ELSEWHERE = {
    # test_document
    "rulebook.unreadable", "rulebook.not-utf8", "rulebook.bad-toml", "rulebook.too-deep",
    # test_rulebook
    "rulebook.want-list", "rulebook.no-items", "rulebook.overlap", "rulebook.none-in-force", "rulebook.part-in-force",
    # test_rulebook, test_succession
    "rulebook.not-of-towns", "rulebook.change-of-kind", "rulebook.anew-within-base",
    # test_convert
    "rulebook.bad-value",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", FAULTS, ids=[fault["name"] for fault in FAULTS])
def test_a_fault_is_said_with_its_line_and_what_would_be_right(
    fault: dict[str, Any], language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIFEN_LANG", language)
    assert said(tmp_path, *fault["change"]) == fault[language]


def test_the_good_book_has_no_fault(tmp_path: Path) -> None:
    assert said(tmp_path) == []


def test_every_word_for_a_fault_of_a_book_has_a_test_with_its_text(tmp_path: Path) -> None:
    codes = set(ELSEWHERE)
    for fault in FAULTS:
        with pytest.raises(Refused) as refused:
            read(tmp_path, *fault["change"])
        codes |= {problem.code for problem in refused.value.problems}
    wanted = {key for key in read_catalogue("jifen", "zh_CN") if key.startswith("rulebook.")}
    assert wanted == {code for code in codes if code.startswith("rulebook.")}


def test_a_fault_after_windows_line_ends_and_a_byte_order_mark_keeps_its_line(tmp_path: Path) -> None:
    plain = said(tmp_path, ("points = 12", 'points = "12"'))
    path = tmp_path / "windows.toml"
    path.write_bytes(("\ufeff" + changed(("points = 12", 'points = "12"')).replace("\n", "\r\n")).encode())
    with pytest.raises(Refused) as refused:
        read_book(path, REGISTRY)
    assert [problem.place.line for problem in refused.value.problems] == [27]
    assert plain[0].startswith("rules.toml:27: ")


WEIRD = [
    0,
    -1,
    10**30,
    Decimal("1e400"),
    Decimal("nan"),
    "",
    "x",
    True,
    [],
    {},
    [1],
    [[]],
    {"a": 1},
    ["x", "x"],
    [{}],
    date(2025, 1, 1),
]
"""What may stand where something else is wanted."""


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(written(inner) for inner in value) + "]"
    return json.dumps(value) if isinstance(value, str | bool) else str(value)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield from places(each, (*path, step))


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


BOOK = tomli.loads(TEXT, parse_float=Decimal)


@settings(max_examples=100, deadline=None)
@given(path=st.sampled_from(list(places(BOOK))), new=st.sampled_from(WEIRD))
def test_whatever_stands_in_any_place_the_book_is_read_or_refused_with_a_line(
    path: tuple[str | int, ...], new: Any
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rules.toml"
        file.write_text(
            "\n".join(f"{key} = {written(value)}" for key, value in replaced(BOOK, path, new).items()), "utf-8"
        )
        found: tuple[Problem, ...] = ()
        try:
            read_book(file, REGISTRY)
        except Refused as refused:
            found = refused.problems
            assert found, "a refusal has a reason"
        assert all(problem.place.line and knows(problem.code) for problem in found)
