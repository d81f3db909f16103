"""What the baseline leaves open to towns: ranges around its samples, and a bottom line that stays (R10, R15)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import jifen_pudong
import pytest
from jifen.layers import Change
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen.wording import worth

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.layers import Baseline
    from jifen.model import Item

CATEGORIES = jifen_pudong.jifen_categories()
ITEMS = [item for category in CATEGORIES for item in category.items]
KEPT = ("E01", "E02")
"""The bottom line, and how it is mended."""
BOOK = """\
name = "trial"
title = "试行细则"
valid_from = 2025-01-01
valid_to = 2025-12-31
status = "draft"
eligibility = { use = "pudong.three-presences" }
village = { use = "pudong.three-part" }
rewards = { use = "pudong.honours-and-exchange" }
grades = [{ code = "good", name = "良好", at_least = 800 }, { code = "none", name = "无" }]
"""


def baseline() -> Baseline:
    (found,) = {id(category.baseline): category.baseline for category in CATEGORIES}.values()
    assert found is not None
    return found


def change(item: Item) -> Change:
    """What is said of an item, by its code or by its category."""
    changes = baseline().below.changes
    by_code = [each for each in changes if item.code in each.items]
    return (by_code or [each for each in changes if item.category in each.categories])[0]


def codes(folder: Path, rules: str) -> list[str]:
    """The codes of what a book that takes every category is refused for."""
    names = "".join(f'\n[[categories]]\nname = "{category.name}"\nclause = "第一条"\n' for category in CATEGORIES)
    file = folder / "rules.toml"
    file.write_text(BOOK + names + rules, "utf-8")
    try:
        read_book(file, Registry.load())
    except Refused as refused:
        return [problem.code for problem in refused.problems]
    return []


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_a_sample_lies_within_what_is_open_around_it(item: Item) -> None:
    open_to = change(item)
    assert open_to.points is not None
    assert all(open_to.points.holds(value) for value in worth(item))
    for limit in item.limits:
        assert limit.times is None or (open_to.times is not None and open_to.times.holds(Decimal(limit.times)))
        bounds = [each for each in (limit.gives, limit.takes, limit.floor, limit.ceiling) if each is not None]
        assert not bounds or (open_to.limit is not None and all(open_to.limit.holds(each) for each in bounds))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_only_the_bottom_line_may_not_be_switched_off(item: Item) -> None:
    assert change(item).off is (item.code not in KEPT)


def test_a_book_that_takes_the_baseline_as_it_is_stays_within_it(tmp_path: Path) -> None:
    assert codes(tmp_path, "") == []


def test_a_town_that_switches_the_bottom_line_off_is_refused(tmp_path: Path) -> None:
    rules = "".join(f'\n[[items]]\ncode = "{code}"\noff = true\n' for code in KEPT)
    assert codes(tmp_path, rules) == ["layers.off-not-open", "layers.off-not-open"]


def test_a_town_may_make_the_bottom_line_stricter_and_not_milder(tmp_path: Path) -> None:
    rule = '\n[[items]]\ncode = "E01"\nclause = "第七条"\nveto = {{ effects = [{}] }}\n'
    assert codes(tmp_path, rule.format('"lowest-grade", "no-honours", "zero-total"')) == []
    assert codes(tmp_path, rule.format('"no-honours"')) == ["layers.less-strict"]


def test_a_town_s_own_rules_are_counted_over_all_categories(tmp_path: Path) -> None:
    own = baseline().below.own
    assert own is not None

    def rules(count: int) -> str:
        return "".join(
            f'\n[[items]]\ncode = "N{number:02}"\ncategory = "{CATEGORIES[number % 3].name}"\nname = "自定"\n'
            f'clause = "第八条"\npoints = {own.most}\n'
            for number in range(count)
        )

    assert codes(tmp_path, rules(own.bonus)) == []
    assert codes(tmp_path, rules(own.bonus + 1)) == ["layers.too-many-bonus"]
