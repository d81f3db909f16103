"""The items of ``waste-sorting.rate`` as rule books meet them: each is worked by hand in ``cases.toml``."""

from __future__ import annotations

from pathlib import Path

import jifen_waste_sorting
from jifen.cases import run_cases
from jifen.inspection import cells_a_year
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen_conformance import conformance_tests

HERE = Path(__file__).parent

test_conformance = conformance_tests("waste-sorting")


def test_every_item_comes_out_as_worked_by_hand() -> None:
    registry = Registry.load()
    assert run_cases([read_book(HERE / "book.toml", registry)], HERE / "cases.toml", registry) == []


def test_every_item_is_a_sample_that_says_what_is_wanted() -> None:
    (category,) = jifen_waste_sorting.jifen_categories()
    assert {item.status for item in category.items} == {"sample"}
    assert all(set(item.name) == set(item.note) == {"zh_CN", "en"} for item in category.items)


def test_the_sorting_rate_is_looked_at_six_times_a_year() -> None:
    (category,) = jifen_waste_sorting.jifen_categories()
    assert [(item.code, cells_a_year(item.inspect)) for item in category.items if item.inspect] == [("WS01", 6)]
