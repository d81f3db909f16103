"""Decides that a check finds every way in which its promise can be broken, not only the one of `wrong_*.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.offers import RewardPolicy, RewardView, Town
from jifen.registry import Registry
from jifen_conformance.finding import target_of
from jifen_conformance.running import run
from jifen_conformance.sensitive import sensitive_in
from jifen_pudong.reward_options import Rewards
from jifen_pudong.rewards import HONOURS_AND_EXCHANGE

from plugins.conformance.tests.good import BOOK, CASES, GOOD, codes, good_target, good_town, town_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen_conformance.target import Target

    Reward = Callable[[RewardView, Any], pl.DataFrame]

NAMES: Final = {"zh_CN": "示例", "en": "Example"}
SHOP: Final = {
    "code": "shop",
    "name": NAMES,
    "clause": "第七条",
    "household_ceiling": 60,
    "ceiling": 300,
}


def _paying(money: Callable[[RewardView], pl.Expr], **more: Any) -> Target:
    """A policy that pays every participant so many fen by the exchange `shop`, whatever its options say."""

    def reward(view: RewardView, _options: object) -> pl.DataFrame:
        paid = view.standings.with_columns(money(view).cast(pl.Int64).alias("money")).sort("village", "household")
        rows = paid.select(pl.col("village", "household").cast(pl.String), "money").iter_rows()
        usual = {"kind": "exchange", "code": "shop", "title": "示例", "clause": "第七条", "ground": "reed.shared"}
        return frames.REWARDS.make([{**usual, "village": at, "subject": who, "money": fen} for at, who, fen in rows])

    policy = RewardPolicy("reed.paying", NAMES, reward, Rewards)
    options = {"exchanges": [SHOP | {key: more.pop(key) for key in ("ceiling", "pot") if key in more}], **more}
    return target_of(policy, Registry.of(policy), options=options)


def _each(fen: int) -> Callable[[RewardView], pl.Expr]:
    return lambda _view: pl.lit(fen)


def _by_the_size_of_the_town(view: RewardView) -> pl.Expr:
    return pl.lit(10 * view.standings.height)


BUDGETS: Final = {
    "a household's ceiling": (_paying(_each(6001), ceiling=9000), "6001 fen for", "at most 6000"),
    "the ceiling of a village's pot": (_paying(_each(5000)), " by shop", "at most 30000"),
    "the ceiling of the town's pot": (_paying(_each(2000), pot="town"), "for the town by shop", "at most 30000"),
    "what one household gets in all": (
        _paying(_each(5000), ceiling=9000, encouragement={"household_at_most": 49}),
        " in all",
        "at most 4900",
    ),
    "the average of a village": (
        _paying(_each(5000), ceiling=9000, encouragement={"household_at_most": 60, "average_at_most": 40}),
        "in all, of which 12 households take part",
        "at most 48000",
    ),
    "who shares the pot": (_paying(_by_the_size_of_the_town), "without its neighbours", "1440 fen instead of 2880"),
}


@pytest.mark.parametrize("which", BUDGETS)
def test_money_is_held_to(which: str) -> None:
    target, *words = BUDGETS[which]
    report = run(target)
    told = [f"{each.given} → {each.returned}" for each in report.failed]
    # Who looks at the size of the town is found by what is settled village by village, too.
    assert codes(report) - {"S04"} == {"R01"}, told
    found = next(each for each in report.failed if each.check.code == "R01")
    assert [word for word in words if word not in f"{found.given} → {found.returned}"] == [], told


def test_money_within_every_ceiling_is_no_fault() -> None:
    report = run(_paying(_each(2500), encouragement={"household_at_most": 60, "average_at_most": 25}))
    assert report.good, [(each.check.code, each.returned) for each in report.failed]


def test_a_penalty_for_a_good_deed_is_found() -> None:
    def reward(view: RewardView, options: object) -> pl.DataFrame:
        honours = good_reward(view, options)
        base = pl.format("base:T01:{}:2024-01", "subject")
        return honours.with_columns(
            pl.lit("proposal").alias("kind"), base.alias("ground"), pl.lit(None, dtype=pl.Int64).alias("points")
        )

    report = run(good_target("policy", reward=reward))
    assert codes(report) == {"R02"}, [(each.check.code, each.returned) for each in report.failed]


def good_reward(view: RewardView, options: object) -> pl.DataFrame:
    policy = GOOD["policy"]
    assert isinstance(policy, RewardPolicy)
    return policy.reward(view, options)


def _posting(text: Callable[[RewardView], pl.DataFrame]) -> Target:
    """The good policy, with a text of each household's in the title of its honour."""

    def reward(view: RewardView, options: object) -> pl.DataFrame:
        told = text(view).select(pl.col("household").cast(pl.String).alias("subject"), "told")
        honours = good_reward(view, options).with_columns(pl.col("subject").cast(pl.String))
        joined = honours.join(told, on="subject", how="left", maintain_order="left")
        return joined.with_columns(pl.col("told").alias("title")).drop("told")

    return good_target("policy", reward=reward)


