"""What to look at when rules are revised: counted from the settlement alone, by definitions that are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.commands.rules_coverage import limit_words
from jifen.model import BookCategory, Limit, Measure, PutRight, Ranking, Total, Veto, VetoEffect, Window
from jifen.usage_of_rules import Look, limits_of, usage

from core.tests.scheme import CATEGORY, OTHER, Grade, SharedLimit, book, deed, item, number, settled

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.usage_of_rules import Usage

TWICE = Limit(Window.YEAR, times=2)


def used(rules: RuleBook, *deeds: dict[str, object]) -> Usage:
    return usage(settled(rules, *deeds))


def codes(found: Usage, look: Look) -> list[str]:
    rows = found.rows(look)
    name = next(each for each in ("limit", "grade", "item") if each in rows.columns)
    return rows[name].to_list()


def test_an_item_without_a_record_is_unused_and_one_whose_records_do_not_count_is_told_apart() -> None:
    rules = book(item(points=number(1)), item("B", points=number(1)), item("C", points=number(1), approvals=2))
    found = used(rules, deed("D1", "02-01"), deed("D2", "02-01", "C"), deed("D3", "02-02", "B", status="cancelled"))
    assert codes(found, Look.UNUSED) == ["B"]
    assert codes(found, Look.NOTHING_COUNTED) == ["C"]
    assert found.items.select("item", "recorded", "counted", "subjects", "of").rows() == [
        ("A", 1, 1, 1, 2),
        ("B", 0, 0, 0, 2),
        ("C", 1, 0, 0, 2),
    ]


def test_an_item_that_gives_nothing_is_told_but_not_a_veto_or_what_lifts_it() -> None:
    rules = book(
        item(points=number(1), limits=(Limit(Window.YEAR, times=1),)),
        item("G", measure=Measure.GRADE, grades={"差": number(0), "优": number(3)}),
        item("V", veto=Veto((VetoEffect.NO_HONOURS,))),
        item("R", put_right=PutRight(("V",))),
    )
    deeds = [deed("D1", "02-01", "V"), deed("D2", "02-02", "R", refers="D1"), deed("D3", "02-03", "G", grade="差")]
    assert codes(used(rules, *deeds), Look.WORTHLESS) == ["G"]


def test_a_limit_that_cuts_half_of_those_it_concerns_hits_most_and_one_that_cuts_nobody_never_binds() -> None:
    rules = book(
        item(points=number(3), limits=(TWICE,)),
        item("B", points=number(1), limits=(Limit(Window.YEAR, gives=number(50)),)),
        item("C", points=number(1), limits=(TWICE,)),
        limits=(SharedLimit("both", ("A", "B"), Window.YEAR, "第二条", gives=number(100)),),
        categories=(BookCategory(CATEGORY, limits=(Limit(Window.YEAR, ceiling=number(200)),)), BookCategory(OTHER)),
        total=Total((Limit(Window.YEAR, floor=number(0)),)),
    )
    deeds = [deed(f"D{day}", f"02-0{day}") for day in (1, 2, 3)]
    found = used(rules, *deeds, deed("D8", "02-01", subject="H2"), deed("D9", "02-01", "B"))
    assert found.rows(Look.HITS_MOST).rows() == [("item", "A#1", 2, 1, 1, -30)]
    assert codes(found, Look.NEVER_BINDS) == [f"{CATEGORY}#1", "both", "total#1", "B#1"]
    assert ("item", "C#1", 0, 0, 0, 0) in found.limits.rows()


def test_every_limit_of_a_book_has_words() -> None:
    rules = book(
        item(points=number(1), inspect=Window.MONTH, limits=(TWICE,)),
        item("B", points=number(1)),
        limits=(SharedLimit("both", ("A", "B"), Window.YEAR, "第二条", gives=number(9)),),
        categories=(BookCategory(CATEGORY, title={"zh_CN": "环境"}, limits=(TWICE,)), BookCategory(OTHER)),
        total=Total((Limit(Window.YEAR, floor=number(0)),)),
    )
    told = [limit_words(rules, level, code, limit) for level, code, _, limit in limits_of(rules)]
    assert told == [
        "A（A）：每年最多2次",
        "A（A）：每月最多1次",
        "“A”、“B”合计每年最多加9分",
        "环境：每年最多2次",
        "每户总分：每年合计不低于0分",
    ]


def test_grades_that_nobody_and_that_everybody_reaches_are_told() -> None:
    grades = (
        Grade("high", {"zh_CN": "甲"}, at_least=number(20)),
        Grade("low", {"zh_CN": "乙"}, at_least=number(1)),
        Grade("rest", {"zh_CN": "丙"}),
    )
    rules = book(item(points=number(5)), grades=grades)
    found = used(rules, deed("D1", "02-01"), deed("D2", "02-01", subject="H2"))
    assert codes(found, Look.NOBODY) == ["high", "rest"]
    assert codes(found, Look.EVERYBODY) == ["low"]


def test_an_item_decides_places_when_they_would_be_others_without_its_points() -> None:
    rules = book(item(points=number(5)), item("B", points=number(3)), item("C", points=number(1)))
    found = used(rules, deed("D1", "02-01"), deed("D2", "02-01", "B", subject="H2"), deed("D3", "02-02", "C"))
    # H1 has 6 and H2 has 3 points; without A they have 1 and 3, so both change places; nothing else moves anybody.
    assert found.rows(Look.DECIDES).select("item", "places", "shift").rows() == [("A", 2, 2)]


def test_what_tells_ties_apart_decides_places_as_well() -> None:
    rules = book(item(points=number(2)), item("B", category=OTHER, points=number(2)), ranking=Ranking((OTHER,)))
    found = used(rules, deed("D1", "02-01"), deed("D2", "02-01", "B", subject="H2"))
    # Both have 2 points, and H2 stands first by the category OTHER. Without A H1 has less and stays where it is.
    assert found.rows(Look.DECIDES).select("item", "places").rows() == [("B", 2)]


def test_nobody_takes_part_and_nothing_is_divided_by_zero() -> None:
    found = used(book(item(points=number(1)), limits=(), grades=(Grade("rest", {"zh_CN": "丙"}),)))
    assert codes(found, Look.HITS_MOST) == codes(found, Look.NEVER_BINDS) == codes(found, Look.DECIDES) == []
    assert codes(found, Look.UNUSED) == ["A"]
