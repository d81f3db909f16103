from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from jifen.model import Measure, Status, Window
from jifen.offers import Category, Town
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import book_for, books_of, read_book

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


def test_a_period_is_settled_by_the_book_that_holds_in_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(tmp_path, "new.toml", "2025-07-01", "2025-12-31")
    small(tmp_path, "old.toml", "2024-01-01", "2025-06-30")
    books = books_of(town(tmp_path, "new.toml", "old.toml"), REGISTRY)
    assert [book.valid_from for book in books] == [date(2024, 1, 1), date(2025, 7, 1)]
    assert book_for(books, Period.parse("2024")) is books[0]
    assert book_for(books, Period.parse("2025-H1")) is books[0]
    assert book_for(books, Period.parse("2025-Q3")) is books[1]

    def why(period: str) -> str:
        with pytest.raises(Refused) as refused:
            book_for(books, Period.parse(period))
        return str(refused.value)

    have = "small 2024-01-01–2025-06-30; small 2025-07-01–2025-12-31"
    assert why("2025") == f"2025（2025-01-01 至 2025-12-31）中途换了细则：{have}；请按各部细则的有效期分段结算"
    assert why("2026") == f"2026（2026-01-01 至 2026-12-31）没有有效的细则；现有：{have}"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert why("2025") == (
        f"the rules change within 2025 (2025-01-01 to 2025-12-31): {have}; settle the dates of each rule book by themselves"
    )
    assert why("2026") == f"no rule book is in force for 2026 (2026-01-01 to 2026-12-31); there are: {have}"


def test_a_period_of_which_only_a_part_has_rules_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path, "new.toml", "2025-07-01", "2025-12-31")
    books = books_of(town(tmp_path, "new.toml"), REGISTRY)

    def why() -> str:
        with pytest.raises(Refused) as refused:
            book_for(books, Period.parse("2025"))
        return str(refused.value)

    assert why() == (
        "2025（2025-01-01 至 2025-12-31）只有一部分日子有细则；现有：small 2025-07-01–2025-12-31；"
        "请结算细则有效期以内的时段"
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert why() == (
        "rules are in force for a part of 2025 only (2025-01-01 to 2025-12-31); "
        "there are: small 2025-07-01–2025-12-31; settle a period within their dates"
    )


def test_an_eligibility_rule_of_another_kind_is_not_taken(tmp_path: Path) -> None:
    lines = said(tmp_path, ('"test.everybody"', '"test.sum"'))
    assert len(lines) == 1
    assert lines[0].startswith("rules.toml:9: eligibility.use: ")
