"""The assessment of five invented towns over 2023, 2024 and 2025, worked by hand (R25, R26).

Sample points: a demonstration village missing on 2023-12-31 −3 (at most −12 a year); no village in the town on that day −5; each
village short of half of them on 2024-12-31 −1.5; each largely intact village missing on 2025-12-31 −1 (at most −12); a Shanghai
demonstration base +6, once; a national model case +10, once a year; both kinds together at most +15 a year.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from jifen_pudong.district.rollout import Target
from jifen_pudong.district.states import wanted_of

from plugins.pudong.tests.district_data import change, judged, points, put, write

if TYPE_CHECKING:
    from pathlib import Path

    from jifen_pudong.district.judging import Judged


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "district")


def state(found: Judged, town: str, target: str) -> dict[str, object]:
    (row,) = found.states.filter(pl.col("town") == town, pl.col("target") == target).to_dicts()
    return row


def test_before_the_first_date_every_target_is_open_and_nothing_is_scored(data: Path) -> None:
    found = judged(data, "2023-12-30")
    assert points(found) == {"A": 0, "B": 0, "C": 0, "D": 0, "E": 0}
    assert not found.states["due"].any()
    # A1 begins a day later: of the demonstration villages A1 and A2 one is still missing.
    assert state(found, "A", "2023-demonstration")["names"] == ["A1"]


def test_on_the_first_date_who_begins_that_day_is_in_time(data: Path) -> None:
    assert points(judged(data, "2023-12-31")) == {
        "A": 0,  # A1 begins on the day, A2 in June
        "B": -30,  # B1 begins on the day after: 1 × −3; B2 takes part, so one village does
        "C": -50,  # no demonstration village to miss, but no village takes part: −5
        "D": -170,  # six demonstration villages 6 × −3 = −18, limited to −12; and no village at all −5
        "E": 0,  # its one village pilots in two of five groups, which counts (R5)
    }


def test_half_of_seven_villages_are_four_and_the_day_counts(data: Path) -> None:
    before, day = judged(data, "2024-12-30"), judged(data, "2024-12-31")
    assert state(before, "A", "2024-half")["joined"] == 2
    assert (state(day, "A", "2024-half")["wanted"], state(day, "A", "2024-half")["joined"]) == (4, 4)
    assert points(before) == {"A": 60, "B": -30, "C": -50, "D": -170, "E": 100}
    assert points(day) == {
        "A": 60,  # A1 to A4 take part, two of them from this very day; a demonstration base in May +6
        "B": -45,  # B1, B2, B3: one short of four −1.5; the −3 of 2023 stays although B1 takes part by now
        "C": -50,  # C1 and C2, from this day: two of four are half
        "D": -260,  # six of twelve are missing 6 × −1.5 = −9
        "E": 100,  # a national case in March +10, a second in September gives nothing in the same year
    }


def test_at_the_end_of_2025_all_is_as_worked_by_hand(data: Path) -> None:
    found = judged(data, "2025-12-31")
    assert points(found) == {
        "A": 60,  # A1 and A3 take part; a second demonstration base gives nothing: +6 in all
        "B": -55,  # of the largely intact B1 and B5 the latter begins on the day after: −1
        "C": 90,  # C4 never began −1; a national case +10 and a base +6 in one year, limited to +15: −5 − 1 + 15
        "D": -380,  # twelve of twelve missing −12: −17 − 9 − 12
        "E": 200,  # and another national case in 2025: +10 + 10
    }
    assert found.assessment.select("town", "rank").rows() == [("E", 1), ("C", 2), ("A", 3), ("B", 4), ("D", 5)]


def test_what_was_missed_on_the_date_stays_when_it_is_made_up(data: Path) -> None:
    found = judged(data, "2026-01-01")
    missed = state(found, "B", "2025-intact")
    assert (missed["missing"], missed["missing_now"], missed["names"]) == (1, 0, ["B5"])
    assert points(found)["B"] == -55


def test_every_point_has_its_item_clause_and_reason(data: Path) -> None:
    found = judged(data, "2025-12-31")
    awards = found.towns.awards.filter(pl.col("subject") == "D")
    assert awards.select("deed", "item", "clause", "amount", "gross", "points").rows() == [
        ("2023-demonstration:D", "T01", "样张第二条第（一）项（R25）", 6000, -180, -120),
        ("2023-each-town:D", "T02", "样张第二条第（二）项（R25）", 1000, -50, -50),
        ("2024-half:D", "T03", "样张第二条第（三）项（R25）", 6000, -90, -90),
        ("2025-intact:D", "T04", "样张第二条第（四）项（R25）", 12000, -120, -120),
    ]
    assert found.towns.cuts.filter(pl.col("subject") == "D").select("deed", "limit", "change").rows() == [
        ("2023-demonstration:D", "T01#1", 60)
    ]
    assert found.towns.awards["points"].sum() == found.assessment["points"].sum()


def test_a_pilot_counts_only_where_the_district_says_so(data: Path) -> None:
    from jifen.document import package_folder

    text = (package_folder("jifen_pudong.district") / "rollout.toml").read_text("utf-8")
    (data / "rollout.toml").write_text(text.replace("count = true ", "count = false"), "utf-8")
    assert points(judged(data, "2023-12-31"))["E"] == -80  # its demonstration village −3, and no village at all −5


def test_a_village_may_be_written_by_its_name(data: Path) -> None:
    change(data, "参加情况", "E1,", "橘浦一村,")
    assert points(judged(data, "2025-12-31"))["E"] == 200


def test_a_town_of_one_village_is_not_asked_for_two(data: Path) -> None:
    from jifen.document import package_folder

    text = (package_folder("jifen_pudong.district") / "rollout.toml").read_text("utf-8")
    (data / "rollout.toml").write_text(text.replace("at_least = 1", "at_least = 2"), "utf-8")
    found = judged(data, "2023-12-31")
    assert state(found, "E", "2023-each-town")["wanted"] == 1
    assert state(found, "B", "2023-each-town")["missing"] == 1  # B2 alone of seven


def test_rows_in_another_order_change_nothing(data: Path) -> None:
    first = judged(data, "2025-12-31")
    for table in ("镇", "行政村", "参加情况", "示范典型"):
        head, *rows = (data / f"{table}.csv").read_text("utf-8").splitlines()
        put(data, table, head, *reversed(rows))
    again = judged(data, "2025-12-31")
    assert again.towns.awards.equals(first.towns.awards)
    assert again.states.equals(first.states)
    assert again.assessment.equals(first.assessment)


@pytest.mark.parametrize(
    ("share", "villages", "wanted"),
    [("50%", 7, 4), ("50%", 8, 4), ("50%", 1, 1), ("50%", 0, 0), ("1/3", 10, 4), ("0.29", 100, 29), ("100%", 9, 9)],
)
def test_a_share_is_reached_in_whole_villages(share: str, villages: int, wanted: int) -> None:
    # A count by binary fractions would go wrong somewhere: 0.29 × 100 is 28.999999999999996 there.
    target = Target("t", date(2024, 12, 31), {"zh_CN": "目标"}, "R25", "T03", share=share)
    assert wanted_of(target, villages) == wanted
