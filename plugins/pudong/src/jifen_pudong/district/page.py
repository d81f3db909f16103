"""Decides what the district's page is given: the facts of each town with their words, as jifen-report takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jifen.commands.printing import day
from jifen.problems import Problem, Refused
from jifen.words import say

from jifen_pudong.district import spoken
from jifen_pudong.district.telling import lines, missing_names

if TYPE_CHECKING:
    from jifen_report.district import DistrictFacts, SettledPoint, TargetLine, TownFacts

    from jifen_pudong.district.judging import Judged


def page(judged: Judged) -> str:
    """The page as HTML. Raises `Refused` (``commands.missing-plugin``) where jifen-report is not installed."""
    try:
        from jifen_report import district
    except ImportError as missing:
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": "jifen-report"})]) from missing
    return district.page(facts(judged))


def facts(judged: Judged) -> DistrictFacts:
    """The district's facts, towns by place."""
    from jifen_report.district import DistrictFacts

    missing = missing_names(judged.given, judged.states)
    remarks = (say("district.later", count=judged.later),) if judged.later else ()
    towns = tuple(_town(judged, row, missing) for row in judged.assessment.iter_rows(named=True))
    return DistrictFacts(judged.towns.book, judged.as_of, towns, _dates(judged), remarks)


def _dates(judged: Judged) -> tuple[tuple[str, str], ...]:
    """The quarters that end with a target's date, of those that are shown, with that date in words."""
    ends = dict(judged.joined_trend.select("end", "quarter").unique().iter_rows())
    dates = sorted({target.date for target in judged.rollout.targets})
    return tuple((ends[date], say("district.date", day=day(date))) for date in dates if date in ends)


def _town(judged: Judged, row: dict[str, Any], missing: dict[str, str]) -> TownFacts:
    from jifen_report.district import TownFacts

    town = row["town"]
    last, following = spoken.last_and_next(judged, town)
    return TownFacts(
        name=judged.given.town_names[town],
        **{key: row[key] for key in ("rank", "villages", "joined", "pilots", "points", "given", "taken", "candidate")},
        last=spoken.short(last),
        following=spoken.short(following),
        last_wanted=max((state["wanted"] for state in last), default=None),
        missed=any(state["missing"] for state in last),
        targets=tuple(_target(judged, state) for state in spoken.rows_of(judged.states, town)),
        reasons=tuple(lines(judged.towns, judged.town_places, town, missing)),
        criteria=tuple(
            (spoken.criterion_words(judged, each), each["met"]) for each in spoken.rows_of(judged.criteria, town)
        ),
        quarters=tuple((each["quarter"], each["joined"]) for each in spoken.rows_of(judged.joined_trend, town)),
        settled=tuple(_settled(each) for each in spoken.rows_of(judged.points_trend, town)),
        village_ranks=tuple(
            spoken.rank_words(judged, each) for each in spoken.rows_of(judged.village_assessment, town)
        ),
    )


def _target(judged: Judged, state: dict[str, Any]) -> TargetLine:
    from jifen_report.district import TargetLine

    verdict = "met" if not state["missing"] else "missed" if state["due"] else "open"
    return TargetLine(spoken.target_words(judged, state), verdict)


def _settled(row: dict[str, Any]) -> SettledPoint:
    from jifen_report.district import SettledPoint

    return SettledPoint(row["period"], row["mean"], spoken.settled_words(row))
