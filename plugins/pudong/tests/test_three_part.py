"""The village's score: everyone counts, stars by hand, parts with their cuts (R12 to R14)."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.model import Item, Subject
from jifen_pudong.three_part import Participation, StarShares, ThreePart, VillagePart, aggregate, check

from plugins.pudong.tests.village_data import (
    BOOK,
    Town,
    award,
    household,
    households,
    named,
    standing,
    standings,
    village,
    villages,
)

OPTIONS = ThreePart()


def lines(town: Town, options: ThreePart = OPTIONS) -> dict[str, tuple[int, int | None, int | None]]:
    got = aggregate(town.village_view(), options)
    frames.VILLAGE_PARTS.check(got, "test")
    return {detail: (points, top, below) for detail, points, top, below in got.select(
        "detail", "points", "numerator", "denominator").iter_rows()}  # fmt: skip


def test_a_household_that_stays_away_costs_its_village() -> None:
    # 100.0 + 80.0 points (1800 units) of two participants; three homes are registered: 180.0 / 3 = 60.0 points.
    # Were the third not counted it would be 180.0 / 2 = 90.0.
    homes = households(household("H1"), household("H2"), household("H3", consent=None))
    town = Town(homes, standings(standing("H1", 1000), standing("H2", 800)), away=("H3",))
    assert lines(town)["pudong.participation"] == (600, 1800, 3)
    assert lines(evolve(town, homes=homes.head(2)))["pudong.participation"] == (900, 1800, 2)


def test_a_member_who_moved_away_or_a_house_that_is_gone_does_not_take_a_registered_home_out_of_the_count() -> None:
    homes = households(household("H1"), household("H2", living=0), household("H3", homestead=False))
    town = Town(homes, standings(standing("H1", 900)), away=("H2", "H3"))
    assert lines(town)["pudong.participation"] == (300, 900, 3)


def test_sites_that_are_never_subjects_and_strangers_who_stay_away_do_not_count() -> None:
    homes = households(
        household("H1"),
        household("H2", site="enterprise"),
        household("H3", site="industrial"),
        household("H4", registered=False),
        household("H5", registered=False, resolution="村决〔2025〕7号"),
    )
    # H5 is admitted and has points, so it counts below as well: (100.0 + 50.0) / 2 = 75.0.
    town = Town(homes, standings(standing("H1", 1000), standing("H5", 500)), away=("H2", "H3", "H4"))
    assert lines(town)["pudong.participation"] == (750, 1500, 2)


def test_participation_is_converted_rounded_once_half_up_and_its_cut_is_a_line_of_its_own() -> None:
    homes = households(household("H1"), household("H2"), household("H3"))
    town = Town(homes, standings(*(standing(f"H{n}", 1000) for n in (1, 2, 3))))
    # 100.0 on average; a twentieth is 5.0. With 100.5 units more: 3001 / 3 / 20 = 50.0166… → 50 units.
    assert lines(town, ThreePart(Participation("1/20")))["pudong.participation"] == (50, 3000, 3)
    # 3000 units / 3 × 0.0005 = 0.5 units, half up: 1 unit.
    assert lines(town, ThreePart(Participation("0.0005")))["pudong.participation"] == (1, 3000, 3)
    # 100.0 is more than 60: the line stays as it is and the cut says -40.0.
    got = lines(town, ThreePart(Participation("1", Decimal(60))))
    assert got["pudong.participation"] == (1000, 3000, 3)
    assert got["pudong.cut"] == (-400, None, None)


def test_star_shares_by_hand() -> None:
    # 8 homes, one stays away with five stars (which then do not count). Full mark 24.0 = 240 units.
    # five, first: 2/8 × 1 × 1 → 60; three, repeat: 1/8 × 1/2 × 3/4 × 240 = 11.25 → 11; one, first: 3/8 × 1/4 × 240 = 22.5 → 23.
    # four stars reach the three-star level: three, first: 1/8 × 1/2 × 240 = 15.
    stars = [(5, "first"), (5, None), (3, "repeat"), (4, "first"), (1, "first"), (2, "first"), (1, None), (5, "first")]
    homes = households(*(household(f"H{n}", stars=s, star_review=r) for n, (s, r) in enumerate(stars)))
    town = Town(homes, standings(*(standing(f"H{n}", 0) for n in range(7))), away=("H7",))
    options = ThreePart(stars=StarShares(Decimal(24), one="1/4", three="1/2", five="1", first="1", repeat="3/4"))
    got = lines(town, options)
    assert got["pudong.stars-five-first"] == (60, 2, 8)
    assert got["pudong.stars-five-repeat"] == (0, 0, 8)
    assert got["pudong.stars-three-first"] == (15, 1, 8)
    assert got["pudong.stars-three-repeat"] == (11, 1, 8)
    assert got["pudong.stars-one-first"] == (23, 3, 8)


def test_a_village_without_households_has_no_base_and_says_so() -> None:
    got = aggregate(Town(households(), standings()).village_view(), ThreePart())
    assert got.rows() == [("V1", "pudong.base", "pudong.no-households", 0, 0, 0, "households", "R12")]
    only_a_works = Town(households(household("H1", site="enterprise")), standings(), away=("H1",))
    assert lines(only_a_works) == {"pudong.no-households": (0, 0, 0)}


def test_key_tasks_and_deductions_are_a_line_for_each_item_and_show_their_cut() -> None:
    awards = frames.AWARDS.make(
        [
            award("D1", 30),
            award("D2", 25),
            award("D3", -70, category="pudong.deductions", item="X01", clause="第九条"),
        ]
    )
    town = Town(households(household("H1")), standings(standing("H1", 0)), awards=awards)
    options = ThreePart(
        key_tasks=VillagePart(("pudong.key-tasks",), Decimal(5)),
        deductions=VillagePart(("pudong.deductions",), Decimal(6), "第十三条"),
    )
    got = aggregate(town.village_view(), options).filter(pl.col("part") != "pudong.base")
    assert got.select("part", "detail", "points", "clause").rows() == [
        ("pudong.key-tasks", "K01", 55, "第八条"),
        ("pudong.key-tasks", "pudong.cut", -5, ""),
        ("pudong.deductions", "X01", -70, "第九条"),
        ("pudong.deductions", "pudong.cut", 10, "第十三条"),
    ]


def test_one_village_never_changes_another_and_the_order_of_rows_changes_nothing() -> None:
    homes = households(*(household(f"H{n}", stars=n % 6) for n in range(9)))
    other = households(*(household(f"G{n}", village="V2", stars=5) for n in range(4)))
    mine = standings(*(standing(f"H{n}", 100 * n) for n in range(9)))
    theirs = standings(*(standing(f"G{n}", 77, village="V2") for n in range(4)))
    alone = Town(homes, mine)
    both = Town(pl.concat([homes, other]), pl.concat([mine, theirs]), places=villages(village(), village("V2")))
    options = ThreePart(stars=StarShares(Decimal(30)))
    want = aggregate(both.village_view(), options)
    assert want.filter(pl.col("village") == "V1").equals(aggregate(alone.village_view(), options))
    for seed in range(3):
        assert aggregate(both.shuffled(seed).village_view(), options).equals(want)


@pytest.mark.parametrize(
    ("options", "path", "code"),
    [
        (ThreePart(Participation("a third")), "participation.factor", "pudong.not-a-share"),
        (ThreePart(stars=StarShares(three="3/2")), "stars.three", "pudong.not-a-share"),
        (ThreePart(stars=StarShares(Decimal("0.05"))), "stars.full", "pudong.bad-bound"),
        (ThreePart(Participation(max=Decimal(-1))), "participation.max", "pudong.bad-bound"),
    ],
)
def test_what_a_book_may_not_say_is_found_when_it_is_loaded(options: ThreePart, path: str, code: str) -> None:
    assert [(where, what) for where, what, _ in check(BOOK, options)] == [(path, code)]


def test_a_village_item_that_no_part_takes_is_found_when_the_book_is_loaded() -> None:
    stray = Item("Z01", "flowers.green", named("绿化"), "第九条", subject=Subject.VILLAGE, points=Decimal(1))
    book = evolve(BOOK, items=(*BOOK.items, stray))
    assert [facts["item"] for _, _, facts in check(book, ThreePart())] == ["Z01"]
    taken = ThreePart(key_tasks=VillagePart(("pudong.key-tasks", "flowers.green")))
    assert not list(check(book, taken))
