"""Decides what the tests of the checks begin with: offers that keep every promise, in memory, in a folder, or installed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve
from jifen.model import Base, Item, Limit, Measure, Subject, Window
from jifen.offers import Category, EligibilityRule, RewardPolicy, Town, VillageAggregation
from jifen.registry import Registry
from jifen_conformance.finding import target_of
from jifen_conformance.neutral import NEUTRAL
from jifen_conformance.running import Report, Verdict

if TYPE_CHECKING:
    from jifen.offers import Offer, RewardView, VillageView
    from jifen_conformance.target import Target

BOOK: Final = Path(__file__).with_name("good_town.toml")
CASES: Final = Path(__file__).with_name("good_cases.toml")


def item(code: str, zh: str, en: str, **facts: Any) -> Item:
    return Item(
        **{"code": code, "category": "reed.yards", "name": {"zh_CN": zh, "en": en}, "clause": "第一条", **facts}
    )


ITEMS: Final = (
    item("Y01", "整洁", "Tidy", base=Base(Decimal(10), Window.MONTH)),
    item("Y02", "清洁日", "Clean-up", points=Decimal(2), limits=(Limit(Window.MONTH, times=2),)),
    item("Y03", "志愿服务", "Hours", measure=Measure.QUANTITY, points=Decimal(1), each=Decimal(4), per=Window.YEAR),
    item("Y04", "散养家禽", "Loose poultry", points=Decimal(-3), limits=(Limit(Window.MONTH, takes=Decimal(6)),)),
    item("Y05", "村级活动", "Village activity", subject=Subject.VILLAGE, points=Decimal(1)),
)


def decide(households: pl.DataFrame, _villages: pl.DataFrame, _options: object) -> pl.DataFrame:
    """Who has a home and agreed takes part."""
    mine = (pl.col("site").cast(pl.String) == "home") & pl.col("consent").is_not_null()
    return households.select(
        "household",
        "village",
        mine.alias("participates"),
        pl.when(mine).then(pl.lit("reed.agreed")).alias("ground"),
        pl.when(~mine).then(pl.lit("reed.not-agreed")).alias("reason"),
        pl.when(mine).then("consent").alias("since"),
    )


def aggregate(view: VillageView, _options: object) -> pl.DataFrame:
    """A village's own deeds, an item a line."""
    return (
        view.awards.with_columns(pl.col("village", "item", "clause").cast(pl.String))
        .group_by("village", pl.col("item").alias("detail"))
        .agg(pl.col("points").sum(), pl.col("clause").min())
        .select(
            "village",
            pl.lit("reed.sum").alias("part"),
            "detail",
            "points",
            pl.lit(None, dtype=pl.Int64).alias("numerator"),
            pl.lit(None, dtype=pl.Int64).alias("denominator"),
            pl.lit(None, dtype=pl.String).alias("unit"),
            "clause",
        )
        .sort("village", "detail")
    )


def reward(view: RewardView, _options: object) -> pl.DataFrame:
    """An honour for the first place of each village."""
    best = view.standings.filter((pl.col("rank") == 1) & ~pl.col("barred")).sort("village", "household")
    return best.select(
        "village",
        pl.col("household").alias("subject"),
        pl.lit("honour").alias("kind"),
        pl.lit("model").alias("code"),
        pl.lit("积分示范户").alias("title"),
        pl.col("total").alias("points"),
        pl.lit(None, dtype=pl.Int64).alias("money"),
        pl.lit("第九条").alias("clause"),
        pl.lit("reed.first").alias("ground"),
    )


GOOD: Final[dict[str, Offer]] = {
    "category": Category("reed.yards", {"zh_CN": "庭院", "en": "Yards"}, ITEMS),
    "eligibility": EligibilityRule("reed.agreed", {"zh_CN": "自愿参加", "en": "Who agreed"}, decide),
    "aggregation": VillageAggregation("reed.sum", {"zh_CN": "合计", "en": "Sum"}, aggregate),
    "policy": RewardPolicy("reed.first", {"zh_CN": "第一名", "en": "First places"}, reward),
}
"""One of each kind that rule books name; a test takes it with `good_target(kind, field=…)`."""


def good_target(kind: str, made_by: str = "", capabilities: tuple[str, ...] = (), **changes: Any) -> Target:
    """A good offer with some of its fields changed, as a target: ``good_target("policy", reward=…)``."""
    offer: Offer = evolve(GOOD[kind], **changes)
    return target_of(offer, Registry.of(offer), capabilities=capabilities, made_by=made_by)


def good_town(
    folder: Path, *changes: tuple[str, str], cases: str | None = None, more: tuple[Offer, ...] = ()
) -> Target:
    """A good town in a folder: each change is a text of its rule book, which is there once, and what stands in its place.

    It composes the good offers above (or those of `more` that have their names) and has worked cases.
    """
    text = BOOK.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old} is there {text.count(old)} times"
        text = text.replace(old, new)
    (folder / "rules.toml").write_text(text, "utf-8")
    (folder / "cases.toml").write_text(CASES.read_text("utf-8") if cases is None else cases, "utf-8")
    town = Town("reed", {"zh_CN": "芦苇镇", "en": "Reed"}, folder, ("rules.toml",), "cases.toml")
    return town_target(town, *more)


def town_target(town: Town, *more: Offer) -> Target:
    """A town whose books compose the good offers, each of which one of `more` may replace."""
    offers = {offer.name: offer for offer in (*GOOD.values(), *more)}
    return target_of(town, Registry.of(*offers.values(), town).beside(*NEUTRAL))


def codes(report: Report) -> set[str]:
    """The codes that failed."""
    return {result.check.code for result in report.of(Verdict.FAILED)}
