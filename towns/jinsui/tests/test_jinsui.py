"""Everything that a town promises, and `jinsui.harvest-score`, each line of which is computed in its comment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.offers import VillageView
from jifen.registry import Registry
from jifen.rulebook import books_of
from jifen_conformance import conformance_tests
from jifen_town_jinsui import Base, HarvestScore, VillageDeeds, aggregate, check

if TYPE_CHECKING:
    from jifen.model import RuleBook

OPTIONS: Final = HarvestScore(
    Base("第十四条", "silver-ear", Decimal(25), "1/8", Decimal(50)),
    VillageDeeds("第十四条", ("pudong.key-tasks",), Decimal(3)),
    VillageDeeds("第十四条", ("pudong.deductions",)),
)
Home = tuple[str, str, int | None, str | None]


test_conformance = conformance_tests("jinsui")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    registry = Registry.load()
    return books_of(registry.town("jinsui"), registry)[0]


def view(book: RuleBook, homes: list[Home], pilot: list[str] | None = None, deeds: tuple[int, ...] = ()) -> VillageView:
    """Village V of homes (number, group, total or None where it stays away, grade), and its deeds of item K01."""
    base = {"village": "V", "name": "户", "site": "home", "registered": True, "homestead": True, "living": 2}
    took = [home for home in homes if home[2] is not None]
    return VillageView(
        book,
        frames.VILLAGES.make([{"village": "V", "name": "V", "groups": 3, "pilot_groups": pilot}]),
        frames.HOUSEHOLDS.make({"household": number, "group": group, **base} for number, group, _, _ in homes),
        frames.PARTICIPANTS.make(
            {"household": number, "village": "V", "participates": total is not None} for number, _, total, _ in homes
        ),
        frames.STANDINGS.make(
            {"village": "V", "household": number, "given": total, "taken": 0, "total": total, "grade": grade}
            | {"rank": 1, "barred": False}
            for number, _, total, grade in took
        ),
        frames.AWARDS.make(
            {"deed": f"{place}", "village": "V", "subject": "V", "category": "pudong.key-tasks", "item": "K01"}
            | {"clause": "第九条", "kind": "deed", "date": date(2025, 3, 1), "gross": points, "points": points}
            for place, points in enumerate(deeds)
        ),
    )


def lines(found: pl.DataFrame) -> dict[str, int]:
    frames.VILLAGE_PARTS.check(found, "test")
    return dict(found.select("detail", "points").iter_rows())


HOMES: Final[list[Home]] = [
    ("A", "1", 410, "gold-ear"),
    ("B", "1", 333, "silver-ear"),
    ("C", "2", 301, "green-ear"),
    ("D", "3", None, None),
]


def test_the_household_in_the_middle_counts_and_who_stays_away_counts_with_nothing(book: RuleBook) -> None:
    # Totals 0, 301, 333, 410: (301 + 333) / 2 = 317, an eighth is 39.625 → 40. Silver or better 2 of 4: 25 × 1/2 → 13.
    assert lines(aggregate(view(book, HOMES), OPTIONS)) == {"jinsui.median": 40, "jinsui.raised": 13}


def test_in_a_pilot_only_the_homes_of_its_groups_count(book: RuleBook) -> None:
    # Totals 301, 333, 410: 333 / 8 = 41.625 → 42. Silver or better 2 of 3: 25 × 2/3 = 16.67 → 17.
    assert lines(aggregate(view(book, HOMES, ["1", "2"]), OPTIONS)) == {"jinsui.median": 42, "jinsui.raised": 17}


def test_where_more_than_half_stay_away_there_is_no_base_from_the_median(book: RuleBook) -> None:
    # Totals 0, 0, 410: the middle is 0. Gold 1 of 3: 25 / 3 = 8.33 → 8.
    homes: list[Home] = [("A", "1", 410, "gold-ear"), ("B", "1", None, None), ("C", "1", None, None)]
    assert lines(aggregate(view(book, homes), OPTIONS)) == {"jinsui.median": 0, "jinsui.raised": 8}


def test_a_part_is_cut_at_its_bound_by_a_line_of_its_own(book: RuleBook) -> None:
    # 500 / 8 = 62.5 → 63, 13 beyond 50; village deeds 2 + 2, 1 beyond 3.
    found = aggregate(view(book, [("A", "1", 500, "gold-ear")], deeds=(2, 2)), OPTIONS)
    assert found.select("part", "detail", "points").rows() == [
        ("jinsui.base", "jinsui.median", 63),
        ("jinsui.base", "pudong.cut", -13),
        ("jinsui.base", "jinsui.raised", 25),
        ("pudong.key-tasks", "K01", 4),
        ("pudong.key-tasks", "pudong.cut", -1),
    ]


def test_a_village_without_homes_has_no_base(book: RuleBook) -> None:
    assert lines(aggregate(view(book, []), OPTIONS)) == {"jinsui.no-households": 0}


def test_the_order_of_rows_changes_nothing(book: RuleBook) -> None:
    whole = view(book, HOMES, deeds=(1, 2))
    mixed = evolve(whole, households=whole.households.reverse(), standings=whole.standings.reverse())
    assert aggregate(mixed, OPTIONS).equals(aggregate(whole, OPTIONS))


@pytest.mark.parametrize(
    ("base", "path", "code"),
    [
        ({"median": "an eighth"}, "base.median", "pudong.not-a-share"),
        ({"grade": "diamond"}, "base.grade", "pudong.unknown-grade"),
        ({"full": Decimal("0.5")}, "base.full", "pudong.bad-bound"),
        ({"max": Decimal(-1)}, "base.max", "pudong.bad-bound"),
    ],
)
def test_what_the_options_may_not_say_is_found_when_the_book_is_read(
    book: RuleBook, base: dict[str, Any], path: str, code: str
) -> None:
    options = evolve(OPTIONS, base=evolve(OPTIONS.base, **base))
    assert [(where, what) for where, what, _ in check(book, options)] == [(path, code)]


def test_every_village_item_belongs_to_exactly_one_part(book: RuleBook) -> None:
    twice = evolve(OPTIONS, deductions=OPTIONS.key_tasks)
    found = {facts["item"]: facts["parts"] for _, _, facts in check(book, twice)}
    assert found == {"K01": 2, "K03": 2, "K05": 2, "K06": 2, "K07": 2, "X01": 0, "X02": 0, "X03": 0}
