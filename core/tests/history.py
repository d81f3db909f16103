"""Decides how tests make up a history of records: told day by day, forwards, so that nothing is worked out backwards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen
from jifen.goods import Good, Purse, Shop
from jifen.model import Base, Grade, Limit, Measure, PutRight, Subject, Total, Veto, VetoEffect, Window

from core.tests.scheme import OTHER, book, item, number

if TYPE_CHECKING:
    from random import Random

    from jifen.model import RuleBook

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)
PERIOD = "2025-03"
DAYS = (LAST - FIRST).days + 1
HOUSEHOLDS = tuple(f"H{number}" for number in range(1, 6))
MONTH = Window.MONTH
BOOK: RuleBook = book(
    item("base", base=Base(number(100), MONTH)),
    item("clean", points=number(12), limits=(Limit(MONTH, times=2),)),
    item("hours", measure=Measure.QUANTITY, points=number(1), each=number(4), limits=(Limit(MONTH, gives=number(3)),)),
    item("stray", ladder=(number(-5), number("-7.5"), number(-20)), per=MONTH),
    item("mended", put_right=PutRight(("stray",), within_days=30)),
    item("prize", category=OTHER, measure=Measure.GRADE, grades={"good": number(8), "bad": number(-3)}),
    item("crime", category=OTHER, veto=Veto((VetoEffect.ZERO_TOTAL, VetoEffect.NO_HONOURS))),
    item("care", category=OTHER, subject=Subject.VILLAGE, points=number(3)),
    total=Total((Limit(MONTH, ceiling=number(125)),), "第九条"),
    grades=(Grade("high", {"zh_CN": "高"}, at_least=number(110)), Grade("low", {"zh_CN": "低"})),
    purses=(Purse("spend", {"zh_CN": "可用积分"}, "第十条"),),
    shop=Shop("spend", "第十一条", (Good("soap", {"zh_CN": "肥皂"}, number(5), stock=3),)),
)
"""Base, limits of every kind, a ladder, a veto, what puts right, a village's item, grades, a purse and a shop."""
ITEMS = ("clean", "clean", "hours", "stray", "stray", "mended", "prize", "crime", "care")


@frozen
class Story:
    """What became of one record, each step on its day."""

    facts: dict[str, Any]
    recorded: date
    approved: date | None = None
    ended: date | None = None
    end: str = "cancelled"

    def by(self, day: date) -> dict[str, Any] | None:
        """The record as it stood at the end of a day; None before it was made."""
        if self.recorded > day:
            return None
        row = {**self.facts, "recorded": self.recorded, "status": "pending"}
        if self.approved is not None and self.approved <= day:
            row |= {"status": "approved", "approved": self.approved, "decided": self.approved, "approved_by": "赵强"}
        if self.ended is not None and self.ended <= day:
            row |= {"status": self.end, "decided": self.ended}
            if self.approved is None and self.end == "cancelled":
                row |= {"approved": self.ended}  # withdrawn before anyone approved it: one day for both
        return row


@frozen
class Wish:
    """What became of one request."""

    facts: dict[str, Any]
    withdrawn: date | None = None

    def by(self, day: date) -> dict[str, Any] | None:
        """The request as it stood at the end of a day."""
        if self.facts["date"] > day:
            return None
        gone = self.withdrawn is not None and self.withdrawn <= day
        return {**self.facts, "status": "cancelled", "decided": self.withdrawn} if gone else {**self.facts}


def invented(random: Random, deeds: int = 60, wishes: int = 12) -> tuple[list[Story], list[Wish]]:
    """Records in the order in which they were made, and requests in the order of their days."""
    stories = sorted((_story(random, at) for at in range(deeds)), key=lambda each: (each.recorded, each.facts["deed"]))
    found = [_wish(random, at) for at in range(wishes)]
    return stories, sorted(found, key=lambda each: (each.facts["date"], each.facts["request"]))


def _some(random: Random, start: date, longest: int) -> date:
    return start + timedelta(days=random.randint(0, longest))


def _story(random: Random, at: int) -> Story:
    code = random.choice(ITEMS)
    done = _some(random, FIRST, DAYS - 1)
    facts = {
        "deed": f"d{at:03}",
        "village": "V1",
        "subject": "V1" if code == "care" else random.choice(HOUSEHOLDS),
        "item": code,
        "date": done,
        "quantity": random.randint(1, 12) * 1000 if code == "hours" else None,
        "grade": random.choice(("good", "bad")) if code == "prize" else None,
        "refers": f"d{random.randrange(60):03}" if code == "mended" else None,
        "recorded_by": "张丽",
    }
    recorded = _some(random, done, random.choice((0, 3, 12)))
    approved = random.choice((None, recorded, _some(random, recorded, 8)))
    if random.random() > 0.4:
        return Story(facts, recorded, approved)
    ended = _some(random, approved or recorded, 10)
    return Story(facts, recorded, approved, ended, random.choice(("cancelled", "rejected")))


def _wish(random: Random, at: int) -> Wish:
    day = _some(random, FIRST, DAYS - 1)
    home = random.choice(HOUSEHOLDS)
    facts = {"request": f"x{at:02}", "village": "V1", "household": home, "good": "soap", "date": day, "pieces": 1}
    withdrawn = _some(random, day, 6) if random.random() < 0.3 else None
    return Wish({**facts, "status": "requested"}, withdrawn)
