"""Village assessment, trends and candidates, worked by hand from kept settlements (R26, R27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from jifen.document import package_folder
from jifen.problems import Refused
from jifen_pudong.district.telling import lines

from plugins.pudong.tests.district_data import change, judged, write
from plugins.pudong.tests.district_settlements import settled

if TYPE_CHECKING:
    from pathlib import Path

SCORES = {"A1": 30, "A2": 20, "A3": 20, "A4": 10}
HOMES = {"A1": 2, "A2": 1, "A3": 2, "A4": 0}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "district")


def refused(folder: Path, day: str = "2025-12-31") -> str:
    with pytest.raises(Refused) as caught:
        judged(folder, day)
    return str(caught.value)


def test_villages_are_assessed_by_their_place_and_their_households(data: Path) -> None:
    settled(data, "2025-Q1", SCORES, HOMES)
    found = judged(data, "2025-06-30")
    # Of four scores: 30 is not below 4 of 4 = 100% → 6; each 20 not below 3 = 75% → 4; 10 not below 1 = 25% → 2.
    # Households: 2 of 2 → 4, 1 of 2 = 50% → 1, 0 of 2 → 0.
    assert found.village_assessment.rows() == [
        ("A", "A1", 1, 100, 1),
        ("A", "A3", 1, 80, 2),
        ("A", "A2", 1, 50, 3),
        ("A", "A4", 1, 20, 4),
    ]
    told = [text for text, _ in lines(found.villages, found.village_places, "A2", {})]
    assert told == [
        "2025-03-31　村级得分在本镇的位次　加4分",
        "细则 V01，样张第四条第（一）项（R12至R14、R26）；记录 V01:2025-Q1:A2",
        "本次75%",
        "2025-03-31　参加户占在册户的比例　加1分",
        "细则 V02，样张第四条第（二）项（R1、R26）；记录 V02:2025-Q1:A2",
        "本次50%",
    ]


def test_villages_are_assessed_for_the_year_of_the_day(data: Path) -> None:
    settled(data, "2024-Q4", SCORES, HOMES)
    settled(data, "2025-Q1", SCORES, HOMES)
    settled(data, "2025-Q2", SCORES, HOMES)
    assert judged(data, "2024-12-31").village_assessment["periods"].to_list() == [1, 1, 1, 1]
    found = judged(data, "2025-06-30")
    assert found.village_assessment.filter(village="A1").select("periods", "points").rows() == [(2, 200)]


def test_a_settlement_counts_once_its_period_has_ended(data: Path) -> None:
    settled(data, "2025-Q1", SCORES, HOMES)
    before, after = judged(data, "2025-03-30"), judged(data, "2025-03-31")
    assert (before.later, before.points_trend.height) == (1, 0)
    assert (after.later, after.points_trend.height) == (0, 1)


def test_trends_count_villages_by_quarter_and_points_by_settlement(data: Path) -> None:
    settled(data, "2024-Q4", SCORES, HOMES, clean_ups=1)
    settled(data, "2025-Q1", SCORES, HOMES, clean_ups=2)
    found = judged(data, "2025-02-15")
    trend = found.joined_trend.filter(town="A").select("quarter", "joined").rows()
    # A2 begins in June 2023, A1 on the last day of 2023, A3 and A4 on the last of 2024; the quarter of the day is cut short.
    assert trend == [
        ("2023-Q2", 1), ("2023-Q3", 1), ("2023-Q4", 2), ("2024-Q1", 2), ("2024-Q2", 2), ("2024-Q3", 2), ("2024-Q4", 4),
        ("2025-Q1", 4),
    ]  # fmt: skip
    assert found.joined_trend["end"].max().isoformat() == "2025-02-15"  # type: ignore[union-attr]
    points = judged(data, "2025-03-31").points_trend
    # Five households join, each once at 3 points, then twice: a mean of 3 and of 6.
    assert points.select("period", "villages", "households", "participants", "mean").rows() == [
        ("2024-Q4", 4, 8, 5, 3000),
        ("2025-Q1", 4, 8, 5, 6000),
    ]


def criteria(data: Path) -> None:
    text = (package_folder("jifen_pudong.district") / "rollout.toml").read_text("utf-8")
    text = text.replace('villages = "60%"', 'villages = "4/7"').replace("quarters = 4", "quarters = 2")
    (data / "rollout.toml").write_text(text, "utf-8")


def test_a_candidate_meets_every_criterion_and_each_may_be_met_exactly(data: Path) -> None:
    criteria(data)
    settled(data, "2024-H2", SCORES, HOMES)
    found = judged(data, "2025-01-01")
    assert found.criteria.filter(town="A").select("criterion", "met", "have", "of").rows() == [
        ("villages", True, 4, 7),  # four of seven are asked for
        ("quarters", True, 2, None),  # the half-year covers two
        ("households", True, 5, 8),
        ("deductions", True, 0, None),
    ]
    assert found.assessment.filter("candidate")["town"].to_list() == ["A"]
    # A month before, A3 and A4 did not take part, and the half-year had not ended.
    assert judged(data, "2024-12-01").assessment.filter("candidate").height == 0


def test_a_town_that_lost_points_is_no_candidate(data: Path) -> None:
    criteria(data)
    settled(data, "2024-H2", SCORES, HOMES)
    change(data, "参加情况", "A1,2023-12-31", "A1,2024-01-01")
    found = judged(data, "2025-01-01")
    assert found.criteria.filter(town="A").filter(~pl.col("met")).select("criterion", "have").rows() == [
        ("deductions", 30)
    ]


def test_settlements_that_do_not_belong_are_refused_together(data: Path) -> None:
    settled(data, "2025-Q1", SCORES, HOMES)
    settled(data, "2025-H1", {"A1": 3}, HOMES)
    settled(data, "2025-Q3", SCORES, HOMES, town="甲镇")
    settled(data, "2025-Q4", {"B1": 1}, {"B1": 1}, town="A")
    told = refused(data)
    assert "settlements/A/2025-H1: 芦汀镇的这份结算与 settlements/A/2025-Q1 的结算期重叠" in told or (
        "settlements/A/2025-Q1: 芦汀镇的这份结算与 settlements/A/2025-H1 的结算期重叠" in told
    )
    assert "settlements/甲镇/2025-Q3: 这份结算的镇“甲镇”不在镇名册里" in told
    assert "settlements/A/2025-Q4: 这份结算里的村“B1”不是村名册上芦汀镇的村" in told


def test_a_settlement_that_was_changed_since_is_refused(data: Path) -> None:
    folder = settled(data, "2025-Q1", SCORES, HOMES)
    frame = pl.read_parquet(folder / "village_scores.parquet")
    frame.with_columns(points=pl.col("points") + 1).write_parquet(folder / "village_scores.parquet")
    assert "被改动过" in refused(data)


def test_a_town_may_be_settled_under_its_name(data: Path) -> None:
    settled(data, "2025-Q1", SCORES, HOMES, town="芦汀镇")
    assert judged(data, "2025-12-31").points_trend["town"].to_list() == ["A"]
