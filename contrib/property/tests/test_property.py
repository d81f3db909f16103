"""The items of ``property.upkeep`` as rule books meet them: each is worked by hand in ``cases.toml``."""

from __future__ import annotations

from pathlib import Path

import jifen_property
from jifen.cases import run_cases
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen_conformance import conformance_tests

HERE = Path(__file__).parent

test_conformance = conformance_tests("property")


def test_every_item_comes_out_as_worked_by_hand() -> None:
    registry = Registry.load()
    assert run_cases([read_book(HERE / "book.toml", registry)], HERE / "cases.toml", registry) == []


def test_every_item_is_a_sample_that_says_what_is_wanted_and_arrears_take_no_points() -> None:
    (category,) = jifen_property.jifen_categories()
    assert {item.status for item in category.items} == {"sample"}
    assert all(set(item.name) == set(item.note) == {"zh_CN", "en"} for item in category.items)
    assert [item.code for item in category.items if item.ladder or (item.points or 0) < 0] == ["PU05"]
