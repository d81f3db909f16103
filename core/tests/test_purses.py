"""Purses and exchange: accounts that add up, resets, and requests that are granted or refused for the first reason."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen import frames
from jifen.cases import run_cases
from jifen.flow import settle
from jifen.goods import Counts, Good, Needs, Purse, Shop, StockOf
from jifen.inputs import Inputs, Reading
from jifen.model import RuleBook
from jifen.offers import Offer
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen.settlement import Settlement

from core.tests.good_book import REGISTRY as OFFERS
from core.tests.good_book import TEXT
from core.tests.scheme import REGISTRY, book, deed, inputs, item

SOAP = Good("soap", {"zh_CN": "香皂"}, Decimal(5), yuan=Decimal("4.5"))
SPEND = Purse("spend", {"zh_CN": "兑换积分"}, "第十条", resets="07-01")
HONOUR = Purse("honour", {"zh_CN": "荣誉积分"}, "第十条", counts=Counts.GIVEN)


def rules(good: Good = SOAP, *, resets: str | None = None, **terms: Any) -> RuleBook:
    items = (item("A", points=Decimal(1)), item("B", points=Decimal(-3)), item("G", points=Decimal(10)))
    shop = Shop("spend", "第十一条", (good,), **terms)
    return book(*items, places=0, purses=(evolve(SPEND, resets=resets), HONOUR), shop=shop)


def asked(number: str, day: str, *, household: str = "H1", pieces: int = 1, **facts: Any) -> dict[str, Any]:
    on = date.fromisoformat(f"2025-{day}")
    same = {"request": number, "village": "V1", "household": household, "good": "soap", "date": on, "pieces": pieces}
    return {**same, "status": "requested", **facts}


def settled(
    rules: RuleBook, deeds: list[dict[str, Any]], *requests: dict[str, Any], period: str = "2025", **changed: Any
) -> Settlement:
    given = evolve(inputs(deeds), requests=frames.REQUESTS.make(requests), **changed)
    return settle(rules, REGISTRY, given, Period.parse(period))


def outcomes(settlement: Settlement) -> list[tuple[str, str | None]]:
    return settlement.exchanges.select("request", "reason").rows()


def balances(settlement: Settlement, purse: str, household: str = "H1") -> list[tuple[str, int, int]]:
    mine = (pl.col("purse") == purse) & (pl.col("household") == household)
    return settlement.purse_entries.filter(mine).select("kind", "change", "balance").rows()


TEN = [deed("a", "03-01", "G")]


def test_what_was_earned_that_day_can_be_spent_that_day_and_the_balance_may_be_met_exactly() -> None:
    done = settled(rules(), TEN, asked("r", "03-01", pieces=2))
    assert outcomes(done) == [("r", None)]
    assert balances(done, "spend") == [("award", 10, 10), ("exchange", -10, 0)]
    assert done.exchanges.select("points", "money").rows() == [(10, 900)]


def test_one_point_too_few_is_refused_and_changes_nothing() -> None:
    done = settled(rules(), [*TEN, deed("b", "03-02", "A")], asked("r", "03-02", pieces=3))
    assert outcomes(done) == [("r", "exchange.too-few-points")]
    assert balances(done, "spend")[-1][2] == 11


def test_a_deduction_brings_the_balance_below_zero_and_leaves_honour_alone() -> None:
    done = settled(rules(), [deed("a", "03-01", "A"), deed("b", "03-02", "B")])
    assert balances(done, "spend") == [("award", 1, 1), ("award", -3, -2)]
    assert balances(done, "honour") == [("award", 1, 1)]


@pytest.mark.parametrize(("last", "change"), [("A", -1), ("B", 3)])
def test_a_reset_sets_to_zero_from_either_side_before_all_else_of_its_day(last: str, change: int) -> None:
    done = settled(rules(resets="07-01"), [deed("a", "06-30", last), deed("b", "07-01", "A")])
    assert balances(done, "spend")[1:] == [("reset", change, 0), ("award", 1, 1)]
    assert ("reset", change, 0) not in balances(done, "honour")


def test_what_was_there_before_goes_in_first_and_is_reset_with_the_rest() -> None:
    before = frames.OPENINGS.make([{"purse": "spend", "household": "H1", "balance": 40}])
    done = settled(rules(resets="01-01"), TEN, openings=before)
    assert balances(done, "spend") == [("opening", 40, 40), ("reset", -40, 0), ("award", 10, 10)]
    kept = settled(rules(), TEN, openings=before)
    assert balances(kept, "spend")[-1] == ("award", 10, 50)


def test_a_reset_on_29_february_falls_on_1_march_of_other_years() -> None:
    done = settled(rules(resets="02-29"), [deed("a", "02-28", "A"), deed("b", "03-01", "A")])
    assert [kind for kind, _, _ in balances(done, "spend")] == ["award", "reset", "award"]


REFUSALS: dict[str, tuple[RuleBook, list[dict[str, Any]], str]] = {
    "another day": (rules(days=(5, 25)), [asked("r", "03-06")], "exchange.not-that-day"),
    "another village": (rules(evolve(SOAP, villages=("V2",))), [asked("r", "03-06")], "exchange.other-village"),
    "another kind": (rules(evolve(SOAP, kinds=("elderly",))), [asked("r", "03-06")], "exchange.other-kind"),
    "honour first": (
        rules(evolve(SOAP, needs=Needs("honour", Decimal(11)))),
        [asked("r", "03-06")],
        "exchange.needs-other-purse",
    ),
    # H1 has 10 points for two people: 5 a head are not more than 5
    "too few a head": (rules(above_a_head=Decimal(5)), [asked("r", "03-06")], "exchange.too-few-a-head"),
    "more than one may have": (rules(evolve(SOAP, most=1)), [asked("r", "03-06", pieces=2)], "exchange.had-enough"),
    "sold out": (rules(evolve(SOAP, stock=1)), [asked("r", "03-06", pieces=2)], "exchange.sold-out"),
    "withdrawn": (rules(), [asked("r", "03-06", status="cancelled")], "exchange.cancelled"),
}


@pytest.mark.parametrize(("book", "requests", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_request_is_refused_for_its_reason(book: RuleBook, requests: list[dict[str, Any]], reason: str) -> None:
    done = settled(book, TEN, *requests)
    assert outcomes(done) == [("r", reason)]
    assert balances(done, "spend") == [("award", 10, 10)]


def test_conditions_that_are_just_met_are_met() -> None:
    free = rules(
        evolve(SOAP, villages=("V1",), needs=Needs("honour", Decimal(10)), most=2, stock=2),
        days=(6,),
        above_a_head=Decimal(4),
        voucher_days=7,
    )
    done = settled(free, TEN, asked("r", "03-06", pieces=2))
    assert outcomes(done) == [("r", None)]
    assert done.exchanges["until"].to_list() == [date(2025, 3, 12)]  # the day of the exchange is the first of seven


def test_a_stock_is_used_up_by_day_and_number_and_for_each_village_where_the_book_says_so() -> None:
    two = [deed("a", "03-01", "G"), deed("b", "03-01", "G", subject="H2")]
    late, early = asked("r2", "03-07"), asked("r1", "03-07", household="H2")
    done = settled(rules(evolve(SOAP, stock=1, stock_of=StockOf.VILLAGE)), two, late, early)
    assert outcomes(done) == [("r1", None), ("r2", "exchange.sold-out")]


def test_a_household_without_points_is_refused() -> None:
    done = settled(rules(), TEN, asked("r", "03-06", household="H2"))
    assert outcomes(done) == [("r", "exchange.too-few-points")]


def test_a_request_for_what_is_not_there_settles_nothing() -> None:
    wrong = [asked("a", "03-06", good="gold"), asked("b", "03-06", household="H9"), asked("c", "03-06", pieces=0)]
    with pytest.raises(Refused) as refused:
        settled(rules(), TEN, *wrong, asked("d", "03-06", date=date(2026, 1, 1)))
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["settle.unknown-good", "settle.request-of-nobody", "settle.request-outside", "settle.no-pieces"]


def plain(
    resets: str | None, deeds: list[tuple[date, int]], requests: list[tuple[date, int]], start: date, end: date
) -> tuple[list[bool], int]:
    """Day by day with a pencil: a reset, what was earned, then the requests in order; what is left at the end."""
    balance, granted, day = 0, [], start
    while day <= end:
        if resets is not None and f"{day:%m-%d}" == resets:
            balance = 0
        balance += sum(points for on, points in deeds if on == day)
        for _, price in (each for each in requests if each[0] == day):
            granted.append(balance >= price)
            balance -= price if granted[-1] else 0
        day += timedelta(days=1)
    return granted, balance


DAYS = st.integers(0, 364).map(lambda day: date(2025, 1, 1) + timedelta(days=day))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([None, "01-01", "01-10", "06-30", "12-31"]),
    st.lists(st.tuples(DAYS, st.sampled_from(["A", "B", "G"])), max_size=20),
    st.lists(st.tuples(DAYS, st.integers(1, 3)), max_size=8),
)
def test_accounts_agree_with_a_pencil(
    resets: str | None, deeds: list[tuple[date, str]], requests: list[tuple[date, int]]
) -> None:
    worth = {"A": 1, "B": -3, "G": 10}
    rows = [deed(f"d{at:02}", f"{on:%m-%d}", code) for at, (on, code) in enumerate(deeds)]
    requests = sorted(requests, key=lambda each: each[0])
    wanted = [asked(f"r{at:02}", f"{on:%m-%d}", pieces=pieces) for at, (on, pieces) in enumerate(requests)]
    done = settled(rules(resets=resets), rows, *wanted)
    granted, left = plain(
        resets,
        [(on, worth[code]) for on, code in deeds],
        [(on, 5 * pieces) for on, pieces in requests],
        date(2025, 1, 1),
        date(2025, 12, 31),
    )
    assert (done.exchanges["outcome"] == "granted").to_list() == granted
    found = balances(done, "spend")
    assert (found[-1][2] if found else 0) == left
    assert sum(change for _, change, _ in found) == left


SHOP = """
[[purses]]
code = "spend"
name = "兑换积分"
clause = "第十条"

