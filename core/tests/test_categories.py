"""Promises of `Category.all_of`: a plugin's items as data, and every fault of its file with the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jifen.categories import read_categories
from jifen.offers import Category
from jifen.problems import Refused

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
[[categories]]
name = "orchard.care"
title = { zh_CN = "果园管护", en = "Care of orchards" }

[[categories]]
name = "orchard.sharing"
title = "果园共享"

[[items]]
code = "G01"
category = "orchard.sharing"
name = "共享农具"
clause = "样张"
points = 2
status = "sample"

[[items]]
code = "G02"
category = "orchard.care"
name = "修剪果树"
clause = "样张"
measure = "quantity"
points = 1
each = 3
per = "year"
status = "sample"
"""


def read(folder: Path, text: str) -> tuple[Category, ...]:
    file = folder / "items.toml"
    file.write_text(text, "utf-8")
    return read_categories(file)


def test_categories_come_in_the_order_of_their_headings_each_with_its_items(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert [(each.name, [item.code for item in each.items]) for each in found] == [
        ("orchard.care", ["G02"]),
        ("orchard.sharing", ["G01"]),
    ]
    assert found[1].title == {"zh_CN": "果园共享"}


def test_a_package_is_found_and_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "an_orchard_of_tests"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('it was imported')", "utf-8")
    (package / "items.toml").write_text(GOOD, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [each.name for each in Category.all_of("an_orchard_of_tests")] == ["orchard.care", "orchard.sharing"]


def test_a_package_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        Category.all_of("no_orchard_of_tests")
    assert [problem.code for problem in caught.value.problems] == ["manifest.no-package"]


@pytest.mark.parametrize(
    ("written", "instead", "code", "line"),
    [
        ('category = "orchard.care"', 'category = "orchard.caer"', "rulebook.unknown-value", 19),
        ('code = "G02"', 'code = "G01"', "rulebook.repeated-code", 18),
        ('name = "orchard.sharing"', 'name = "orchard.care"', "rulebook.repeated", 6),
        ('per = "year"', "", "rulebook.per-missing", 17),
        ("points = 2", 'points = "2"', "rulebook.want-number", 14),
        ('clause = "样张"\npoints', "points", "rulebook.missing-clause", 9),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, written: str, instead: str, code: str, line: int) -> None:
    assert written in GOOD
    with pytest.raises(Refused) as caught:
        read(tmp_path, GOOD.replace(written, instead))
    assert (code, line) in [(problem.code, problem.place.line) for problem in caught.value.problems]
