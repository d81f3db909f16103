from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from jifen.cases import check_town, run_cases
from jifen.offers import EligibilityRule
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.words import read_catalogue, say

from core.tests.good_book import REGISTRY, read
from core.tests.scheme import everybody

if TYPE_CHECKING:
    from pathlib import Path

    from core.tests.fakes import Site

# A01: 12 points, at most 4 times a month; B01: 4 hours a point in the year; B04: -8, -15, -20; V01: 0.5 for the village.
# B09 gives back half. B08 gives 25 a month: 300 a year, less what test.home lets through: +40 at most, -20 at most.
GOOD = """[[cases]]
name = "清洁日和志愿服务"
clause = "第三条"
deeds = [
  { item = "A01", date = 2025-03-01 },
  { item = "A01", date = 2025-03-02, evidence = [] },
  { item = "B01", date = 2025-03-03, quantity = 4.5 },
  { item = "志愿服务", date = 2025-03-04, quantity = 3.5, deed = "twice" },
  { item = "V01", date = 2025-03-04 },
]
expect = [
  { deed = "2", refused = "deeds.evidence-missing" },
  { deed = "5", points = 0.5 },
  { item = "B01", points = 0 },
]
total = 40
grade = "none"
"""


def problems(folder: Path, old: str = "", new: str = "", text: str = GOOD, registry: Registry = REGISTRY) -> list[str]:
    path = folder / "cases.toml"
    if old:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    found = run_cases([read(folder)], path, registry)
    return [str(problem).replace(f"{folder}/", "") for problem in found]


def test_cases_that_come_out_have_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


FAULTS = {
    "one wrong value": (
        ("total = 40", "total = 41"),
        ["cases.toml:16: cases[0] (清洁日和志愿服务).total: 应得 41 分，结算结果是 40 分；请核对算例和细则"],
        [
            (
                "cases.toml:16: cases[0] (清洁日和志愿服务).total: 41 points are expected but 40 come out; "
                "check the case and the rules"
            )
        ],
    ),
    "a wrong value of one deed": (
        ("points = 0.5", "points = 0.4"),
        [
            "cases.toml:13: cases[0] (清洁日和志愿服务).expect[1].points: 应得 0.4 分，结算结果是 0.5 分；请核对算例和细则"
        ],
        [
            (
                "cases.toml:13: cases[0] (清洁日和志愿服务).expect[1].points: 0.4 points are expected but 0.5 come out; "
                "check the case and the rules"
            )
        ],
    ),
    "a wrong grade": (
        ('grade = "none"', 'grade = "two"'),
        ["cases.toml:17: cases[0] (清洁日和志愿服务).grade: 应为等级 two，结算结果是 none；请核对算例和细则"],
        [
            (
                "cases.toml:17: cases[0] (清洁日和志愿服务).grade: the grade two is expected but none comes out; "
                "check the case and the rules"
            )
        ],
    ),
    "a wrong refusal": (
        ('refused = "deeds.evidence-missing"', 'refused = "deeds.pending"'),
        [
            (
                "cases.toml:12: cases[0] (清洁日和志愿服务).expect[0].refused: "
                "应因 deeds.pending 退回，结算结果是 deeds.evidence-missing；请核对算例和细则"
            )
        ],
        [
            (
                "cases.toml:12: cases[0] (清洁日和志愿服务).expect[0].refused: a refusal for deeds.pending is expected "
                "but deeds.evidence-missing comes out; check the case and the rules"
            )
        ],
    ),
    "a refusal that was not foreseen": (
        ('refused = "deeds.evidence-missing"', "points = 12"),
        [
            (
                "cases.toml:12: cases[0] (清洁日和志愿服务).expect[0].points: "
                "记录 2 被退回（deeds.evidence-missing），没有计分；请补上所缺的内容，或改写 refused"
            )
        ],
        [
            (
                "cases.toml:12: cases[0] (清洁日和志愿服务).expect[0].points: the deed 2 is refused "
                "(deeds.evidence-missing) and has no points; add what it lacks, or write refused"
            )
        ],
    ),
    "a deed that is not there": (
        ('{ deed = "5", points', '{ deed = "4", points'),
        [
            (
                "cases.toml:13: cases[0] (清洁日和志愿服务).expect[1].deed: "
                "算例里没有编号为 4 的记录；没写编号的记录按 1、2、3……编号"
            )
        ],
        [
            (
                "cases.toml:13: cases[0] (清洁日和志愿服务).expect[1].deed: "
                "the case has no deed 4; deeds without a number are 1, 2, 3 …"
            )
        ],
    ),
    "an expectation that says two things": (
        ('{ deed = "5", points', '{ deed = "5", item = "V01", points'),
        [
            (
                "cases.toml:13: cases[0] (清洁日和志愿服务).expect[1]: 这一条要写 deed（哪条记录）或 item（哪条规则）之一，"
                "再写 points（应得分）；记录应被退回的，改写 refused（原因代码）"
            )
        ],
        [
            (
                "cases.toml:13: cases[0] (清洁日和志愿服务).expect[1]: write deed (which record) or item (which rule), "
                "and points; for a record that must be turned away write refused (the code of the reason) instead"
            )
        ],
    ),
}


