"""Decides the order of the district's work: read, targets, deeds of the towns, settle; then villages and trends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen.document import package_folder
from jifen.model import Subject
from jifen.problems import Place, Problem, Refused
from jifen.rulebook import read_book

from jifen_pudong.district.criteria import criteria
from jifen_pudong.district.frames import ASSESSMENT
from jifen_pudong.district.reading import read_given
from jifen_pudong.district.rollout import read_rollout
from jifen_pudong.district.settled import read_settled
from jifen_pudong.district.states import states
from jifen_pudong.district.towns import assess_towns, period
from jifen_pudong.district.trends import joined_trend, points_trend
from jifen_pudong.district.villages import assess_villages, village_ranks

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from jifen.model import RuleBook
    from jifen.registry import Registry
    from jifen.settlement import Settlement

    from jifen_pudong.district.given import Given
    from jifen_pudong.district.rollout import Rollout

BOOK: Final = "assessment.toml"
VILLAGE_BOOK: Final = "village-assessment.toml"
ROLLOUT: Final = "rollout.toml"


@frozen(eq=False)
class Judged:
    """What the district knows on a day; frames as in `jifen_pudong.district.frames`."""

    as_of: date
    given: Given
    rollout: Rollout
    towns: Settlement
    """The assessment book, settled over the towns."""
    town_places: pl.DataFrame
    """The frame VILLAGES of that settlement: the towns."""
    villages: Settlement
    """The towns' book for their villages, settled."""
    village_places: pl.DataFrame
    states: pl.DataFrame
    assessment: pl.DataFrame
    criteria: pl.DataFrame
    joined_trend: pl.DataFrame
    points_trend: pl.DataFrame
    village_assessment: pl.DataFrame
    later: int
    """Settlements that end after the day and are left out."""


def judge(folder: Path, as_of: date, registry: Registry) -> Judged:
    """The district's assessment on a day, from its folder.

    The rules are those of the folder (``assessment.toml``, ``village-assessment.toml``, ``rollout.toml``) or, for each
    that is not there, this package's samples. Raises `Refused` with every problem of the rules, then of the tables,
    then of the settlements.
    """
    book = _book(_own(folder, BOOK), Subject.TOWN, registry)
    village_book = _book(_own(folder, VILLAGE_BOOK), Subject.VILLAGE, registry)
    rollout = read_rollout(_own(folder, ROLLOUT), book)
    for each in (book, village_book):
        period(each, as_of)
    given = read_given(folder, rollout)
    settled = read_settled(folder, given, as_of)
    found = states(given, rollout, as_of)
    towns, town_inputs = assess_towns(book, registry, given, rollout, found, as_of)
    villages, village_inputs = assess_villages(village_book, registry, given, settled, as_of)
    taken = {town: minus for town, (_, minus) in _sides(towns).items()}
    met = criteria(given, rollout, settled, taken, as_of)
    return Judged(
        as_of, given, rollout, towns, town_inputs.villages, villages, village_inputs.villages, found,
        _assessment(given, rollout, towns, met, as_of), met, joined_trend(given, rollout, as_of), points_trend(settled),
        village_ranks(given, villages, settled, as_of), settled.later,
    )  # fmt: skip


def _own(folder: Path, name: str) -> Path:
    """The district's own file, else the sample of this package."""
    return folder / name if (folder / name).is_file() else package_folder(__package__) / name


def _book(path: Path, subject: Subject, registry: Registry) -> RuleBook:
    """An assessment book, all of whose items are of one kind of subject: only such deeds are made."""
    book = read_book(path, registry)
    strange = [item for item in book.items if item.subject is not subject]
    if strange:
        place = Place(file=str(path))
        raise Refused(
            Problem(
                "district.other-subject", place, {"item": item.code, "got": item.subject.value, "want": subject.value}
            )
            for item in strange
        )
    return book


def _sides(settlement: Settlement) -> dict[str, tuple[int, int]]:
    """What was given and what was taken, by subject; a row's side is that of its sign before limits."""
    gives = pl.col("gross") >= 0
    sums = settlement.awards.group_by(pl.col("subject").cast(pl.String)).agg(
        given=pl.col("points").filter(gives).sum(), taken=pl.col("points").filter(~gives).sum()
    )
    return {subject: (given, taken) for subject, given, taken in sums.iter_rows()}


def _assessment(given: Given, rollout: Rollout, towns: Settlement, met: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """ASSESSMENT by place; points and places are those of the settlement's scores."""
    sides = _sides(towns)
    scores = {str(row["village"]): row for row in towns.village_scores.iter_rows(named=True)}
    inside = given.joined(as_of, pilots=rollout.pilots.count)
    piloting = given.piloting(as_of) & inside
    candidates = set(met.group_by("town").agg(pl.col("met").all()).filter("met")["town"])
    rows = []
    for town in given.town_names:
        mine = {village for village, _ in given.villages_of(town)}
        gives, takes = sides.get(town, (0, 0))
        rows.append(
            {
                "town": town,
                "villages": len(mine),
                "joined": len(mine & inside),
                "pilots": len(mine & piloting),
                "given": gives,
                "taken": takes,
                "points": scores[town]["points"],
                "rank": scores[town]["rank"],
                "candidate": town in candidates,
            }
        )
    return ASSESSMENT.make(rows).sort("rank", "town")
