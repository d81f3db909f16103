"""The district's page draws what it is given, in whole numbers, and refers to nothing outside."""

from __future__ import annotations

from datetime import date

from attrs import evolve
from jifen.model import Part, RuleBook, Status
from jifen_report.district import DistrictFacts, SettledPoint, TargetLine, TownFacts, page
from jifen_report.district_pictures import district_trend, means, one_place, progress, quarters

BOOK = RuleBook(
    name="district",
    title={"zh_CN": "区对镇考核办法"},
    valid_from=date(2023, 1, 1),
    valid_to=date(2026, 12, 31),
    status=Status.DRAFT,
    eligibility=Part("test.all"),
    village=Part("test.sum"),
    rewards=Part("test.none"),
    categories=(),
    items=(),
    places=1,
)

TOWN = TownFacts(
    name="芦汀<b>镇",
    rank=1,
    villages=8,
    joined=6,
    pilots=2,
    points=-15,
    given=60,
    taken=-75,
    last="缺1个村",
    following="已完成",
    last_wanted=7,
    missed=True,
    candidate=False,
    targets=(TargetLine("到期6个，缺1个：荻洲村", "missed"), TargetLine("已完成", "met")),
    reasons=(("到期没有参加　扣7.5分", 0), ("细则 T03", 1)),
    criteria=(("参加村占比75%", True), ("扣7.5分", False)),
    quarters=(("2024-Q4", 3), ("2025-Q1", 6)),
    settled=(SettledPoint("2024-Q4", 20_000, "2024-Q4 户均20.0分"), SettledPoint("2025-Q1", None, "2025-Q1 户均–分")),
    village_ranks=("1 荻洲村 30.0分",),
)


def test_a_bar_shows_who_takes_part_pilots_apart_and_the_mark() -> None:
    drawn = progress(8, 6, 2, 7, "甲镇")
    assert '<rect class="s0" width="50.00%"' in drawn
    assert '<rect class="pilot" x="50.00%" width="25.00%"' in drawn
    assert '<line class="goal" x1="87.50%"' in drawn
    assert "<title>甲镇：8个村中参加6个，其中试点2个</title>" in drawn
    assert "goal" not in progress(8, 6, 0, None, "甲镇")
    assert "NaN" not in progress(0, 0, 0, 0, "甲镇")


def test_columns_are_as_high_as_the_share_of_villages() -> None:
    drawn = quarters([("2024-Q4", 2), ("2025-Q1", 4)], 8, "甲镇")
    assert drawn.count('y="42" width="117" height="14"') == 1  # a quarter of 56
    assert drawn.count('y="28" width="117" height="28"') == 1  # a half of 56
    assert "2024-Q4 2，2025-Q1 4" in drawn
    assert quarters([], 8, "甲镇") == quarters([("2024-Q4", 0)], 0, "甲镇") == ""


def test_points_of_all_towns_have_one_scale() -> None:
    assert 'points="0,28 240,0"' in means([("2024-Q4", 20_000), ("2025-Q1", 40_000)], 40_000, "甲镇")
    assert 'points="0,42"' in means([("2024-Q4", 20_000)], 80_000, "甲镇")
    assert means([], 80_000, "甲镇") == ""


def test_dates_of_targets_stand_at_the_end_of_their_quarter() -> None:
    drawn = district_trend([("2024-Q4", 3), ("2025-Q1", 6)], 12, [("2024-Q4", "2024年12月31日到期")])
    assert drawn.count('class="goal"') == 1
    assert "2024年12月31日到期" in drawn


def test_points_are_rounded_half_up() -> None:
    assert [one_place(value) for value in (0, 49, 50, 12_349, 12_350)] == ["0", "0", "0.1", "12.3", "12.4"]


def test_the_page_escapes_what_it_is_given_and_tells_it_all() -> None:
    second = evolve(TOWN, name="桑洲镇", rank=2, points=0, given=0, taken=0, settled=(), reasons=(), last_wanted=None)
    text = page(DistrictFacts(BOOK, date(2025, 3, 31), (TOWN, second), (("2024-Q4", "到期"),), ("另有1份没有计入",)))
    assert "芦汀&lt;b&gt;镇" in text
    assert "<b>镇" not in text
    for words in (
        *(line.words for line in TOWN.targets),
        "细则 T03",
        "参加村占比75%",
        "1 荻洲村 30.0分",
        "另有1份没有计入",
    ):
        assert words in text
    assert "−1.5" in text
    assert "2024-Q4 户均20.0分" in text  # the latest settlement that has a mean
    assert "没有保存的结算" in text
    assert "http" not in text.replace("http-equiv", "")
    assert text == page(
        DistrictFacts(BOOK, date(2025, 3, 31), (TOWN, second), (("2024-Q4", "到期"),), ("另有1份没有计入",))
    )
