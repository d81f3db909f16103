"""Decides which rows of one folder each of two books takes in, and which it cannot use.

A row that neither book can use is a fault of the data. A row that one book alone cannot use (it has no such rule, or
measures it another way) counts nothing there; it is told, by item and reason, and the other book counts it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve, field, frozen

from jifen.checking import admit
from jifen.inputs import Source, counted
from jifen.problems import Problem, Refused
from jifen.whatif import columns

if TYPE_CHECKING:
    from collections.abc import Collection

    from jifen.inputs import Inputs, Reading, SetAside
    from jifen.model import RuleBook
    from jifen.period import Period

UNKNOWN: Final = "checking.unknown-item"
DEEDS: Final = "deeds"
Key = tuple[str, str, str | None, int]
"""Where a row stands: frame, file, sheet, row."""


@frozen(eq=False)
class Taken:
    """What one book takes in: its inputs, the rows that it could not use, and those whose item it does not know."""

    inputs: Inputs
    aside: dict[Key, SetAside]
    strange: dict[Key, str] = field(factory=dict)
    """Rows of items that only the other book knows, by where they stand: the item as the row has it."""


def take_both(
    first: RuleBook, second: RuleBook, reading: Reading, period: Period, *, set_aside: bool = False
) -> tuple[tuple[Inputs, Inputs], pl.DataFrame]:
    """The rows for each book, and `columns.UNREAD`.

    What earlier periods left in purses stands in the first book's unit. Raises `Refused` for rows that neither book can
    use, unless `set_aside`, and for whatever `jifen.checking.admit` refuses.
    """
    if DEEDS in reading.frames and DEEDS not in reading.origins:
        # Rows keep the numbers that people know them by, also where some of them are left out.
        origins = counted(reading.frames[DEEDS].height, len(reading.sources))
        reading = evolve(
            reading, sources=(*reading.sources, Source(DEEDS)), origins={**reading.origins, DEEDS: origins}
        )
    before = _taken(first, second, reading, period)
    after = _taken(second, first, reading, period)
    faults = {
        key: row
        for mine, other in ((before, after), (after, before))
        for key, row in mine.aside.items()
        if key in other.aside or key in other.strange
    }
    if faults and not set_aside:
        count = Problem("dataset.nothing-settled", facts={"count": len(faults)})
        raise Refused([*(problem for row in faults.values() for problem in row.problems), count])
    codes = _codes(first, second)
    unread = [
        row
        for side, taken in (("before", before), ("after", after))
        for row in _told(side, taken, faults.keys(), reading, codes)
    ]
    return (before.inputs, _openings_in(second, first, after.inputs)), columns.UNREAD.make(unread)


def _taken(book: RuleBook, other: RuleBook, reading: Reading, period: Period) -> Taken:
    reading, strange = _known_to(book, other, reading)
    inputs = admit(reading, book, period)
    return Taken(inputs, {(row.frame, row.file, row.sheet, row.row): row for row in inputs.set_aside}, strange)


def _known_to(book: RuleBook, other: RuleBook, reading: Reading) -> tuple[Reading, dict[Key, str]]:
    """The reading without deeds of items that only the other book knows: there may be many, and nothing is amiss."""
    deeds = reading.frames.get(DEEDS)
    strange = sorted(_names(other) - _names(book))
    if deeds is None or "item" not in deeds.columns or not strange:
        return reading, {}
    out = deeds["item"].cast(pl.String).is_in(strange).fill_null(value=False)
    origins = reading.origins[DEEDS]
    gone = origins.filter(out).with_columns(item=deeds["item"].filter(out).cast(pl.String))
    keys = {
        (DEEDS, reading.sources[source].file, reading.sources[source].sheet, row): item
        for source, row, item in gone.iter_rows()
    }
    return evolve(
        reading,
        frames={**reading.frames, DEEDS: deeds.filter(~out)},
        origins={**reading.origins, DEEDS: origins.filter(~out)},
    ), keys


def _names(book: RuleBook) -> set[str]:
    return {name for item in book.items for name in (item.code, *item.name.values())}


def _codes(*books: RuleBook) -> dict[str, str]:
    """What rows may call an item or a good, and its code."""
    codes = {name: item.code for book in books for item in book.items for name in item.name.values()}
    goods = [good for book in books if book.shop is not None for good in book.shop.goods]
    return {
        **{name: good.code for good in goods for name in good.name.values()},
        **codes,
        **{code: code for book in books for code in (item.code for item in book.items)},
    }


def _openings_in(book: RuleBook, first: RuleBook, inputs: Inputs) -> Inputs:
    """What was left in purses, in the book's own unit. Raises `Refused` where the book cannot keep it exactly."""
    if book.places == first.places or not inputs.openings.height:
        return inputs
    balance = inputs.openings["balance"] * book.unit
    if (balance % first.unit != 0).any():
        raise Refused([Problem("compare.openings-too-fine", facts={"book": book.name, "places": book.places})])
    return evolve(inputs, openings=inputs.openings.with_columns(balance=balance // first.unit))


def _told(
    side: str, taken: Taken, faults: Collection[Key], reading: Reading, codes: dict[str, str]
) -> list[dict[str, object]]:
    """UNREAD of one book: its own alone, not what is wrong with the data."""
    found: Counter[tuple[str, str, str]] = Counter()
    for key, item in taken.strange.items():
        if key not in faults:
            found[DEEDS, codes.get(item, item), UNKNOWN] += 1
    for key, row in taken.aside.items():
        if key not in faults:
            found[row.frame, _item_of(row, reading, codes), row.problems[0].code] += 1
    return [
        {"side": side, "frame": frame, "item": item, "reason": reason, "rows": rows}
        for (frame, item, reason), rows in sorted(found.items())
    ]


def _item_of(row: SetAside, reading: Reading, codes: dict[str, str]) -> str:
    """The code of the item or good that a row names, under whatever header the file has for it."""
    column = "good" if row.frame == "requests" else "item"
    labels = [each.label(column) for each in reading.sources if (each.file, each.sheet) == (row.file, row.sheet)]
    cell = next((row.cells[label] for label in (*labels, column) if label in row.cells), "")
    return codes.get(cell, cell)
