"""Promises of rules that change within a period: a deed falls under the rules of its day, and sums do as the book says (R16)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from jifen.checking import admit
from jifen.explain import explain_deed, explain_household
from jifen.inputs import Reading
from jifen.keeping import keep, read_settlement
from jifen.model import (
    AtChange,
    Base,
    BookCategory,
    Grade,
    Item,
    Limit,
    Measure,
    PutRight,
    RuleBook,
    SharedLimit,
    Status,
    Step,
    Total,
    Veto,
    VetoEffect,
    Window,
)
from jifen.offers import Pause
from jifen.period import Period
from jifen.problems import Refused
from jifen.succession import book_for, following

from core.tests import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.settlement import Settlement

FIRST: dict[str, Any] = {"name": "first", "valid_to": date(2025, 6, 30)}
SECOND: dict[str, Any] = {"name": "second", "valid_from": date(2025, 7, 1)}
YEAR = Window.YEAR


def two(before: tuple[Item, ...], after: tuple[Item, ...], **facts: Any) -> RuleBook:
    """Two books as one; `facts` are the second's."""
    return following([scheme.book(*before, **FIRST), scheme.book(*after, **{**SECOND, **facts})])


def clean_up(points: int, **facts: Any) -> Item:
    return scheme.item("A", points=Decimal(points), **facts)


def given(settlement: Settlement) -> dict[str, int]:
    return {deed: int(points) for deed, points in scheme.points(settlement).items()}


def why(*books: RuleBook, pauses: tuple[Pause, ...] = (), period: str = "2025") -> str:
    with pytest.raises(Refused) as refused:
        book_for(books, Period.parse(period), pauses)
    return str(refused.value)


def test_a_deed_falls_under_the_rules_of_its_day() -> None:
    rules = two((clean_up(2),), (clean_up(3),))
    settled = scheme.settled(rules, scheme.deed("d1", "06-30"), scheme.deed("d2", "07-01"))
    assert given(settled) == {"d1": 2, "d2": 3}


@pytest.mark.parametrize(
    ("at_change", "second"), [(None, 2), (AtChange.CARRY, 2), (AtChange.ANEW, 8)], ids=["unsaid", "carry", "anew"]
)
def test_a_limit_goes_on_counting_unless_the_new_book_begins_anew(at_change: AtChange | None, second: int) -> None:
    most = (Limit(YEAR, gives=Decimal(10)),)
    rules = two((clean_up(8, limits=most),), (clean_up(8, limits=most),), at_change=at_change)
    settled = scheme.settled(rules, scheme.deed("d1", "06-30"), scheme.deed("d2", "07-01"))
    assert given(settled) == {"d1": 8, "d2": second}


def test_what_the_rules_before_gave_is_never_taken_back_by_a_lower_limit() -> None:
    before, after = (Limit(YEAR, gives=Decimal(10)),), (Limit(YEAR, gives=Decimal(5)),)
    rules = two((clean_up(8, limits=before),), (clean_up(8, limits=after),))
    settled = scheme.settled(rules, scheme.deed("d1", "06-30"), scheme.deed("d2", "07-01"))
    assert given(settled) == {"d1": 8, "d2": 0}


@pytest.mark.parametrize(("at_change", "third"), [(AtChange.CARRY, -30), (AtChange.ANEW, -10)])
def test_a_ladder_is_climbed_on_unless_the_new_book_begins_anew(at_change: AtChange, third: int) -> None:
    before = scheme.item("A", ladder=(Decimal(-8), Decimal(-15), Decimal(-20)), per=YEAR)
    after = scheme.item("A", ladder=(Decimal(-10), Decimal(-20), Decimal(-30)), per=YEAR)
    rules = two((before,), (after,), at_change=at_change)
    deeds = [scheme.deed("d1", "05-01"), scheme.deed("d2", "06-01"), scheme.deed("d3", "07-01")]
    assert given(scheme.settled(rules, *deeds)) == {"d1": -8, "d2": -15, "d3": third}


