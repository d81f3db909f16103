"""Decides what the page of a district shows: targets, points, trends, candidates, who is missing (R24 to R27).

It takes plain facts and words, whoever worked them out; nothing is scored here, and no person is named.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.words import say
from markupsafe import Markup

from jifen_report import district_pictures as pictures
from jifen_report.bars import Segment, bar
from jifen_report.figures import share, written
from jifen_report.page import render
from jifen_report.report import Figure

if TYPE_CHECKING:
    from jifen.model import RuleBook

BEST: Final = 3


@frozen
class TargetLine:
    """One target of a town in words, and whether it is ``met``, ``missed`` or ``open``."""

    words: str
    state: str


@frozen
class SettledPoint:
    """One settlement of a town: its period, points of the average participant in thousandths, and words for both."""

    period: str
    mean: int | None
    words: str


@frozen
class TownFacts:
    """One town; villages are counted, points are in the book's smallest unit."""

    name: str
    rank: int
    villages: int
    joined: int
    pilots: int
    points: int
    given: int
    taken: int
    """Below or equal to 0."""
    last: str
    """The targets of the last date, in a few words."""
    following: str
    """Those of the next one."""
    last_wanted: int | None
    """How many villages the last date asked for; the mark on the town's bar."""
    missed: bool
    """Whether something was missing on the last date."""
    candidate: bool
    targets: tuple[TargetLine, ...]
    reasons: tuple[tuple[str, int], ...]
    """Each point in words, with the depth of the line."""
    criteria: tuple[tuple[str, bool], ...]
    """Each criterion for a model case, and whether it is met."""
    quarters: tuple[tuple[str, int], ...]
    """Villages that took part at the end of each quarter."""
    settled: tuple[SettledPoint, ...]
    village_ranks: tuple[str, ...]
    """The town's assessment of its villages, best first, in words."""


@frozen
class DistrictFacts:
    """The whole district on a day."""

    book: RuleBook
    as_of: date
    towns: tuple[TownFacts, ...]
    """By place."""
    dates: tuple[tuple[str, str], ...]
    """Quarters in which a target's date falls, with a word for it."""
    remarks: tuple[str, ...] = ()


@frozen
class Row:
    """One town as the page shows it."""

    facts: TownFacts
    share: str
    points: str
    progress: Markup
    bar: Markup
    quarters: Markup
    means: Markup
    mean_words: str


def page(facts: DistrictFacts) -> str:
    """The page: HTML without a reference to anything outside, the same text for the same facts."""
    low = min((town.taken for town in facts.towns), default=0)
    high = max((town.given for town in facts.towns), default=0)
    means = [each.mean for town in facts.towns for each in town.settled if each.mean is not None]
    top = max(means, default=0)
    rows = tuple(_row(town, facts.book.places, low, high, top) for town in facts.towns)
    return render(
        "district.html",
        book=facts.book,
        as_of=facts.as_of,
        town="",
        figures=_figures(facts),
        rows=rows,
        trend=pictures.district_trend(_summed(facts), sum(town.villages for town in facts.towns), facts.dates),
        remarks=facts.remarks,
        best=BEST,
    )


def _row(town: TownFacts, places: int, low: int, high: int, top: int) -> Row:
    points = written(town.points, places, places, plus=True)
    told = say("report.district.bar-told", town=town.name, points=points)
    shown = [each for each in town.settled if each.mean is not None]
    return Row(
        town,
        share(town.joined, town.villages),
        points,
        pictures.progress(town.villages, town.joined, town.pilots, town.last_wanted, town.name),
        # Nothing given and nothing taken needs no drawing; on a small screen it would be an empty line.
        bar([Segment(town.given, "give"), Segment(town.taken, "take")], low, high, told)
        if town.given or town.taken
        else Markup(""),
        pictures.quarters(town.quarters, town.villages, town.name),
        pictures.means([(each.period, each.mean or 0) for each in shown], top, town.name),
        shown[-1].words if shown else "",
    )


def _figures(facts: DistrictFacts) -> tuple[Figure, ...]:
    villages, joined = sum(town.villages for town in facts.towns), sum(town.joined for town in facts.towns)
    missed = sum(town.missed for town in facts.towns)
    candidates = sum(town.candidate for town in facts.towns)
    return (
        Figure(say("report.district.towns"), f"{len(facts.towns)}"),
        Figure(say("report.district.villages"), f"{villages}"),
        Figure(say("report.district.joined"), f"{joined}", share(joined, villages)),
        Figure(say("report.district.missed"), f"{missed}", say("report.district.missed-about")),
        Figure(say("report.district.candidates"), f"{candidates}", say("report.district.candidates-about")),
    )


def _summed(facts: DistrictFacts) -> list[tuple[str, int]]:
    """Villages of the whole district that took part, by quarter; every town has the same quarters."""
    sums: dict[str, int] = {}
    for town in facts.towns:
        for quarter, joined in town.quarters:
            sums[quarter] = sums.get(quarter, 0) + joined
    return list(sums.items())
