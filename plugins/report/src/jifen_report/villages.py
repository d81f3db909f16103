"""Decides what a page tells of the villages: rank, score with its parts and lines, shares of star households."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import frozen
from jifen.words import say

from jifen_report.bars import Segment, bar
from jifen_report.figures import decimals, share, written

if TYPE_CHECKING:
    from jifen.settlement import Settlement
    from markupsafe import Markup

    from jifen_report.spoken import Spoken

STYLES: Final = 4
"""How many styles of parts that give the style sheet has; further parts begin anew."""

LEVELS: Final = ("five", "three", "one")
_STARS: Final = re.compile(r".+\.stars-(five|three|one)(?:-.+)?")


@frozen
class Line:
    """One line of a part: what it is, its points, what was counted out of how many, and the clause."""

    words: str
    points: str
    counted: str
    clause: str


@frozen
class PartOf:
    """A part of a village's score: its name, style, points, and lines."""

    words: str
    style: str
    points: str
    lines: tuple[Line, ...]


@frozen
class Village:
    """One village of the table."""

    code: str
    name: str
    rank: int
    points: str
    households: str
    participants: str
    joined: str
    bar: Markup
    parts: tuple[PartOf, ...]


@frozen
class Stars:
    """Star households of one village: shares by level, in the order of `LEVELS`, and all together."""

    name: str
    bar: Markup
    shares: tuple[str, ...]
    together: str


def village_rows(settlement: Settlement, spoken: Spoken) -> tuple[Village, ...]:
    """The villages by rank, then code; parts that only take stand last (R12 to R14)."""
    lines = _lines(settlement)
    sums = {(line["village"], line["part"]): 0 for line in lines}
    for line in lines:
        sums[line["village"], line["part"]] += line["points"]
    styles = _styles(sums)
    codes = list(styles)
    scores = settlement.village_scores.with_columns(pl.col("village").cast(pl.String)).sort("rank", "village")
    places = settlement.book.places
    shown = decimals([*scores["points"].to_list(), *sums.values()], places)
    ends = [_ends([sums.get((village, code), 0) for code in codes]) for village in scores["village"]]
    low, high = min((end[0] for end in ends), default=0), max((end[1] for end in ends), default=0)
    rows = []
    for row in scores.iter_rows(named=True):
        mine = [sums.get((row["village"], code), 0) for code in codes]
        words = [spoken.code(code) for code in codes]
        points = [written(value, places, shown) for value in mine]
        told = say("report.bar-told", name=spoken.village(row["village"]), parts=_told(words, points))
        parts = tuple(
            PartOf(words[n], styles[code], points[n], _part_lines(lines, row["village"], code, places, shown, spoken))
            for n, code in enumerate(codes)
        )
        rows.append(
            Village(
                row["village"],
                spoken.village(row["village"]),
                row["rank"],
                written(row["points"], places, shown),
                f"{row['households']:,}",
                f"{row['participants']:,}",
                share(row["participants"], row["households"]),
                bar([Segment(*piece) for piece in zip(mine, styles.values(), strict=True)], low, high, told),
                parts,
            )
        )
    return tuple(rows)


def star_rows(settlement: Settlement, spoken: Spoken) -> tuple[Stars, ...]:
    """Shares of five-, three- and one-star households, in order of rank; empty where the score has no such lines (R12).

    The lines of the village score say them (details ``….stars-five``, the review after it); nothing is counted anew.
    """
    counted: dict[str, dict[str, int]] = {}
    homes: dict[str, int] = {}
    for line in _lines(settlement):
        found = _STARS.fullmatch(line["detail"])
        if found and line["denominator"] is not None:
            levels = counted.setdefault(line["village"], dict.fromkeys(LEVELS, 0))
            levels[found[1]] += line["numerator"] or 0
            homes[line["village"]] = line["denominator"]
    ranked = settlement.village_scores.sort("rank", "village")["village"].cast(pl.String).to_list()
    rows = []
    for village in ranked:
        if village not in counted:
            continue
        values, whole = [counted[village][level] for level in LEVELS], homes[village]
        shares = [share(value, whole) for value in values]
        told = say(
            "report.bar-told", name=spoken.village(village), parts=_told(star_words(), shares, "report.share-pair")
        )
        segments = [Segment(value, f"star{n}") for n, value in enumerate(values)]
        drawn = bar(segments, 0, whole, told)
        rows.append(Stars(spoken.village(village), drawn, tuple(shares), share(sum(values), whole)))
    return tuple(rows)


def star_words() -> list[str]:
    """The levels of stars in words."""
    return [say(f"report.stars.{level}") for level in LEVELS]


def _lines(settlement: Settlement) -> list[dict[str, Any]]:
    return settlement.village_parts.with_columns(
        pl.col("village", "part", "detail", "clause").cast(pl.String)
    ).to_dicts()


def _part_lines(
    lines: list[dict[str, Any]], village: str, part: str, places: int, shown: int, spoken: Spoken
) -> tuple[Line, ...]:
    return tuple(
        Line(
            spoken.code(line["detail"]),
            written(line["points"], places, shown),
            _counted(line, places),
            line["clause"],
        )
        for line in lines
        if line["village"] == village and line["part"] == part
    )


def _counted(line: dict[str, Any], places: int) -> str:
    """What was counted out of how many: households where stars are counted, elsewhere points by households."""
    if line["denominator"] is None or line["numerator"] is None:
        return ""
    if line["unit"] == "households":
        return say("report.households-of", n=f"{line['numerator']:,}", of=f"{line['denominator']:,}")
    return say("report.points-by", n=written(line["numerator"], places), by=f"{line['denominator']:,}")


def _styles(sums: dict[tuple[str, str], int]) -> dict[str, str]:
    """The parts in their order, with their styles: those that give as the frame has them, then those that only take."""
    parts = dict.fromkeys(part for _, part in sums)
    takes = [part for part in parts if all(points <= 0 for (_, other), points in sums.items() if other == part)]
    takes = [part for part in takes if any(points for (_, other), points in sums.items() if other == part)]
    gives = [part for part in parts if part not in takes]
    return {
        **{part: f"s{number % STYLES}" for number, part in enumerate(gives)},
        **dict.fromkeys(takes, "take"),
    }


def _ends(values: list[int]) -> tuple[int, int]:
    return sum(value for value in values if value < 0), sum(value for value in values if value > 0)


def _told(words: list[str], figures: list[str], pair: str = "report.pair") -> str:
    return say("report.list").join(
        say(pair, words=word, figure=figure) for word, figure in zip(words, figures, strict=True)
    )
