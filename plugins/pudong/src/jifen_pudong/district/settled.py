"""Decides which kept settlements of the towns count: ended by the day, of villages that are known."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.keeping import MANIFEST, read_settlement
from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from jifen.keeping import Kept
    from jifen.period import Period
    from jifen.settlement import Settlement

    from jifen_pudong.district.given import Given

FOLDER: Final = "settlements"


@frozen(eq=False)
class Settled:
    """One settlement of one town of the district."""

    town: str
    folder: str
    settlement: Settlement

    @property
    def period(self) -> Period:
        """The period that was settled."""
        return self.settlement.period


@frozen(eq=False)
class AllSettled:
    """The settlements that count, by town and period, and how many end after the day of the assessment."""

    counting: tuple[Settled, ...] = ()
    later: int = 0

    def of(self, town: str) -> list[Settled]:
        """Those of a town, in the order of their periods."""
        return [each for each in self.counting if each.town == town]


def read_settled(folder: Path, given: Given, as_of: date) -> AllSettled:
    """The settlements below ``settlements`` in the district's folder; none where there is no such folder.

    Raises `Refused` with all problems: a folder that is damaged or was changed, a town or village that the district
    does not have, two settlements of one town that overlap.
    """
    found: list[Settled] = []
    problems: list[Problem] = []
    for file in sorted((folder / FOLDER).rglob(MANIFEST)):
        where = file.parent.relative_to(folder).as_posix()
        try:
            kept = read_settlement(file.parent)
        except Refused as refused:
            problems += refused.problems
            continue
        town = _town(given, kept)
        problems += _strangers(given, kept, town, where)
        if town is not None:
            found.append(Settled(town, where, kept.settlement))
    found.sort(key=lambda each: (each.town, each.period.start, each.period.end))
    for earlier, later in pairwise(found):
        if earlier.town == later.town and later.period.start <= earlier.period.end:
            facts = {"other": earlier.folder, "town": given.town_names[later.town]}
            problems.append(Problem("district.settlements-overlap", Place(file=later.folder), facts))
    if problems:
        raise Refused(problems)
    counting = tuple(each for each in found if each.period.end <= as_of)
    return AllSettled(counting, len(found) - len(counting))


def _town(given: Given, kept: Kept) -> str | None:
    """The district's code of the town that was settled, which may be called by its name."""
    name = kept.settlement.town
    if name in given.town_names:
        return name
    return next((code for code, known in given.town_names.items() if known == name), None)


def _strangers(given: Given, kept: Kept, town: str | None, where: str) -> list[Problem]:
    if town is None:
        return [Problem("district.stranger-town", Place(file=where), {"got": kept.settlement.town})]
    villages = kept.settlement.village_scores["village"]
    return [
        Problem("district.stranger-village", Place(file=where), {"got": village, "town": given.town_names[town]})
        for village in sorted(str(village) for village in villages)
        if given.town_of.get(village) != town
    ]
