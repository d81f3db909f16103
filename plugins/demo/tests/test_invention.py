"""What an invented town promises."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.checking import admit
from jifen.deed_rules import takes_deeds
from jifen.goods import Good, Purse, Shop
from jifen.inputs import Inputs, Reading
from jifen.model import Measure, Subject
from jifen.period import Period
from jifen.problems import Refused
from jifen.schedule import Schedule
from jifen_demo import invent
from jifen_demo.habits import takes_points
from jifen_demo.invention import letters
from jifen_demo.names import village_names

from plugins.demo.tests.demo_book import BOOK

YEAR = Period.parse("2025")


@pytest.fixture(scope="module")
def town() -> Inputs:
    return invent(BOOK, period=YEAR, villages=3, households=120, deeds_per_household=40, seed=2025)


def test_same_seed_same_rows_and_another_seed_others(town: Inputs) -> None:
    again = invent(BOOK, period=YEAR, villages=3, households=120, deeds_per_household=40, seed=2025)
    other = invent(BOOK, period=YEAR, villages=3, households=120, deeds_per_household=40, seed=7)
    for name in ("villages", "households", "deeds"):
        assert getattr(again, name).equals(getattr(town, name))
        assert not getattr(other, name).equals(getattr(town, name))
    assert again.digests == town.digests
    assert other.digests != town.digests


def test_frames_are_as_declared(town: Inputs) -> None:
    for frame, table in (
        (frames.VILLAGES, town.villages),
        (frames.HOUSEHOLDS, town.households),
        (frames.DEEDS, town.deeds),
    ):
        assert frame.check(table, origin="test").equals(table)
    assert town.rows_in == town.deeds.height


@pytest.mark.parametrize("period", ["2025", "2025-H1", "2025-Q2", "2025-02"])
def test_every_row_can_be_settled(period: str) -> None:
    when = Period.parse(period)
    town = invent(BOOK, period=when, villages=4, households=45, deeds_per_household=20, seed=3)
    reading = Reading({"villages": town.villages, "households": town.households, "deeds": town.deeds})
    admitted = admit(reading, BOOK, when)
    assert [str(problem) for row in admitted.set_aside for problem in row.problems] == []
    assert admitted.deeds.height == town.deeds.height


@pytest.mark.parametrize("seed", range(5))
def test_every_item_occurs_in_every_village_from_40_households_on(seed: int) -> None:
    town = invent(BOOK, period=YEAR, villages=3, households=40, deeds_per_household=20, seed=seed)
    good = town.deeds.filter(pl.col("status") == "approved")
    for item in BOOK.items:
        if not takes_deeds(item):
            continue
        where = good.filter(pl.col("item") == item.code)["village"].n_unique()
        own_cost = item.subject is Subject.VILLAGE and takes_points(item)
        assert where >= (1 if own_cost else 3), item.code


def test_every_item_occurs_even_with_one_household() -> None:
    town = invent(BOOK, period=YEAR, villages=1, households=1, deeds_per_household=1, seed=1)
    assert set(town.deeds["item"]) == {item.code for item in BOOK.items if takes_deeds(item)}


def test_the_number_of_household_deeds_is_as_asked(town: Inputs) -> None:
    own = town.deeds["subject"].is_in(town.villages["village"].implode())
    assert (~own).sum() == 3 * 120 * 40


def test_a_further_village_changes_nothing_in_the_others(town: Inputs) -> None:
    more = invent(BOOK, period=YEAR, villages=4, households=120, deeds_per_household=40, seed=2025)
    assert more.households.filter(pl.col("village") != "QH04").equals(town.households)
    households = town.deeds.filter(pl.col("subject") != pl.col("village"))
    assert households.select("subject", "item", "date", "quantity").height == 3 * 120 * 40


def test_every_case_of_taking_part_occurs_in_every_village(town: Inputs) -> None:
    cases = {
        "industrial": pl.col("site") == "industrial",
        "enterprise": pl.col("site") == "enterprise",
        "no consent": pl.col("consent").is_null() & (pl.col("site") == "home"),
        "consent within the period": pl.col("consent") >= YEAR.start,
        "admitted by resolution": pl.col("resolution").is_not_null() & ~pl.col("registered"),
        "neither registered nor admitted": pl.col("resolution").is_null() & ~pl.col("registered"),
        "nobody lives there": pl.col("living") == 0,
        "no house": ~pl.col("homestead"),
        "stars reviewed first": pl.col("star_review") == "first",
        "stars reviewed again": pl.col("star_review") == "repeat",
    }
    for name, case in cases.items():
        assert town.households.filter(case)["village"].n_unique() == 3, name
    before = town.households.filter(pl.col("consent") < YEAR.start).height
    assert before > 0.7 * town.households.height


def test_one_village_of_three_is_an_approved_pilot_of_two_groups(town: Inputs) -> None:
    pilots = town.villages.filter(pl.col("pilot_groups").is_not_null())
    assert pilots.height == 1
    assert pilots["pilot_groups"].list.len().to_list() == [2]
    assert pilots["town_approval"].null_count() == pilots["town_approval_date"].null_count() == 0
    groups = town.households.filter(pl.col("village") == pilots["village"][0])["group"]
    assert set(pilots["pilot_groups"][0]) <= set(groups)
    alone = invent(BOOK, period=YEAR, villages=2, households=40, deeds_per_household=5, seed=1)
    assert alone.villages["pilot_groups"].null_count() == 2


def test_households_share_a_surname_and_no_two_members_a_name(town: Inputs) -> None:
    members = town.households["members"]
    assert (members.list.n_unique() == members.list.len()).all()
    assert (members.list.first() == town.households["name"]).all()
    large = town.households.filter(pl.col("members").list.len() >= 3)
    assert large.select((pl.col("members").list.get(2).str.slice(0, 1) == pl.col("name").str.slice(0, 1)).all()).item()


def test_records_are_kept_as_an_office_keeps_them(town: Inputs) -> None:
    deeds = town.deeds
    share = dict(deeds["status"].value_counts(normalize=True).iter_rows())
    assert set(share) == {"approved", "pending", "rejected", "cancelled"}
    assert share["approved"] > 0.9
    lag = (deeds["recorded"] - deeds["date"]).dt.total_days()
    assert lag.min() == 0
    assert 0 < (lag > 20).sum() < 0.03 * deeds.height
    assert (deeds["date"].dt.weekday() >= 6).sum() > 2 / 7 * deeds.height
    assert deeds["deed"].n_unique() == deeds.height
    assert deeds.filter(pl.col("village") == "QH01")["recorded"].is_sorted()
    assert deeds.filter(pl.col("status") == "cancelled")["note"].null_count() == 0


def test_evidence_and_approvals_are_mostly_there_and_sometimes_missing(town: Inputs) -> None:
    ladder = town.deeds.filter(pl.col("item") == "A05")
    full = ladder["evidence"].is_in(["photo|signature", "scan|signature"])
    assert 0.9 < full.sum() / ladder.height < 1
    two = town.deeds.filter(pl.col("item").is_in(["A11", "V01"]) & (pl.col("status") == "approved"))
    assert (two["approved_by"].str.count_matches("|", literal=True) == 1).sum() > 0.8 * two.height
    plain = town.deeds.filter((pl.col("item") == "A01") & (pl.col("status") == "approved"))
    assert 0 < plain["approved_by"].null_count() < 0.1 * plain.height
    assert town.deeds.filter(pl.col("status") == "pending")["approved_by"].drop_nulls().is_empty()


def test_what_is_put_right_was_there_before_and_some_of_it_comes_too_late() -> None:
    town = invent(BOOK, period=YEAR, villages=6, households=120, deeds_per_household=60, seed=2025)
    mends = town.deeds.filter(pl.col("item") == "A11")
    both = mends.join(town.deeds, left_on="refers", right_on="deed", suffix="_of")
    assert both.height == mends.height
    assert set(both["item_of"]) == {"A05", "V01"}
    assert (both["subject"] == both["subject_of"]).all()
    days = (both["date"] - both["date_of"]).dt.total_days()
    assert days.min() is not None
    assert (days > 0).all()
    assert (days > 30).any()
    vetoes = town.deeds.filter((pl.col("item") == "V01") & (pl.col("status") == "approved"))
    repaired = vetoes["deed"].is_in(mends["refers"].implode())
    assert repaired.any()
    assert not repaired.all()


def test_limits_bite_and_ladders_are_climbed_to_the_end(town: Inputs) -> None:
    good = town.deeds.filter(pl.col("status") == "approved")
    cleaned = good.filter(pl.col("item") == "A01").group_by("subject", pl.col("date").dt.month()).len()
    assert (cleaned["len"] > 4).sum() > 20
    repeats = good.filter(pl.col("item") == "A05").group_by("subject").len()
    assert (repeats["len"] >= 3).sum() >= 3
    learned = good.filter(pl.col("item") == "A04").group_by("subject").agg(pl.col("quantity").sum())
    values = Schedule.of(BOOK.item("A04"), BOOK.unit)(learned["quantity"].to_numpy())
    assert set(values.tolist()) >= {0, 20, 50, 200}
    given = good.filter(pl.col("item") == "A03").group_by("subject").agg(pl.col("quantity").sum())
    assert (given["quantity"] > 2_000_000).any()
    assert (given["quantity"] < 2_000_000).any()


def test_amounts_suit_the_measure_of_the_item(town: Inputs) -> None:
    by_item = {item.code: town.deeds.filter(pl.col("item") == item.code) for item in BOOK.items}
    assert set(by_item["A06"]["grade"]) == set(BOOK.item("A06").grades)
    read = by_item["A07"]["quantity"]
    assert ((read >= 0) & (read <= 100_000)).all()
    assert (read >= 80_000).any()
    assert (read < 75_000).any()
    marks = by_item["A12"]["marks"]
    assert (marks.list.len() >= 5).all()
    assert marks.explode().max() == 8000
    assert (by_item["A03"]["quantity"] % 10_000 == 0).all()
    assert (by_item["A02"]["quantity"] % 500 == 0).all()
    counted = [item.code for item in BOOK.items if item.measure is Measure.COUNT]
    assert town.deeds.filter(pl.col("item").is_in(counted))["quantity"].drop_nulls().is_empty()


def test_deeds_stay_in_the_period() -> None:
    month = Period.parse("2025-02")
    town = invent(BOOK, period=month, villages=1, households=40, deeds_per_household=5, seed=1)
    assert town.deeds["date"].is_between(month.start, month.end).all()
    assert (town.deeds["recorded"] <= month.end + timedelta(days=76)).all()


def test_village_names_do_not_repeat_and_run_out_with_a_word() -> None:
    names = village_names(1000)
    assert len(set(names)) == 1000
    assert names[:3] == ("青溪村", "荷塘村", "新桥村")
    with pytest.raises(Refused, match="虚构的村名不够：要 1000000 个"):
        village_names(1_000_000)


def test_codes_take_the_initials_of_the_town() -> None:
    assert [letters(name) for name in ("qinghe-2025", "wangchao", "jinsui", "x")] == ["QH", "WC", "JS", "V"]


def test_a_book_without_household_items_still_gives_a_town() -> None:
    import attrs

    own = attrs.evolve(BOOK, items=tuple(item for item in BOOK.items if item.subject is Subject.VILLAGE), limits=())
    town = invent(own, period=YEAR, villages=1, households=5, deeds_per_household=5, seed=1)
    assert set(town.deeds["subject"]) == {"QH01"}


def test_points_of_bands_may_start_above_zero() -> None:
    import attrs
    from jifen_demo.amounts import readings

    item = attrs.evolve(BOOK.item("A07"), bands=tuple(band for band in BOOK.item("A07").bands if band.at > Decimal(0)))
    drawn = readings(np.random.Generator(np.random.PCG64(1)), item, 500)
    assert drawn.min() >= 75_000


def test_requests_are_for_goods_of_the_shop_and_change_no_deed() -> None:
    goods = tuple(Good(code, {"zh_CN": code}, Decimal(price)) for code, price in (("soap", 5), ("rice", 50)))
    shop = Shop("spend", "第十一条", goods, days=(5, 25))
    purses = (Purse("spend", {"zh_CN": "兑换积分"}, "第十条"),)
    made = invent(evolve(BOOK, purses=purses, shop=shop), period=YEAR, villages=1, households=60)
    plain = invent(BOOK, period=YEAR, villages=1, households=60)
    assert made.deeds.equals(plain.deeds)
    assert plain.requests.height == 0
    frames.REQUESTS.check(made.requests, "requests")
    assert set(made.requests["good"]) == {"soap", "rice"}
    on_days = made.requests["date"].dt.day().is_in([5, 25]).sum()
    assert 0 < made.requests.height - on_days < made.requests.height / 4  # a few come on a wrong day


def test_a_village_s_own_item_occurs_there_only_and_what_it_switched_off_does_not() -> None:
    first, *others = BOOK.items
    own = evolve(first, code="OWN", only_in=(f"{letters(BOOK.name)}01",))
    gone = next(
        item for item in others if takes_deeds(item) and item.subject is Subject.HOUSEHOLD and not item.put_right
    )
    items = tuple(evolve(item, not_in=own.only_in) if item.code == gone.code else item for item in BOOK.items)
    made = invent(evolve(BOOK, items=(*items, own)), period=YEAR, villages=2, households=60)
    where = {code: set(made.deeds.filter(pl.col("item") == code)["village"]) for code in ("OWN", gone.code)}
    assert where["OWN"] == set(own.only_in)
    assert where[gone.code] == set(made.villages["village"]) - set(own.only_in)