def test_of_three_books_sums_go_back_to_the_last_that_began_anew() -> None:
    most = (Limit(YEAR, times=2),)
    books = [
        scheme.book(clean_up(1, limits=most), name=name, valid_from=first, valid_to=last, at_change=change)
        for name, first, last, change in (
            ("a", date(2025, 1, 1), date(2025, 3, 31), None),
            ("b", date(2025, 4, 1), date(2025, 8, 31), AtChange.ANEW),
            ("c", date(2025, 9, 1), date(2025, 12, 31), AtChange.CARRY),
        )
    ]
    days = ("01-05", "01-06", "01-07", "04-01", "09-01", "09-02")
    deeds = [scheme.deed(f"d{number}", day) for number, day in enumerate(days)]
    assert list(given(scheme.settled(following(books), *deeds)).values()) == [1, 1, 0, 1, 1, 0]


def test_shared_category_and_total_limits_go_on_counting_too() -> None:
    def book(**facts: Any) -> RuleBook:
        return scheme.book(
            scheme.item("A", points=Decimal(6)),
            scheme.item("B", points=Decimal(6)),
            scheme.item("C", points=Decimal(6), category=scheme.OTHER),
            limits=(SharedLimit("s", ("A", "B"), YEAR, "第二条", gives=Decimal(10)),),
            categories=(BookCategory(scheme.CATEGORY), BookCategory(scheme.OTHER, limits=(Limit(YEAR, times=1),))),
            total=Total((Limit(YEAR, ceiling=Decimal(14)),)),
            **facts,
        )

    rules = following([book(**FIRST), book(**SECOND)])
    deeds = [scheme.deed("d1", "06-01", "A"), scheme.deed("d2", "07-01", "B"), scheme.deed("d3", "08-01", "C")]
    settled = scheme.settled(rules, *deeds, scheme.deed("d4", "08-02", "C"))
    assert given(settled) == {"d1": 6, "d2": 4, "d3": 4, "d4": 0}
    told = explain_deed(settled, "d3")
    assert [cut.level for cut in told.cuts] == ["total"]  # type: ignore[union-attr]


def test_amounts_go_on_only_where_the_rule_still_counts_the_same_thing() -> None:
    tiers = (Step(Decimal(10), Decimal(2)), Step(Decimal(30), Decimal(5)))
    before = scheme.item("A", measure=Measure.QUANTITY, unit="小时", tiers=tiers, per=YEAR)
    for unit, points in (("小时", 3), ("次", 2)):
        after = scheme.item("A", measure=Measure.QUANTITY, unit=unit, tiers=tiers, per=YEAR)
        deeds = [scheme.deed("d1", "06-01", quantity=20), scheme.deed("d2", "07-01", quantity=20)]
        assert given(scheme.settled(two((before,), (after,)), *deeds)) == {"d1": 2, "d2": points}


def test_a_base_is_given_once_in_its_window_by_the_rules_of_its_first_day() -> None:
    rules = two((scheme.item("A", base=Base(Decimal(100), YEAR)),), (scheme.item("A", base=Base(Decimal(120), YEAR)),))
    assert scheme.total(scheme.settled(rules)) == 100
    monthly = two(
        (scheme.item("A", base=Base(Decimal(1), Window.MONTH)),),
        (scheme.item("A", base=Base(Decimal(2), Window.MONTH)),),
    )
    assert scheme.total(scheme.settled(monthly)) == 6 * 1 + 6 * 2


def test_a_base_that_is_new_is_given_from_the_first_day_of_its_rules() -> None:
    rules = two((clean_up(1),), (clean_up(1), scheme.item("B", base=Base(Decimal(100), YEAR))))
    settled = scheme.settled(rules)
    assert settled.awards["date"].unique().to_list() == [date(2025, 7, 1)]
    assert scheme.total(settled) == 100


def test_what_was_done_under_the_old_rules_is_put_right_under_the_new_ones() -> None:
    mend = scheme.item("P", put_right=PutRight(("A",), "1/2"))
    rules = two((clean_up(-8), mend), (clean_up(-20), mend))
    deeds = [scheme.deed("d1", "06-30"), scheme.deed("p1", "07-05", "P", refers="d1")]
    assert given(scheme.settled(rules, *deeds)) == {"d1": -8, "p1": 4}


