"""Explanations: every point with its rule, its running amount, what a limit cut and by whom it was approved (R22)."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from jifen.account_data import as_data
from jifen.account_words import in_words
from jifen.accounts import Point, Refusal
from jifen.commands import main
from jifen.explain import explain_deed, explain_household, explain_village
from jifen.keeping import Kept, keep
from jifen.model import (
    Base,
    BookCategory,
    Grade,
    Limit,
    Measure,
    Named,
    Of,
    PutRight,
    SharedLimit,
    Subject,
    Veto,
    VetoEffect,
)
from jifen.problems import Refused
from jifen.rules_kept import rules_as_json

from core.tests.scheme import CATEGORY, REGISTRY, Total, Window, book, deed, inputs, item, number, settled

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.settlement import Settlement

RULES = book(
    item("A", name={"zh_CN": "清洁日"}, points=number(12), limits=(Limit(Window.MONTH, times=2),)),
    item("B", name={"zh_CN": "散养"}, ladder=(number(-5), number("-7.5")), per=Window.YEAR),
    item("C", name={"zh_CN": "整改"}, put_right=PutRight(("B",), within_days=30)),
    item(
        "D",
        name={"zh_CN": "志愿"},
        measure=Measure.QUANTITY,
        unit="小时",
        points=number(1),
        each=number(4),
        per=Window.YEAR,
    ),
    item("E", name={"zh_CN": "帮忙"}, points=number("0.6")),
    item("F", name={"zh_CN": "培训"}, points=number(1), of=Of.MEMBER, per=Window.YEAR),
    item("G", name={"zh_CN": "整洁"}, base=Base(number(100), Window.YEAR)),
    item("V", name={"zh_CN": "违法"}, veto=Veto((VetoEffect.ZERO_TOTAL, VetoEffect.NO_HONOURS))),
    item("K", name={"zh_CN": "会议"}, points=number(3), subject=Subject.VILLAGE),
    limits=(SharedLimit("help", ("E",), Window.MONTH, "第五条", {"zh_CN": "互助"}, gives=number(1)),),
    total=Total((Limit(Window.YEAR, ceiling=number(150)),), "第九条"),
    categories=(BookCategory(CATEGORY, "第二条", {"zh_CN": "全部", "en": "everything"}),),
    grades=(Grade("good", {"zh_CN": "良好"}, above=number(100)),),
)
PEOPLE = {"recorded_by": "王芳", "approved_by": "李敏|赵静"}


def told(settlement: Settlement, account: object) -> list[str]:
    kept = Kept(settlement, inputs([]).villages, {}, rules_as_json(settlement)["words"])
    json.dumps(as_data(kept, account), default=str)
    return [text for text, _ in in_words(kept, account)]


def of_deed(name: str, *deeds: dict[str, Any]) -> list[str]:
    settlement = settled(RULES, *deeds)
    return told(settlement, explain_deed(settlement, name))[2:]


def test_a_point_names_the_day_the_deed_the_rule_and_the_people() -> None:
    assert of_deed("d1", deed("d1", "03-04", **PEOPLE)) == [
        "2025-03-04　清洁日　加12分",
        "细则 A，第一条；记录 d1",
        "登记：王芳；审核：李敏、赵静",
    ]


def test_a_limit_says_which_it_is_what_there_was_and_what_it_cut() -> None:
    deeds = [deed(f"d{day}", f"03-0{day}") for day in (1, 2, 3)]
    assert of_deed("d3", *deeds) == [
        "2025-03-03　清洁日　0分",
        "细则 A，第一条；记录 d3",
        "按细则应加12分",
        "上限：每月最多2次（第一条）；此前已用完，因此少加12分",
    ]


def test_a_shared_limit_and_the_total_have_their_own_clauses() -> None:
    assert of_deed("d2", deed("d1", "03-01", "E"), deed("d2", "03-02", "E"))[2:] == [
        "按细则应加0.6分",
        "上限：“互助”合计每月最多加1分（第五条）；此前已累计0.6分，因此少加0.2分",
    ]
    deeds = [deed(f"d{month}", f"0{month}-01") for month in range(1, 6)]
    assert of_deed("d5", *deeds)[-1] == "上限：每户总分每年合计不超过150分（第九条）；此前已累计148分，因此少加10分"


def test_a_ladder_says_the_how_manieth_time_it_was() -> None:
    assert of_deed("d2", deed("d1", "03-01", "B"), deed("d2", "04-01", "B"))[::2] == [
        "2025-04-01　散养　扣7.5分",
        "年内第2次",
    ]


def test_a_quantity_says_from_where_to_where_it_ran() -> None:
    deeds = (deed("d1", "03-01", "D", quantity="3.5"), deed("d2", "04-01", "D", quantity="5"))
    assert of_deed("d2", *deeds)[::2] == ["2025-04-01　志愿　加2分", "本次5小时，年内由3.5小时累计到8.5小时"]


def test_points_that_a_record_names_itself_are_told_with_its_reason_and_no_other_note_is() -> None:
    rules = book(item("N", measure=Measure.NAMED, named=Named(number(-9), number(9))), item("A", points=number(1)))
    reason = "救起落水儿童，村民代表会议评议"
    done = settled(
        rules, deed("n", "03-01", "N", quantity="8", note=reason), deed("a", "03-02", "A", note="张三家的电话在册")
    )
    assert told(done, explain_deed(done, "n"))[-1] == f"理由：{reason}"
    assert not any("电话" in line for line in told(done, explain_deed(done, "a")))
    assert done.awards["reason"].to_list() == [reason, None]


def test_a_member_is_named() -> None:
    assert of_deed("d1", deed("d1", "03-01", "F", member="王芳"))[2] == "成员 王芳；年内按每位成员分别第1次"


def test_what_was_put_right_says_so() -> None:
    deeds = (deed("d1", "03-01", "B"), deed("d2", "03-05", "C", refers="d1"))
    assert of_deed("d2", *deeds)[::2] == ["2025-03-05　整改　加2.5分", "已整改到位（对应扣分记录 d1），退回部分扣分"]


def test_a_deed_without_points_says_why() -> None:
    assert of_deed("d1", deed("d1", "03-01", status="pending")) == [
        "2025-03-01　清洁日　没有计分：还没有审核",
        "细则 A，第一条；记录 d1",
    ]


def test_a_household_s_points_add_up_to_its_total() -> None:
    deeds = [deed(f"d{day}", f"03-0{day}", code) for day, code in enumerate("AAABBDEE", 1) if code != "D"]
    account = explain_household(settled(RULES, *deeds), "H1")
    assert account.standing is not None
    assert sum(point.points for point in account.points) == account.standing.total == Decimal("112.5")
    assert sum(share.points for share in account.categories) == account.standing.total
    for point in account.points:
        assert point.gross + sum(cut.change for cut in point.cuts) == point.points


def test_a_household_is_told_its_ground_its_standing_and_its_base() -> None:
    settlement = settled(RULES, deed("d1", "03-01"))
    text = told(settlement, explain_household(settlement, "H1"))
    assert text[1] == "户号 H1（荷塘村）"
    assert text[3] == "积分 112分（加 112分，扣 0分），良好，本村 2 户中第 1 名"
    assert text[5:9] == ["全部：112分", "2025-01-01　整洁　加100分", "细则 G，第一条", "参加即有的基础分"]


def test_a_veto_is_named_with_its_deed() -> None:
    settlement = settled(RULES, deed("d1", "03-01"), deed("d2", "04-01", "V"))
    account = explain_household(settlement, "H1")
    text = told(settlement, account)
    assert "受一票否决，本期不参加评优，见记录 d2" in text
    assert "一票否决带来的扣减" in text
    assert sum(point.points for point in account.points) == 0


def test_a_village_is_told_its_score_and_its_own_deeds() -> None:
    settlement = settled(RULES, deed("d1", "03-01", "K", subject="V1"))
    text = told(settlement, explain_village(settlement, "V1"))
    assert text[1] == "荷塘村（V1）：0分，全镇 1 个村中第 1 名；在册 2 户，参加 2 户"
    assert "2025-03-01　会议　加3分" in text


def test_what_is_not_in_the_settlement_is_refused() -> None:
    settlement = settled(RULES, deed("d1", "03-01"))
    for explain, code in (
        (explain_household, "explain.unknown-household"),
        (explain_deed, "explain.unknown-deed"),
        (explain_village, "explain.unknown-village"),
    ):
        with pytest.raises(Refused) as refused:
            explain(settlement, "X")
        assert [problem.code for problem in refused.value.problems] == [code]


def test_coded_columns_explain_like_text() -> None:
    settlement = settled(RULES, deed("d1", "03-01"))
    for name in ("awards", "cuts", "refused", "standings"):
        frame = getattr(settlement, name)
        coded = frame.with_columns(pl.col(pl.String).cast(pl.Categorical))
        object.__setattr__(settlement, name, coded)
    assert isinstance(explain_deed(settlement, "d1"), Point)


def test_both_outcomes_are_data() -> None:
    settlement = settled(RULES, deed("d1", "03-01"), deed("d2", "03-02", status="cancelled"))
    assert isinstance(explain_deed(settlement, "d1"), Point)
    assert isinstance(explain_deed(settlement, "d2"), Refusal)


def test_a_household_in_memory_is_explained_within_five_milliseconds() -> None:
    settlement = settled(RULES, *[deed(f"d{day}", f"03-{day:02}") for day in range(1, 29)])
    explain_household(settlement, "H1")
    spent = []
    for _ in range(20):
        start = time.perf_counter()
        explain_household(settlement, "H1")
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.005


def test_the_command_explains_from_the_folder_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settlement = settled(RULES, deed("d1", "03-01"), deed("d2", "03-02", "K", subject="V1"))
    keep(settlement, inputs([]), tmp_path / "out", REGISTRY)
    for option, code in (("--household", "H1"), ("--deed", "d1"), ("--village", "V1")):
        assert main(["explain", str(tmp_path / "out"), option, code]) == 0
        assert capsys.readouterr().out.startswith("依据：试验，2025 结算\n")
        assert main(["explain", str(tmp_path / "out"), option, code, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["period"] == "2025"
    assert main(["explain", str(tmp_path / "out"), "--deed", "d9"]) == 1


def test_a_veto_says_what_it_does_where_the_deed_stands() -> None:
    assert of_deed("d1", deed("d1", "01-30", "V"))[2] == "一票否决：本期总分记为0分，本期不参加评优"