[shop]
purse = "spend"
clause = "第十一条"
days = [5]
goods = [{ code = "soap", name = "香皂", price = 30 }]

[total]
"""
CASE = """[[cases]]
name = "换一块香皂"
clause = "第十一条"
deeds = [{ item = "A01", date = 2025-01-02 }]
exchanges = [
  { good = "soap", date = 2025-01-05 },
  { good = "soap", date = 2025-01-06, refused = "exchange.not-that-day" },
]
balances = { spend = 10 }
"""


def worked(folder: Path, text: str) -> list[str]:
    (folder / "rules.toml").write_text(TEXT.replace("\n[total]\n", SHOP), "utf-8")
    (folder / "cases.toml").write_text(text, "utf-8")
    problems = run_cases([read_book(folder / "rules.toml", OFFERS)], folder / "cases.toml", OFFERS)
    return [str(problem).replace(f"{folder}/", "") for problem in problems]


def test_a_worked_case_can_exchange_and_look_into_a_purse(tmp_path: Path) -> None:
    assert worked(tmp_path, CASE) == []  # 40 of the category's 40 by base and deed, less 30


def test_a_case_that_comes_out_otherwise_is_told_with_both_outcomes(tmp_path: Path) -> None:
    text = CASE.replace("01-06, refused", "01-05, refused").replace("spend = 10", "spend = 11")
    exchange, balance = worked(tmp_path, text)
    outcomes = "应为 exchange.not-that-day，结算结果是 exchange.too-few-points"
    assert exchange == f"cases.toml:7: cases[0] (换一块香皂).exchanges[1]: {outcomes}；请核对算例和细则"
    points = "应得 11 分，结算结果是 10 分"
    assert balance == f"cases.toml:9: cases[0] (换一块香皂).balances.spend: {points}；请核对算例和细则"


def test_goods_and_purses_are_told_by_name_and_rows_of_requests_are_checked() -> None:
    from jifen.checking import admit

    given = inputs(TEN)
    reading = Reading(
        {
            "villages": given.villages,
            "households": given.households,
            "deeds": given.deeds,
            "requests": frames.REQUESTS.make(
                [
                    asked("r1", "03-06", good="香皂"),
                    asked("r2", "03-06", good="金条"),
                    asked("r3", "03-06", household="H7"),
                    asked("r4", "03-06", pieces=0),
                    asked("r5", "03-06", status="done"),
                    asked("r6", "03-06", date=date(2024, 3, 6)),
                ]
            ),
        }
    )
    admitted = admit(reading, rules(), Period.parse("2025"))
    assert admitted.requests.select("request", "good", "village").rows() == [("r1", "soap", "V1")]
    codes = [problem.code for row in admitted.set_aside for problem in row.problems]
    assert codes == [
        "checking.unknown-good",
        "checking.unknown-household",
        "checking.too-small",
        "checking.unknown-request-status",
        "checking.outside-period",
    ]


def test_a_book_without_purses_has_no_accounts() -> None:
    done = settled(book(item("A", points=Decimal(1))), [deed("a", "03-01")])
    assert (done.exchanges.height, done.purse_entries.height) == (0, 0)


def test_points_named_case_by_case_need_bounds_a_reason_and_are_never_zero() -> None:
    from jifen.checking import admit
    from jifen.model import Measure, Named

    named = book(item("S", measure=Measure.NAMED, named=Named(Decimal(-100), Decimal(100))), places=0)
    rows = [
        deed("a", "03-01", "S", quantity="-100", note="毁坏公物"),
        deed("b", "03-01", "S", quantity="7", note="见义勇为"),
        deed("c", "03-01", "S", quantity="101", note="多了"),
        deed("d", "03-01", "S", quantity="0", note="没有"),
        deed("e", "03-01", "S", quantity="5", note=" "),
        deed("f", "03-01", "S", quantity="2.5", note="零头"),
    ]
    given = inputs(rows)
    tables = {"villages": given.villages, "households": given.households, "deeds": given.deeds}
    admitted = admit(Reading(tables), named, Period.parse("2025"))
    codes = [problem.code for row in admitted.set_aside for problem in row.problems]
    assert codes == [
        "checking.named-out-of-bounds",
        "checking.named-out-of-bounds",
        "checking.needs-note",
        "checking.named-too-fine",
    ]
    done = settle(named, REGISTRY, Inputs(admitted.villages, admitted.households, admitted.deeds), Period.parse("2025"))
    assert dict(done.awards.select("deed", "points").iter_rows()) == {"a": -100, "b": 7}
    assert done.standings.filter(pl.col("household") == "H1").select("given", "taken").rows() == [(7, -100)]


def test_an_own_category_needs_no_plugin() -> None:
    from jifen.model import BookCategory

    offers: tuple[Offer, ...] = (*REGISTRY.eligibility_rules, *REGISTRY.aggregations, *REGISTRY.reward_policies)
    registry = Registry.of(*offers)
    own = book(item("A", category="own.deeds", points=Decimal(1)), categories=(BookCategory("own.deeds", own=True),))
    assert settle(own, registry, inputs([deed("a", "03-01")]), Period.parse("2025")).awards.height == 1
