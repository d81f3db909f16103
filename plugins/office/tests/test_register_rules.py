from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import jifen_office
import pytest
from jifen.period import Period
from jifen.problems import Refused
from jifen.words import words_from
from jifen_office import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2025, 6, 1)
LAYER = """
[[villages]]
village = "WC09"
rules = "wangchao-2025"
approval = { body = "浦滩村村民代表会议", document = "浦滩村代〔2024〕8号", date = 2024-12-28 }

[[villages.items]]
code = "A04"
clause = "浦滩村细则第一条"
points = POINTS
"""
AREAS = ("register", "shop", "crediting")
CHOSEN = re.compile(r"register\.(word|column|access)\.|shop\.(why\.|already)|crediting\.why\.")
"""Keys that are put together where they are used."""


@pytest.fixture
def layers() -> Iterator[Path]:
    """The file of layers of villages in the office's folder."""
    file = rules.layers_folder("wangchao") / "villages.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    yield file
    file.unlink(missing_ok=True)


def test_what_a_village_decided_holds_there_once_it_lies_in_the_office(layers: Path) -> None:
    before = rules.book_of("wangchao", DAY)
    for at, points in enumerate((4, 5), 1):
        layers.write_text(LAYER.replace("POINTS", str(points)), "utf-8")
        os.utime(layers, (at, at))
        book = rules.book_of("wangchao", DAY)
        assert rules.item_of(book, "A04", "WC09", DAY).points == points
        assert rules.item_of(book, "A04", "WC08", DAY).points == 3
        assert book.digest != before.digest
    layers.unlink()
    assert rules.book_of("wangchao", DAY) is before


def test_a_layer_that_goes_too_far_is_refused_with_its_place(layers: Path) -> None:
    layers.write_text(LAYER.replace("POINTS", "50"), "utf-8")
    with pytest.raises(Refused) as refused:
        rules.book_of("wangchao", DAY)
    (problem,) = refused.value.problems
    assert problem.place.file == str(layers)
    assert "50" in str(problem)


def test_rules_are_read_once() -> None:
    assert rules.book_of("qinghe", DAY) is rules.book_of("qinghe", DAY)
    assert rules.registry() is rules.registry()
    span = Period.parse("2025")
    assert rules.book_in("jinsui", span) is rules.book_in("jinsui", span)
    assert rules.book_of("jinsui", date(2025, 6, 30)).name != rules.book_of("jinsui", date(2025, 7, 1)).name


@pytest.mark.parametrize(("town", "code"), [("nowhere", ""), ("qinghe", "register.no-book-that-day")])
def test_a_town_that_is_not_installed_or_has_no_rules_that_day_is_refused_in_words(town: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.book_of(town, date(2031, 1, 1))
    assert town in str(refused.value)
    assert code in refused.value.problems[0].code


def test_an_item_that_the_book_does_not_have_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        rules.item_of(rules.book_of("qinghe", DAY), "Z99", "QH01", DAY)
    assert [each.code for each in refused.value.problems] == ["register.no-item"]


def test_every_word_is_used_and_says_the_same_in_both_languages() -> None:
    sources = "".join(file.read_text("utf-8") for file in Path(jifen_office.__file__).parent.rglob("*.py"))
    chinese, english = (words_from("jifen_office", name) for name in ("zh_CN", "en"))
    for key in chinese.keys() | english.keys():
        if key.split(".")[0] not in AREAS:
            continue
        facts = [{name for _, name, _, _ in Formatter().parse(each[key]) if name} for each in (chinese, english)]
        assert facts[0] == facts[1], key
        assert f'"{key}"' in sources or CHOSEN.match(key), key
