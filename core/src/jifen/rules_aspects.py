"""Decides which keys of a rule belong together and in which sentences they are told, so that changes can be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final

import attrs
from attrs import evolve, frozen

from jifen.describe import describe_grades, describe_limit, describe_shared, how_much, on_what
from jifen.describe_shop import describe_purses, describe_shop
from jifen.due_process import Process, describe_process
from jifen.goods import Good, Purse, Shop
from jifen.model import (
    Approval,
    BookCategory,
    Grade,
    Item,
    Limit,
    Ranking,
    RuleBook,
    SharedLimit,
    Total,
    VillageLayer,
)
from jifen.steps import Step, steps_of
from jifen.steps_words import day, told
from jifen.words import say, title


class Kind(StrEnum):
    """What a difference is about."""

    NEW = "new"
    DROPPED = "dropped"
    POINTS = "points"
    THRESHOLDS = "thresholds"
    """What must be reached: grades, tiers, bands."""
    LIMITS = "limits"
    EVIDENCE = "evidence"
    """Evidence and approvals that a record needs."""
    NAMES = "names"
    CLAUSE = "clause"
    STATUS = "status"
    DATES = "dates"
    APPROVAL = "approval"
    ELIGIBILITY = "eligibility"
    VILLAGE = "village"
    """How a village's score comes about."""
    REWARDS = "rewards"
    RANKING = "ranking"
    PURSES = "purses"
    SHOP = "shop"
    PROCESS = "process"
    """Posting and objections."""
    BELOW = "below"
    """What villages may change."""
    LAYERS = "layers"
    """What villages decided for themselves."""
    OTHER = "other"


_STRETCH: Final = frozenset({"at", "upto"})
"""Keys of tiers, bands and brackets that say from or up to where, not how much."""

Words = Callable[[Any, RuleBook], Sequence[str]]
"""A thing and the book in which it stands → its sentences."""


@frozen
class Aspect:
    """Keys that are told together, and how."""

    kind: Kind
    """What a change of them is about."""
    keys: tuple[str, ...]
    """The keys."""
    words: Words = lambda _thing, _book: ()
    """Their sentences; without them a change is told key by key."""

    def change(self, old: Any, new: Any, books: tuple[RuleBook, RuleBook]) -> tuple[Kind, list[str], list[str]] | None:
        """What the change is about, how it was and how it is; None where it means the same.

        A step that changes no sentence, taken alone from the one side or the other, is told by its key.
        """
        there = list(steps_of(old, new, self.keys))
        if not there:
            return None
        back = {step.path: step for step in steps_of(new, old, self.keys)}
        was, now = list(self.words(old, books[0])), list(self.words(new, books[1]))

        def changes(step: Step) -> bool:
            other = back.get(step.path)
            return list(self.words(step.variant, books[0])) != was or (
                other is not None and list(self.words(other.variant, books[1])) != now
            )

        untold = [step for step in there if was == now or not changes(step)]
        only = self.kind is Kind.POINTS and all(step.path[-1] in _STRETCH for step in there)
        before = [sentence for sentence in was if sentence not in now] + [told(step.path, step.was) for step in untold]
        after = [sentence for sentence in now if sentence not in was] + [told(step.path, step.now) for step in untold]
        if not before and not after:  # the same sentences in another order
            before, after = was, now
        return Kind.THRESHOLDS if only else self.kind, before, after


def every(
    of: type, *aspects: Aspect, known_by: tuple[str, ...] = ("code",), elsewhere: tuple[str, ...] = ()
) -> tuple[Aspect, ...]:
    """The aspects of a class with one more for all keys that they leave, so that no key is ever passed over."""
    done = {*known_by, *elsewhere, *(key for aspect in aspects for key in aspect.keys)}
    rest = tuple(key for key in attrs.fields_dict(of) if key not in done)
    return (*aspects, Aspect(Kind.OTHER, rest)) if rest else aspects


def _clause(of: Any, _book: RuleBook) -> list[str]:
    return [of.clause] if of.clause else []


def _names(of: Any, _book: RuleBook) -> list[str]:
    """The name or title, and a remark."""
    names = (getattr(of, key, {}) for key in ("name", "title", "note"))
    return [title(each) for each in names if isinstance(each, dict) and each]


def _status(of: Any, _book: RuleBook) -> list[str]:
    return [say(f"commands.status.{of.status.value}")]


def _limits(of: Item | BookCategory | Total, _book: RuleBook) -> list[str]:
    return [_limit(limit) for limit in of.limits]


def _limit(limit: Limit) -> str:
    words = say("describe.comma").join(describe_limit(limit))
    return say("diff.with-clause", words=words, clause=limit.clause) if limit.clause else words


def _shared(limit: SharedLimit, book: RuleBook) -> list[str]:
    return [describe_shared(limit, book)]


def _grade(grade: Grade, book: RuleBook) -> list[str]:
    return describe_grades(evolve(book, grades=(grade,)))


def _purse(purse: Purse, book: RuleBook) -> list[str]:
    return describe_purses(evolve(book, purses=(purse,)))


