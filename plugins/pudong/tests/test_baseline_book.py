"""The baseline as rule books meet it: its samples, its words, and its refusals with file and line."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import jifen_pudong
import pytest
from jifen.model import Status, Subject
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen.words import LANGUAGES, read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

SUB_ITEMS = {
    "pudong.living-environment": {"营造和谐有序大家园", "争创美丽庭院星级户"},
    "pudong.property-management": {"农村物业管理"},
    "pudong.civic-customs": {"倡导节约文明扬新风", "弘扬孝老爱亲颂美德"},
    "pudong.law-and-rules": {"树立遵纪守规好观念", "遵守房屋出租讲规范", "参与文明养犬看行动"},
    "pudong.participation": {"优军优学示范强引领", "参与村级事务主动为"},
    "pudong.bottom-line": {"杜绝违法违规行为"},
    "pudong.key-tasks": {"为老服务", "拆违成果", "治理有效"},
    "pudong.deductions": {"违法用地", "环境污染", "重大负面舆情"},
}

BOOK = """\
name = "trial"
title = "试行细则"
valid_from = 2025-01-01
valid_to = 2025-12-31
status = "draft"
places = 1

[eligibility]
use = "pudong.three-presences"

[[categories]]
name = "pudong.bottom-line"
clause = "第一条"

[village]
use = "pudong.three-part"

[rewards]
use = "pudong.honours-and-exchange"

[rewards.encouragement]
household_at_most = 60

[[rewards.honours]]
code = "first"
name = "先进户"
clause = "第二条"
first = 10

[[rewards.exchanges]]
code = "shop"
name = "兑换"
clause = "第三条"
household_ceiling = 60

[[rewards.benefits]]
code = "gift"
name = "年终福利"

[[rewards.penalties]]
code = "suspend"
name = "建议暂缓"
items = ["E01"]
benefit = "gift"
charter_clause = "村规民约第九条"

[[grades]]
code = "good"
name = "良好"
above = 10

[[grades]]
code = "plain"
name = "一般"
"""


def registry() -> Registry:
    return Registry.of(
        *jifen_pudong.jifen_eligibility(),
        *jifen_pudong.jifen_categories(),
        *jifen_pudong.jifen_village_aggregations(),
        *jifen_pudong.jifen_reward_policies(),
    )


def refusal(folder: Path, text: str) -> str:
    """What is said of a book, with the folder left out."""
    file = folder / "rules.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(Refused) as caught:
        read_book(file, registry())
    return str(caught.value).replace(f"{folder}/", "")


def test_a_book_that_takes_the_samples_as_they_stand_can_be_tried_and_is_marked_as_sample(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(BOOK, "utf-8")
    book = read_book(file, registry())
    assert book.marked is Status.SAMPLE
    assert [item.code for item in book.items] == ["E01", "E02", "E03", "E04"]


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        (
            'charter_clause = "村规民约第九条"\n',
            "",
            "rules.toml:40: rewards.penalties[0] (suspend): 惩戒建议 suspend 没有村规民约条款；应写明 charter_clause，村规民约没有规定的不得提出",
        ),
        (
            "household_at_most = 60",
            "household_at_most = 50",
            "rules.toml:30: rewards.exchanges: 一户最多可兑换60元，超过细则自定的物质奖励限额50元；应降低兑换上限 household_ceiling",
        ),
        (
            "[rewards.encouragement]\nhousehold_at_most = 60\n",
            "",
            "rules.toml:28: rewards.exchanges: 有积分兑换，但没有写明物质奖励限额；应在 [rewards.encouragement] 中写明 household_at_most",
        ),
        (
            'name = "年终福利"',
            'name = "养老金"',
            "rules.toml:38: rewards.benefits[0] (gift).name: “养老金”涉及法律赋予的权益，不得作为惩戒内容；只能是村集体自行给予的普惠性福利",
        ),
        (
            'use = "pudong.three-presences"',
            'use = "pudong.three-presences"\nmin_pilot_groups = 1',
            "rules.toml:10: eligibility.min_pilot_groups: 试点组数不能少于2个，这里写的是1；可以多，不能少",
        ),
        (
            'use = "pudong.three-part"',
            'use = "pudong.three-part"\nstars = { full = 30, three = "3/2" }',
            'rules.toml:17: village.stars.three: “3/2”不是可用的比例；应写成 "1/3"、"5%" 或 "0.05"，不超过规定范围',
        ),
    ],
)
def test_what_the_baseline_refuses_is_told_with_file_and_line(
    tmp_path: Path, written: str, instead: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIFEN_LANG", raising=False)
    assert written in BOOK
    assert refusal(tmp_path, BOOK.replace(written, instead)) == said


def test_every_sub_item_of_the_notice_has_an_item_and_every_item_is_a_sample_with_its_clause_and_wish() -> None:
    found = {category.name: category for category in jifen_pudong.jifen_categories()}
    assert list(found) == list(SUB_ITEMS)
    for name, sub_items in SUB_ITEMS.items():
        items = found[name].items
        assert {item.clause.split("·")[-1].partition("（")[0] for item in items} == sub_items
        for item in items:
            assert item.status is Status.SAMPLE
            assert set(item.name) == set(item.note) == set(LANGUAGES)
            villages = name in ("pudong.key-tasks", "pudong.deductions")
            assert (item.subject is Subject.VILLAGE) is villages


def test_nothing_sensitive_is_in_the_samples() -> None:
    for category in jifen_pudong.jifen_categories():
        for item in category.items:
            for word in ("信访", "上访", "宗教", "信教", "戒毒", "矫正", "病", "残疾"):
                assert word not in "".join((*item.name.values(), *item.note.values())), item.code


def test_both_catalogues_say_everything_with_the_same_facts() -> None:
    said = {language: read_catalogue("jifen_pudong", language) for language in LANGUAGES}
    assert set(said["zh_CN"]) == set(said["en"])
    for key, words in said["zh_CN"].items():
        facts = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (words, said["en"][key])
        ]
        assert facts[0] == facts[1], key
