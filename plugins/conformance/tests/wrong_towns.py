"""Wrong plugins, engines and towns for the checks of villages, rewards, public output, books and cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve
from jifen import frames
from jifen.offers import Town

from plugins.conformance.tests import good
from plugins.conformance.tests.faulty import after, faulty
from plugins.conformance.tests.good import BOOK, CASES, ITEMS, good_target, good_town, item, town_target
from plugins.conformance.tests.wrong import wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen.offers import RewardView, VillageView
    from jifen.settlement import Settlement
    from jifen_conformance.target import Target


@wrong("V01")
def places_by_the_order_of_the_list(folder: Path) -> Target:
    def spoil(settled: Settlement) -> Settlement:
        place = pl.col("total").rank("ordinal", descending=True).over("village").cast(pl.Int64)
        return evolve(settled, standings=settled.standings.with_columns(place.alias("rank")))

    return faulty(good_target("category"), after(spoil))


@wrong("V02")
def lines_without_a_clause(folder: Path) -> Target:
    def aggregate(view: VillageView, options: object) -> pl.DataFrame:
        return good.aggregate(view, options).with_columns(pl.lit(" ").alias("clause"))

    return good_target("aggregation", aggregate=aggregate)


def _rewarding(rows: Callable[[RewardView], list[dict[str, Any]]]) -> Target:
    """A policy that returns these rows; what they leave out is as it should be."""
    usual = {"code": "x", "title": "示例", "points": None, "money": None, "clause": "第九条", "ground": "reed.first"}

    def reward(view: RewardView, options: object) -> pl.DataFrame:
        return frames.REWARDS.make([{**usual, **row} for row in rows(view)])

    return good_target("policy", reward=reward)


def _homes(view: RewardView) -> list[dict[str, Any]]:
    found = (
        view.standings.filter(~pl.col("barred")).sort("village", "household").select("village", "household").iter_rows()
    )
    return [{"village": str(village), "subject": str(household)} for village, household in found]


def _breaches(view: RewardView) -> list[dict[str, Any]]:
    """The deeds that took points, each as the ground of a proposal."""
    found = view.awards.filter(pl.col("gross") < 0).sort("village", "subject", "deed")
    rows = found.select(pl.col("village", "subject", "deed").cast(pl.String)).iter_rows()
    return [{"village": at, "subject": who, "ground": deed, "kind": "proposal"} for at, who, deed in rows]


@wrong("R01")
def takes_money_away(folder: Path) -> Target:
    return _rewarding(lambda view: [{**row, "kind": "exchange", "money": -1} for row in _homes(view)])


@wrong("R02")
def proposes_without_a_clause(folder: Path) -> Target:
    return _rewarding(lambda view: [{**row, "clause": ""} for row in _breaches(view)])


@wrong("R03")
def a_proposal_that_pays_itself(folder: Path) -> Target:
    return _rewarding(lambda view: [{**row, "money": 500} for row in _breaches(view)])


@wrong("R04")
def honours_a_stranger(folder: Path) -> Target:
    return _rewarding(lambda view: [{**row, "subject": "ZZ-99", "kind": "honour"} for row in _homes(view)[:1]])


@wrong("N01")
def posts_a_telephone(folder: Path) -> Target:
    return _rewarding(lambda view: [{**row, "kind": "honour", "title": "示范户 13812345678"} for row in _homes(view)])


@wrong("N02")
def an_item_without_an_english_name(folder: Path) -> Target:
    return good_target("category", items=(evolve(ITEMS[0], name={"zh_CN": "整洁"}), *ITEMS[1:]))


@wrong("B01")
def a_book_that_cannot_be_read(folder: Path) -> Target:
    return good_town(folder, ("places = 1", "places = 9"))


@wrong("B02")
def approved_by_nobody(folder: Path) -> Target:
    line = next(line for line in BOOK.read_text("utf-8").splitlines() if line.startswith("approval"))
    return good_town(folder, (line, ""))


def _two_books(folder: Path, first: str, last: str) -> Target:
    """The good town with a second book that holds from the one day to the other."""
    text = BOOK.read_text("utf-8")
    (folder / "rules.toml").write_text(text, "utf-8")
    later = text.replace("reed-2024", "reed-2026").replace("2024-01-01", first).replace("2024-12-31", last)
    (folder / "later.toml").write_text(later, "utf-8")
    (folder / "cases.toml").write_text(CASES.read_text("utf-8"), "utf-8")
    return town_target(
        Town("reed", {"zh_CN": "芦苇镇", "en": "Reed"}, folder, ("rules.toml", "later.toml"), "cases.toml")
    )


@wrong("B03")
def two_books_for_one_day(folder: Path) -> Target:
    return _two_books(folder, "2024-07-01", "2025-12-31")


@wrong("B04")
def a_year_without_rules_and_without_a_word(folder: Path) -> Target:
    return _two_books(folder, "2026-01-01", "2026-12-31")


@wrong("B05")
def scores_petitioning(folder: Path) -> Target:
    sensitive = item("Y08", "不信访", "Not petitioning", points=ITEMS[1].points)
    return good_target("category", items=(*ITEMS, sensitive))


@wrong("C01")
def no_worked_case(folder: Path) -> Target:
    return good_town(folder, cases="cases = []\n")


@wrong("C02")
def a_case_that_expects_nothing(folder: Path) -> Target:
    silent = '[[cases]]\nname = "什么也不说"\nclause = "第一条"\ndeeds = [{ item = "Y02", date = 2024-03-02 }]\n'
    return good_town(folder, cases=CASES.read_text("utf-8") + silent)


@wrong("C03")
def a_form_without_a_case(folder: Path) -> Target:
    return good_town(folder, ("points = 3", 'ladder = [-3, -5]\nper = "year"'), cases=_without("邻里互助每月一次"))


@wrong("C04")
def a_case_that_comes_out_otherwise(folder: Path) -> Target:
    return good_town(folder, cases=CASES.read_text("utf-8").replace("total = 124", "total = 125"))


def _without(name: str) -> str:
    """The worked cases but one."""
    head, *cases = CASES.read_text("utf-8").split("[[cases]]\n")
    return head + "".join(f"[[cases]]\n{case}" for case in cases if f'name = "{name}"' not in case)
