"""Decides in which words a point of an assessment is explained: the core's own, and who is missing (R22)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from jifen.account_words import in_words
from jifen.explain import explain_village
from jifen.keeping import Kept
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from jifen.settlement import Settlement

    from jifen_pudong.district.given import Given

_ABOVE: Final = 2
"""What `in_words` says above a single point: by which book, and whose it is. Here that is said once for all."""


def missing_names(given: Given, states: pl.DataFrame) -> dict[str, str]:
    """For each deed of a missed target the names of the villages that do not take part, in words."""
    rows = states.filter("due", states["missing"] > 0)
    return {
        f"{row['target']}:{row['town']}": names(given, row["names"], row["missing"])
        for row in rows.iter_rows(named=True)
    }


def names(given: Given, villages: list[str], missing: int) -> str:
    """Who is missing: these, or so many of these where not all are needed."""
    told = say("describe.list").join(given.village_names[village] for village in villages)
    return told if missing == len(villages) else say("district.some-of", count=missing, names=told)


def lines(
    settlement: Settlement, places: pl.DataFrame, subject: str, missing: dict[str, str]
) -> Iterator[tuple[str, int]]:
    """Paragraphs with their depth: each point of a town or village with its rule, its amount and what limits cut.

    `places` is the frame VILLAGES that was settled.
    """
    kept = Kept(settlement, places, {}, {})
    account = explain_village(settlement, subject)
    for point in account.deeds:
        yield from islice(in_words(kept, point), _ABOVE, None)
        if point.deed in missing:
            yield say("district.not-in", names=missing[point.deed]), 1
    for refusal in account.refusals:
        yield from islice(in_words(kept, refusal), _ABOVE, None)
