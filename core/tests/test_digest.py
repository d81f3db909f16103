from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs
import pytest
from jifen.digest import digest
from jifen.model import Part

from core.tests.good_book import TEXT, read

if TYPE_CHECKING:
    from pathlib import Path


def test_the_digest_is_over_the_meaning_and_is_carried_by_the_book(tmp_path: Path) -> None:
    book = read(tmp_path)
    assert book.digest == digest(book)
    assert len(book.digest) == 64
    assert digest(attrs.evolve(book, digest="")) == book.digest


SAME = {
    "comments": ("places = 1", "# a remark\nplaces = 1   # another"),
    "spacing": ("ladder = [-8, -15, -20]", "ladder = [\n -8,\n -15,\n -20,\n]"),
    "3 and 3.0": ("points = 12", "points = 12.0"),
    "order of keys": ('name = "违建"\nclause = "第五条"', 'clause = "第五条"\nname = "违建"'),
    "a default that is written": ("points = 12", "points = 12\napprovals = 1"),
    "a plain name": ('name = "违建"', 'name = { zh_CN = "违建" }'),
    "order of what a limit covers": ('["B01", "B02"]', '["B02", "B01"]'),
    "order of what is mended": ('["B04", "B10"]', '["B10", "B04"]'),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME.keys())
def test_the_digest_does_not_look_at(change: tuple[str, str], tmp_path: Path) -> None:
    assert read(tmp_path, change).digest == read(tmp_path).digest


def test_the_order_of_items_and_categories_does_not_matter(tmp_path: Path) -> None:
    first, *items = TEXT.split("[[items]]\n")
    last, rest = items[-1].split("\n[[limits]]", 1)
    assert last.startswith('code = "V01"')
    moved = "[[items]]\n".join([first, f"{last}\n", *items[:-1]]) + f"[[limits]]{rest}"
    assert moved != TEXT
    assert read(tmp_path, (TEXT, moved)).digest == read(tmp_path).digest
    home, tasks = TEXT.index("[[categories]]"), TEXT.rindex("[[categories]]")
    end = TEXT.index("[[items]]")
    swapped = TEXT[:home] + TEXT[tasks:end] + TEXT[home:tasks] + TEXT[end:]
    assert read(tmp_path, (TEXT, swapped)).digest == read(tmp_path).digest


OTHER = {
    "points": ("points = 12", "points = 11"),
    "the order of a ladder": ("[-8, -15, -20]", "[-15, -8, -20]"),
    "a limit": ("times = 4", "times = 5"),
    "a clause": ('clause = "第五条"', 'clause = "第六条"'),
    "a date": ("valid_to = 2025-12-31", "valid_to = 2025-12-30"),
    "an option of a plugin": ("share = 0.05", "share = 0.06"),
    "an item that is dropped": ('code = "A02"', 'code = "A03"'),
    "evidence": ("photo/scan", "photo"),
    "places": ("places = 1", "places = 2"),
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER.keys())
def test_the_digest_changes_with(change: tuple[str, str], tmp_path: Path) -> None:
    assert read(tmp_path, change).digest != read(tmp_path).digest


def test_a_number_and_the_text_of_that_number_differ(tmp_path: Path) -> None:
    book = read(tmp_path)

    def with_option(value: object) -> str:
        return digest(attrs.evolve(book, rewards=Part("x", value)))

    values = [3, "3", Decimal(3), Fraction(3), True, None, (3,), {"3": 3}]
    assert len({with_option(value) for value in values}) == len(values)
    assert with_option(Decimal("-0.0")) == with_option(Decimal(0))
    assert with_option(Decimal("1E+2")) == with_option(Decimal("100.00"))
    assert with_option({"a": 1, "b": 2}) == with_option({"b": 2, "a": 1})
    assert with_option(frozenset("ab")) == with_option(frozenset("ba"))


def test_what_has_no_one_meaning_cannot_be_in_a_book(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a rule book cannot hold float"):
        digest(attrs.evolve(read(tmp_path), rewards=Part("x", 0.5)))