POSTED: Final = {
    "a telephone after a Chinese word": _posting(
        lambda view: view.households.with_columns(pl.lit("电话13912345678").alias("told"))
    ),
    "a telephone of the village office": _posting(
        lambda view: view.households.with_columns(pl.lit("021-58001234").alias("told"))
    ),
    "the cell of the householder": _posting(
        lambda view: view.households.with_columns(pl.col("name").cast(pl.String).alias("told"))
    ),
    "the cells of the members": _posting(
        lambda view: view.households.with_columns(pl.col("members").list.join("、").fill_null("无").alias("told"))
    ),
    "the address": _posting(lambda view: view.households.with_columns(pl.col("address").cast(pl.String).alias("told"))),
}


@pytest.mark.parametrize("which", POSTED)
def test_what_must_not_be_posted_is_found(which: str) -> None:
    report = run(POSTED[which])
    assert codes(report) == {"N01"}, [(each.check.code, each.returned) for each in report.failed]


REWARDS: Final = (
    'rewards = { use = "reed.first" }',
    'rewards = { use = "reed.first", honours = [{ code = "x", name = { NAMES }, clause = "第九条", first = 1 }] }',
)


def _named(folder: Path, names: str) -> Target:
    """The good town, whose rewards have an honour of these names."""
    old, new = REWARDS
    policy = GOOD["policy"]
    assert isinstance(policy, RewardPolicy)
    named = evolve(policy, options=Rewards, check=HONOURS_AND_EXCHANGE.check)
    return good_town(folder, (old, new.replace("NAMES", names)), more=(named,))


def test_a_reward_without_an_english_name_is_found(tmp_path: Path) -> None:
    report = run(_named(tmp_path, 'zh_CN = "示范户"'))
    assert codes(report) == {"N02"}, [(each.check.code, each.returned) for each in report.failed]


def test_a_reward_for_what_is_sensitive_is_found(tmp_path: Path) -> None:
    report = run(_named(tmp_path, 'zh_CN = "无上访家庭", en = "A family at ease"'))
    assert codes(report) == {"B05"}, [(each.check.code, each.returned) for each in report.failed]


@pytest.mark.parametrize(
    "text",
    [
        "不越级上访", "信访积案化解", "参加宗教活动", "不信教", "参加邪教组织", "基督教家庭", "戒毒人员按期报到",
        "社区矫正对象表现", "刑满释放人员", "提交病历", "家中有患者", "艾滋病检测", "家有精神病人", "领取残疾证", "肺结核患者",
        "Not petitioning", "Religious meetings", "Going to church", "Addicts who report", "HIV test", "Medical records",
    ],
)  # fmt: skip
def test_sensitive_words_are_seen(text: str) -> None:
    assert sensitive_in(text) != [], text


@pytest.mark.parametrize(
    "text",
    [
        "参加宣传教育活动", "诚信教育进家庭", "街道教育活动", "走进教室", "教会老人用手机", "老年人健康管理覆盖率", "助残服务",
        "帮助残疾人", "关爱残疾家庭", "犬只免疫", "传染病防控宣传", "家传教材", "封建迷信", "Courtyard competition", "Repetition",
        "Health management of the aged", "The archive of the village", "Plant diseases reported", "Patient with elders",
    ],
)  # fmt: skip
def test_words_that_only_look_sensitive_are_let_pass(text: str) -> None:
    assert sensitive_in(text) == [], text


def _and_next_year(folder: Path, *changes: tuple[str, str]) -> Target:
    """The good town, whose book of the next year has these changes, and whose cases are all of the first year."""
    later = BOOK.read_text("utf-8").replace("reed-2024", "reed-2025").replace("2024-01-01", "2025-01-01")
    later = later.replace("2024-12-31", "2025-12-31")
    for old, new in changes:
        assert later.count(old) == 1, old
        later = later.replace(old, new)
    (folder / "rules.toml").write_text(BOOK.read_text("utf-8"), "utf-8")
    (folder / "later.toml").write_text(later, "utf-8")
    (folder / "cases.toml").write_text(CASES.read_text("utf-8"), "utf-8")
    return town_target(
        Town("reed", {"zh_CN": "芦苇镇", "en": "Reed"}, folder, ("rules.toml", "later.toml"), "cases.toml")
    )


def test_what_a_later_book_took_over_needs_no_second_case(tmp_path: Path) -> None:
    report = run(_and_next_year(tmp_path))
    assert report.good, [(each.check.code, each.returned) for each in report.failed]


def test_a_form_that_a_later_book_brings_in_needs_a_case_of_its_own(tmp_path: Path) -> None:
    report = run(_and_next_year(tmp_path, ("points = 3", 'ladder = [-3, -5]\nper = "year"')))
    assert codes(report) == {"C03"}, [(each.check.code, each.returned) for each in report.failed]
    assert "reed-2025" in report.failed[0].given
    assert "ladder" in report.failed[0].returned
