"""Rules that a village and a town have published are said as data, without Python, and give the points that they must.

The facts and the worked example are in `tests/cases`; the values belong to those who published them.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from jifen import frames
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.inspection import cells_a_year, open_cells
from jifen.model import RuleBook
from jifen.period import Period
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen.settlement import Settlement

CASES: Final = Path(__file__).with_name("cases")
PERIOD: Final = Period.parse("2025-01..2026-01")
PURSES: Final = {"spendable": "spendable", "honour": "honour"}
REGISTRY: Final = Registry.load()


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


WORKED: Final = rows("luoyu-worked.csv")
EXPECTED: Final = rows("luoyu-expected.csv")


@pytest.fixture(scope="module")
def luoyu() -> RuleBook:
    return read_book(CASES / "luoyu.toml", REGISTRY)


def households(names: dict[str, str]) -> list[dict[str, Any]]:
    home = {"village": "V1", "group": "1组", "site": "home", "registered": True, "homestead": True, "living": 3}
    return [{**home, "household": code, "name": name, "consent": date(2024, 12, 1)} for code, name in names.items()]


VILLAGE: Final = {
    "village": "V1",
    "name": "罗峪村",
    "groups": 4,
    "resolution": "一号",
    "resolution_date": date(2024, 12, 1),
}


@pytest.fixture(scope="module")
def settled(luoyu: RuleBook) -> Settlement:
    deeds, requests = [], []
    for row in WORKED:
        on = date.fromisoformat(row["date"])
        same = {"village": "V1", "date": on, "status": row["status"]}
        if row["kind"] == "exchange":
            asked = {"request": row["deed_id"], "household": row["household"], "good": row["item"], "pieces": 1}
            requests.append({**same, **asked})
        else:
            kinds = "|".join(kinds.split("/")[0] for kinds in luoyu.item(row["item"]).evidence)
            done = {"deed": row["deed_id"], "subject": row["household"], "item": row["item"], "recorded": on}
            deeds.append({**same, **done, "evidence": kinds, "approved_by": "村干部"})
    names = {row["household"]: row["name"] for row in WORKED}
    inputs = Inputs(
        villages=frames.VILLAGES.make([VILLAGE]),
        households=frames.HOUSEHOLDS.make(households(names)),
        deeds=frames.DEEDS.make(deeds),
        requests=frames.REQUESTS.make(requests),
    )
    return settle(luoyu, REGISTRY, inputs, PERIOD)


def test_all_rules_goods_and_accounts_of_the_village_are_in_the_book(luoyu: RuleBook) -> None:
    facts = {row["id"]: row for row in rows("luoyu.csv")}
    assert luoyu.shop is not None
    codes = {item.code for item in luoyu.items} | {good.code for good in luoyu.shop.goods}
    assert codes == {code for code in facts if code[0] in "RSG"}
    assert len(luoyu.purses) == sum(code[0] == "A" for code in facts)
    for item in luoyu.items:
        if item.points is not None:
            assert item.points == int(facts[item.code]["points"]), item.code
    for good in luoyu.shop.goods:
        assert (str(good.price), str(good.stock)) == (facts[good.code]["points"], facts[good.code]["limit"])


@pytest.mark.parametrize("want", [row for row in EXPECTED if row["row"] == "deed"], ids=lambda row: row["deed_id"])
def test_every_deed_and_exchange_gives_what_it_must_and_leaves_both_accounts_as_they_must_be(
    want: dict[str, str], settled: Settlement
) -> None:
    number, on = want["deed_id"], date.fromisoformat(want["date"])
    awards = settled.awards.filter(pl.col("deed") == number)
    exchange = settled.exchanges.filter(pl.col("request") == number)
    outcome = "counted" if awards["points"].sum() else "not_counted"
    if exchange.height:
        outcome = exchange["outcome"].item()
    assert outcome == want["outcome"]
    assert awards["points"].sum() == int(want["awarded"])
    for purse in PURSES:
        account = settled.purse_entries.filter(
            (pl.col("purse") == purse) & (pl.col("household") == want["household"]) & (pl.col("date") <= on)
        )
        mine = account.filter(pl.col("entry") == number)
        assert mine["change"].sum() == int(want[f"{purse}_change"])
        after = (mine if mine.height else account)["balance"].to_list()
        assert (after[-1] if after else 0) == int(want[f"{purse}_after"])


@pytest.mark.parametrize("day", sorted({row["date"] for row in EXPECTED if row["row"] == "balance"}))
def test_both_accounts_stand_as_they_must_at_the_end_of_the_day(day: str, settled: Settlement) -> None:
    until = settled.purse_entries.filter(pl.col("date") <= date.fromisoformat(day))
    found = {
        (row["purse"], row["household"]): row["balance"] for row in until.iter_rows(named=True)
    }  # the last entry of each account stands last
    for want in EXPECTED:
        if want["row"] == "balance" and want["date"] == day:
            for purse in PURSES:
                assert found.get((purse, want["household"]), 0) == int(want[f"{purse}_after"]), want


def test_a_household_that_does_not_take_part_can_exchange_nothing(luoyu: RuleBook) -> None:
    away = {**households({"H1": "江禾"})[0], "consent": None}
    asked = {"request": "E1", "village": "V1", "household": "H1", "good": "G1", "pieces": 1, "status": "requested"}
    inputs = Inputs(
        villages=frames.VILLAGES.make([VILLAGE]),
        households=frames.HOUSEHOLDS.make([away]),
        deeds=frames.DEEDS.empty(),
        requests=frames.REQUESTS.make([{**asked, "date": date(2025, 3, 1)}]),
    )
    assert settle(luoyu, REGISTRY, inputs, PERIOD).exchanges["reason"].to_list() == ["exchange.not-participant"]


def test_the_changes_of_an_account_add_up_to_its_balance(settled: Settlement) -> None:
    sums = settled.purse_entries.group_by("purse", "household").agg(pl.col("change").sum(), pl.col("balance").last())
    assert sums.height > 0
    assert sums.filter(pl.col("change") != pl.col("balance")).height == 0


def test_the_town_s_twenty_items_make_its_forty_nine_cells() -> None:
    book = read_book(CASES / "heqing.toml", REGISTRY)
    facts = rows("heqing-items.csv")
    cells = {item.code: cells_a_year(item.inspect) for item in book.items if item.inspect}
    assert cells == {row["id"]: int(row["note"].split()[0]) for row in facts}
    assert (len(cells), sum(cells.values())) == (20, 49)


def test_a_cell_is_looked_at_once_and_the_others_stay_open() -> None:
    book = read_book(CASES / "heqing.toml", REGISTRY)
    period = Period.parse("2025")
    same = {"village": "V1", "subject": "H1", "item": "C03", "recorded": date(2025, 12, 1), "status": "approved"}
    deeds = [
        {**same, "deed": "d1", "date": date(2025, 1, 5)},
        {**same, "deed": "d2", "date": date(2025, 2, 28)},  # January and February are one cell
        {**same, "deed": "d3", "date": date(2025, 3, 1)},
    ]
    inputs = Inputs(
        villages=frames.VILLAGES.make([VILLAGE]),
        households=frames.HOUSEHOLDS.make(households({"H1": "江禾"})),
        deeds=frames.DEEDS.make(deeds),
    )
    found = settle(book, REGISTRY, inputs, period)
    assert found.cuts["deed"].to_list() == []  # without values there is nothing to cut
    still = open_cells(found)
    assert still.height == 49 - 2
    assert still.filter(pl.col("item") == "C03")["first"].to_list()[0] == date(2025, 5, 1)
