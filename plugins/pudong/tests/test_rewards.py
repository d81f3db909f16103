"""Honours with ties, budgets to the fen, proposals that change nothing, and what no rewards table may say (R17 to R19)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from jifen import frames
from jifen_pudong.reward_options import (
    Benefit,
    Encouragement,
    Exchange,
    Honour,
    HonourKind,
    Penalty,
    Pot,
    Rewards,
    To,
    check,
)
from jifen_pudong.rewards import ceilings, pay, reward

from plugins.pudong.tests.village_data import BOOK, Town, award, household, households, named, standing, standings

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_TWO = Honour("first", named("先进户"), "第十四条", first=2)
SHOP = Exchange("shop", named("兑换"), "第十五条", household_ceiling=Decimal(60))
LIMIT = Encouragement(Decimal(60))
GIFT = Benefit("gift", named("年终福利"))
PROPOSAL = Penalty("suspend", named("建议暂缓"), ("E01",), "gift", "村规民约第二十一条")


def town(totals: Sequence[int], barred: Sequence[int] = (), villages: Sequence[str] = ()) -> Town:
    """H1, H2 … with these totals, in these villages (V1 where none is named)."""
    rows = [
        standing(f"H{n}", total, barred=n in barred, grade="top" if total > 1000 else "low", village=place)
        for n, (total, place) in enumerate(zip(totals, villages or ["V1"] * len(totals), strict=True), start=1)
    ]
    homes = households(*(household(str(row["household"]), village=row["village"]) for row in rows))
    return Town(homes, standings(*rows))


def given_to(got: pl.DataFrame, code: str) -> list[str]:
    return got.filter(pl.col("code") == code)["subject"].to_list()


def money(got: pl.DataFrame) -> dict[str, int]:
    return dict(got.filter(pl.col("kind") == "exchange").select("subject", "money").iter_rows())


def test_ties_share_the_place_and_all_tied_are_honoured() -> None:
    # ranks 1, 2, 2, 2, 5: the first two places hold four households
    got = reward(town([500, 400, 400, 400, 300]).reward_view(), Rewards((FIRST_TWO,)))
    assert given_to(got, "first") == ["H1", "H2", "H3", "H4"]
    # ranks 1, 1, 3: the two places are filled by the two who share the first
    assert given_to(reward(town([500, 500, 400]).reward_view(), Rewards((FIRST_TWO,))), "first") == ["H1", "H2"]


def test_places_are_counted_in_each_village() -> None:
    got = reward(town([9, 8, 7, 1], villages=["V1", "V1", "V1", "V2"]).reward_view(), Rewards((FIRST_TWO,)))
    assert given_to(got, "first") == ["H1", "H2", "H4"]


def test_the_barred_get_no_honour_and_leave_their_place_to_others() -> None:
    options = Rewards(
        (
            FIRST_TWO,
            Honour("best", named("示范户"), "第十四条", best="100%", kind=HonourKind.RED_LIST),
            Honour("top", named("五星家庭"), "第十四条", grades=("top",)),
        )
    )
    got = reward(town([2000, 1500, 1400, 500], barred=[1]).reward_view(), options)
    assert given_to(got, "first") == ["H2", "H3"]
    assert given_to(got, "best") == ["H2", "H3", "H4"]
    assert given_to(got, "top") == ["H2", "H3"]
    assert set(got.filter(pl.col("code") == "best")["kind"]) == {"red-list"}


def test_the_best_share_is_rounded_up_to_whole_households() -> None:
    # 5% of 21 households are 1.05: two; of one household: one
    five = Rewards((Honour("best", named("示范户"), "第十四条", best="5%"),))
    assert given_to(reward(town(range(100, 79, -1)).reward_view(), five), "best") == ["H1", "H2"]
    assert given_to(reward(town([7]).reward_view(), five), "best") == ["H1"]


def test_an_honour_can_ask_for_points() -> None:
    options = Rewards((evolve(FIRST_TWO, at_least=Decimal(45)),))
    assert given_to(reward(town([460, 440]).reward_view(), options), "first") == ["H1"]


def test_villages_are_honoured_by_rank() -> None:
    scores = frames.VILLAGE_SCORES.make(
        {"village": code, "points": points, "rank": rank, "households": 1, "participants": 1}
        for code, points, rank in [("V1", 900, 1), ("V2", 800, 2), ("V3", 800, 2), ("V4", 700, 4)]
    )
    options = Rewards((Honour("model", named("先进村"), "第十四条", first=2, to=To.VILLAGE),))
    got = reward(evolve(town([1]), scores=scores).reward_view(), options)
    assert got.select("subject", "points").rows() == [("V1", 900), ("V2", 800), ("V3", 800)]


def test_points_become_money_at_the_books_rate_rounded_once() -> None:
    # places = 1. 3 yuan for every 8 points beyond 10, from 12 points on:
    # H1: 20.5 − 10 = 10.5 → 10.5 × 300 / 8 = 393.75 → 394 fen. H2: 11.9 is below 12: nothing. H3: 12 → 2 × 37.5 = 75 fen.
    shop = evolve(SHOP, yuan=Decimal(3), points=Decimal(8), beyond=Decimal(10), at_least=Decimal(12))
    assert money(reward(town([205, 119, 120]).reward_view(), Rewards(exchanges=(shop,)))) == {"H1": 394, "H3": 75}


def test_a_household_gets_no_more_than_its_ceiling_and_a_total_below_zero_claims_nothing() -> None:
    got = money(reward(town([900, 590, -100]).reward_view(), Rewards(exchanges=(SHOP,))))
    assert got == {"H1": 6000, "H2": 5900}


def test_a_budget_that_is_exceeded_is_shared_out_to_the_fen_and_says_so() -> None:
    # claims of 5.0, 3.0 and 7.0 yuan, 1 yuan to share: as in test_shares, 33, 20 and 47 fen
    shop = evolve(SHOP, ceiling=Decimal(1))
    got = reward(town([50, 30, 70]).reward_view(), Rewards(exchanges=(shop,)))
    assert money(got) == {"H1": 33, "H2": 20, "H3": 47}
    assert set(got["ground"]) == {"pudong.ground-shared"}
    assert set(reward(town([5]).reward_view(), Rewards(exchanges=(shop,)))["ground"]) == {"pudong.ground-exchange"}


def test_a_ceiling_goes_over_each_village_or_over_the_town() -> None:
    two = town([50, 50], villages=["V1", "V2"])
    each = Rewards(exchanges=(evolve(SHOP, ceiling=Decimal(1)),))
    whole = Rewards(exchanges=(evolve(SHOP, ceiling=Decimal(1), pot=Pot.TOWN),))
    assert money(reward(two.reward_view(), each)) == {"H1": 100, "H2": 100}
    assert money(reward(two.reward_view(), whole)) == {"H1": 50, "H2": 50}


def test_a_pool_is_shared_out_whole_within_the_households_ceilings() -> None:
    # 100 yuan by points 10 : 20 : 70 → 10, 20 and 70 yuan; a ceiling of 60 leaves 10 yuan in the pool
    pool = evolve(SHOP, share_all=True, ceiling=Decimal(100))
    assert money(reward(town([10, 20, 70]).reward_view(), Rewards(exchanges=(pool,)))) == {
        "H1": 1000,
        "H2": 2000,
        "H3": 6000,
    }


def test_the_average_of_the_encouragement_first_limit_is_kept_over_all_exchanges() -> None:
    # two households, 3 yuan each on average: 6 yuan. The shop asks for 4, so that 2 are left for the second of 4.
    second = evolve(SHOP, code="second")
    options = Rewards(exchanges=(SHOP, second), encouragement=Encouragement(Decimal(120), Decimal(3)))
    got = reward(town([20, 20]).reward_view(), options)
    assert got.select("code", "subject", "money").rows() == [
        ("shop", "H1", 200),
        ("shop", "H2", 200),
        ("second", "H1", 100),
        ("second", "H2", 100),
    ]


@given(
    st.dictionaries(st.text("0123456789", min_size=1, max_size=3), st.integers(0, 20_000), min_size=1, max_size=30),
    st.integers(0, 200_000),
    st.booleans(),
)
def test_no_budget_is_ever_exceeded(claims: dict[str, int], ceiling: int, pool: bool) -> None:  # noqa: FBT001
    exchange = evolve(SHOP, share_all=pool)
    paid = pay(claims, ceiling, exchange)
    assert sum(paid.values()) <= ceiling
    assert all(0 <= fen <= 6000 for fen in paid.values())
    asked = {key: min(claim, 6000) for key, claim in claims.items()}
    if not pool:
        assert sum(paid.values()) == min(ceiling, sum(asked.values()))


def test_a_proposal_carries_clause_and_ground_and_changes_nothing_else() -> None:
    deeds = frames.AWARDS.make(
        [
            award("D1", -100, subject="H1", category="pudong.bottom-line", item="E01"),
            award("veto:D1", 0, subject="H1", category="pudong.bottom-line", item="E01", kind="veto"),
            award("D2", 0, subject="H2", category="pudong.bottom-line", item="E01", gross=-100),
            award("D3", -20, subject="H2", category="pudong.law-and-rules", item="C04"),
        ]
    )
    without = Rewards((FIRST_TWO,), (SHOP,), LIMIT, (GIFT,))
    options = evolve(without, penalties=(PROPOSAL,))
    mine = evolve(town([500, 400]), awards=deeds)
    got = reward(mine.reward_view(), options)
    proposals = got.filter(pl.col("kind") == "proposal")
    assert proposals.select("subject", "clause", "ground", "money").rows() == [
        ("H1", "村规民约第二十一条", "D1", None),
        ("H2", "村规民约第二十一条", "D2", None),
    ]
    assert got.filter(pl.col("kind") != "proposal").equals(reward(mine.reward_view(), without))


def test_the_order_of_rows_changes_no_reward() -> None:
    options = Rewards((FIRST_TWO,), (evolve(SHOP, ceiling=Decimal(7)),), LIMIT, (GIFT,), (PROPOSAL,))
    deeds = frames.AWARDS.make(award(f"D{n}", -1, subject=f"H{n}", item="E01") for n in range(1, 9))
    mine = evolve(town([50, 50, 40, 30, 30, 30, 20, 90], villages=["V1", "V2"] * 4), awards=deeds)
    want = reward(mine.reward_view(), options)
    for seed in range(3):
        assert reward(mine.shuffled(seed).reward_view(), options).equals(want)


GOOD = Rewards((FIRST_TWO,), (SHOP,), LIMIT, (GIFT,), (PROPOSAL,))
WRONG: list[tuple[Rewards, str, str]] = [
    (evolve(GOOD, penalties=(evolve(PROPOSAL, charter_clause=" "),)), "penalties[0]", "no-charter-clause"),
    (evolve(GOOD, penalties=(evolve(PROPOSAL, benefit="land"),)), "penalties[0].benefit", "unknown-benefit"),
    (evolve(GOOD, penalties=(evolve(PROPOSAL, items=("K01",)),)), "penalties[0].items", "not-bottom-line"),
    (evolve(GOOD, benefits=(evolve(GIFT, name=named("低保金")),)), "benefits[0].name", "legal-right"),
    (evolve(GOOD, honours=()), "exchanges", "more-goods-than-honours"),
    (evolve(GOOD, encouragement=None), "exchanges", "no-encouragement"),
    (evolve(GOOD, encouragement=Encouragement(Decimal("59.99"))), "exchanges", "material-too-much"),
    (
        evolve(GOOD, encouragement=Encouragement(Decimal(60), Decimal("0.001"))),
        "encouragement.average_at_most",
        "not-money",
    ),
    (evolve(GOOD, honours=(FIRST_TWO, FIRST_TWO)), "honours[1].code", "code-twice"),
    (evolve(GOOD, honours=(evolve(FIRST_TWO, best="5%"),)), "honours[0]", "honour-ways"),
    (evolve(GOOD, honours=(evolve(FIRST_TWO, first=None),)), "honours[0]", "honour-ways"),
    (evolve(GOOD, honours=(evolve(FIRST_TWO, first=0),)), "honours[0].first", "first-too-small"),
    (evolve(GOOD, honours=(evolve(FIRST_TWO, first=None, best="105%"),)), "honours[0].best", "not-a-share"),
    (evolve(GOOD, honours=(evolve(FIRST_TWO, first=None, grades=("x",)),)), "honours[0].grades", "unknown-grade"),
    (
        evolve(GOOD, honours=(evolve(FIRST_TWO, first=None, grades=("top",), to=To.VILLAGE),)),
        "honours[0].grades",
        "village-has-no-grade",
    ),
    (evolve(GOOD, exchanges=(evolve(SHOP, yuan=Decimal("0.001")),)), "exchanges[0].yuan", "not-money"),
    (evolve(GOOD, exchanges=(evolve(SHOP, points=Decimal(0)),)), "exchanges[0].points", "not-positive"),
    (evolve(GOOD, exchanges=(evolve(SHOP, share_all=True),)), "exchanges[0]", "pool-without-ceiling"),
    (evolve(GOOD, exchanges=(evolve(SHOP, clause=" "),)), "exchanges[0].clause", "no-clause"),
]


@pytest.mark.parametrize(("options", "path", "code"), WRONG)
def test_what_no_rewards_table_may_say_is_found_when_the_book_is_loaded(options: Rewards, path: str, code: str) -> None:
    assert [(where, what) for where, what, _ in check(BOOK, options)] == [(path, f"pudong.{code}")]


def test_a_table_that_keeps_to_its_own_limits_is_fine() -> None:
    assert not list(check(BOOK, GOOD))
    assert not list(check(BOOK, Rewards()))


def test_ceilings_count_once_for_each_village_and_never_beyond_what_the_households_may_have() -> None:
    village, whole = evolve(SHOP, ceiling=Decimal(80)), evolve(SHOP, code="all", ceiling=Decimal(100), pot=Pot.TOWN)
    open_end = evolve(SHOP, code="open")
    view = town([10, 20, 30], villages=["V1", "V2", "V2"]).reward_view()
    exchanges = (village, whole, open_end)
    each = {"shop": 16_000, "all": 10_000, "open": 18_000}
    assert ceilings(view, Rewards((FIRST_TWO,), exchanges)) == {**each, "": 44_000}
    limit = evolve(LIMIT, average_at_most=Decimal("0.4"))
    assert ceilings(view, Rewards((FIRST_TWO,), exchanges, limit)) == {**each, "": 120}
    assert ceilings(view, Rewards((FIRST_TWO,))) == {}


@given(st.lists(st.integers(0, 900), min_size=1, max_size=8), st.integers(0, 300), st.booleans())
def test_no_settlement_costs_more_than_its_ceilings(totals: list[int], ceiling: int, share_all: bool) -> None:  # noqa: FBT001 - drawn
    exchange = evolve(SHOP, ceiling=Decimal(ceiling), share_all=share_all)
    options = Rewards((FIRST_TWO,), (exchange,), evolve(LIMIT, average_at_most=Decimal(20)))
    view = town(totals).reward_view()
    most = ceilings(view, options)
    assert sum(money(reward(view, options)).values()) <= min(most["shop"], most[""])
