"""Decides how a village's deeds stand in its records: amounts, members, evidence, who recorded and approved."""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from jifen import frames
from jifen.model import Measure, Subject

from jifen_demo.amounts import measured
from jifen_demo.draft import APPROVED, CANCELLED, PENDING, REJECTED, STATUSES, VILLAGE, Draft
from jifen_demo.habits import by_member, takes_points
from jifen_demo.names import Whole, Yes, invented, pick, weighted

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook
    from jifen.period import Period
    from numpy.random import Generator

    from jifen_demo.register import Village

_LAG = (34, 22, 14, 8, 5, 4, 3, 2, *[1] * 13)
"""Weights of being recorded 0, 1, 2 … 20 days after the deed."""
_LATE = 0.012
LATE_AFTER = 20
_REVIEW = (30, 25, 15, 10, 6, 5, 5, 2, 1, 1)
"""Weights of being approved or rejected 0, 1, 2 … days after the deed was recorded."""
_WITHDRAWN_WITHIN = 60
_FAULT = 0.025
"""The share of deeds without all of their evidence, and of those without all of their approvals."""
_TURNS = 12


def record(rng: Generator, book: RuleBook, village: Village, period: Period, draft: Draft) -> pl.DataFrame:
    """DEEDS of the village, numbered in the order in which they were recorded."""
    items = book.items
    lag = weighted(rng, _LAG, len(draft))
    late = (rng.random(len(draft)) < _LATE) & ~draft.assured
    lag = np.where(late, rng.integers(LATE_AFTER + 1, 76, len(draft)), lag)
    order = np.lexsort((draft.id, draft.day, draft.day + lag))
    draft, lag, late = draft.take(order), lag[order], late[order]
    number = np.full(int(draft.id.max(initial=-1)) + 1, -1, dtype=np.int64)
    number[draft.id] = np.arange(len(draft))
    refers = np.where(draft.refers < 0, -1, number[draft.refers])
    start = pl.lit(period.start)
    numbered = pl.select(
        deed=pl.lit(f"{village.code}-{period.name}-") + pl.int_range(1, len(draft) + 1).cast(pl.String).str.zfill(5)
    )["deed"]
    own = draft.subject == VILLAGE
    homes = village.households["household"]
    columns = {
        "deed": numbered,
        "village": pl.repeat(village.code, len(draft), eager=True),
        "subject": pl.concat([homes, pl.Series([village.code])]).gather(np.where(own, len(homes), draft.subject)),
        "item": pick([item.code for item in items], draft.item),
        "day": draft.day,
        "lag": lag,
        "member": _members(rng, book, village, draft),
        "refers": pl.concat([numbered, pl.Series([None], dtype=pl.String)]).gather(
            np.where(refers < 0, len(numbered), refers)
        ),
        "evidence": _evidence(rng, items, draft),
        "status": pick(STATUSES, draft.status),
        "recorded_by": pick(village.recorders, weighted(rng, (6, 3, 1), len(draft))),
        "approved_by": _approvers(rng, items, village, draft),
        "note": _notes(rng, items, draft, late),
    }
    table = pl.DataFrame(columns).hstack(measured(rng, items, draft.item)).hstack(_decisions(rng, draft))
    recorded = start + pl.duration(days=pl.col("day") + pl.col("lag"))
    return table.with_columns(
        date=start + pl.duration(days="day"),
        recorded=recorded,
        approved=recorded + pl.duration(days="review"),
        decided=recorded + pl.duration(days="end"),
    ).select(frames.DEEDS.names)


def _decisions(rng: Generator, draft: Draft) -> pl.DataFrame:
    """review, end: days from the recording to the approval, and to the status; empty where that did not happen."""
    review = weighted(rng, _REVIEW, len(draft))
    end = np.where(draft.status == CANCELLED, review + rng.integers(1, _WITHDRAWN_WITHIN, len(draft)), review)
    approved = (draft.status == APPROVED) | (draft.status == CANCELLED)
    table = pl.DataFrame({"review": review, "end": end, "approved": approved, "decided": draft.status != PENDING})
    return table.select(pl.when("approved").then("review"), pl.when("decided").then("end"))


def _faults(rng: Generator, draft: Draft) -> Yes:
    return np.asarray((rng.random(len(draft)) < _FAULT) & ~draft.assured)


