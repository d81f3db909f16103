from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from jifen.model import Measure, Status, Window
from jifen.offers import Category, Town
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import books_of, read_book

from core.tests.good_book import REGISTRY, TEXT, Honour, Honours, changed, read, said, sample

if TYPE_CHECKING:
    from pathlib import Path


def test_a_book_takes_over_changes_drops_and_adds_items(tmp_path: Path) -> None:
    book = read(tmp_path)
    codes = [item.code for item in book.items]
    assert codes == ["A01", "A03", *(f"B{number:02}" for number in range(1, 11)), "V01"]
    kept, changed_item = book.item("A03"), book.item("A01")
    assert (kept.points, kept.status) == (Decimal(3), Status.SAMPLE)
    assert changed_item.points == Decimal(12)
    assert changed_item.note == {"zh_CN": "样张说明"}
    assert changed_item.limits[0].times == 4


def test_what_a_book_restates_its_approval_covers_and_what_it_only_takes_over_stays_a_sample(tmp_path: Path) -> None:
    book = read(tmp_path)
    assert book.item("A01").status is Status.APPROVED
    assert book.marked is Status.SAMPLE
    restated = read(tmp_path, ('code = "A02"\noff = true', 'code = "A02"\n\n[[items]]\ncode = "A03"'))
    assert restated.item("A02").status is Status.APPROVED
    assert restated.marked is Status.APPROVED


def test_a_schedule_of_another_kind_replaces_the_whole_schedule(tmp_path: Path) -> None:
    book = read(tmp_path, ("points = 12", 'ladder = [-1, -2]\nper = "year"'))
    item = book.item("A01")
    assert (item.points, item.ladder, item.per) == (None, (Decimal(-1), Decimal(-2)), Window.YEAR)


def registry_with(**facts: object) -> Registry:
    others = [category for category in REGISTRY.categories if category.name != "test.home"]
    home = Category("test.home", {"zh_CN": "家庭"}, (sample("A01", **facts), sample("A02", points=Decimal(2))))
    return Registry.of(*others, home, *REGISTRY.eligibility_rules, *REGISTRY.aggregations, *REGISTRY.reward_policies)


def test_a_schedule_of_the_same_kind_is_changed_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(TEXT, "utf-8")
    registry = registry_with(points=Decimal(1), measure=Measure.QUANTITY, each=Decimal(4), per=Window.MONTH)
    item = read_book(path, registry).item("A01")
    assert (item.points, item.each, item.measure, item.per) == (Decimal(12), Decimal(4), Measure.QUANTITY, Window.MONTH)


