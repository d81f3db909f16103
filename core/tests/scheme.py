"""Decides how tests make small rule books and deeds: everybody takes part, nothing but awards and standings is looked at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from jifen import frames
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.model import BookCategory, Grade, Item, Part, RuleBook, SharedLimit, Status, Total, Window
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.period import Period
from jifen.registry import Registry

if TYPE_CHECKING:
    from jifen.settlement import Settlement

CATEGORY = "test.all"
OTHER = "test.other"


def everybody(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
    del villages, options
    return households.select(
        "household",
        "village",
        pl.lit(value=True).alias("participates"),
        pl.lit("test.all").alias("ground"),
        pl.lit(None, dtype=pl.String).alias("reason"),
        pl.lit(None, dtype=pl.Date).alias("since"),
    )


REGISTRY = Registry.of(
    EligibilityRule("test.everybody", {"zh_CN": "全体"}, everybody),
    Category(CATEGORY, {"zh_CN": "全部"}),
    Category(OTHER, {"zh_CN": "其他"}),
    VillageAggregation("test.none", {"zh_CN": "无"}, lambda view, options: frames.VILLAGE_PARTS.empty()),
    RewardPolicy("test.none", {"zh_CN": "无"}, lambda view, options: frames.REWARDS.empty()),
)


def number(text: str | int) -> Decimal:
    return Decimal(text)


def item(code: str = "A", **facts: Any) -> Item:
    facts = {"category": CATEGORY, "name": {"zh_CN": code}, "clause": "第一条", **facts}
    return Item(code=code, **facts)


def book(*items: Item, places: int = 1, **facts: Any) -> RuleBook:
    values: dict[str, Any] = {
        "name": "test",
        "title": {"zh_CN": "试验"},
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2025, 12, 31),
        "status": Status.APPROVED,
        "eligibility": Part("test.everybody"),
        "village": Part("test.none"),
        "rewards": Part("test.none"),
        "categories": (BookCategory(CATEGORY), BookCategory(OTHER)),
        **facts,
    }
    return RuleBook(items=items, places=places, **values)


def deed(name: str, day: str, item: str = "A", *, subject: str = "H1", **facts: Any) -> dict[str, Any]:
    """A deed in 2025; `day` as ``03-01``; quantities and marks as people say them."""
    on = date.fromisoformat(f"2025-{day}")
    row = {"deed": name, "village": "V1", "subject": subject, "item": item, "date": on, "recorded": on, **facts}
    row.setdefault("status", "approved")
    if row.get("quantity") is not None:
        row["quantity"] = int(Decimal(row["quantity"]) * frames.QUANTITY_UNIT)
    if row.get("marks") is not None:
        row["marks"] = [int(Decimal(mark) * frames.QUANTITY_UNIT) for mark in row["marks"]]
    return row


def inputs(deeds: list[dict[str, Any]], households: tuple[str, ...] = ("H1", "H2")) -> Inputs:
    home = {"village": "V1", "group": "1组", "name": "王芳", "site": "home", "living": 2}
    return Inputs(
        frames.VILLAGES.make([{"village": "V1", "name": "荷塘村", "groups": 3}]),
        frames.HOUSEHOLDS.make(
            [{**home, "household": code, "registered": True, "homestead": True} for code in households]
        ),
        frames.DEEDS.make(deeds),
    )


def settled(rules: RuleBook, *deeds: dict[str, Any], period: str = "2025") -> Settlement:
    return settle(rules, REGISTRY, inputs(list(deeds)), Period.parse(period))


def points(settlement: Settlement) -> dict[str, Decimal]:
    """Points by deed, in points."""
    unit = settlement.book.unit
    return {row["deed"]: Decimal(row["points"]) / unit for row in settlement.awards.iter_rows(named=True)}


def total(settlement: Settlement, household: str = "H1") -> Decimal:
    found = settlement.standings.filter(pl.col("household") == household)
    return Decimal(found["total"].item()) / settlement.book.unit


__all__ = ["Grade", "SharedLimit", "Total", "Window"]
