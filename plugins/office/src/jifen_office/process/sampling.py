"""Decides which records are looked at again: a sample that anyone can draw again from its seed, not choose (R21).

Each record is given the SHA-256 of the seed and its number; the least are the sample. So it depends on nothing but the
seed, which is drawn in public (the lottery's numbers of a day will do), and on the records.
"""

from __future__ import annotations

import hashlib
from heapq import nsmallest
from typing import TYPE_CHECKING

from jifen.problems import Place, Problem, Refused

from jifen_office.process.models import Kind, Record, State

if TYPE_CHECKING:
    from datetime import date

    from jifen_office.register.models import Village

LOOKED_AT = (State.APPROVED, State.POSTED, State.OBJECTED, State.FINAL)
"""What the committee has approved and still stands."""


def sample(
    village: Village, seed_text: str, n: int, *, since: date | None = None, until: date | None = None
) -> list[Record]:
    """`n` records of a village, or all where there are no more, of deeds done from `since` to `until`.

    The same seed gives the same sample of the same records. Raises `Refused` for an empty seed or `n` below 1.
    """
    seed = seed_text.strip()
    problems = [] if seed else [Problem("process.no-seed", Place(column="seed"))]
    problems += [] if n >= 1 else [Problem("process.no-count", Place(column="count"), {"got": n})]
    if problems:
        raise Refused(problems)
    records = Record.objects.filter(village=village, kind=Kind.DEED, state__in=LOOKED_AT)
    records = records if since is None else records.filter(date__gte=since)
    records = records if until is None else records.filter(date__lte=until)
    drawn = nsmallest(n, records.values_list("number", flat=True).iterator(), key=lambda number: draw(seed, number))
    found = {each.number: each for each in records.filter(number__in=drawn).select_related("household")}
    return [found[number] for number in drawn]


def draw(seed: str, number: str) -> str:
    """What orders the records: SHA-256 of seed and number, a line each."""
    return hashlib.sha256(f"{seed}\n{number}".encode()).hexdigest()
