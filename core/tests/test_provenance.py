"""A village's rules line by line: each comes from the highest layer that said it, and that nobody changed since (R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jifen.categories import read_categories
from jifen.model import RuleBook
from jifen.offers import Category, Town
from jifen.provenance import Layer, dropped, held, rules_told, sources
from jifen.rulebook import books_of

from core.tests.good_book import REGISTRY, sample
from core.tests.layered import HEAD, OPEN, own, restated, rules

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.provenance import Told
    from jifen.registry import Registry

APPROVAL = """
[approval]
body = "区农业农村委"
document = "区农委〔2024〕8号"
date = 2024-06-30
"""
CATEGORIES = "".join(f'[[categories]]\nname = "reed.{name}"\ntitle = "家"\n' for name in ("home", "tasks"))
BOOK = f"""{HEAD}
{CATEGORIES}
[[categories]]
name = "reed.extra"

[[categories]]
name = "reed.mine"
own = true
title = "本镇自定"

[below]
own = {{ categories = ["reed.home"], bonus = 1, most = 2 }}

[[below.changes]]
items = ["A01"]
points = {{ least = 1, most = 3 }}
times = {{ least = 2, most = 6 }}

[[below.changes]]
items = ["A03"]
off = true

[[limits]]
code = "together"
items = ["A04", "A09"]
gives = 9
per = "year"
clause = "第十条"

[[items]]
code = "A01"
clause = "第一条"
points = 3

[[items]]
code = "A02"
off = true

[[items]]
code = "A05"
clause = "第二条"
limits = [{{ gives = 30, per = "year" }}]
{own("T01", "points = 1", "reed.mine")}"""
VILLAGES = """
[[villages]]
village = "V1"
rules = "reed-2025"
approval = { body = "一村村民代表会议", document = "〔2024〕3号", date = 2024-12-20 }
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """The samples of the other tests as a baseline, and a category that leaves everything open."""
    file = tmp_path / "items.toml"
    file.write_text(f"{OPEN}{APPROVAL}{CATEGORIES}{rules('items')}", "utf-8")
    free = Category("reed.extra", {"zh_CN": "外加"}, (sample("X01", category="reed.extra", base=None, points=1),))
    return REGISTRY.beside(*read_categories(file), free)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of these tests."""
    monkeypatch.setenv("JIFEN_LANG", "en")


def read(folder: Path, registry: Registry, changes: str) -> RuleBook:
    (folder / "rules.toml").write_text(BOOK, "utf-8")
    (folder / "villages.toml").write_text(VILLAGES + changes.replace("[[items]]", "[[villages.items]]"), "utf-8")
    (book,) = books_of(Town("reed", {}, folder, ("rules.toml",), villages="villages.toml"), registry)
    return book


def told(folder: Path, registry: Registry, code: str, changes: str = "", village: str = "V1") -> Told:
    book = read(folder, registry, changes)
    return next(each for each in rules_told(book, village, registry) if each.item.code == code)


def lines(rule: Told) -> list[tuple[str, str, str]]:
    return [(each.layer.value, each.clause, each.words) for each in rule.lines]


def test_each_line_comes_from_the_layer_that_said_it_first(tmp_path: Path, registry: Registry) -> None:
    limits = 'clause = "村第三条"\nlimits = [{ times = 2, per = "month" }]'
    assert lines(told(tmp_path, registry, "A01", restated("A01", limits))) == [
        ("town", "第一条", "+3 points each time"),
        ("village", "村第三条", "at most 2 times a month"),
        ("district", "第A01条", "evidence needed: photo or scan"),
    ]


def test_a_village_that_returns_to_the_words_of_the_district_says_them_itself(
    tmp_path: Path, registry: Registry
) -> None:
    rule = told(tmp_path, registry, "A01", restated("A01", "points = 2"))
    assert lines(rule)[0] == ("village", "第一条", "+2 points each time")


def test_in_another_village_the_town_s_rules_hold(tmp_path: Path, registry: Registry) -> None:
    rule = told(tmp_path, registry, "A01", restated("A01", "points = 2"), village="V2")
    assert (rule.layer, lines(rule)[0]) == (Layer.TOWN, ("town", "第一条", "+3 points each time"))


def test_what_the_town_takes_as_it_is_comes_from_the_district(tmp_path: Path, registry: Registry) -> None:
    rule = told(tmp_path, registry, "A03")
    assert rule.layer is Layer.DISTRICT
    assert {each.layer for each in rule.lines} == {Layer.DISTRICT}


def test_a_limit_that_rules_share_comes_from_the_town(tmp_path: Path, registry: Registry) -> None:
    layers = {words: layer for layer, _, words in lines(told(tmp_path, registry, "A09"))}
    (shared,) = [words for words in layers if "together" in words]
    assert layers.pop(shared) == "town"
    assert set(layers.values()) == {"district"}


def test_a_rule_of_the_town_s_own_or_of_the_village_s_own_is_theirs_alone(tmp_path: Path, registry: Registry) -> None:
    changes = own("W01", "points = 2")
    assert lines(told(tmp_path, registry, "T01", changes)) == [("town", "第九条", "+1 point each time")]
    assert lines(told(tmp_path, registry, "W01", changes)) == [("village", "第九条", "+2 points each time")]


def test_samples_of_a_plugin_that_binds_nobody_are_not_the_district_s(tmp_path: Path, registry: Registry) -> None:
    assert {each.layer for each in told(tmp_path, registry, "X01").lines} == {Layer.PLUGIN}


def test_what_was_switched_off_is_told_with_the_layer_that_did(tmp_path: Path, registry: Registry) -> None:
    book = read(tmp_path, registry, restated("A03", "off = true"))
    off = [(each.item.code, each.layer) for each in dropped(book, "V1", registry)]
    assert off == [("A02", Layer.TOWN), ("A03", Layer.VILLAGE)]
    assert [each.item.code for each in dropped(book, "V2", registry)] == ["A02"]
    assert "A03" not in {each.item.code for each in rules_told(book, "V1", registry)}


def test_every_rule_that_holds_is_told_once_where_the_town_has_it(tmp_path: Path, registry: Registry) -> None:
    book = read(tmp_path, registry, restated("A01", "points = 2") + own("W01", "points = 2"))
    codes = [each.item.code for each in rules_told(book, "V1", registry)]
    assert codes == [*book.items_in("V2"), "W01"]


def test_the_layers_are_told_with_their_approvals(tmp_path: Path, registry: Registry) -> None:
    book = read(tmp_path, registry, restated("A01", "points = 2"))
    found = [(each.layer.value, each.approval and each.approval.document) for each in sources(book, "V1", registry)]
    assert found == [
        ("district", "区农委〔2024〕8号"),
        ("plugin", None),
        ("town", "芦府〔2024〕3号"),
        ("village", "〔2024〕3号"),
    ]
    assert [each.layer.value for each in sources(book, "V2", registry)] == ["district", "plugin", "town"]


def test_the_book_of_one_village_has_its_rules_alone(tmp_path: Path, registry: Registry) -> None:
    book = read(tmp_path, registry, restated("A01", "points = 2") + restated("A03", "off = true"))
    mine = held(book, "V1")
    assert [item.code for item in mine.items if item.code in ("A01", "A03")] == ["A01"]
    assert mine.item("A01").points == 2
    assert all(item.only_in == item.not_in == () for item in mine.items)
