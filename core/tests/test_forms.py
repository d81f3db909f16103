"""Promises that every form in which villages write rules gives the points that a person works out by hand.

Each example is computed in its comment. Times and sums are those of the table at the end of docs/domain.md.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from jifen.model import (
    Base,
    BookCategory,
    Grade,
    Limit,
    Marks,
    Measure,
    Of,
    Partial,
    PutRight,
    Rate,
    SharedLimit,
    Step,
    Subject,
    Total,
    Veto,
    VetoEffect,
    Window,
)
from jifen.problems import Refused

from core.tests.scheme import OTHER, book, deed, item, points, settled, total

MONTH, QUARTER, YEAR = Window.MONTH, Window.QUARTER, Window.YEAR


D = Decimal
"""As short as a number, for the many numbers below."""


def per(window: Window, **bounds: Any) -> Limit:
    given: dict[str, Any] = {name: D(value) if isinstance(value, str) else value for name, value in bounds.items()}
    return Limit(per=window, **given)


def steps(*pairs: tuple[int, int]) -> tuple[Step, ...]:
    return tuple(Step(D(at), D(worth)) for at, worth in pairs)


def test_fixed_points_count_as_often_as_the_month_allows() -> None:
    # +12, at most 2 a month: March 12, 12, 0; April starts anew: 12. Together 36.
    rules = book(item(points=D(12), limits=(per(MONTH, times=2),)))
    done = settled(rules, deed("a", "03-01"), deed("b", "03-31"), deed("c", "03-31"), deed("d", "04-01"))
    assert points(done) == {"a": 12, "b": 12, "c": 0, "d": 12}
    assert total(done) == 36


def test_points_by_quantity_carry_the_remainder_within_the_window() -> None:
    # 4 hours = 1 point in the year: 3 h → 0; 3+6 = 9 h → 2 (2×4=8); 9+3.5 = 12.5 h → 3, so +1.
    rules = book(item(points=D(1), each=D(4), measure=Measure.QUANTITY, per=YEAR))
    done = settled(
        rules, deed("a", "01-05", quantity=3), deed("b", "02-05", quantity=6), deed("c", "12-31", quantity="3.5")
    )
    assert points(done) == {"a": 0, "b": 2, "c": 1}


def test_points_by_quantity_lose_the_remainder_where_each_deed_stands_alone() -> None:
    # 3 h → 0 and 6 h → 1 (4 of the 6); nothing is carried.
    rules = book(item(points=D(1), each=D(4), measure=Measure.QUANTITY))
    assert points(settled(rules, deed("a", "01-05", quantity=3), deed("b", "02-05", quantity=6))) == {"a": 0, "b": 1}


def test_a_yearly_ceiling_gives_what_still_fits() -> None:
    # 100 yuan = 1 point, at most 40 a year: 3,000 yuan → 30; 1,500 yuan → 15, of which 10 fit.
    rules = book(item(points=D(1), each=D(100), measure=Measure.QUANTITY, per=YEAR, limits=(per(YEAR, gives="40"),)))
    done = settled(rules, deed("a", "01-05", quantity=3000), deed("b", "02-05", quantity=1500))
    assert points(done) == {"a": 30, "b": 10}
    (cut,) = done.cuts.iter_rows(named=True)
    assert (cut["deed"], cut["bound"], cut["before"], cut["after"], cut["change"]) == ("b", "gives", 300, 450, -50)


def test_a_ceiling_that_gives_no_parts_drops_the_deed_that_straddles_it() -> None:
    # 30 fit under 40; 15 more would make 45: nothing of them; what comes after finds the limit used up.
    limit = Limit(per=YEAR, gives=D(40), partial=Partial.DROP)
    rules = book(item(points=D(1), each=D(1), measure=Measure.QUANTITY, per=YEAR, limits=(limit,)))
    done = settled(rules, *(deed(n, f"0{k}-05", quantity=q) for k, (n, q) in enumerate([("a", 30), ("b", 15)], 1)))
    assert points(done) == {"a": 30, "b": 0}


def test_a_proportional_schedule_is_rounded_once_half_up() -> None:
    # 1 point each 3 hours in parts of 0.1: 1 h → 0.333 → 0.3; 1.5 h in all → 0.5, so +0.2; 1.65 h → 0.55 → 0.6, so +0.1.
    rules = book(item(points=D(1), each=D(3), whole=False, measure=Measure.QUANTITY, per=YEAR))
    done = settled(
        rules, deed("a", "01-05", quantity=1), deed("b", "01-06", quantity="0.5"), deed("c", "01-07", quantity="0.15")
    )
    assert points(done) == {"a": D("0.3"), "b": D("0.2"), "c": D("0.1")}


def test_a_falling_rate_counts_each_bracket_at_its_own_rate() -> None:
    # First 2,000 yuan at 1 per 100, beyond at 1 per 200: 1,900 → 19; 2,500 in all → 20 + 500/200 (2) = 22, so +3.
    rates = (Rate(D(1), D(100), D(2000)), Rate(D(1), D(200)))
    rules = book(item(rates=rates, measure=Measure.QUANTITY, per=YEAR))
    done = settled(rules, deed("a", "01-05", quantity=1900), deed("b", "02-05", quantity=600))
    assert points(done) == {"a": 19, "b": 3}


def test_a_tier_replaces_the_one_before() -> None:
    # 10 h 2, 30 h 5, 100 h 20: 9 h → 0; 10 h → 2; 35 h → 5, so +3; 100 h → 20, so +15.
    rules = book(item(tiers=steps((10, 2), (30, 5), (100, 20)), measure=Measure.QUANTITY, per=YEAR))
    hours = [("a", 9), ("b", 1), ("c", 25), ("d", 65)]
    done = settled(rules, *(deed(name, f"0{n}-05", quantity=q) for n, (name, q) in enumerate(hours, 1)))
    assert points(done) == {"a": 0, "b": 2, "c": 3, "d": 15}


def test_a_ladder_repeats_its_last_step_and_starts_anew_with_the_window() -> None:
    # −8, −15, −20, −20 within 2025's first half; July begins a new half-year: −8.
    rules = book(item(ladder=(D(-8), D(-15), D(-20)), per=Window.HALF_YEAR))
    days = ["01-05", "02-05", "03-05", "06-30", "07-01"]
    done = settled(rules, *(deed(str(n), day) for n, day in enumerate(days)))
    assert list(points(done).values()) == [-8, -15, -20, -20, -8]


def test_cancelled_and_pending_deeds_do_not_advance_a_ladder() -> None:
    # Only a and d count: −8, then −15.
    rules = book(item(ladder=(D(-8), D(-15), D(-20)), per=YEAR))
    done = settled(
        rules,
        deed("a", "01-05"),
        deed("b", "01-06", status="cancelled"),
        deed("c", "01-07", status="pending"),
        deed("d", "01-08"),
    )
    assert points(done) == {"a": -8, "d": -15}
    assert dict(done.refused.select("deed", "reason").iter_rows()) == {"b": "deeds.cancelled", "c": "deeds.pending"}
    assert (done.rows.rows_in, done.rows.awarded, done.rows.refused, done.rows.cancelled) == (4, 2, 1, 1)


def test_deeds_of_one_day_stand_in_the_order_of_their_numbers() -> None:
    # Same day: d1 is the first (−8), d2 the second (−15), in whatever order the rows come.
    rules = book(item(ladder=(D(-8), D(-15)), per=YEAR))
    assert points(settled(rules, deed("d2", "01-05"), deed("d1", "01-05"))) == {"d1": -8, "d2": -15}


def test_a_graded_finding_gives_the_points_of_its_grade() -> None:
    grades = {"优": D(5), "良": D(3), "合格": D(1), "差": D(0)}
    rules = book(item(grades=grades, measure=Measure.GRADE))
    done = settled(rules, deed("a", "01-05", grade="良"), deed("b", "02-05", grade="差"))
    assert points(done) == {"a": 3, "b": 0}


def test_a_reading_gives_the_points_of_the_highest_band_it_reaches() -> None:
    # 80 % or more 3, 75 % or more 1, below 0; at most 4 a month: 80 → 3; 79.999 → 1; 82 → 3 cut to 0; 74.9 → 0.
    rules = book(item(bands=steps((80, 3), (75, 1)), measure=Measure.READING, limits=(per(MONTH, gives="4"),)))
    readings = [("a", "80"), ("b", "79.999"), ("c", "82"), ("d", "74.9")]
    done = settled(rules, *(deed(name, f"05-0{n}", quantity=q) for n, (name, q) in enumerate(readings, 1)))
    assert points(done) == {"a": 3, "b": 1, "c": 0, "d": 0}


def test_a_base_less_findings_is_never_below_zero_in_its_month() -> None:
    # 25 a month less 5 a place: January 2 places → 15; February 7 places → 25 − 35, bounded at 0; ten clean months 250.
    clean = item(
        base=Base(D(25), MONTH), points=D(-5), measure=Measure.QUANTITY, each=D(1), limits=(per(MONTH, floor="0"),)
    )
    done = settled(book(clean), deed("a", "01-09", quantity=2), deed("b", "02-09", quantity=7))
    assert total(done) == 15 + 0 + 250
    assert points(done)["b"] == -25


def test_a_base_score_is_given_to_everyone_who_takes_part() -> None:
    # 1,000 for the year before anything else; H2 did nothing and has it too.
    done = settled(book(item(base=Base(D(1000), YEAR))))
    assert total(done, "H1") == total(done, "H2") == 1000
    assert done.awards["kind"].to_list() == ["base", "base"]


def test_an_inspection_cell_takes_one_finding() -> None:
    # Six cells a year: 10 January fills January–February; 28 February finds it full; 1 March is the next cell.
    grades = {"合格": D(2), "不合格": D(0)}
    rules = book(item(grades=grades, measure=Measure.GRADE, limits=(per(Window.TWO_MONTHS, times=1),)))
    found = [("a", "01-10", "不合格"), ("b", "02-28", "合格"), ("c", "03-01", "合格")]
    done = settled(rules, *(deed(name, day, grade=grade) for name, day, grade in found))
    assert points(done) == {"a": 0, "b": 0, "c": 2}


def test_a_limit_per_member_leaves_the_other_members_theirs() -> None:
    # +1 a training, at most 2 a year for each member: 王 has 2 of 3, 李 has his 1.
    rules = book(item(points=D(1), limits=(Limit(per=YEAR, times=2, of=Of.MEMBER),)))
    who = [("a", "王芳"), ("b", "王芳"), ("c", "李明"), ("d", "王芳")]
    done = settled(rules, *(deed(name, f"0{n}-05", member=member) for n, (name, member) in enumerate(who, 1)))
    assert points(done) == {"a": 1, "b": 1, "c": 1, "d": 0}
    assert total(done) == 3


MENDING = (
    item("L", ladder=(D(-8), D(-15)), per=YEAR),
    item("P", put_right=PutRight(("L",), "1/2", 30)),
)


def test_half_of_a_deduction_comes_back_when_it_is_put_right_in_time() -> None:
    # −8 − 15 = −23; the second is mended on the last day of its 30: +7.5. Rounded half up it would stay 7.5. Total −15.5.
    done = settled(
        book(*MENDING), deed("a", "03-01", "L"), deed("b", "03-02", "L"), deed("c", "04-01", "P", refers="b")
    )
    assert points(done) == {"a": -8, "b": -15, "c": D("7.5")}
    assert total(done) == D("-15.5")


@pytest.mark.parametrize(
    ("mended", "refers", "subject", "reason"),
    [
        ("04-02", "b", "H1", "deeds.put-right-late"),
        ("03-10", "nobody", "H1", "deeds.put-right-nothing"),
        ("03-10", "b", "H2", "deeds.put-right-nothing"),
        ("03-10", "x", "H1", "deeds.put-right-nothing"),
        ("03-01", "b", "H1", "deeds.put-right-nothing"),
        ("03-20", "c", "H1", "deeds.put-right-nothing"),
    ],
)
def test_what_puts_nothing_right_is_refused_with_its_reason(
    mended: str, refers: str, subject: str, reason: str
) -> None:
    # b is of 2 March; x is cancelled; c is itself a mending; 31 days are one too many.
    done = settled(
        book(*MENDING),
        deed("b", "03-02", "L"),
        deed("x", "03-02", "L", status="cancelled"),
        deed("c", "03-05", "P", refers="b", status="rejected"),
        deed("z", mended, "P", refers=refers, subject=subject),
    )
    assert dict(done.refused.select("deed", "reason").iter_rows())["z"] == reason


def test_a_deduction_is_put_right_only_once() -> None:
    done = settled(
        book(*MENDING),
        deed("b", "03-02", "L"),
        deed("c", "03-05", "P", refers="b"),
        deed("d", "03-06", "P", refers="b"),
    )
    assert points(done) == {"b": -8, "c": 4}
    assert done.refused["reason"].to_list() == ["deeds.put-right-twice"]


def test_what_is_put_right_runs_in_the_same_sum_as_what_it_corrects() -> None:
    # At most 10 taken a month: −8, then −15 cut to −2. Half of 15 back in April lowers March's sum from 23 to 15.5: still
    # above 10, so nothing was taken that could come back.
    rules = book(*MENDING, categories=(BookCategory("test.all", limits=(per(MONTH, takes="10"),)),))
    done = settled(rules, deed("a", "03-01", "L"), deed("b", "03-20", "L"), deed("c", "04-01", "P", refers="b"))
    assert points(done) == {"a": -8, "b": -2, "c": 0}


GRADES = (Grade("five", {}, above=D(1060)), Grade("three", {}, at_least=D(990)), Grade("none", {}))


def veto_book(*effects: VetoEffect, **lifted: Any) -> Any:
    return book(
        item("B", base=Base(D(1000), YEAR)),
        item("V", veto=Veto(effects, **lifted)),
        item("P", put_right=PutRight(("V",), "1/1")),
        grades=GRADES,
    )


def test_a_veto_sets_the_total_to_zero_by_a_row_of_its_own() -> None:
    # 1,000 − 1,000 by the row veto:v; the sum of the rows is the total.
    done = settled(veto_book(VetoEffect.ZERO_TOTAL), deed("v", "05-01", "V"))
    assert total(done) == 0
    assert points(done)["veto:v"] == -1000
    assert done.standings.filter(household="H1")["veto"].item() == "v"


def test_a_veto_that_is_put_right_is_lifted_to_its_floor() -> None:
    # 1,000 is lifted to 600, and from there never to more than the household has: −400.
    done = settled(
        veto_book(VetoEffect.ZERO_TOTAL, lifted_total=D(600)),
        deed("v", "05-01", "V"),
        deed("w", "06-01", "P", refers="v"),
    )
    assert total(done) == 600


def test_a_veto_can_bar_from_honours_and_lower_the_grade_until_put_right() -> None:
    # Vetoed: lowest grade and barred. Mended: grade up to "three" again, honours open. H2 stands at 1,000: "three".
    rules = veto_book(VetoEffect.NO_HONOURS, VetoEffect.LOWEST_GRADE, lifted_grade="three")
    vetoed = settled(rules, deed("v", "05-01", "V")).standings.filter(household="H1")
    mended = settled(rules, deed("v", "05-01", "V"), deed("w", "06-01", "P", refers="v")).standings
    assert (vetoed["grade"].item(), vetoed["barred"].item()) == ("none", True)
    assert mended["grade"].to_list() == ["three", "three"]
    assert not mended["barred"].any()


def test_several_items_share_a_limit_and_what_still_fits_is_given() -> None:
    # Two kinds of help, together at most 1 point a month: 0.6, then 0.4 of 0.6, then nothing; February anew.
    help_, lend = item("A", points=D("0.6")), item("B", points=D("0.6"))
    rules = book(help_, lend, limits=(SharedLimit("help", ("A", "B"), MONTH, "第三条", gives=D(1)),))
    done = settled(
        rules, deed("a", "01-01", "A"), deed("b", "01-02", "B"), deed("c", "01-03", "A"), deed("d", "02-01", "B")
    )
    assert points(done) == {"a": D("0.6"), "b": D("0.4"), "c": 0, "d": D("0.6")}


def test_a_category_gives_and_takes_at_most_each_for_itself() -> None:
    # Given 30 + 30 → 40; taken 15 + 15 → 20: 20. A net sum of +30 would have been within both.
    good, bad = item("A", points=D(30)), item("B", points=D(-15))
    rules = book(good, bad, categories=(BookCategory("test.all", limits=(per(YEAR, gives="40", takes="20"),)),))
    done = settled(
        rules, deed("a", "01-01", "A"), deed("b", "01-02", "B"), deed("c", "01-03", "A"), deed("d", "01-04", "B")
    )
    assert points(done) == {"a": 30, "b": -15, "c": 10, "d": -5}


def test_the_total_is_never_negative_and_does_not_depend_on_order() -> None:
    # −30 then +50 ends at 20, as does +50 then −30: a limit is a function of the running sum.
    rules = book(item("A", points=D(50)), item("B", points=D(-30)), total=Total((per(YEAR, floor="0"),)))
    first = settled(rules, deed("a", "01-01", "B"), deed("b", "02-01", "A"))
    second = settled(rules, deed("a", "01-01", "A"), deed("b", "02-01", "B"))
    assert total(first) == total(second) == 20
    assert total(settled(rules, deed("a", "01-01", "B"))) == 0


def test_each_level_limits_what_the_level_below_left() -> None:
    # Item: 3 × 10 → 2 count (20). Category at most 15: 10, 5. Total at most 12: 10, 2.
    rules = book(
        item(points=D(10), limits=(per(YEAR, times=2),)),
        categories=(BookCategory("test.all", limits=(per(YEAR, gives="15"),)), BookCategory(OTHER)),
        total=Total((per(YEAR, ceiling="12"),)),
    )
    done = settled(rules, deed("a", "01-01"), deed("b", "02-01"), deed("c", "03-01"))
    assert points(done) == {"a": 10, "b": 2, "c": 0}
    assert done.cuts.select("deed", "level", "change").rows() == [
        ("b", "category", -50),
        ("b", "total", -30),
        ("c", "item", -100),
    ]


def test_grades_say_above_and_at_least() -> None:
    # Above 1,060 is not met by 1,060 itself; at least 990 is met by 990.
    rules = book(item("A", points=D(1060)), item("B", points=D(990)), grades=GRADES)
    done = settled(rules, deed("a", "01-01", "A", subject="H1"), deed("b", "01-01", "B", subject="H2"))
    assert done.standings["grade"].to_list() == ["three", "three"]
    more = settled(rules, deed("a", "01-01", "A"), deed("b", "01-01", "B"))
    assert more.standings.select("household", "grade", "rank").rows() == [("H1", "five", 1), ("H2", "none", 2)]


def test_ties_share_a_place() -> None:
    done = settled(book(item(points=D(5))), deed("a", "01-01"), deed("b", "01-01", subject="H2"))
    assert done.standings["rank"].to_list() == [1, 1]


def test_the_mean_of_several_reviewers_leaves_out_the_highest_and_the_lowest() -> None:
    # 9.0, 8.0, 7.5, 8.6, 2.0 without 9.0 and 2.0: 24.1 / 3 = 8.033… → 8.0, rounded once.
    rules = book(item(points=D(1), measure=Measure.MARKS, marks=Marks(3, 1)))
    done = settled(rules, deed("a", "01-01", marks=["9", "8", "7.5", "8.6", "2"]))
    assert points(done) == {"a": D("8.0")}


def test_an_item_that_two_approve_waits_for_the_second() -> None:
    rules = book(item(points=D(5), approvals=2))
    done = settled(
        rules,
        deed("a", "01-01", approved_by="张丽|赵强"),
        deed("b", "01-02", approved_by="张丽"),
        deed("c", "01-03", approved_by="张丽|张丽"),
    )
    assert points(done) == {"a": 5}
    assert done.refused["reason"].to_list() == ["deeds.approvals-missing"] * 2


def test_an_item_that_needs_evidence_waits_for_it() -> None:
    # Photo or scan, and a signed sheet besides.
    rules = book(item(points=D(5), evidence=("照片/扫码", "签到表")))
    done = settled(
        rules,
        deed("a", "01-01", evidence="签到表|照片"),
        deed("b", "01-02", evidence="照片"),
        deed("c", "01-03"),
    )
    assert points(done) == {"a": 5}
    assert done.refused["reason"].to_list() == ["deeds.evidence-missing"] * 2


def test_villages_are_scored_by_the_same_algebra() -> None:
    rules = book(item("K", points=D(3), subject=Subject.VILLAGE, limits=(per(QUARTER, times=1),)))
    done = settled(rules, deed("a", "01-05", "K", subject="V1"), deed("b", "02-05", "K", subject="V1"))
    assert points(done) == {"a": 3, "b": 0}
    assert done.category_points.filter(pl.col("subject") == "V1")["points"].item() == 30


def test_a_period_shorter_than_a_rule_s_window_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        settled(book(item(ladder=(D(-8),), per=YEAR)), period="2025-Q1")
    assert (
        str(refused.value)
        == "规则“A”按“year”累计，结算期 2025-Q1 会把它截断，只看这一段算不准；请换一个包含完整周期的结算期"
    )


def test_sums_that_leave_64_bits_are_refused_not_wrapped() -> None:
    huge: dict[str, Any] = {"quantity": 9 * 10**15}
    rules = book(item(points=D(1000), each=D("0.001"), measure=Measure.QUANTITY, per=YEAR))
    with pytest.raises(Refused, match="超出整数的精确范围"):
        settled(rules, deed("a", "01-01", **huge), deed("b", "01-02", **huge))


def test_of_two_vetoes_the_one_that_sets_the_total_has_the_row() -> None:
    # N bars from honours alone, V sets 1,000 to 0: the row stands behind V's deed, in V's category.
    rules = book(
        item("B", base=Base(D(1000), YEAR)),
        item("N", veto=Veto((VetoEffect.NO_HONOURS,))),
        item("V", category=OTHER, veto=Veto((VetoEffect.ZERO_TOTAL,))),
        grades=GRADES,
    )
    done = settled(rules, deed("n", "04-01", "N"), deed("v", "05-01", "V"))
    assert points(done) == {"base:B:H1:2025-01": 1000, "base:B:H2:2025-01": 1000, "n": 0, "v": 0, "veto:v": -1000}
    mine = done.category_points.filter(pl.col("subject") == "H1")
    assert dict(mine.select("category", "points").iter_rows()) == {"test.all": 10000, "test.other": -10000}


def test_the_veto_that_still_holds_is_the_one_that_is_named() -> None:
    rules = book(
        item("B", base=Base(D(1000), YEAR)),
        item("V", veto=Veto((VetoEffect.NO_HONOURS,))),
        item("P", put_right=PutRight(("V",), "1/1")),
    )
    done = settled(rules, deed("a", "04-01", "V"), deed("b", "05-01", "V"), deed("c", "06-01", "P", refers="a"))
    assert done.standings.filter(household="H1").select("veto", "barred").row(0) == ("b", True)
