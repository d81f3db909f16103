"""Decides how a village's rules look on its pages: by category, what earns before what costs, in plain sentences."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen
from django.utils.translation import gettext
from jifen.describe import describe_category, describe_grades, describe_item, describe_total
from jifen.describe_shop import describe_purses, describe_shop
from jifen.model import Measure, Subject
from jifen.wording import at_a_glance, costs, signed
from jifen.words import say, title

from jifen_office.pages.speech import reader_language, speaking

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook

    from jifen_office.process.models import Record

_UNIT: Final = 1000


@frozen
class Rule:
    """One rule as people read it."""

    code: str
    name: str
    clause: str
    glance: str
    sentences: tuple[str, ...]
    note: str
    costs: bool
    own: bool
    """Whether the village decided it for itself."""


@frozen
class Chapter:
    """One category: its limits, what earns, and what costs."""

    title: str
    clause: str
    limits: tuple[str, ...]
    gains: tuple[Rule, ...]
    losses: tuple[Rule, ...]


@frozen
class Shown:
    """A village's rules."""

    households: tuple[Chapter, ...]
    village: tuple[Chapter, ...]
    total: tuple[str, ...]
    shop: tuple[str, ...]


def shown(book: RuleBook, village: str) -> Shown:
    """The rules that hold in a village, in the reader's language."""
    return _shown(_Key(book, village, reader_language()))


@frozen(eq=False)
class _Key:
    book: RuleBook
    village: str
    language: str

    def __hash__(self) -> int:
        return hash((self.book.digest, self.village, self.language))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (self.book.digest, self.village, self.language) == (
            other.book.digest,
            other.village,
            other.language,
        )


@lru_cache(maxsize=256)
def _shown(key: _Key) -> Shown:
    with speaking():
        return Shown(
            _chapters(key.book, key.village, Subject.HOUSEHOLD),
            _chapters(key.book, key.village, Subject.VILLAGE),
            (*describe_total(key.book), *describe_grades(key.book)),
            (*describe_purses(key.book), *describe_shop(key.book)),
        )


def _chapters(book: RuleBook, village: str, subject: Subject) -> tuple[Chapter, ...]:
    found = []
    for category in book.categories:
        rules = tuple(
            _rule(item, book)
            for item in book.items_in(village).values()
            if item.category == category.name and item.subject is subject
        )
        if rules:
            found.append(
                Chapter(
                    title(category.title) if category.title else say(category.name),
                    category.clause,
                    tuple(describe_category(category)),
                    tuple(rule for rule in rules if not rule.costs),
                    tuple(rule for rule in rules if rule.costs),
                )
            )
    return tuple(found)


def _rule(item: Item, book: RuleBook) -> Rule:
    # On a village's own page it goes without saying in which village a rule holds.
    sentences = tuple(describe_item(evolve(item, only_in=(), not_in=()), book))
    return Rule(
        item.code,
        title(item.name),
        item.clause,
        at_a_glance(item),
        sentences,
        title(item.note),
        costs(item),
        bool(item.only_in),
    )


def rule_of(book: RuleBook, village: str, code: str) -> Rule | None:
    """One rule of a village; None for a code that the book does not have there."""
    everything = shown(book, village)
    return next(
        (
            rule
            for chapter in (*everything.households, *everything.village)
            for rule in (*chapter.gains, *chapter.losses)
            if rule.code == code
        ),
        None,
    )


def worth_in_words(item: Item, record: Record) -> str:
    """What one record gives or takes before limits, where its item says so by itself; else the item at a glance."""
    value: Decimal | None = None
    if item.measure is Measure.GRADE:
        value = item.grades.get(record.grade)
    elif item.measure is Measure.NAMED and record.quantity is not None:
        value = Decimal(record.quantity) / _UNIT
    elif item.measure is Measure.READING and item.bands and record.quantity is not None:
        reached = [
            step.points for step in sorted(item.bands, key=lambda step: step.at) if step.at * _UNIT <= record.quantity
        ]
        value = reached[-1] if reached else Decimal(0)
    elif item.measure is Measure.COUNT and item.points is not None and item.each is None:
        value = item.points
    if value is None and item.measure in (Measure.QUANTITY, Measure.MARKS):
        return gettext("按量计")
    with speaking():
        return at_a_glance(item) if value is None else signed(value)
