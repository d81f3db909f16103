"""Decides which deeds a village has: whose, by which item, on which day, and which of them were put right."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from jifen.deed_rules import takes_deeds
from jifen.in_force import books_in
from jifen.model import Subject

from jifen_demo.habits import day_weights, takes_points, weights, yearly
from jifen_demo.names import Whole, Yes, weighted

if TYPE_CHECKING:
    import numpy.typing as npt
    from jifen.model import Item, RuleBook
    from jifen.period import Period
    from numpy.random import Generator

    from jifen_demo.register import Village

APPROVED, PENDING, REJECTED, CANCELLED = range(4)
STATUSES = ("approved", "pending", "rejected", "cancelled")
_STATUS_SHARES = (0.955, 0.015, 0.01, 0.02)
VILLAGE = -1
"""The subject of a village's own deed; other subjects are places in its households."""
_MENDED = 0.4
"""The share of what can be put right that is; somewhat more than a tenth of it comes too late."""
_MENDING_DAYS = 45


@frozen(eq=False)
class Draft:
    """Deeds as columns of numbers.

    `item` gives places in the items, `day` counts from the period's first, `refers` gives an `id` or -1; `assured`
    deeds are there so that their item occurs, and count without objection.
    """

    id: Whole
    item: Whole
    subject: Whole
    day: Whole
    status: Whole
    refers: Whole
    assured: Yes

    @classmethod
    def of(
        cls,
        first: int,
        item: Whole,
        subject: Whole,
        day: Whole,
        status: Whole | None = None,
        refers: Whole | None = None,
        *,
        assured: bool,
    ) -> Draft:
        """Deeds numbered from `first` on."""
        return cls(
            id=np.arange(first, first + len(item)),
            item=item,
            subject=subject,
            day=day,
            status=np.zeros(len(item), dtype=np.int64) if status is None else status,
            refers=np.full(len(item), -1, dtype=np.int64) if refers is None else refers,
            assured=np.full(len(item), assured),
        )

    def __len__(self) -> int:
        return len(self.id)

    def __add__(self, other: Draft) -> Draft:
        """The deeds of both."""
        return Draft(*(np.concatenate(pair) for pair in zip(self._columns(), other._columns(), strict=True)))

    def take(self, rows: npt.NDArray[np.intp] | Yes) -> Draft:
        """Some of the rows."""
        return Draft(*(column[rows] for column in self._columns()))

    def _columns(self) -> tuple[npt.NDArray[Any], ...]:
        return (self.id, self.item, self.subject, self.day, self.status, self.refers, self.assured)