@pytest.mark.parametrize(("change", "chinese", "english"), FAULTS.values(), ids=FAULTS.keys())
def test_what_does_not_come_out_is_said_with_its_line(
    change: tuple[str, str], chinese: list[str], english: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problems(tmp_path, *change) == chinese
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert problems(tmp_path, *change) == english


def test_a_case_that_expects_nothing_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[[cases]]\nname = "空"\nclause = "第三条"\n'
    assert problems(tmp_path, text=text) == [
        "cases.toml:1: cases[0] (空): 这个算例没有写应得的结果；请写 expect、total 或 grade"
    ]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert problems(tmp_path, text=text) == [
        "cases.toml:1: cases[0] (空): this case does not say what must come out; write expect, total or grade"
    ]


def test_a_file_without_a_case_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(tmp_path, text="cases = []\n") == ["cases.toml:1: 一个算例也没有；请至少写一个 [[cases]]"]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert problems(tmp_path, text="cases = []\n") == ["cases.toml:1: there is no case; write at least one [[cases]]"]


def test_a_deed_that_cannot_be_settled_is_named_with_its_line(tmp_path: Path) -> None:
    found = problems(tmp_path, 'quantity = 3.5, deed = "twice"', "quantity = 3.5001")
    assert found[0].startswith("cases.toml:8: cases[0] (清洁日和志愿服务).deeds[3].quantity: 3.5001 太细")
    found = problems(tmp_path, '"志愿服务"', '"志愿"')
    assert found[0].startswith("cases.toml:8: cases[0] (清洁日和志愿服务).deeds[3].item: ")
    found = problems(tmp_path, "quantity = 4.5 ", "")
    assert found[0].startswith("cases.toml:7: cases[0] (清洁日和志愿服务).deeds[2].quantity: ")


def test_a_period_without_rules_is_told_at_the_case(tmp_path: Path) -> None:
    found = problems(tmp_path, "total = 40", "total = 40\nperiod = '2027'")
    assert found[0].startswith("cases.toml:1: cases[0] (清洁日和志愿服务): 2027（")


def test_a_key_that_is_not_there_is_refused_as_in_a_rule_book(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        problems(tmp_path, "total = 40", "totl = 40")
    assert str(refused.value).replace(f"{tmp_path}/", "") == (
        "cases.toml:16: cases[0] (清洁日和志愿服务).totl: 没有 totl 这一项；是不是想写 total？"
    )


def lived_in(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
    lives = pl.col("living") > 0
    reason = pl.when(~lives).then(pl.lit("deeds.pending"))
    return everybody(households, villages, options).with_columns(
        households.select(lives.alias("participates"), reason.alias("reason"))
    )


def test_the_total_of_a_household_that_takes_no_part_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry.of(
        EligibilityRule("test.everybody", {"zh_CN": "有人住"}, lived_in),
        *REGISTRY.categories,
        *REGISTRY.aggregations,
        *REGISTRY.reward_policies,
    )
    text = '[[cases]]\nname = "空户"\nclause = "第三条"\ntotal = 0\nhousehold = { living = 0 }\n'
    assert problems(tmp_path, "living = 0", "living = 1", text, registry) != []
    assert problems(tmp_path, text=text, registry=registry) == [
        f"cases.toml:1: cases[0] (空户): 这一户没有参加（{say('deeds.pending')}），没有总分；请改 household，或删去 total 和 grade"
    ]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert problems(tmp_path, text=text, registry=registry) == [
        (
            f"cases.toml:1: cases[0] (空户): the household does not take part ({say('deeds.pending')}) and has no total; "
            "change household, or delete total and grade"
        )
    ]


PLUGIN = """
    from jifen import Category, EligibilityRule, RewardPolicy, Town, VillageAggregation, hookimpl
    from jifen import frames
    from core.tests.scheme import everybody

    @hookimpl
    def jifen_eligibility():
        return [EligibilityRule("reed.everybody", {"zh_CN": "全体"}, everybody)]

    @hookimpl
    def jifen_categories():
        return [Category("reed.home", {"zh_CN": "家庭"})]

    @hookimpl
    def jifen_village_aggregations():
        return [VillageAggregation("reed.none", {"zh_CN": "无"}, lambda view, options: frames.VILLAGE_PARTS.empty())]

    @hookimpl
    def jifen_reward_policies():
        return [RewardPolicy("reed.none", {"zh_CN": "无"}, lambda view, options: frames.REWARDS.empty())]

    @hookimpl
    def jifen_towns():
        return [Town.of(__name__)]
"""

RULES = """
    name = "reed-2025"
    title = "芦苇镇细则"
    valid_from = 2025-01-01
    valid_to = 2025-12-31
    status = "draft"
    eligibility = { use = "reed.everybody" }
    village = { use = "reed.none" }
    rewards = { use = "reed.none" }
    categories = [{ name = "reed.home" }]
    items = [{ code = "A", category = "reed.home", name = "甲", clause = "第一条", points = 2 }]
"""

CASES = """
    [[cases]]
    name = "一次"
    clause = "第一条"
    deeds = [{ item = "A", date = 2025-05-01 }]
    total = 2
"""

MANIFEST = """
    name = "reed"
    title = "芦苇镇"
    api = 1
    rules = ["rules.toml"]
    cases = "cases.toml"
"""


def install(site: Site, **changed: str) -> None:
    files = {"rules.toml": RULES, "cases.toml": CASES, "town.toml": MANIFEST, **changed}
    site.add("jifen-town-reed", PLUGIN, entry="reed", files=files)


def test_a_town_is_tested_in_one_line(site: Site) -> None:
    install(site)
    check_town("reed")


def test_a_town_whose_case_does_not_come_out_fails_its_test(site: Site) -> None:
    install(site, **{"cases.toml": CASES.replace("total = 2", "total = 3")})
    with pytest.raises(Refused) as refused:
        check_town("reed")
    assert str(refused.value).endswith(
        "cases.toml:6: cases[0] (一次).total: 3 points are expected but 2 come out; check the case and the rules"
    )


def test_a_town_without_cases_fails_its_test(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, **{"town.toml": MANIFEST.replace('cases = "cases.toml"', "")})
    with pytest.raises(Refused) as refused:
        check_town("reed")
    assert str(refused.value) == 'reed has no worked cases; write cases = "cases.toml" in town.toml'
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    assert str(refused.value) == 'reed 没有算例文件；请在 town.toml 里写 cases = "cases.toml"'


def test_every_word_for_a_case_that_does_not_come_out_has_a_test() -> None:
    here = {
        "none",
        "no-expectation",
        "unclear",
        "no-deed",
        "wrong-points",
        "wrong-grade",
        "wrong-refusal",
        "was-refused",
    }
    elsewhere = {"no-file", "no-standing", "granted", "wrong-exchange"}  # below, and test_purses
    wanted = {key.removeprefix("cases.") for key in read_catalogue("jifen", "zh_CN") if key.startswith("cases.")}
    assert wanted == here | elsewhere
