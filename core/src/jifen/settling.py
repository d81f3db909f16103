"""Decides how a town's folder of data is settled: the rules of the period, the rows that count, one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from jifen.approval_checks import check_approved
from jifen.dataset import read_inputs
from jifen.flow import settle
from jifen.in_force import books_in
from jifen.period import Period
from jifen.rulebook import books_of
from jifen.succession import book_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from jifen.deployment import Deployment
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.registry import Registry
    from jifen.settlement import Settlement


def settle_folder(
    registry: Registry,
    town: str,
    folder: Path,
    period: str,
    *,
    set_aside: bool = False,
    known_at: date | None = None,
    deployment: Deployment | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Settlement, Inputs]:
    """The settlement and what it was made from; with `known_at` of what had been recorded by the end of that day.

    Where there is a `deployment`, only rules that it approves are settled, or samples and drafts, which are marked.

    Raises `Refused` for an unknown or failed town, a period without a rule book in force (R16), rule books that are
    wrong, and whatever `read_inputs` and `settle` refuse.
    """
    span = Period.parse(period)
    book = rules_of(registry, town, folder, span)
    approved = None if deployment is None else check_approved(deployment, town, books_in(book), registry)
    inputs = read_inputs(folder, book, span, registry, set_aside=set_aside, known_at=known_at)
    inputs = evolve(inputs, approved=approved)
    return settle(book, registry, inputs, span, town=town, progress=progress), inputs


def rules_of(registry: Registry, town: str, folder: Path | None, period: Period) -> RuleBook:
    """The rules of a town in a period, with the layers of villages that lie beside the data in `folder`, if any.

    Raises `Refused` as `settle_folder` does for towns and rule books.
    """
    rules = registry.town(town)
    return book_for(books_of(rules, registry, folder), period, rules.pauses)
