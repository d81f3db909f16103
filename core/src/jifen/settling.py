"""Decides how a town's folder of data is settled: the book in force in the period, the rows that count, one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.dataset import read_inputs
from jifen.period import Period
from jifen.rulebook import book_for, books_of
from jifen.settle import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.registry import Registry
    from jifen.settlement import Settlement


def settle_folder(
    registry: Registry,
    town: str,
    folder: Path,
    period: str,
    *,
    set_aside: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Settlement, Inputs]:
    """The settlement and what it was made from.

    Raises `Refused` for an unknown or failed town, a period without a rule book in force (R16), rule books that are
    wrong, and whatever `read_inputs` and `settle` refuse.
    """
    span = Period.parse(period)
    book = book_for(books_of(registry.town(town), registry), span)
    inputs = read_inputs(folder, book, span, registry, set_aside=set_aside)
    return settle(book, registry, inputs, span, town=town, progress=progress), inputs
