"""Decides whether places and village scores are fair: ties share a place, and parts add up to the score."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import polars as pl

from jifen_conformance.check import Kind, check, expect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen.settlement import Settlement

    from jifen_conformance.target import Target


@check("V01", since="0.1")
def ties_share_a_place(target: Target) -> None:
    """Who has as much has the same place, and the next place is left out (1, 1, 3), unless the book tells ties apart.

    Why: two households with the same points must not learn that the order of a list decided.
    Mend: give places by points, and by the categories that the book names for ties, never by number or name.
    """
    for trial in target.trials:
        # With few deeds most households have as much as their neighbours.
        for settled in (trial.settlement, trial.again(deeds=trial.inputs.deeds.head(2))):
            _places(settled)


def _places(settled: Settlement) -> None:
    points: dict[tuple[str, str], int] = defaultdict(int)
    for subject, category, value in settled.category_points.select("subject", "category", "points").iter_rows():
        points[subject, category] = value
    by_village: dict[str, list[tuple[tuple[int, ...], int, str]]] = defaultdict(list)
    for row in settled.standings.to_dicts():
        ties = tuple(points[row["household"], category] for category in settled.book.ranking.ties)
        by_village[row["village"]].append(((row["total"], *ties), row["rank"], row["household"]))
    for village, rows in by_village.items():
        _check_places(rows, f"places in village {village}, by {settled.book.name}")
    scores = settled.village_scores.select("points", "rank", "village").iter_rows()
    _check_places([((score,), rank, village) for score, rank, village in scores], "places of villages")


def _check_places(rows: list[tuple[tuple[int, ...], int, str]], given: str) -> None:
    for key, rank, who in rows:
        must = 1 + sum(other > key for other, _, _ in rows)
        expect(rank == must, given, f"{who} with {key[0]} is at place {rank}, not {must}")


@check("V02", since="0.1", kinds=(Kind.TOWN, Kind.AGGREGATION))
def parts_add_up(target: Target) -> None:
    """The lines of a village add up to its score, each with its clause, and only its own rows decide them.

    Why: a village committee is shown where each point of its score comes from (R12 to R14).
    Mend: return a line for everything that moves the score, what a bound took away included, and look at one village.
    """
    for trial in target.trials:
        settled, sums = trial.settlement, Counter[str]()
        for row in settled.village_parts.to_dicts():
            given = f"line {row['part']}/{row['detail']} of village {row['village']}, by {trial.book.name}"
            expect(str(row["clause"]).strip(), given, "no clause")
            sums[row["village"]] += row["points"]
        for village, score in settled.village_scores.select("village", "points").iter_rows():
            expect(sums[village] == score, f"village {village}", f"lines come to {sums[village]}, the score is {score}")
        mine = settled.village_scores["village"].cast(pl.String)
        for village in mine:
            others = trial.inputs.deeds.filter(pl.col("village").cast(pl.String) == village)
            without = trial.again(deeds=others)
            same = _lines(settled, village) == _lines(without, village)
            expect(same, f"village {village} once all other villages' deeds are left out", "its lines are others")


def _lines(settled: Settlement, village: str) -> Iterable[dict[str, Any]]:
    return settled.village_parts.filter(pl.col("village").cast(pl.String) == village).to_dicts()