def test_another_measure_replaces_the_whole_schedule(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(changed(("points = 12", 'points = 12\nmeasure = "count"')), "utf-8")
    registry = registry_with(points=Decimal(1), measure=Measure.QUANTITY, each=Decimal(4), per=Window.MONTH)
    item = read_book(path, registry).item("A01")
    assert (item.points, item.each, item.measure, item.per) == (Decimal(12), None, Measure.COUNT, Window.DEED)


def test_the_options_of_a_section_become_the_class_of_the_object_that_it_names(tmp_path: Path) -> None:
    book = read(tmp_path)
    assert book.rewards.use == "test.honours"
    assert book.rewards.options == Honours(10, (Honour("model", Decimal("0.05")),))
    assert book.village.options is None


def test_a_plain_text_is_a_chinese_name(tmp_path: Path) -> None:
    assert read(tmp_path).item("B10").name == {"zh_CN": "违建"}


def test_numbers_are_decimals_and_never_floats(tmp_path: Path) -> None:
    points = read(tmp_path).item("V01").points
    assert points == Decimal("0.5")
    assert type(points) is Decimal


def test_bands_may_be_written_from_either_end(tmp_path: Path) -> None:
    down = "[{ at = 80, points = 3 }, { at = 75, points = 1 }, { at = 0, points = 0 }]"
    up = "[{ at = 0, points = 0 }, { at = 75, points = 1 }, { at = 80, points = 3 }]"
    assert said(tmp_path, (down, up)) == []


def test_where_a_category_is_not_to_be_had_its_items_are_not_called_wrong(tmp_path: Path) -> None:
    lines = said(tmp_path, ('name = "test.home"\nclause', 'name = "test.hoem"\nclause'))
    assert [line.split(":")[1] for line in lines] == ["18", "146"]


def test_a_book_of_keys_alone_is_told_everything_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("items = 3\n", "utf-8")
    with pytest.raises(Refused) as refused:
        read_book(path, REGISTRY)
    assert str(refused.value).replace(f"{tmp_path}/", "").splitlines() == [
        "rules.toml:1: 缺少 name；请补上",
        "rules.toml:1: 缺少 title；请补上",
        "rules.toml:1: 缺少 valid_from；请补上",
        "rules.toml:1: 缺少 valid_to；请补上",
        "rules.toml:1: 缺少 status；请补上",
        "rules.toml:1: 缺少 categories；请补上",
        "rules.toml:1: 缺少 eligibility；请补上",
        "rules.toml:1: 缺少 village；请补上",
        "rules.toml:1: 缺少 rewards；请补上",
        "rules.toml:1: items: 这里要写列表，如 [ … ]，却是 3",
    ]


SMALL = """name = "small"
title = "小"
valid_from = {first}
valid_to = {last}
status = "draft"
eligibility = {{ use = "test.everybody" }}
village = {{ use = "test.sum" }}
rewards = {{ use = "test.honours", first = 1 }}
categories = [{{ name = "test.{category}" }}]
"""


def small(folder: Path, name: str, first: str, last: str, category: str = "home") -> None:
    (folder / name).write_text(SMALL.format(first=first, last=last, category=category), "utf-8")


def town(folder: Path, *rules: str) -> Town:
    return Town("reed", {"zh_CN": "芦苇镇"}, folder, rules)


def refusal(town: Town) -> str:
    with pytest.raises(Refused) as refused:
        books_of(town, REGISTRY)
    return str(refused.value).replace(f"{town.folder}/", "")


def test_a_book_without_any_rule_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path, "rules.toml", "2025-01-01", "2025-12-31", "tasks")
    assert refusal(town(tmp_path, "rules.toml")) == (
        "rules.toml:1: 本细则一条规则也没有；请写 items，或纳入带有规则的类别"
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert refusal(town(tmp_path, "rules.toml")) == (
        "rules.toml:1: this book has no rule at all; write items, or compose a category that has some"
    )


def test_two_books_for_one_day_are_refused_and_both_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path, "new.toml", "2025-06-30", "2026-12-31")
    small(tmp_path, "old.toml", "2024-01-01", "2025-06-30")
    assert refusal(town(tmp_path, "new.toml", "old.toml")) == (
        "new.toml:3: valid_from: 与 old.toml:4: valid_to 的细则在 2025-06-30 至 2025-06-30 同时有效；"
        "同一天只能有一部细则，请改日期"
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert refusal(town(tmp_path, "new.toml", "old.toml")) == (
        "new.toml:3: valid_from: also in force from 2025-06-30 to 2025-06-30: old.toml:4: valid_to; "
        "a day has one rule book, so change the dates"
    )


def test_the_problems_of_all_files_of_a_town_are_told_at_once(tmp_path: Path) -> None:
    small(tmp_path, "a.toml", '"x"', "2025-06-30")
    small(tmp_path, "b.toml", "2025-07-01", "2025-12-31", "tasks")
    assert [line.split(":")[0] for line in refusal(town(tmp_path, "a.toml", "b.toml")).splitlines()] == [
        "a.toml",
        "b.toml",
    ]


def test_an_eligibility_rule_of_another_kind_is_not_taken(tmp_path: Path) -> None:
    lines = said(tmp_path, ('"test.everybody"', '"test.sum"'))
    assert len(lines) == 1
    assert lines[0].startswith("rules.toml:9: eligibility.use: ")


def test_a_book_of_towns_has_items_of_towns_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said(tmp_path, ('subject = "village"', 'subject = "town"'))
    assert lines
    assert all("细则里有 subject" in line and "household" in line for line in lines)
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(tmp_path, ('subject = "village"', 'subject = "town"'))[0] == (
        "rules.toml:17: categories[0] (test.home).items.A03.subject: this book has items of subject town, so it is a district's assessment of towns "
        "and has no items of subject household; make two books of it"
    )