def draft_deeds(rng: Generator, book: RuleBook, village: Village, villages: int, period: Period, deeds: int) -> Draft:
    """`deeds` deeds of the village's households (more where every item would not fit), and the village's own.

    Where the rules change within the period, each book has the deeds of its own days.
    """
    parts: list[Draft] = []
    place = number = 0
    days = day_weights(period)
    for each in books_in(book):
        low = max((each.valid_from - period.start).days, 0)
        high = min((each.valid_to - period.start).days + 1, len(days))
        # The last book brings the rules of those before it along: its own stand at the end.
        items = tuple(evolve(item, since=None, until=None) for item in each.items[place if each is book else 0 :])
        part = _under(rng, items, village, villages, days[low:high], deeds * (high - low) // len(days))
        refers = np.where(part.refers < 0, -1, part.refers + number)
        parts.append(evolve(part, id=part.id + number, item=part.item + place, day=part.day + low, refers=refers))
        place, number = place + len(items), number + int(part.id.max(initial=-1)) + 1
    return functools.reduce(operator.add, parts)


def _under(
    rng: Generator,
    items: tuple[Item, ...],
    village: Village,
    villages: int,
    days: npt.NDArray[np.float64],
    deeds: int,
) -> Draft:
    """The deeds of the days of one book."""
    assured = _assured(rng, items, village, days)
    ordinary = _ordinary(rng, items, village, days, max(0, deeds - len(assured)), len(assured))
    both = _mend(rng, items, village, assured + ordinary, len(days))
    return both + _own(rng, items, village, villages, days, int(both.id.max(initial=-1)) + 1)


def _mendable(items: tuple[Item, ...]) -> set[str]:
    return {code for item in items if item.put_right for code in item.put_right.items}


def _assured(rng: Generator, items: tuple[Item, ...], village: Village, days: npt.NDArray[np.float64]) -> Draft:
    """Each item once; a ladder climbed to its end by one household; two of what can be mended, one of which will be."""
    mendable = _mendable(items)
    candidates = np.flatnonzero(village.from_start)
    if not len(candidates):
        candidates = np.arange(village.households.height)
    item: list[int] = []
    subject: list[int] = []
    early: list[bool] = []
    for place, rule in enumerate(items):
        if rule.subject is not Subject.HOUSEHOLD or rule.put_right or not takes_deeds(rule):
            continue
        if not rule.holds_in(village.code):
            continue
        copies = max(len(rule.ladder), 2 if rule.code in mendable else 1)
        who = rng.choice(candidates, 2 if copies > 1 and not rule.ladder else 1)
        item += [place] * copies
        subject += [int(who[copy % len(who)]) for copy in range(copies)]
        early += [rule.code in mendable] * copies
    third = max(1, len(days) // 3)
    day = np.where(early, weighted(rng, days[:third], len(item)), weighted(rng, days, len(item)))
    return Draft.of(0, np.array(item, dtype=np.int64), np.array(subject, dtype=np.int64), day, assured=True)


def _ordinary(
    rng: Generator, items: tuple[Item, ...], village: Village, days: npt.NDArray[np.float64], count: int, first: int
) -> Draft:
    """What households do: some are diligent, some careless, so that limits bite and ladders are climbed."""
    shares = weights(items) * [rule.holds_in(village.code) for rule in items]
    if not shares.sum():
        count = 0
    item = weighted(rng, shares, count) if count else np.zeros(0, dtype=np.int64)
    activity = np.where(village.takes_part, 1.0, 0.12)
    diligent = activity * rng.gamma(2.5, 1.0, len(activity))
    careless = activity * rng.gamma(0.4, 1.0, len(activity)) + 1e-9
    bad = np.array([takes_points(rule) for rule in items], dtype=bool)[item] if count else np.zeros(0, dtype=bool)
    subject = np.where(bad, weighted(rng, careless, count), weighted(rng, diligent, count))
    status = weighted(rng, _STATUS_SHARES, count)
    return Draft.of(first, item, subject, weighted(rng, days, count), status, assured=False)


def _mend(rng: Generator, items: tuple[Item, ...], village: Village, deeds: Draft, span: int) -> Draft:
    """Deeds with those that put an earlier one right; each takes the place of an ordinary deed."""
    places = {rule.code: place for place, rule in enumerate(items) if rule.holds_in(village.code)}
    free = np.ones(len(deeds), dtype=bool)
    for place, rule in enumerate(items):
        if not rule.put_right or rule.subject is not Subject.HOUSEHOLD or not rule.holds_in(village.code):
            continue
        targets = [places[code] for code in rule.put_right.items if code in places]
        rows = np.flatnonzero(
            np.isin(deeds.item[: len(free)], targets) & free & (deeds.status[: len(free)] == APPROVED)
        )
        if not len(rows):
            continue
        first = np.array([rows[np.argmax(deeds.assured[rows] & (deeds.item[rows] == target))] for target in targets])
        sure = np.isin(rows, first) & deeds.assured[rows]
        within = rule.put_right.within_days or _MENDING_DAYS
        delay = 1 + (rng.random(len(rows)) * within * np.where(sure, 0.8, 1.15)).astype(np.int64)
        day = deeds.day[rows] + np.where(sure, np.minimum(delay, within), delay)
        wanted = sure | (rng.random(len(rows)) < _MENDED) & (day < span) & village.takes_part[deeds.subject[rows]]
        rows, day, sure = rows[wanted], np.minimum(day, span - 1)[wanted], sure[wanted]
        free[rows] = False
        mending = Draft.of(
            int(deeds.id.max()) + 1,
            np.full(len(rows), place, dtype=np.int64),
            deeds.subject[rows],
            day,
            np.where(sure, APPROVED, weighted(rng, _STATUS_SHARES, len(rows))),
            deeds.id[rows],
            assured=False,
        )
        deeds = deeds + evolve(mending, assured=sure)
    return _room(rng, items, deeds, len(deeds) - len(free))


def _room(rng: Generator, items: tuple[Item, ...], deeds: Draft, count: int) -> Draft:
    """The deeds without `count` ordinary ones that nothing refers to."""
    bad = np.array([takes_points(rule) or rule.put_right is not None for rule in items], dtype=bool)
    spare = np.flatnonzero(~deeds.assured & ~bad[deeds.item]) if len(deeds) else np.zeros(0, dtype=np.intp)
    keep = np.ones(len(deeds), dtype=bool)
    keep[rng.permutation(spare)[:count]] = False
    keep[np.isin(deeds.id, deeds.refers)] = True
    return deeds.take(keep)


def _own(
    rng: Generator, items: tuple[Item, ...], village: Village, villages: int, days: npt.NDArray[np.float64], first: int
) -> Draft:
    """The village's own deeds: each at least once; each that costs it points in one village of the town at least."""
    item: list[int] = []
    sure: list[bool] = []
    for place, rule in enumerate(items):
        if rule.subject is not Subject.VILLAGE or not takes_deeds(rule) or rule.put_right:
            continue
        if not rule.holds_in(village.code):
            continue
        at_least = 1 if not takes_points(rule) or place % villages == village.index else 0
        count = max(at_least, int(rng.poisson(yearly(rule) * len(days) / 365)))
        item += [place] * count
        sure += [copy < at_least for copy in range(count)]
    status = np.where(sure, APPROVED, weighted(rng, _STATUS_SHARES, len(item)))
    subject = np.full(len(item), VILLAGE, dtype=np.int64)
    own = Draft.of(
        first, np.array(item, dtype=np.int64), subject, weighted(rng, days, len(item)), status, assured=False
    )
    return evolve(own, assured=np.array(sure, dtype=bool))
