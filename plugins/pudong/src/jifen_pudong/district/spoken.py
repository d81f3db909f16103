"""Decides in which words a town's targets, points, criteria and trends are told, on screen and page (R22, R24)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl
from jifen.commands.printing import day, percent, points
from jifen.words import say, title

from jifen_pudong.district.telling import lines, missing_names, names
from jifen_pudong.shares import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_pudong.district.judging import Judged

Row = dict[str, Any]


def rows_of(frame: pl.DataFrame, town: str) -> list[Row]:
    """The rows of a town, as mappings."""
    return frame.filter(pl.col("town") == town).to_dicts()


def last_and_next(judged: Judged, town: str) -> tuple[list[Row], list[Row]]:
    """The targets of the last date that was reached, and those of the next one."""
    mine = rows_of(judged.states, town)
    due = [row for row in mine if row["due"]]
    still_open = [row for row in mine if not row["due"]]
    last = max((row["date"] for row in due), default=None)
    following = min((row["date"] for row in still_open), default=None)
    return [row for row in due if row["date"] == last], [row for row in still_open if row["date"] == following]


def short(states: list[Row]) -> str:
    """Whether targets are met, or how many villages are missing; of several on one date the sum."""
    if not states:
        return "–"
    missing = sum(row["missing"] for row in states)
    return say("district.missing", count=missing) if missing else say("district.met")


def target_words(judged: Judged, state: Row) -> str:
    """One target: by when, how many of how many, and who is missing."""
    target = next(each for each in judged.rollout.targets if each.code == state["target"])
    facts: dict[str, object] = {"day": day(state["date"]), "name": title(target.name), "clause": target.clause}
    facts |= {"joined": state["joined"], "villages": state["villages"], "wanted": state["wanted"]}
    if not state["missing"]:
        key = "none-asked" if not state["wanted"] else "target-met" if state["due"] else "target-met-early"
        return say(f"district.{key}", **facts)
    facts["names"] = names(judged.given, state["names"], state["missing"])
    if not state["due"]:
        return say("district.target-open", missing=state["missing"], **facts)
    since = state["missing"] - state["missing_now"]
    later = say("district.made-up", count=since) if since else ""
    return say("district.target-missed", missing=state["missing"], later=later, **facts)


def criteria_words(judged: Judged, town: str) -> str:
    """Whether the town is a candidate for a model case, and every criterion with what the town has."""
    mine = rows_of(judged.criteria, town)
    told = say("explain.comma").join(criterion_words(judged, row) for row in mine)
    met = bool(mine) and all(row["met"] for row in mine)
    return say(
        "district.is-candidate" if met else "district.no-candidate",
        criteria=told,
        clause=judged.rollout.candidates.clause,
    )


def criterion_words(judged: Judged, row: Row) -> str:
    """One criterion for a model case: what the town has, what is asked for, and whether that is met."""
    have = percent(row["have"], row["of"]) if row["of"] is not None else str(row["have"])
    if row["criterion"] == "deductions":
        have = points(row["have"], judged.towns.book)
    wanted = getattr(judged.rollout.candidates, row["criterion"], None)
    verdict = say("district.yes" if row["met"] else "district.no")
    return say(f"district.criterion.{row['criterion']}", have=have, wanted=wanted, verdict=verdict)


def trend_words(judged: Judged, town: str) -> Iterator[str]:
    """Villages by quarter, settlements with their points, and the town's villages by place."""
    joined = rows_of(judged.joined_trend, town)
    if joined:
        told = say("district.arrow").join(f"{row['quarter']} {row['joined']}" for row in joined)
        yield say("district.joined-trend", villages=joined[-1]["villages"], told=told)
    settled = rows_of(judged.points_trend, town)
    if settled:
        yield say("district.points-trend", told=say("district.arrow").join(map(settled_words, settled)))
    ranks = rows_of(judged.village_assessment, town)
    if ranks:
        told = say("explain.comma").join(rank_words(judged, row) for row in ranks)
        yield say("district.village-ranks", told=told)


def settled_words(row: Row) -> str:
    """One settlement: its period, the share of households, and points of the average participant, rounded half up."""
    mean = "–" if row["mean"] is None else format(Decimal(rounded(Fraction(row["mean"], 100))).scaleb(-1), "f")
    share = percent(row["participants"], row["households"])
    return say("district.settled", period=row["period"], share=share, mean=mean)


def rank_words(judged: Judged, row: Row) -> str:
    """A village in its town's assessment: place, name, points."""
    village = judged.given.village_names[row["village"]]
    return say(
        "district.village-rank", rank=row["rank"], village=village, points=points(row["points"], judged.villages.book)
    )


def paragraphs(judged: Judged, town: str) -> Iterator[tuple[str, int]]:
    """Targets, points with their reasons, criteria and trends of a town, with their depth."""
    for state in rows_of(judged.states, town):
        yield target_words(judged, state), 0
    (row,) = rows_of(judged.assessment, town)
    book = judged.towns.book
    yield say("district.points", points=points(row["points"], book), rank=row["rank"], of=judged.assessment.height), 0
    missing = missing_names(judged.given, judged.states)
    yield from ((text, depth + 1) for text, depth in lines(judged.towns, judged.town_places, town, missing))
    yield criteria_words(judged, town), 0
    yield from ((text, 0) for text in trend_words(judged, town))
