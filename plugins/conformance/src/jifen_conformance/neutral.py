"""Decides in what an offer is tried that is no town: a book that composes nothing but it, with deeds of every sort."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve
from jifen import frames
from jifen.digest import digest
from jifen.model import (
    Base,
    BookCategory,
    Grade,
    Item,
    Limit,
    Measure,
    Part,
    RuleBook,
    Status,
    Subject,
    Total,
    Veto,
    VetoEffect,
    Window,
)
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen.offers import Offer, RewardView, VillageView

CATEGORY: Final = "conformance.deeds"
YEAR: Final = 2024
"""A leap year, so that its 29th of February is there to be tried."""
_TITLE: Final = {"zh_CN": "一致性检查用", "en": "For the checks"}


def _everybody(households: pl.DataFrame, _villages: pl.DataFrame, _options: object) -> pl.DataFrame:
    return households.select(
        "household",
        "village",
        pl.lit(value=True).alias("participates"),
        pl.lit("conformance.everybody").alias("ground"),
        pl.lit(None, dtype=pl.String).alias("reason"),
        pl.lit(None, dtype=pl.Date).alias("since"),
    )


def _no_parts(_view: VillageView, _options: object) -> pl.DataFrame:
    return frames.VILLAGE_PARTS.empty()


def _no_rewards(_view: RewardView, _options: object) -> pl.DataFrame:
    return frames.REWARDS.empty()


NEUTRAL: Final = (
    EligibilityRule("conformance.everybody", {"zh_CN": "全体家庭户", "en": "Everybody"}, _everybody),
    VillageAggregation("conformance.none", {"zh_CN": "不计村分", "en": "No village score"}, _no_parts),
    RewardPolicy("conformance.none", {"zh_CN": "不设奖励", "en": "No rewards"}, _no_rewards),
)


def _item(code: str, zh: str, en: str, **facts: Any) -> Item:
    return Item(code=code, category=CATEGORY, name={"zh_CN": zh, "en": en}, clause="第一条", **facts)


def deeds_of_every_sort() -> tuple[Item, ...]:
    """Items that make standings and village awards differ: base, times, quantity, grade, deduction, a village's own."""
    grades = {"优": Decimal(5), "良": Decimal(3), "差": Decimal(0)}
    return (
        _item("T01", "基础分", "Base", base=Base(Decimal(100), Window.YEAR)),
        _item("T02", "清洁日", "Clean-up", points=Decimal(2), limits=(Limit(Window.MONTH, times=2),)),
        _item(
            "T03", "志愿服务", "Hours", measure=Measure.QUANTITY, points=Decimal(1), each=Decimal(4), per=Window.YEAR
        ),
        _item("T04", "庭院", "Yard", measure=Measure.GRADE, grades=grades),
        _item("T05", "散养家禽", "Loose poultry", points=Decimal(-3)),
        _item("T06", "违法行为", "Unlawful conduct", veto=Veto((VetoEffect.LOWEST_GRADE, VetoEffect.NO_HONOURS))),
        _item("T07", "村级活动", "Village activity", subject=Subject.VILLAGE, points=Decimal(1)),
        _item("T08", "村级失分", "Village fault", subject=Subject.VILLAGE, points=Decimal(-1)),
    )


def neutral_book(offer: Offer, options: object = None, beside: Iterable[Category] = ()) -> RuleBook:
    """The book around one offer that a rule book names; `options` are the offer's own, structured.

    `beside` are categories that the same plugin offers: an aggregation or a policy may be made for their items, so they
    take the place of the neutral ones for the subjects that they score.
    """
    named = (offer,) if isinstance(offer, Category) else tuple(each for each in beside if each.items)
    items = tuple(item for category in named for item in category.items)
    if isinstance(offer, Category):
        items = items or (_own_item(offer),)
        neutral: tuple[Item, ...] = ()
    else:
        scored = {item.subject for item in items}
        neutral = tuple(item for item in deeds_of_every_sort() if item.subject not in scored)
    own = (BookCategory(CATEGORY, "第一条", {"zh_CN": "记录", "en": "Deeds"}, own=True),) if neutral else ()
    book = RuleBook(
        name=f"conformance-{YEAR}",
        title=_TITLE,
        valid_from=date(YEAR, 1, 1),
        valid_to=date(YEAR, 12, 31),
        status=Status.SAMPLE,
        eligibility=_part(offer, EligibilityRule, "conformance.everybody", options),
        village=_part(offer, VillageAggregation, "conformance.none", options),
        rewards=_part(offer, RewardPolicy, "conformance.none", options),
        categories=(*(BookCategory(each.name, "第一条", each.title) for each in named), *own),
        items=(*items, *neutral),
        total=Total(clause="第二条"),
        grades=(
            Grade("good", {"zh_CN": "良好", "en": "Good"}, at_least=Decimal(100)),
            Grade("other", {"zh_CN": "其他", "en": "Other"}),
        ),
    )
    return evolve(book, digest=digest(book))


def _part(offer: Offer, kind: type[Offer], neutral: str, options: object) -> Part:
    return Part(offer.name, options) if isinstance(offer, kind) else Part(neutral)


def _own_item(category: Category) -> Item:
    """The item of a category that brings none: scored by its scorer, where it has one, else one point a deed."""
    return Item(
        code="T01",
        category=category.name,
        name={"zh_CN": "记录", "en": "Deed"},
        clause="第一条",
        points=Decimal(1),
        scored_by_plugin=category.scorer is not None,
    )
