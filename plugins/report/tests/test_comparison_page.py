"""The page of a comparison: pictures with their numbers, the same bytes every time, and never more than it can hold."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jifen import frames
from jifen.comparison import Comparison, compare
from jifen.inputs import Reading
from jifen.model import BookCategory, Grade, Item, Part, RuleBook, Status
from jifen.offers import EligibilityRule, RewardPolicy, VillageAggregation
from jifen.period import Period
from jifen.registry import Registry
from jifen.whatif.by import By
from jifen_report.change_sizes import sizes
from jifen_report.comparison_page import comparison_page
from jifen_report.comparison_tables import MOST_PARTS, MOST_REWARDS, MOST_RULES, MOST_UNREAD, MOST_VILLAGES
from jifen_report.flow import Move, flow
from jifen_report.histogram import Classes, Threshold, histogram, nice

if TYPE_CHECKING:
    from jifen.offers import RewardView

HOSTILE = "<script>alert(1)</script>"
UNITS = st.lists(st.integers(-(10**6), 10**6), max_size=60)


def everybody(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
    return households.select(
        "household",
        "village",
        participates=pl.lit(value=True),
        ground=pl.lit("test.all"),
        reason=pl.lit(None, dtype=pl.String),
        since=pl.lit(None, dtype=pl.Date),
    )


def honours(view: RewardView, options: object) -> pl.DataFrame:
    """Twelve honours for everybody who has points."""
    rows = [
        {
            "village": village,
            "subject": household,
            "kind": "honour",
            "code": f"honour-{n}",
            "title": f"荣誉{n}",
            "clause": "第九条",
            "ground": "test.ground",
        }
        for village, household in view.standings.filter(pl.col("total") > 0).select("village", "household").rows()
        for n in range(12)
    ]
    return frames.REWARDS.make(rows)


REGISTRY = Registry.of(
    EligibilityRule("test.everybody", {"zh_CN": "全体"}, everybody),
    VillageAggregation("test.none", {"zh_CN": "无"}, lambda view, options: frames.VILLAGE_PARTS.empty()),
    RewardPolicy("test.honours", {"zh_CN": "荣誉"}, honours),
)


def rules(step: int, *more: Item, grades: int = 0, name: str = "试验") -> RuleBook:
    items = tuple(
        Item(f"I{n:02d}", "own", {"zh_CN": f"规则{n}{HOSTILE}"}, "第一条", points=Decimal(step + n)) for n in range(12)
    )
    return RuleBook(
        name="test",
        title={"zh_CN": name},
        valid_from=date(2025, 1, 1),
        valid_to=date(2025, 12, 31),
        status=Status.APPROVED,
        eligibility=Part("test.everybody"),
        village=Part("test.none"),
        rewards=Part("test.honours"),
        categories=(BookCategory("own", "第一条", {"zh_CN": "类别"}, own=True),),
        items=(*items, *more),
        places=0,
        grades=tuple(
            Grade(f"g{n}", {"zh_CN": f"等级{n}"}, at_least=Decimal(10 * (grades - n)) if n < grades - 1 else None)
            for n in range(grades)
        ),
    )


def found(before: RuleBook, after: RuleBook, villages: int = 12, households: int = 4) -> Comparison:
    places = [{"village": f"V{v:02d}", "name": f"第{v}村", "groups": 3} for v in range(villages)]
    home = {"site": "home", "living": 2, "registered": True, "homestead": True}
    homes = [
        {
            **home,
            "household": f"H{v:02d}{h}",
            "village": f"V{v:02d}",
            "group": f"{h}组",
            "name": "秘密",
            "kind": f"类{v}",
        }
        for v in range(villages)
        for h in range(households)
    ]
    codes = sorted({item.code for book in (before, after) for item in book.items})
    deeds = [
        {
            "deed": f"D{n:04d}",
            "village": home["village"],
            "subject": home["household"],
            "item": codes[n % len(codes)],
            "date": date(2025, 1 + n % 12, 3),
            "recorded": date(2025, 1 + n % 12, 4),
            "status": "approved",
        }
        for n, home in enumerate(homes)
    ]
    made = {
        "villages": frames.VILLAGES.make(places),
        "households": frames.HOUSEHOLDS.make(homes),
        "deeds": frames.DEEDS.make(deeds),
    }
    return compare((before, after), REGISTRY, Reading(frames=made, rows_in=len(deeds)), Period.parse("2025"))


def own(prefix: str) -> tuple[Item, ...]:
    return tuple(
        Item(f"{prefix}{n}", "own", {"zh_CN": f"只有一边{prefix}{n}"}, "第一条", points=Decimal(2)) for n in range(6)
    )


@pytest.mark.parametrize("by", [None, *By])
def test_no_table_is_longer_than_two_sheets_can_hold(by: By | None) -> None:
    page = comparison_page(found(rules(1, *own("X"), grades=7), rules(3, *own("Y"), grades=7)), by)
    bodies = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    most = max(MOST_RULES, MOST_VILLAGES, MOST_REWARDS, MOST_PARTS, 7)
    assert max(body.count("<tr>") for body in bodies) <= most
    assert page.count("条记录，") == MOST_UNREAD
    assert "见工作簿" in page


def test_data_is_never_markup_and_nobody_is_named() -> None:
    page = comparison_page(found(rules(1, grades=3), rules(2, grades=3, name=HOSTILE)), By.GROUP)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "秘密" not in page
    assert "H00" not in page


@pytest.mark.parametrize(("villages", "households"), [(1, 1), (1, 0), (2, 3)])
def test_a_small_town_and_one_without_households_have_a_page(villages: int, households: int) -> None:
    before, after = rules(1), rules(2)
    page = comparison_page(found(before, after, villages, households), By.VILLAGE)
    assert page.startswith("<!DOCTYPE html>")
    assert ('class="picture"' in page) == bool(households)


def test_what_does_not_differ_is_said_in_one_sentence() -> None:
    page = comparison_page(found(rules(1), rules(1)), None)
    assert "试算结果没有任何差别" in page
    assert "<svg class=" not in page.replace('<svg class="defs"', "")


@pytest.mark.parametrize(("least", "step"), [(1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (400, 500), (501, 1000)])
def test_classes_have_round_widths(least: int, step: int) -> None:
    assert nice(least) == step


@given(UNITS, UNITS)
def test_every_household_stands_in_one_class_of_the_histogram(before: list[int], after: list[int]) -> None:
    one, two = pl.Series(before, dtype=pl.Int64), pl.Series(after, dtype=pl.Int64)
    classes = Classes.of(one, two)
    for side in (one, two):
        counts = classes.counts(side)
        assert sum(counts) == len(side)
        assert len(counts) == classes.count + classes.below + classes.above <= 12
    drawn = histogram(one, two, [Threshold("甲", 0)], 1)
    assert drawn == histogram(one.shuffle(seed=1), two.shuffle(seed=1), [Threshold("甲", 0)], 1)
    assert "." not in "".join(re.findall(r'(?:x|y|width|height)="([^"]*)"', drawn))


@given(UNITS)
def test_every_household_stands_in_one_class_of_change(change: list[int]) -> None:
    classes = sizes(pl.Series(change, dtype=pl.Int64), 1)
    assert [each.way for each in classes] == [1, 1, 1, 0, -1, -1, -1]
    for way in (1, 0, -1):
        expected = sum((each > 0) - (each < 0) == way for each in change)
        assert sum(each.households for each in classes if each.way == way) == expected


def test_change_classes_say_their_bounds() -> None:
    words = [each.words for each in sizes(pl.Series([30, 20, 10, 5, 0, -5, -15, -40]), 1)]
    assert words == [
        "增加4分以上",
        "增加2到4分",
        "增加2分以内",
        "不变",
        "减少2分以内",
        "减少2到4分",
        "减少4分以上",
    ]


def test_the_flow_has_every_grade_with_its_number_and_tells_who_moves() -> None:
    drawn = flow(["甲", "乙"], ["甲", "丙", "乙"], [Move(0, 0, 1, 0), Move(0, 2, 40, -1), Move(1, 0, 1000, 1)])
    for words in ("甲 41户", "乙 1,000户", "甲 1,001户", "丙 0户", "乙 40户", "1000户上升，40户下降"):
        assert words in drawn
    assert drawn.count('class="rise"') == drawn.count('class="fall"') == drawn.count('class="same"') == 1
