"""Two rule books on the same data: what differs adds up, a book differs from itself in nothing, and no row is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen import frames
from jifen.comparison import Comparison, compare
from jifen.goods import Good, Purse, Shop
from jifen.inputs import Reading
from jifen.model import (
    Approval,
    Base,
    BookCategory,
    Limit,
    Measure,
    Part,
    Ranking,
    Status,
    Step,
    Total,
    Veto,
    VetoEffect,
    VillageLayer,
    Window,
)
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.whatif.by import By

from core.tests.scheme import CATEGORY, OTHER, Grade, book, deed, everybody, inputs, item, number

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook
    from jifen.offers import RewardView

YEAR = Period.parse("2025")
HOMES = ("H1", "H2", "H3", "H4")
GRADES = (
    Grade("high", {"zh_CN": "甲"}, at_least=number(20)),
    Grade("low", {"zh_CN": "乙"}, at_least=number(10)),
    Grade("rest", {"zh_CN": "丙"}),
)


def one_yuan_a_point(view: RewardView, options: object) -> pl.DataFrame:
    """A fen for each hundredth of a point above 0, so that money moves with every point."""
    rows = [
        {
            "village": village,
            "subject": household,
            "kind": "exchange",
            "code": "cash",
            "title": "兑换",
            "points": total,
            "money": total * 100 // view.book.unit,
            "clause": "第九条",
            "ground": "test.ground",
        }
        for village, household, total in view.standings.select("village", "household", "total").rows()
        if total > 0
    ]
    return frames.REWARDS.make(rows)


REGISTRY = Registry.of(
    EligibilityRule("test.everybody", {"zh_CN": "全体"}, everybody),
    EligibilityRule(
        "test.first-only",
        {"zh_CN": "一户"},
        lambda households, villages, options: everybody(households, villages, options).with_columns(
            participates=pl.col("household") == "H1"
        ),
    ),
    Category(CATEGORY, {"zh_CN": "全部"}),
    Category(OTHER, {"zh_CN": "其他"}),
    VillageAggregation("test.none", {"zh_CN": "无"}, lambda view, options: frames.VILLAGE_PARTS.empty()),
    RewardPolicy("test.none", {"zh_CN": "无"}, lambda view, options: frames.REWARDS.empty()),
    RewardPolicy(
        "test.cash", {"zh_CN": "兑换"}, one_yuan_a_point, ceilings=lambda view, options: {"cash": 50_000, "": 60_000}
    ),
)


def reading(*deeds: dict[str, Any], **others: pl.DataFrame) -> Reading:
    made = inputs(list(deeds), HOMES)
    kinds = pl.Series("kind", ["普通户", "普通户", "军属户", None])
    groups = pl.Series("group", ["1组", "10组", "2组", "2组"])
    found = {"villages": made.villages, "households": made.households.with_columns(kinds, groups), "deeds": made.deeds}
    return Reading(frames={**found, **others}, rows_in=made.deeds.height)


def compared(before: RuleBook, after: RuleBook, *deeds: dict[str, Any], **facts: Any) -> Comparison:
    return compare((before, after), REGISTRY, reading(*deeds), YEAR, **facts)


def total_of(found: Comparison, household: str, column: str) -> Any:
    return found.households.filter(pl.col("household") == household)[column].item()


CLEANING = item(points=number(5))
DEEDS = (
    deed("D1", "02-01"),
    deed("D2", "02-02"),
    deed("D3", "03-01", subject="H2"),
    deed("D4", "03-01", "B", subject="H3"),
)


def test_a_book_compared_with_itself_reports_nothing() -> None:
    rules = book(CLEANING, item("B", points=number(-2)), grades=GRADES, rewards=Part("test.cash"))
    found = compared(rules, rules, *DEEDS)
    assert found.same
    assert found.rules.height == 0
    assert found.whole["unchanged"] == len(HOMES)
    assert found.total("after") == found.total("before") == 130


def test_points_are_told_by_household_rule_and_category() -> None:
    before = book(CLEANING, item("B", category=OTHER, points=number(-2)), grades=GRADES)
    after = book(evolve(CLEANING, points=number(12)), item("B", category=OTHER, points=number(-3)), grades=GRADES)
    found = compared(before, after, *DEEDS)
    assert not found.same
    assert found.households.select("household", "before", "after", "change").rows() == [
        ("H1", 100, 240, 140),
        ("H2", 50, 120, 70),
        ("H3", -20, -30, -10),
        ("H4", 0, 0, 0),
    ]
    assert found.rules.select("item", "change", "winners", "losers", "gained", "lost").rows() == [
        ("A", 210, 2, 0, 210, 0),
        ("B", -10, 0, 1, 0, -10),
    ]
    assert found.categories.rows() == [(CATEGORY, 150, 360, 210), (OTHER, -20, -30, -10)]
    assert {name: found.whole[name] for name in ("winners", "losers", "unchanged")} == {
        "winners": 2,
        "losers": 1,
        "unchanged": 1,
    }


def test_grades_that_move_are_counted_with_the_way_they_go() -> None:
    before = book(CLEANING, item("B", points=number(-2)), grades=GRADES)
    found = compared(before, evolve(before, items=(evolve(CLEANING, points=number(12)), before.items[1])), *DEEDS)
    assert found.grades.rows() == [("low", "high", 1), ("rest", "low", 1), ("rest", "rest", 2)]
    assert (found.whole["better"], found.whole["worse"]) == (2, 0)
    back = compared(found.after.book, before, *DEEDS)
    assert (back.whole["better"], back.whole["worse"]) == (0, 2)


def test_a_grade_that_the_new_book_does_not_have_is_neither_better_nor_worse() -> None:
    before = book(CLEANING, grades=(Grade("gold", {"zh_CN": "金"}, at_least=number(1)), *GRADES[2:]))
    after = book(CLEANING, grades=GRADES)
    found = compared(before, after, *DEEDS[:3])
    assert ("gold", "low", 1) in found.grades.rows()
    assert (found.whole["better"], found.whole["worse"]) == (0, 0)


def test_points_of_two_units_are_compared_exactly() -> None:
    found = compared(book(CLEANING, places=1), book(evolve(CLEANING, points=number("5.004")), places=3), *DEEDS[:3])
    assert found.places == 3
    assert total_of(found, "H1", "before") == 10_000
    assert total_of(found, "H1", "change") == 8
    assert found.whole["mean"] == 3
    assert compared(book(CLEANING, places=1), book(CLEANING, places=4), *DEEDS[:3]).whole["change"] == 0


def test_a_draft_is_settled_as_if_it_were_in_force() -> None:
    draft = book(CLEANING, valid_from=date(2031, 1, 1), valid_to=date(2031, 12, 31), status=Status.DRAFT)
    found = compared(book(CLEANING), draft, *DEEDS[:3])
    assert found.whole["change"] == 0
    assert found.marked.status is Status.DRAFT


def test_rows_of_an_item_that_one_book_does_not_know_count_in_the_other_and_are_told() -> None:
    old, new = book(CLEANING, item("B", points=number(1))), book(CLEANING, item("N", points=number(3)))
    found = compared(old, new, *DEEDS, deed("D5", "04-01", "N"), deed("D6", "04-02", "N", subject="H2"))
    assert found.unread.select("side", "item", "reason", "rows").rows() == [
        ("before", "N", "checking.unknown-item", 2),
        ("after", "B", "checking.unknown-item", 1),
    ]
    assert not found.same
    assert total_of(found, "H3", "change") == -10
    assert total_of(found, "H2", "change") == 30


def test_rows_that_one_book_alone_cannot_measure_are_told_with_the_reason() -> None:
    by_hours = evolve(CLEANING, measure=Measure.QUANTITY, unit="小时", each=number(1))
    found = compared(book(CLEANING), book(by_hours), *DEEDS[:3])
    assert found.unread.rows() == [("after", "deeds", "A", "checking.needs-quantity", 3)]


def test_rows_that_neither_book_can_use_are_refused_unless_set_aside() -> None:
    wrong = [deed("D7", "05-01", subject="H9"), deed("D8", "05-01", "Z")]
    with pytest.raises(Refused) as refused:
        compared(book(CLEANING), book(item(points=number(6))), *DEEDS[:3], *wrong)
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["checking.unknown-household", "checking.unknown-item", "dataset.nothing-settled"]
    found = compared(book(CLEANING), book(item(points=number(6))), *DEEDS[:3], *wrong, set_aside=True)
    assert found.whole["change"] == 30
    assert found.unread.height == 0


def test_a_bad_row_of_an_item_that_only_one_book_knows_is_refused_too() -> None:
    bad = deed("D7", "05-01", "B", subject="H9")
    with pytest.raises(Refused) as refused:
        compared(book(CLEANING, item("B", points=number(1))), book(CLEANING), *DEEDS, bad)
    place = refused.value.problems[0].place
    assert (refused.value.problems[0].code, place.row) == ("checking.unknown-household", len(DEEDS) + 1)


def test_money_is_told_against_what_the_rules_allow() -> None:
    before, after = (book(item(points=number(each)), rewards=Part("test.cash")) for each in (5, 7))
    found = compared(before, after, *DEEDS[:3])
    row = found.rewards.row(0, named=True)
    assert (row["code"], row["before_money"], row["after_money"], row["after_ceiling"]) == ("cash", 1500, 2100, 50_000)
    assert total_of(found, "H1", "after_money") == 1400
    assert (row["before"], row["after"], row["new"], row["gone"]) == (2, 2, 0, 0)
    assert found.after.ceilings[""] == 60_000


def test_goods_of_the_shop_count_as_money_and_openings_are_brought_to_the_other_unit() -> None:
    purse = Purse("spend", {"zh_CN": "账户"}, "第八条")
    shop = Shop("spend", "第八条", (Good("soap", {"zh_CN": "肥皂"}, number(5), yuan=number(4)),))
    before = book(CLEANING, purses=(purse,), shop=shop)
    after = evolve(before, places=2, shop=evolve(shop, goods=(evolve(shop.goods[0], price=number(20)),)))
    asked = {"village": "V1", "household": "H2", "good": "soap", "pieces": 1, "status": "requested"}
    requests = frames.REQUESTS.make([{**asked, "request": "R1", "date": date(2025, 6, 1)}])
    openings = frames.OPENINGS.make([{"purse": "spend", "household": "H2", "balance": 120}])
    made = reading(*DEEDS[:3], requests=requests, openings=openings)
    found = compare((before, after), REGISTRY, made, YEAR)
    row = found.rewards.row(0, named=True)
    assert (row["kind"], row["before"], row["after"], row["before_money"]) == ("good", 1, 0, 400)
    assert total_of(found, "H2", "before_money") == 400
    assert found.after.inputs.openings["balance"].to_list() == [1200]
    with pytest.raises(Refused, match="openings"):
        compare(
            (after, evolve(before, places=0)),
            REGISTRY,
            evolve(
                made, frames={**made.frames, "openings": openings.with_columns(balance=pl.lit(1250, dtype=pl.Int64))}
            ),
            YEAR,
        )


def test_households_that_join_or_leave_are_there_with_an_empty_side() -> None:
    before = book(CLEANING, grades=GRADES)
    found = compared(before, evolve(before, eligibility=Part("test.first-only")), *DEEDS[:3])
    assert total_of(found, "H2", "after") is None
    assert total_of(found, "H2", "change") == -50
    assert found.grades["households"].sum() == 1
    assert not found.same


def test_places_that_move_are_counted_in_each_village() -> None:
    before = book(CLEANING, item("B", points=number(3)))
    after = evolve(before, items=(CLEANING, item("B", points=number(8))))
    found = compared(before, after, *DEEDS)
    assert total_of(found, "H3", "before_rank") == 3
    assert total_of(found, "H3", "after_rank") == 2
    assert found.villages.select("rank_up", "rank_down").rows() == [(1, 1)]


def test_near_a_threshold_is_a_quarter_of_the_smallest_gap_and_a_veto_is_near_nothing() -> None:
    points = {"H1": "18", "H2": "22", "H3": "17.4", "H4": "18"}
    named = item(measure=Measure.QUANTITY, unit="分", points=number("0.1"), each=number("0.1"))
    act = item("V", veto=Veto((VetoEffect.LOWEST_GRADE,)))
    deeds = [deed(f"D{home}", "02-01", subject=home, quantity=points[home]) for home in HOMES]
    rules = book(named, act, grades=GRADES)
    found = compared(rules, rules, *deeds, deed("DV", "02-02", "V", subject="H4"))
    assert found.distance == 25
    assert found.near.rows() == [("high", 1, 1), ("low", 0, 0)]
    assert found.near_households.select("household", "ahead").rows() == [("H1", -20), ("H2", 20)]


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        (By.VILLAGE, ["荷塘村"]),
        (By.GROUP, ["荷塘村 1组", "荷塘村 2组", "荷塘村 10组"]),
        (By.KIND, ["", "军属户", "普通户"]),
    ],
)
def test_winners_and_losers_of_the_parts_add_up_to_the_whole(by: By, parts: list[str]) -> None:
    found = compared(book(CLEANING, item("B", points=number(3))), book(item("B", points=number(2)), CLEANING), *DEEDS)
    split = found.split(by)
    assert split["part"].to_list() == parts
    for name in ("households", "winners", "losers", "unchanged", "gained", "lost", "change", "better", "worse"):
        assert split[name].sum() == found.whole[name]


# Hypothesis: any two small books on any deeds.

POINTS = st.integers(-30, 30).filter(bool).map(lambda tenths: Decimal(tenths) / 10)
LIMITS = st.none() | st.integers(1, 40).map(
    lambda bound: Limit(Window.YEAR, gives=Decimal(bound), takes=Decimal(bound))
)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    items: list[Item] = []
    for code in draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4, unique=True)):
        limit = draw(LIMITS)
        facts: dict[str, Any] = {"limits": () if limit is None else (limit,)}
        facts["category"] = draw(st.sampled_from((CATEGORY, OTHER)))
        match draw(st.sampled_from(("points", "ladder", "tiers", "base"))):
            case "points":
                facts["points"] = draw(POINTS)
            case "ladder":
                facts |= {"ladder": tuple(draw(st.lists(POINTS, min_size=1, max_size=3))), "per": Window.YEAR}
            case "tiers":
                facts |= {"tiers": (Step(Decimal(2), draw(POINTS)),), "per": Window.YEAR}
            case "base":
                facts |= {"base": Base(Decimal(draw(st.integers(1, 9))), Window.QUARTER), "points": draw(POINTS)}
        items.append(item(code, **facts))
    category = draw(LIMITS)
    kinds = tuple(BookCategory(name, limits=() if category is None else (category,)) for name in (CATEGORY, OTHER))
    total = draw(st.none() | st.just(Limit(Window.YEAR, floor=Decimal(0))))
    return book(
        *items,
        places=draw(st.integers(1, 3)),
        categories=kinds,
        total=Total() if total is None else Total((total,)),
        grades=draw(st.sampled_from(((), GRADES, GRADES[1:]))),
        ranking=Ranking(draw(st.sampled_from(((), (OTHER,))))),
        rewards=Part(draw(st.sampled_from(("test.none", "test.cash")))),
    )


DEED_LISTS = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from(HOMES), st.integers(1, 28), st.integers(1, 12)), max_size=25
)


@settings(max_examples=25, deadline=None)
@given(books(), books(), DEED_LISTS)
def test_winners_less_losers_are_the_difference_of_the_totals(
    before: RuleBook, after: RuleBook, done: list[tuple[str, str, int, int]]
) -> None:
    known = {rule.code for rules in (before, after) for rule in rules.items}
    deeds = [
        deed(f"D{at}", f"{month:02d}-{day:02d}", code, subject=home)
        for at, (code, home, day, month) in enumerate(done)
        if code in known
    ]
    found = compared(before, after, *deeds)
    homes, whole, items = found.households, found.whole, found.items
    assert whole["gained"] + whole["lost"] == whole["change"] == found.total("after") - found.total("before")
    assert whole["winners"] + whole["losers"] + whole["unchanged"] == whole["households"] == len(HOMES)
    by_rule = dict(items.group_by("subject").agg(pl.col("change").sum()).iter_rows())
    assert {home: by_rule.get(home, 0) for home in HOMES} == dict(homes.select("household", "change").iter_rows())
    assert found.rules["change"].sum() == items["change"].sum() == found.categories["change"].sum()
    assert found.rewards["after_money"].sum() == homes["after_money"].sum()
    back = compared(after, before, *deeds)
    assert back.whole["change"] == -whole["change"]
    assert back.households["change"].to_list() == [-each for each in homes["change"]]


@settings(max_examples=12, deadline=None)
@given(books(), DEED_LISTS)
def test_any_book_compared_with_itself_reports_nothing(rules: RuleBook, done: list[tuple[str, str, int, int]]) -> None:
    known = {rule.code for rule in rules.items}
    deeds = [
        deed(f"D{at}", f"{month:02d}-{day:02d}", code, subject=home)
        for at, (code, home, day, month) in enumerate(done)
        if code in known
    ]
    assert compared(rules, rules, *deeds).same


def test_villages_own_rules_that_only_one_book_has_are_told() -> None:
    layer = VillageLayer("V1", Approval("村民代表会议", "村决〔2025〕1号", date(2025, 1, 1)), ("A",))
    found = compared(book(CLEANING, layers=(layer,)), book(CLEANING), *DEEDS[:3])
    assert found.village_rules == (("before", ("V1",)),)
    assert compared(found.before.book, found.before.book, *DEEDS[:3]).village_rules == ()
