"""Decides what `jifen district --json` gives: the frames as rows, points as exact decimals, each with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jifen.commands.printing import points

from jifen_pudong.district.spoken import rows_of
from jifen_pudong.district.telling import lines, missing_names

if TYPE_CHECKING:
    from jifen_pudong.district.judging import Judged


def district_data(judged: Judged, chosen: list[str]) -> dict[str, Any]:
    """The chosen towns, in the order given."""
    book = judged.towns.book
    return {
        "as_of": judged.as_of,
        "rules": {"name": book.name, "status": book.marked.value, "digest": book.digest},
        "settlements_after": judged.later,
        "towns": [_town(judged, code) for code in chosen],
    }


def _town(judged: Judged, town: str) -> dict[str, Any]:
    book, given = judged.towns.book, judged.given
    (row,) = rows_of(judged.assessment, town)
    missing = missing_names(given, judged.states)
    return {
        **row,
        **{key: points(row[key], book) for key in ("given", "taken", "points")},
        "name": given.town_names[town],
        "targets": [
            {**state, "names": [given.village_names[village] for village in state["names"]]}
            for state in rows_of(judged.states, town)
        ],
        "explanation": [text for text, _ in lines(judged.towns, judged.town_places, town, missing)],
        "criteria": rows_of(judged.criteria, town),
        "joined_trend": rows_of(judged.joined_trend, town),
        "points_trend": rows_of(judged.points_trend, town),
        "village_assessment": [
            village_data(judged, each["village"]) for each in rows_of(judged.village_assessment, town)
        ],
    }


def village_data(judged: Judged, village: str) -> dict[str, Any]:
    """A village's assessment by its town; only its name where nothing was settled in the year."""
    name = {"village": village, "name": judged.given.village_names[village]}
    mine = judged.village_assessment.filter(judged.village_assessment["village"] == village).to_dicts()
    if not mine:
        return name
    told = [text for text, _ in lines(judged.villages, judged.village_places, village, {})]
    return {**mine[0], **name, "points": points(mine[0]["points"], judged.villages.book), "explanation": told}