def test_grades_and_what_else_is_decided_at_the_end_are_the_last_books() -> None:
    def grade(least: int) -> dict[str, Any]:
        return {"grades": (Grade("good", {"zh_CN": "好"}, at_least=Decimal(least)), Grade("none", {"zh_CN": "无"}))}

    banned = scheme.item("V", veto=Veto((VetoEffect.NO_HONOURS,)))
    rules = following(
        [scheme.book(clean_up(5), banned, **FIRST, **grade(5)), scheme.book(clean_up(5), **SECOND, **grade(9))]
    )
    settled = scheme.settled(rules, scheme.deed("d1", "06-01"), scheme.deed("d2", "06-02", "V"))
    mine = settled.standings.filter(pl.col("household") == "H1")
    assert mine["grade"].item() == "none"
    assert mine["barred"].item() is True


def test_a_category_that_the_new_rules_drop_keeps_its_points_and_its_limits() -> None:
    rules = following(
        [
            scheme.book(
                clean_up(8, category=scheme.OTHER),
                categories=(BookCategory(scheme.OTHER, limits=(Limit(YEAR, gives=Decimal(10)),)),),
                **FIRST,
            ),
            scheme.book(scheme.item("B", points=Decimal(1)), categories=(BookCategory(scheme.CATEGORY),), **SECOND),
        ]
    )
    settled = scheme.settled(
        rules, scheme.deed("d1", "06-01"), scheme.deed("d2", "06-02"), scheme.deed("d3", "07-02", "B")
    )
    assert given(settled) == {"d1": 8, "d2": 2, "d3": 1}
    account = explain_household(settled, "H1")
    assert [(share.category, share.points) for share in account.categories] == [
        (scheme.CATEGORY, Decimal(1)),
        (scheme.OTHER, Decimal(10)),
    ]


def test_a_point_is_explained_by_the_rule_that_gave_it() -> None:
    before = clean_up(8, clause="第一条", limits=(Limit(YEAR, gives=Decimal(10)),))
    after = clean_up(9, clause="第九条", limits=(Limit(YEAR, gives=Decimal(20)),))
    deeds = [
        scheme.deed("d1", "05-01"),
        scheme.deed("d2", "06-01"),
        scheme.deed("d3", "07-01"),
        scheme.deed("d4", "07-02"),
    ]
    settled = scheme.settled(two((before,), (after,)), *deeds)
    told = [explain_deed(settled, deed["deed"]) for deed in deeds]
    assert [(each.clause, each.points, [cut.limit.gives for cut in each.cuts]) for each in told] == [  # type: ignore[union-attr]
        ("第一条", 8, []),
        ("第一条", 2, [Decimal(10)]),
        ("第九条", 9, []),
        ("第九条", 1, [Decimal(20)]),
    ]


def test_a_code_that_only_the_other_rules_know_is_refused_with_the_row() -> None:
    rules = two((clean_up(1),), (clean_up(1), scheme.item("B", points=Decimal(1))))
    sheet = scheme.inputs([scheme.deed("d1", "06-30", "B"), scheme.deed("d2", "07-01", "B")])
    reading = Reading(frames={"villages": sheet.villages, "households": sheet.households, "deeds": sheet.deeds})
    found = admit(reading, rules, Period.parse("2025"), {})
    assert [(row.row, row.problems[0].code) for row in found.set_aside] == [(1, "checking.unknown-item")]


def test_days_between_two_books_count_for_nothing_and_must_be_announced() -> None:
    first, second = (
        scheme.book(clean_up(1), **FIRST),
        scheme.book(clean_up(1), name="late", valid_from=date(2025, 8, 1)),
    )
    assert "2025-07-01" in why(first, second)
    pause = Pause(date(2025, 7, 1), date(2025, 7, 31), "夏收夏种")
    rules = book_for([first, second], Period.parse("2025"), (pause,))
    with pytest.raises(Refused) as refused:
        scheme.settled(rules, scheme.deed("d1", "07-15"))
    assert [problem.code for problem in refused.value.problems] == ["settle.unknown-item"]
    assert given(scheme.settled(rules, scheme.deed("d1", "08-01"))) == {"d1": 1}


