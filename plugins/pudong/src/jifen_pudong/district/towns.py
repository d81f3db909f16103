"""Decides how the towns are assessed: missed targets and recognitions become deeds, and the book settles them (R26)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen import frames
from jifen.flow import settle
from jifen.frames import QUANTITY_UNIT
from jifen.inputs import Inputs
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.words import title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import polars as pl
    from jifen.model import RuleBook
    from jifen.registry import Registry
    from jifen.settlement import Settlement

    from jifen_pudong.district.given import Given
    from jifen_pudong.district.rollout import Rollout

Row = dict[str, object]


def assess_towns(
    book: RuleBook, registry: Registry, given: Given, rollout: Rollout, states: pl.DataFrame, as_of: date
) -> tuple[Settlement, Inputs]:
    """The settlement of the assessment book up to a day, and its inputs: VILLAGES are the towns, households are none.

    Raises `Refused` (``district.outside-book``) where the book does not hold that day, and whatever `settle` refuses.
    """
    inputs = Inputs(
        villages=frames.VILLAGES.make(
            {"village": town, "name": name, "groups": len(given.villages_of(town))}
            for town, name in given.town_names.items()
        ),
        households=frames.HOUSEHOLDS.empty(),
        deeds=frames.DEEDS.make([*_missed(rollout, states), *_recognised(given, rollout, as_of)]),
        digests=given.digests,
    )
    return settle(book, registry, inputs, period(book, as_of)), inputs


def period(book: RuleBook, as_of: date) -> Period:
    """The years from the book's first one up to that of the day, so that no window of a year is cut.

    Raises `Refused` where the book does not hold on the day.
    """
    if not book.valid_from <= as_of <= book.valid_to:
        facts = {"day": as_of, "book": title(book.title), "first": book.valid_from, "last": book.valid_to}
        raise Refused([Problem("district.outside-book", facts=facts)])
    first, last = book.valid_from.year, as_of.year
    return Period.parse(str(first) if first == last else f"{first}..{last}")


def _missed(rollout: Rollout, states: pl.DataFrame) -> Iterator[Row]:
    """A deed for each target that a town did not meet: on the target's date, as many as villages are missing."""
    targets = {target.code: target for target in rollout.targets}
    for row in states.iter_rows(named=True):
        if row["due"] and row["missing"]:
            target = targets[row["target"]]
            number = f"{target.code}:{row['town']}"
            yield _deed(number, row["town"], target.item, row["date"], target.clause, row["missing"] * QUANTITY_UNIT)


def _recognised(given: Given, rollout: Rollout, as_of: date) -> Iterator[Row]:
    items = {each.kind: each.item for each in rollout.recognitions}
    count: dict[tuple[str, str], int] = {}
    for row in given.recognitions.sort("town", "kind", "date", "document").iter_rows(named=True):
        if row["date"] > as_of:
            continue
        key = (row["kind"], row["town"])
        count[key] = count.get(key, 0) + 1
        number = f"{row['kind']}:{row['town']}:{count[key]}"
        yield _deed(number, row["town"], items[row["kind"]], row["date"], row["document"])


def _deed(number: str, town: str, item: str, day: date, note: str, quantity: int | None = None) -> Row:
    return {
        "deed": number,
        "village": town,
        "subject": town,
        "item": item,
        "date": day,
        "recorded": day,
        "quantity": quantity,
        "status": "approved",
        "note": note,
    }
