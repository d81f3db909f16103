"""Decides how rules look on a notice board: by category, what earns before what costs, in large type (R11, R27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from jifen.describe import describe_category, describe_grades, describe_item, describe_total
from jifen.describe_shop import describe_purses, describe_shop
from jifen.due_process import describe_process
from jifen.model import Status, Subject
from jifen.wording import at_a_glance, costs
from jifen.words import say, title

from jifen_report.page import render

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook


@frozen
class Rule:
    """One item on the board."""

    name: str
    clause: str
    glance: str
    sentences: tuple[str, ...]
    note: str
    mark: str


@frozen
class Section:
    """One category: its limits, what earns, and what costs."""

    title: str
    clause: str
    limits: tuple[str, ...]
    gains: tuple[Rule, ...]
    losses: tuple[Rule, ...]


def board(book: RuleBook) -> str:
    """The notice board of a rule book as one page; households' rules first, then those of the village."""
    return render(
        "board.html",
        book=book,
        households=_sections(book, Subject.HOUSEHOLD),
        villages=_sections(book, Subject.VILLAGE),
        total=describe_total(book),
        grades=describe_grades(book),
        purses=describe_purses(book),
        shop=describe_shop(book),
        process=describe_process(book),
    )


def _sections(book: RuleBook, subject: Subject) -> tuple[Section, ...]:
    sections = []
    for category in book.categories:
        items = [item for item in book.items if item.category == category.name and item.subject is subject]
        if items:
            sections.append(
                Section(
                    title(category.title) if category.title else say(category.name),
                    category.clause,
                    tuple(describe_category(category)),
                    tuple(_rule(item, book) for item in items if not costs(item)),
                    tuple(_rule(item, book) for item in items if costs(item)),
                )
            )
    return tuple(sections)


def _rule(item: Item, book: RuleBook) -> Rule:
    return Rule(
        title(item.name),
        item.clause,
        at_a_glance(item),
        tuple(describe_item(item, book)),
        title(item.note),
        "" if item.status is Status.APPROVED else say(f"report.mark.{item.status.value}"),
    )
