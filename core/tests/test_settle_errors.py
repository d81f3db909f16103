"""Promises the exact words of every refusal of a settlement, in both languages where it matters."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.model import Item, Limit, Window
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry

from core.tests.scheme import CATEGORY, REGISTRY, book, deed, everybody, inputs, item, points, settled

if TYPE_CHECKING:
    from collections.abc import Callable


YEAR = Period.parse("2025")


def refusal(do: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        do()
    return str(refused.value)


@pytest.mark.parametrize(
    "text", ["2025-Q5", "25", "2025-13", "0000", "去年", "", "2025..", "2025..2025-Q3", "2025-Q3..2025-Q1"]
)
def test_a_period_that_is_none_is_refused(text: str) -> None:
    want = f"看不懂结算期“{text}”；应写成 2025、2025-H1、2025-Q2、2025-03，或从某期到某期，如 2025-Q4..2026-Q1"
    assert refusal(lambda: Period.parse(text)) == want


def test_the_english_words_are_there_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert (
        refusal(lambda: Period.parse("x"))
        == "'x' is not a period; write 2025, 2025-H1, 2025-Q2, 2025-03, or from one to another such as 2025-Q4..2026-Q1"
    )


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2025-H2", "2025-07-01", "2025-12-31"),
        ("2025-Q1", "2025-01-01", "2025-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
    ],
)
def test_a_period_has_its_first_and_last_day(name: str, first: str, last: str) -> None:
    period = Period.parse(name)
    assert (str(period.start), str(period.end)) == (first, last)


def run(given: Inputs, registry: Registry = REGISTRY, rule: Item | None = None) -> object:
    return settle(book(rule or item()), registry, given, YEAR)


def test_a_number_that_two_have_is_refused() -> None:
    assert refusal(lambda: run(inputs([], ("H1", "V1")))) == (
        "编号“V1”被用了两次（户号或村代码）；每户、每村要有自己的编号"
    )


def test_a_household_of_no_village_is_refused() -> None:
    given = inputs([])
    lost = given.households.with_columns(pl.lit("V9").alias("village"))
    assert refusal(lambda: run(evolve(given, households=lost))) == (
        "农户名册里的村“V9”不在村情况表中；请补上这个村，或改正村代码"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subject": "H9"}, "有 1 条记录的户号或村代码不存在，例如 a；请改正后再结算"),
        ({"item": "Z"}, "有 1 条记录的事项不在积分细则中，例如 a；请改正后再结算"),
        ({"subject": "V1"}, "有 1 条记录把户的事项记在村上，或把村的事项记在户上，例如 a"),
        ({"quantity": -1}, "有 1 条记录的数量是负数，例如 a；数量不能小于零"),
    ],
)
def test_a_deed_that_cannot_be_scored_is_refused(change: dict[str, Any], words: str) -> None:
    assert refusal(lambda: run(inputs([{**deed("a", "01-01"), **change}]))) == words


def test_a_deed_outside_the_period_is_refused() -> None:
    given = inputs([deed("a", "04-01")])
    first_quarter = Period.parse("2025-Q1")
    assert refusal(lambda: settle(book(item()), REGISTRY, given, first_quarter)) == (
        "有 1 条记录的日期不在结算期内，例如 a"
    )


def offers(
    scorer: Callable[..., pl.DataFrame] | None = None, decide: Callable[..., pl.DataFrame] = everybody
) -> Registry:
    return Registry.of(
        EligibilityRule("test.everybody", {"zh_CN": "全体"}, decide),
        Category(CATEGORY, {"zh_CN": "全部"}, scorer=scorer),
        Category("test.other", {"zh_CN": "其他"}),
        VillageAggregation("test.none", {"zh_CN": "无"}, lambda view, options: frames.VILLAGE_PARTS.empty()),
        RewardPolicy("test.none", {"zh_CN": "无"}, lambda view, options: frames.REWARDS.empty()),
    )


def test_an_eligibility_rule_that_loses_a_household_is_refused() -> None:
    def loses(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
        return everybody(households, villages, options)[1:]

    assert refusal(lambda: run(inputs([]), offers(decide=loses))) == (
        "test.everybody: 参与资格规则必须给每户恰好一行结果，但行数或户号对不上；请告知插件作者"
    )


def by_letters(deeds: pl.DataFrame, items: tuple[Any, ...]) -> pl.DataFrame:
    """Two points for each letter of the remark: what no rule book can say."""
    assert [entry.code for entry in items] == ["A"]
    letters = pl.col("note").str.len_chars().cast(pl.Int64)
    return deeds.select("deed", letters.alias("amount"), (letters * 2 * frames.QUANTITY_UNIT).alias("gross")).reverse()


def test_a_category_of_a_plugin_scores_and_the_core_limits() -> None:
    # 3 letters → 6 points; 4 letters → 8, of which 4 fit under 10 a year.
    rules = book(item(limits=(Limit(per=Window.YEAR, gives=Decimal(10)),), scored_by_plugin=True))
    given = inputs([deed("a", "01-01", note="敬老人"), deed("b", "02-01", note="帮助邻里")])
    done = settle(rules, offers(by_letters), given, YEAR)
    assert points(done) == {"a": 6, "b": 4}
    assert done.awards["amount"].to_list() == [3, 4]


def test_a_scorer_that_loses_a_deed_is_refused() -> None:
    given = inputs([deed("a", "01-01", note="好"), deed("b", "02-01", note="好")])
    assert refusal(
        lambda: run(given, offers(lambda deeds, items: by_letters(deeds, items)[:1]), item(scored_by_plugin=True))
    ) == ("类别“test.all”的计分程序缺 1 条、多 0 条；每条记录必须恰好有一行结果，请告知插件作者")


def test_a_scorer_s_points_are_the_same_whatever_the_book_s_smallest_unit() -> None:
    given = inputs([deed("a", "01-01", note="敬老人")])
    for places in (0, 1, 3, 6):
        done = settle(book(item(scored_by_plugin=True), places=places), offers(by_letters), given, YEAR)
        assert points(done) == {"a": 6}


def test_an_item_that_the_scorer_does_not_score_is_data_like_any() -> None:
    rules = book(item(scored_by_plugin=True), item("B", points=Decimal(3)))
    given = inputs([deed("a", "01-01", note="敬老人"), deed("b", "01-02", "B")])
    assert points(settle(rules, offers(by_letters), given, YEAR)) == {"a": 6, "b": 3}


def test_a_scorer_s_points_that_are_finer_than_the_book_s_are_refused() -> None:
    def half(deeds: pl.DataFrame, items: tuple[Any, ...]) -> pl.DataFrame:
        return by_letters(deeds, items).with_columns(gross=pl.lit(500).cast(pl.Int64))

    given = inputs([deed("a", "01-01", note="好")])
    assert points(settle(book(item(scored_by_plugin=True), places=1), offers(half), given, YEAR)) == {
        "a": Decimal("0.5")
    }
    told = refusal(lambda: settle(book(item(scored_by_plugin=True), places=0), offers(half), given, YEAR))
    assert told == "类别“test.all”的计分程序给 1 条记录的分值比本细则的更细，例如 a；小数位数最多：0"


def test_an_empty_town_settles() -> None:
    none = Inputs(frames.VILLAGES.empty(), frames.HOUSEHOLDS.empty(), frames.DEEDS.empty())
    done = settle(book(item()), REGISTRY, none, YEAR)
    assert all(frame.is_empty() for frame in done.frames().values())


def test_a_village_without_deeds_settles() -> None:
    done = settled(book(item()))
    assert done.standings["total"].to_list() == [0, 0]
    assert done.village_scores["points"].to_list() == [0]


def test_a_row_that_got_lost_on_the_way_is_not_passed_over() -> None:
    given = evolve(inputs([deed("a", "01-01")]), rows_in=2)
    assert refusal(lambda: run(given)) == (
        "记录对不上：读入 2 条，但计分 1、不计分 0、已撤销 0、搁置 0；没有结算，请告知维护人员"
    )
