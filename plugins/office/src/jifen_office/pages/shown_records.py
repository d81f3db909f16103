"""Decides how a record is told in a list: its rule in words, what it gives, where it is on its way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import define
from jifen.wording import amount
from jifen.words import title

from jifen_office import rules
from jifen_office.pages.rules_shown import rule_of, worth_in_words
from jifen_office.pages.settled import book_now
from jifen_office.pages.speech import speaking
from jifen_office.process.models import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from jifen.model import RuleBook

    from jifen_office.pages.rules_shown import Rule
    from jifen_office.process.models import Record


@define
class Posted:
    """One record with its rule. `worth` is before limits; `what` is its grade or amount."""

    record: Record
    name: str
    clause: str
    worth: str
    what: str
    note: str
    rule: Rule | None


def posted_lines(records: QuerySet[Record], book: RuleBook | None) -> list[Posted]:
    """Records with what a list needs of them, by day and number."""
    found = records.select_related("village__town", "household__village", "member", "notice", "recorded_by").order_by(
        "date", "number"
    )
    return told(found, book)


def told(records: Iterable[Record], book: RuleBook | None) -> list[Posted]:
    """Records with their rules in words, in their order."""
    return [line_of(record, book) for record in records]


def line_of(record: Record, book: RuleBook | None) -> Posted:
    """One record by the rule of its own day (R16); where that cannot be had, its code stands for it."""
    village, book = record.village.code, _of_its_day(record, book)
    item = None if book is None else book.items_in(village).get(record.item)
    if book is None or item is None:
        return Posted(record, record.item, "", "", record.grade, record.note, None)
    with speaking():
        name = title(item.name)
        what = record.grade
        if not what and record.quantity is not None and item.measure.value in ("quantity", "reading"):
            what = amount(Decimal(record.quantity).scaleb(-3), item)
    worth = "" if record.kind == Kind.PROPOSAL else worth_in_words(item, record)
    return Posted(record, name, item.clause, worth, what, record.note, rule_of(book, village, record.item))


def facts_of(record: Record) -> dict[str, object]:
    """What a page tells of one record: its rule, its way so far, and what shows it."""
    return {
        "record": record,
        "line": line_of(record, book_now(record.village)),
        "steps": record.steps.select_related("by").order_by("at", "pk"),
        "evidence": record.evidence.all(),
    }


def _of_its_day(record: Record, book: RuleBook | None) -> RuleBook | None:
    """The book at hand where it held on that day, else the one that did."""
    if book is not None and book.valid_from <= record.date <= book.valid_to:
        return book
    return rules.book_on(record.village.town.code, record.date) or book
