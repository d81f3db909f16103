"""Decides by which rules a period is settled: one book, or several that follow each other within it (R16).

Books that follow each other become one: each rule says from and until when it holds, as a village's rule says where. A
deed falls under the rules of its day. What is decided at the end of a period (who takes part, grades, ranks, village
scores, rewards) is decided by the last book.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import evolve

from jifen.model import AtChange
from jifen.period import starts_window
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jifen.model import Item, RuleBook
    from jifen.offers import Pause
    from jifen.period import Period

LASTING: Final = ("places", "purses", "shop")
"""What cannot change within a settled period: sums in it would be of two kinds."""

_DAY: Final = timedelta(days=1)


def book_for(books: Sequence[RuleBook], period: Period, pauses: Sequence[Pause] = ()) -> RuleBook:
    """The rules of a period; `books` in the order of their dates, `pauses` as the town announced them.

    Raises `Refused` where some day has no rules and no pause says why, and where the books that follow each other
    cannot be settled together.
    """
    touching = [book for book in books if book.valid_from <= period.end and book.valid_to >= period.start]
    facts: dict[str, object] = {"period": period.name, "start": period.start, "end": period.end}
    have = "; ".join(f"{book.name} {book.valid_from}–{book.valid_to}" for book in touching or books) or "–"
    if not touching:
        raise Refused([Problem("rulebook.none-in-force", facts={**facts, "have": have})])
    spans = sorted([(book.valid_from, book.valid_to) for book in touching] + [(p.first, p.last) for p in pauses])
    day = period.start
    for first, last in spans:
        if first <= day <= last:
            day = last + _DAY
    if day <= period.end:
        raise Refused([Problem("rulebook.part-in-force", facts={**facts, "have": have, "day": day})])
    return following(touching)


def following(books: Sequence[RuleBook]) -> RuleBook:
    """Books in the order of their dates as one: the last one, with the rules of those before for their days.

    Raises `Refused` where they cannot be settled together.
    """
    if len(books) == 1:
        return books[0]
    problems = [problem for before, after in pairwise(books) for problem in _apart(before, after)]
    if problems:
        raise Refused(problems)
    last = books[-1]
    items = [
        evolve(item, since=None if book is books[0] else book.valid_from, until=None if book is last else book.valid_to)
        for book in books
        for item in book.items
    ]
    known = {category.name: category for book in books for category in book.categories}
    own = {category.name for category in last.categories}
    # A category of before keeps its name and title; its limits are those of its own book.
    gone = tuple(evolve(category, limits=()) for name, category in known.items() if name not in own)
    # Each book keeps its own digest: that is what was approved.
    return evolve(last, items=tuple(items), categories=(*last.categories, *gone), earlier=tuple(books[:-1]))


def _apart(before: RuleBook, after: RuleBook) -> Iterator[Problem]:
    facts: dict[str, object] = {"before": before.name, "after": after.name, "day": after.valid_from}
    changed = [key for key in LASTING if getattr(before, key) != getattr(after, key)]
    if changed:
        yield Problem("rulebook.change-of-kind", facts={**facts, "keys": ", ".join(changed)})
    if after.at_change is AtChange.ANEW:
        for item in after.items:
            if item.base is not None and _within(item, after):
                yield Problem("rulebook.anew-within-base", facts={**facts, "item": item.code})


def _within(item: Item, after: RuleBook) -> bool:
    """Whether a window of the item's base runs across the first day of the book: its points stay behind in the sum."""
    return item.base is not None and not starts_window(item.base.per, after.valid_from)