def _members(rng: Generator, book: RuleBook, village: Village, draft: Draft) -> pl.Series:
    """Who did it: always where the item counts by member, else in about half of the deeds."""
    needed = by_member(book)
    must = np.array([item.code in needed for item in book.items], dtype=bool)[draft.item]
    sizes = village.households["members"].list.len().to_numpy().astype(np.int64)
    first = np.cumsum(sizes) - sizes
    # The householder and the spouse do most; the children and the old somewhat less.
    place = (rng.random(len(draft)) ** 1.6 * sizes[draft.subject]).astype(np.int64)
    named = (must | (rng.random(len(draft)) < 0.5)) & (draft.subject != VILLAGE)  # noqa: PLR2004 - a rough share
    people = village.households["members"].explode()
    empty = pl.Series([None], dtype=pl.String)
    return pl.concat([people, empty]).gather(np.where(named, first[draft.subject] + place, len(people)))


def _drawn(
    rng: Generator,
    items: tuple[Item, ...],
    draft: Draft,
    whole: list[list[str | None]],
    short: list[list[str | None]],
    faulty: Yes,
) -> pl.Series:
    """For each deed one of its item's texts: one of `whole`, or of `short` where it is faulty."""
    texts: list[str | None] = []
    first = np.zeros((2, len(items)), dtype=np.int64)
    many = np.ones((2, len(items)), dtype=np.int64)
    for kind, choices in enumerate((whole, short)):
        for place, found in enumerate(choices):
            first[kind, place], many[kind, place] = len(texts), len(found)
            texts += found
    kind_of = faulty.astype(np.int64)
    turn = (rng.random(len(draft)) * many[kind_of, draft.item]).astype(np.int64)
    return pick(texts, first[kind_of, draft.item] + turn)


def _evidence(rng: Generator, items: tuple[Item, ...], draft: Draft) -> pl.Series:
    """Every kind that the item asks for, one of each choice; a few deeds lack one."""
    whole: list[list[str | None]] = []
    short: list[list[str | None]] = []
    for item in items:
        choices = [kinds.split("/") for kinds in item.evidence]
        whole.append(["|".join(kinds) for kinds in product(*choices)] if choices else [None, None, "photo"])
        short.append(["|".join(kinds[0] for kinds in choices[1:]) or None])
    return _drawn(rng, items, draft, whole, short, _faults(rng, draft))


def _approvers(rng: Generator, items: tuple[Item, ...], village: Village, draft: Draft) -> pl.Series:
    """As many as the item asks for, taking turns; a few deeds have one fewer. Nobody where nothing was decided."""
    whole: list[list[str | None]] = []
    short: list[list[str | None]] = []
    for item in items:
        count = max(0, item.approvals)
        turns = list(permutations(village.approvers, min(count, len(village.approvers))))
        # Taken from all over the list, so that not always the same person comes first.
        some = turns[:: max(1, len(turns) // _TURNS)]
        whole.append(["|".join(names) or None for names in some])
        short.append(["|".join(names[:-1]) or None for names in some])
    names = _drawn(rng, items, draft, whole, short, _faults(rng, draft))
    decided = pl.Series((draft.status == APPROVED) | (draft.status == CANCELLED))
    return pl.DataFrame({"names": names, "decided": decided}).select(pl.when("decided").then("names"))["names"]


def _notes(rng: Generator, items: tuple[Item, ...], draft: Draft, late: Yes) -> pl.Series:
    """What a clerk writes beside it: mostly nothing, but why a record was withdrawn, sent back or made late."""
    words = invented()["notes"]
    kinds = list(words)
    texts = [text for kind in kinds for text in words[kind]]
    first = np.cumsum([0, *(len(words[kind]) for kind in kinds)])[:-1]
    many = np.array([len(words[kind]) for kind in kinds])
    of_item = np.array([kinds.index(_kind(item)) for item in items])
    kind = of_item[draft.item]
    for status, name in ((PENDING, "pending"), (REJECTED, "rejected"), (CANCELLED, "cancelled")):
        kind = np.where(draft.status == status, kinds.index(name), kind)
    told = (rng.random(len(draft)) < 0.12) | (draft.status != APPROVED) | late  # noqa: PLR2004 - a rough share
    told |= np.array([item.measure is Measure.NAMED for item in items], dtype=bool)[draft.item]
    kind = np.where(late & (draft.status == APPROVED), kinds.index("late"), kind)
    turn = (rng.random(len(draft)) * many[kind]).astype(np.int64)
    return pick(texts, _only(told, first[kind] + turn))


def _only(told: Yes, places: Whole) -> Whole:
    return np.where(told, places, -1)


def _kind(item: Item) -> str:
    if item.subject is Subject.VILLAGE:
        return "village"
    if item.put_right:
        return "mended"
    if takes_points(item):
        return "taken"
    return "given" if item.measure in {Measure.COUNT, Measure.QUANTITY} else "found"
