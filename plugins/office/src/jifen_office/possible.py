"""Decides what a household is told that it can still do, and what a deed would give it now (R11, R20).

Both are asked of the rule book and a settlement of the household by itself, in which everything that is on its way
counts as if it were final: nothing is promised twice. How much is left is at most so much, for what happens later may
take of it, too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen import frames
from jifen.account_words import cut_in_words
from jifen.describe import describe_item
from jifen.explain import explain_deed
from jifen.frames import plain
from jifen.model import Subject
from jifen.period import Period
from jifen.wording import at_a_glance
from jifen.words import title

from jifen_office import rules
from jifen_office.room import Left, Reckoning, least
from jifen_office.settling import settle_village

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook

    from jifen_office.register.models import Household

_ASKED: Final = "what-if"


@frozen
class Possible:
    """An item that can give points to a household today."""

    code: str
    name: str
    category: str
    clause: str
    glance: str
    """Its points as one short figure: ``+12``."""
    words: tuple[str, ...]
    """The rule in sentences, the first of which can stand alone."""
    times_left: int | None
    """How many times more it counts; None where there is no end of them."""
    points_left: int | None
    """How much more it can give at most, in the book's smallest unit; None where there is no end."""
    until: date | None
    """Last day of the window in which that is so."""

    @property
    def used_up(self) -> bool:
        """Whether nothing more can be had of it for now."""
        return self.times_left == 0 or self.points_left == 0


@frozen
class WhatIf:
    """What a deed would give, in the book's smallest unit, and what limits take of it, in words."""

    points: int
    gross: int
    cuts: tuple[str, ...]


def can_still_do(household: Household, period: str, today: date) -> list[Possible]:
    """The items that can give a household points today, in the order of the book, those used up among them.

    There are none for a household that does not take part, or not yet. Raises `Refused` as
    `jifen_office.settling.settle_village` does.
    """
    span = Period.parse(period)
    settlement = settle_village(household.village, period, only=household, pending_too=True)
    book, village = settlement.book.on(today), household.village.code
    if settlement.participants.filter(pl.col("participates") & (pl.col("since") <= today)).is_empty():
        return []
    reckoning = Reckoning(settlement, book, span, today, tuple(household.members.values_list("name", flat=True)))
    titles = {category.name: title(category.title) for category in book.categories}
    found = []
    for item in settlement.book.items_in(village, today).values():
        if item.subject is Subject.HOUSEHOLD and gives(item):
            left: list[Left | None] = [least(reckoning.left(item, *each)) for each in reckoning.limits(item)]
            left += reckoning.left_by_vetoes()
            found.append(_possible(item, settlement.book, titles.get(item.category, ""), left))
    return found


def gives(item: Item) -> bool:
    """Whether a deed of the item can add points by itself: no deduction, no base, nothing that puts right."""
    values = [rate.points for rate in item.rates] + [step.points for step in (*item.tiers, *item.bands)]
    values += [*item.ladder, *item.grades.values()]
    values += [] if item.named is None else [item.named.most]
    values += [] if item.points is None else [item.points]
    return item.scored_by_plugin or any(value > 0 for value in values)


def what_if_now(
    household: Household,
    item: str,
    today: date,
    *,
    quantity: int | None = None,
    grade: str | None = None,
    marks: list[int] | None = None,
    member: str | None = None,
    note: str | None = None,
) -> WhatIf:
    """What a deed of today would give on top of all that is recorded, once it is shown and approved.

    Quantities and marks are in thousandths.

    Raises `Refused` where the town's rules say nothing of such a deed, or it lacks what its item needs.
    """
    village = household.village
    rule = rules.item_of(rules.book_of(village.town.code, today), item, village.code, today)
    period = rules.period_of(village.town.code, today).name
    before = settle_village(village, period, only=household, pending_too=True)
    row = {
        "deed": _ASKED, "village": village.code, "subject": household.code, "item": item, "date": today,
        "recorded": today, "status": "approved", "quantity": quantity, "grade": grade, "marks": marks,
        "member": member, "note": note, "evidence": "|".join(rule.evidence).replace("/", "|") or None,
        "approved_by": "|".join(map(str, range(rule.approvals))) or None,
    }  # fmt: skip
    after = before.update(frames.DEEDS.make([row]))
    told = plain(after.awards).filter(pl.col("deed") == _ASKED)
    if told.is_empty():
        return WhatIf(0, 0, ())
    point = explain_deed(after, _ASKED)
    cuts = tuple(cut_in_words(after.book, each) for each in getattr(point, "cuts", ()))
    # A ladder's or a tier's deed of an earlier day changes what later ones give: only the sum tells the whole.
    change = int(after.awards["points"].sum()) - int(before.awards["points"].sum())
    return WhatIf(change, int(told["gross"].sum()), cuts)


def _possible(item: Item, book: RuleBook, category: str, left: list[Left | None]) -> Possible:
    bounds = [each for each in left if each is not None]
    times = [each.times for each in bounds if each.times is not None]
    points = [each.points for each in bounds if each.points is not None]
    # The window that people have to wait for, where something is used up; else the next one that ends.
    spent = [each.until for each in bounds if each.times == 0 or each.points == 0]
    return Possible(
        item.code,
        title(item.name),
        category,
        item.clause,
        at_a_glance(item),
        tuple(describe_item(item, book)),
        min(times, default=None),
        min(points, default=None),
        max(spent) if spent else min((each.until for each in bounds), default=None),
    )


def next_day(possible: Possible) -> date | None:
    """The first day on which an item that is used up gives points again."""
    return possible.until + timedelta(days=1) if possible.used_up and possible.until else None