def test_a_record_of_a_day_without_rules_is_told_as_that_and_not_as_an_unknown_item() -> None:
    pause = Pause(date(2025, 7, 1), date(2025, 7, 31), "夏收夏种")
    late = scheme.book(clean_up(1), name="late", valid_from=date(2025, 8, 1))
    rules = book_for([scheme.book(clean_up(1), **FIRST), late], Period.parse("2025"), (pause,))
    sheet = scheme.inputs([scheme.deed("d1", "07-15"), scheme.deed("d2", "08-01")])
    reading = Reading(frames={"villages": sheet.villages, "households": sheet.households, "deeds": sheet.deeds})
    found = admit(reading, rules, Period.parse("2025"), {})
    assert [(row.row, [problem.code for problem in row.problems]) for row in found.set_aside] == [
        (1, ["checking.no-rules"])
    ]


def test_a_period_of_one_book_is_settled_by_that_book_itself() -> None:
    books = [scheme.book(clean_up(1), **FIRST), scheme.book(clean_up(1), **SECOND)]
    assert book_for(books, Period.parse("2025-H1")) is books[0]
    assert book_for(books, Period.parse("2025-Q3")) is books[1]
    assert book_for(books, Period.parse("2025")).earlier == (books[0],)


def test_a_period_without_rules_or_with_rules_for_a_part_only_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book = scheme.book(clean_up(1), **SECOND)
    assert why(book) == (
        "2025（2025-01-01 至 2025-12-31）从 2025-01-01 起有日子没有细则；现有：second 2025-07-01–2025-12-31；"
        "请结算细则有效期以内的时段，或在 town.toml 的 pauses 里写明空缺的日子和原因"
    )
    assert why(book, period="2026") == (
        "2026（2026-01-01 至 2026-12-31）没有有效的细则；现有：second 2025-07-01–2025-12-31"
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert why(book) == (
        "in 2025 (2025-01-01 to 2025-12-31) days from 2025-01-01 on have no rules; there are: second 2025-07-01–2025-12-31; "
        "settle a period within their dates, or write the days without rules, with the reason, under pauses in town.toml"
    )
    assert why(book, period="2026") == (
        "no rule book is in force for 2026 (2026-01-01 to 2026-12-31); there are: second 2025-07-01–2025-12-31"
    )


def test_books_that_cannot_be_settled_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    first = scheme.book(clean_up(1), **FIRST)
    finer = scheme.book(clean_up(1), places=2, **SECOND)
    assert why(first, finer) == (
        "first 和 second 在 2025-07-01 交替，两部的 places 不同，不能放在同一个时段里结算；请按 2025-07-01 以前和以后分段结算"
    )
    base = scheme.book(scheme.item("A", base=Base(Decimal(1), YEAR)), at_change=AtChange.ANEW, **SECOND)
    assert why(first, base) == (
        "A 的基础分算整个时段，second 却在时段中间（2025-07-01）从零起算；"
        '请把 at_change 改为 "carry"，或从时段的第一天起实行'
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert why(first, finer) == (
        "second takes the place of first on 2025-07-01 with other places, so one settlement cannot hold both; "
        "settle the time up to 2025-07-01 and from it by themselves"
    )
    assert why(first, base) == (
        "the base of A is for a whole window, but second begins windows anew in the middle of one (2025-07-01); "
        'write at_change = "carry", or let it begin on a window\'s first day'
    )


def test_everything_is_marked_as_a_sample_where_one_of_the_books_is(tmp_path: Path) -> None:
    sample = scheme.book(clean_up(1), status=Status.SAMPLE, **FIRST)
    rules = following([sample, scheme.book(clean_up(1), **SECOND)])
    assert rules.marked is Status.SAMPLE
    settled = scheme.settled(rules, scheme.deed("d1", "06-30"))
    manifest = keep(settled, scheme.inputs([]), tmp_path / "out", scheme.REGISTRY)
    assert [each["name"] for each in manifest["rules"]["earlier"]] == ["first"]
    kept = read_settlement(tmp_path / "out").settlement
    assert kept.book == rules
