"""Kept settlements of the invented Luting: four villages of two households each, whose scores a test chooses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from jifen import frames
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.keeping import keep
from jifen.model import BookCategory, Item, Measure, Part, RuleBook, Status, Subject
from jifen.period import Period
from jifen.registry import Registry
from jifen_pudong.eligibility import Presences
from jifen_pudong.reward_options import Rewards

from plugins.pudong.tests.district_data import installed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BOOK = RuleBook(
    name="luting",
    title={"zh_CN": "芦汀镇积分细则"},
    valid_from=date(2023, 1, 1),
    valid_to=date(2026, 12, 31),
    status=Status.DRAFT,
    eligibility=Part("pudong.three-presences", Presences()),
    village=Part("pudong.assessment"),
    rewards=Part("pudong.honours-and-exchange", Rewards()),
    categories=(BookCategory("luting.all", title={"zh_CN": "全部"}, own=True),),
    items=(
        Item("A01", "luting.all", {"zh_CN": "参加清洁日"}, "第一条", points=Decimal(3)),
        Item(
            "K01",
            "luting.all",
            {"zh_CN": "村级工作"},
            "第二条",
            subject=Subject.VILLAGE,
            measure=Measure.QUANTITY,
            points=Decimal(1),
        ),
    ),
    places=0,
)


def settled(
    folder: Path,
    period: str,
    scores: Mapping[str, int],
    taking_part: Mapping[str, int],
    *,
    town: str = "A",
    clean_ups: int = 1,
) -> Path:
    """Keeps one settlement in the district's folder.

    `scores` are the village scores, `taking_part` how many of each village's two households agreed; each of them joined
    so many clean-ups.
    """
    span = Period.parse(period)
    households, deeds = [], []
    for village, score in scores.items():
        deeds.append(_deed(f"K-{village}", village, village, "K01", span, score * 1000))
        for number in range(1, 3):
            joins = number <= taking_part[village]
            households.append(_household(f"{village}-{number}", village, joins=joins))
            deeds += [
                _deed(f"C-{village}-{number}-{turn}", village, f"{village}-{number}", "A01", span)
                for turn in range(clean_ups if joins else 0)
            ]
    villages = frames.VILLAGES.make(
        {"village": village, "name": village, "groups": 5, "resolution": "示例1号", "resolution_date": date(2023, 5, 1)}
        for village in scores
    )
    inputs = Inputs(villages, frames.HOUSEHOLDS.make(households), frames.DEEDS.make(deeds))
    registry = installed()
    found = folder / "settlements" / town / period
    keep(settle(BOOK, registry, inputs, span, town=town), inputs, found, Registry.of())
    return found


def _household(number: str, village: str, *, joins: bool) -> dict[str, object]:
    return {
        "household": number,
        "village": village,
        "group": "1组",
        "name": "王小明",
        "site": "home",
        "registered": True,
        "homestead": True,
        "living": 2,
        "consent": date(2023, 5, 5) if joins else None,
    }


def _deed(
    deed: str, village: str, subject: str, item: str, span: Period, quantity: int | None = None
) -> dict[str, object]:
    return {
        "deed": deed,
        "village": village,
        "subject": subject,
        "item": item,
        "date": span.start,
        "recorded": span.start,
        "quantity": quantity,
        "status": "approved",
    }