def _terms(shop: Shop, book: RuleBook) -> list[str]:
    return describe_shop(evolve(book, shop=evolve(shop, goods=())))


def _good(good: Good, book: RuleBook) -> list[str]:
    """One sentence, as the shop that has nothing else would tell it."""
    shop = Shop("", "", (good,)) if book.shop is None else evolve(book.shop, goods=(good,))
    return [sentence.strip() for sentence in describe_shop(evolve(book, shop=shop))[1:]]


def _dates(book: RuleBook, _book: RuleBook) -> list[str]:
    return [say("diff.dates", start=day(book.valid_from), end=day(book.valid_to))]


def _ranking(book: RuleBook, _book: RuleBook) -> list[str]:
    ranking: Ranking = book.ranking
    names = {category.name: title(category.title) or category.name for category in book.categories}
    ties = say("describe.list").join(names.get(name, name) for name in ranking.ties)
    return [say("diff.ties", names=ties) if ties else say("diff.no-ties")]


def _approval(of: RuleBook, _book: RuleBook) -> list[str]:
    return [] if of.approval is None else [_approved(of.approval)]


def _approved(approval: Approval) -> str:
    return say("diff.approval", body=approval.body, document=approval.document, date=day(approval.date))


def _layer(layer: VillageLayer, _book: RuleBook) -> list[str]:
    items = say("describe.list").join(layer.items)
    return [say("diff.layer", approval=_approved(layer.approval), items=items)]


CLAUSE: Final = Aspect(Kind.CLAUSE, ("clause",), _clause)

ITEM: Final = every(
    Item,
    Aspect(Kind.NAMES, ("name", "note"), _names),
    CLAUSE,
    Aspect(
        Kind.POINTS,
        (
            *("measure", "unit", "points", "each", "whole", "rates", "tiers", "ladder", "grades", "bands", "marks"),
            *("base", "named", "put_right", "veto", "scored_by_plugin", "per", "of"),
        ),
        how_much,
    ),
    Aspect(Kind.LIMITS, ("limits", "inspect"), _limits),
    Aspect(Kind.EVIDENCE, ("evidence", "approvals"), lambda item, _book: on_what(item)),
    Aspect(Kind.STATUS, ("status",), _status),
    Aspect(Kind.LAYERS, ("not_in",)),
    Aspect(Kind.DATES, ("until",)),
    known_by=("code", "only_in", "since"),
)
CATEGORY: Final = every(
    BookCategory,
    Aspect(Kind.NAMES, ("title",), _names),
    CLAUSE,
    Aspect(Kind.LIMITS, ("limits",), _limits),
    known_by=("name",),
)
SHARED: Final = every(
    SharedLimit,
    Aspect(Kind.NAMES, ("name",), _names),
    CLAUSE,
    Aspect(Kind.LIMITS, ("items", "per", "times", "gives", "takes", "floor", "ceiling", "of", "partial"), _shared),
)
TOTAL: Final = every(Total, CLAUSE, Aspect(Kind.LIMITS, ("limits",), _limits))
GRADE: Final = every(
    Grade, Aspect(Kind.NAMES, ("name",), _names), Aspect(Kind.THRESHOLDS, ("above", "at_least"), _grade)
)
PURSE: Final = every(
    Purse, Aspect(Kind.NAMES, ("name",), _names), CLAUSE, Aspect(Kind.PURSES, ("counts", "resets"), _purse)
)
SHOP: Final = every(
    Shop,
    CLAUSE,
    Aspect(Kind.SHOP, ("purse", "days", "voucher_days", "above_a_head"), _terms),
    elsewhere=("goods",),
)
GOOD: Final = every(
    Good,
    Aspect(Kind.NAMES, ("name",), _names),
    Aspect(Kind.SHOP, ("price", "yuan", "stock", "stock_of", "most", "villages", "kinds", "needs"), _good),
)
PROCESS: Final = every(
    Process,
    CLAUSE,
    Aspect(Kind.PROCESS, ("posted", "decided"), lambda process, book: describe_process(evolve(book, process=process))),
)
LAYER: Final = every(VillageLayer, Aspect(Kind.LAYERS, ("approval", "items"), _layer), known_by=("village",))
BOOK: Final = every(
    RuleBook,
    Aspect(Kind.NAMES, ("name", "title"), lambda book, _book: [title(book.title)]),
    Aspect(Kind.DATES, ("valid_from", "valid_to"), _dates),
    Aspect(Kind.STATUS, ("status",), _status),
    Aspect(Kind.APPROVAL, ("approval",), _approval),
    Aspect(Kind.POINTS, ("places",)),
    Aspect(Kind.ELIGIBILITY, ("eligibility",)),
    Aspect(Kind.VILLAGE, ("village",)),
    Aspect(Kind.REWARDS, ("rewards",)),
    Aspect(Kind.RANKING, ("ranking",), _ranking),
    Aspect(Kind.BELOW, ("below",)),
    known_by=("digest",),
    elsewhere=("categories", "items", "limits", "total", "grades", "purses", "shop", "process", "layers", "earlier"),
)
