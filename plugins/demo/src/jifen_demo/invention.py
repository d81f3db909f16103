"""Decides what an invented town is: villages one by one, each from the seed and its own number alone."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl
from jifen import frames
from jifen.inputs import Inputs
from numpy.random import PCG64, Generator, SeedSequence

from jifen_demo.deeds import record
from jifen_demo.draft import draft_deeds
from jifen_demo.names import village_names
from jifen_demo.register import found_village
from jifen_demo.requests import request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.model import RuleBook
    from jifen.period import Period

_INITIAL = re.compile(r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])(?=[aeiouv])")


def letters(town: str) -> str:
    """The letters before the numbers of a town's villages: ``QH`` for qinghe, as offices abbreviate pinyin."""
    return "".join(found[0] for found in _INITIAL.findall(town.split("-", maxsplit=1)[0].lower())).upper() or "V"


def invent(
    book: RuleBook,
    *,
    period: Period,
    villages: int = 3,
    households: int = 120,
    deeds_per_household: int = 24,
    seed: int = 2025,
    places: Sequence[tuple[str, str]] = (),
) -> Inputs:
    """An invented town's VILLAGES, HOUSEHOLDS, DEEDS and REQUESTS in the period, for any rule book.

    Every item of the book occurs in every village (those that cost a village in at least one), and from 40 households
    on every case of R2 to R5. The same arguments give the same rows; a further village changes nothing in the others
    (but the third village, where there is one, is a pilot of two groups). Deeds stand in the order of their numbers.
    `places` are code and name of each village, in place of invented ones and of their number.
    Raises `Refused` (``demo.too-many-villages``) where the names run out.
    """
    rows: list[dict[str, object]] = []
    registers: list[pl.DataFrame] = []
    records: list[pl.DataFrame] = []
    requests: list[pl.DataFrame] = []
    named = places or [
        (f"{letters(book.name)}{number:02d}", name) for number, name in enumerate(village_names(villages), 1)
    ]
    villages = len(named)
    for index, (code, name) in enumerate(named):
        rng = Generator(PCG64(SeedSequence([seed, index])))
        village = found_village(rng, index, code, name, households, period)
        draft = draft_deeds(rng, book, village, villages, period, households * deeds_per_household)
        rows.append(village.row)
        registers.append(village.households)
        records.append(record(rng, book, village, period, draft))
        # Chances of their own, so that what is asked for changes no deed.
        requests.append(request(Generator(PCG64(SeedSequence([seed, index, 1]))), book, village, period))
    deeds = pl.concat(records, rechunk=False)
    return Inputs(
        villages=frames.VILLAGES.make(rows),
        households=frames.HOUSEHOLDS.check(pl.concat(registers), origin="jifen-demo"),
        deeds=deeds.select(frames.DEEDS.names),
        digests={
            "invented": sha256(
                f"{book.digest}/{period.name}/{villages}/{households}/{deeds_per_household}/{seed}".encode()
            ).hexdigest()
        },
        rows_in=deeds.height,
        requests=pl.concat(requests),
    )
