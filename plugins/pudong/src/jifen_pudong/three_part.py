"""Decides a village's score in three parts: the households' base, the village's key tasks, and deductions (R12 to R14).

Every home that is registered in the village counts in the denominators, whether it takes part or not, and so does
every other household that takes part: a household that stays away costs its village. Sites that are never subjects
(R4) do not count. Each line is an exact ratio, rounded once, half up, to the book's places.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import field, frozen
from jifen import frames
from jifen.model import Subject
from jifen.offers import VillageAggregation, VillageView
from jifen.schedule import smallest

from jifen_pudong.shares import rounded, share_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jifen.model import RuleBook

BASE: Final = "pudong.base"
STARS: Final = (("five", 5), ("three", 3), ("one", 1))
REVIEWS: Final = ("first", "repeat")
Line = dict[str, str | int | None]


@frozen
class Participation:
    """户户参与: village points for each point of the average household (`factor`, a share), at most `max`."""

    factor: str = "1"
    max: Decimal | None = None
    clause: str = "R12"


@frozen
class StarShares:
    """Shares of star households: `full` points where every household has the best stars and review.

    `one`, `three`, `five`, `first` and `repeat` are weights, written as shares from 0 to 1. A household counts at the
    highest of the three levels that its stars reach.
    """

    full: Decimal = Decimal(0)
    one: str = "1/3"
    three: str = "2/3"
    five: str = "1"
    first: str = "1"
    repeat: str = "1"
    clause: str = "R12"


@frozen
class VillagePart:
    """A part that village deeds make: which categories, at most so many points (of either sign)."""

    categories: tuple[str, ...]
    max: Decimal | None = None
    clause: str = ""


def _key_tasks() -> VillagePart:
    return VillagePart(("pudong.key-tasks",), clause="R13")


def _deductions() -> VillagePart:
    return VillagePart(("pudong.deductions",), clause="R14")


@frozen
class ThreePart:
    """The options of ``pudong.three-part``."""

    participation: Participation = field(factory=Participation)
    stars: StarShares = field(factory=StarShares)
    key_tasks: VillagePart = field(factory=_key_tasks)
    deductions: VillagePart = field(factory=_deductions)

    def parts(self) -> tuple[tuple[str, VillagePart], ...]:
        """The parts that village deeds make, by the code of the part."""
        return ("pudong.key-tasks", self.key_tasks), ("pudong.deductions", self.deductions)


def check(book: RuleBook, options: ThreePart) -> Iterable[tuple[str, str, dict[str, object]]]:
    """Shares must be shares, bounds no finer than the book, and every village item must belong to exactly one part."""
    if share_of(options.participation.factor) is None:
        yield "participation.factor", "pudong.not-a-share", {"got": options.participation.factor}
    for name in ("one", "three", "five", *REVIEWS):
        text = getattr(options.stars, name)
        value = share_of(text)
        if value is None or value > 1:
            yield f"stars.{name}", "pudong.not-a-share", {"got": text}
    bounds = {
        "participation.max": options.participation.max,
        "stars.full": options.stars.full,
        "key_tasks.max": options.key_tasks.max,
        "deductions.max": options.deductions.max,
    }
    for path, bound in bounds.items():
        if bound is not None and (bound < 0 or bound * book.unit % 1):
            yield path, "pudong.bad-bound", {"got": bound, "places": book.places}
    for item in book.items:
        homes = [code for code, part in options.parts() if item.category in part.categories]
        if item.subject is Subject.VILLAGE and len(homes) != 1:
            yield "", "pudong.item-without-part", {"item": item.code, "category": item.category, "parts": len(homes)}


def aggregate(view: VillageView, options: ThreePart) -> pl.DataFrame:
    """VILLAGE_PARTS, sorted by village; the lines of a part add up to the part, cuts included (R12 to R14)."""
    unit, totals, (homes, stars) = view.book.unit, _totals(view), _homes_and_stars(view)
    awards = _village_awards(view)
    lines: list[Line] = []
    for village in sorted(view.villages["village"].cast(pl.String)):
        base = list(_base(options, unit, homes.get(village, 0), totals.get(village, 0), stars.get(village, {})))
        lines += [{"village": village, "part": BASE, **line} for line in base]
        for code, part in options.parts():
            mine = [line for category in part.categories for line in awards.get((village, category), [])]
            mine += _cut(mine, part.max, unit, part.clause)
            lines += [{"village": village, "part": code, **line} for line in mine]
    return frames.VILLAGE_PARTS.make(lines)


def _base(options: ThreePart, unit: int, homes: int, total: int, stars: dict[str, int]) -> Iterator[Line]:
    if not homes:
        yield _line("pudong.no-households", 0, 0, 0, options.participation.clause, "households")
        return
    factor = share_of(options.participation.factor) or Fraction(0)
    points = rounded(factor * Fraction(total, homes))
    line = _line("pudong.participation", points, total, homes, options.participation.clause, "points")
    yield line
    yield from _cut([line], options.participation.max, unit, options.participation.clause)
    for level, _ in STARS:
        for review in REVIEWS:
            name = f"stars-{level}-{review}"
            weight = (share_of(getattr(options.stars, level)) or 0) * (share_of(getattr(options.stars, review)) or 0)
            share = Fraction(stars.get(name, 0), homes)
            points = rounded(smallest(options.stars.full, unit) * weight * share)
            yield _line(f"pudong.{name}", points, stars.get(name, 0), homes, options.stars.clause, "households")


def _line(
    detail: str, points: int, numerator: int | None, denominator: int | None, clause: str, unit: str | None = None
) -> Line:
    return {
        "detail": detail,
        "points": points,
        "numerator": numerator,
        "denominator": denominator,
        "unit": unit,
        "clause": clause,
    }


def _cut(lines: list[Line], bound: Decimal | None, unit: int, clause: str) -> list[Line]:
    """The line that shows what a part's bound took away; none where nothing was."""
    if bound is None:
        return []
    points, most = sum(int(line["points"] or 0) for line in lines), smallest(bound, unit)
    change = max(-most, min(points, most)) - points
    return [_line("pudong.cut", change, None, None, clause)] if change else []


def _homes_and_stars(view: VillageView) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """By village: how many households count, and how many participants have which stars.

    Stars without a named review count as a first one.
    """
    level = pl.lit(None, dtype=pl.String)
    for name, least in reversed(STARS):
        level = pl.when(pl.col("stars") >= least).then(pl.lit(name)).otherwise(level)
    taking_part = view.participants["household"].filter(view.participants["participates"]).cast(pl.String)
    counted = (
        view.households.select(
            pl.col("village").cast(pl.String),
            pl.col("site").cast(pl.String),
            "registered",
            level.alias("level"),
            pl.col("star_review").cast(pl.String).fill_null("first"),
            pl.col("household").cast(pl.String).is_in(taking_part.implode()).alias("participates"),
        )
        .filter((pl.col("site") == "home") & (pl.col("registered") | pl.col("participates")))
        .group_by("village", "level", "star_review")
        .agg(pl.len(), pl.col("participates").sum().alias("taking_part"))
    )
    homes: dict[str, int] = {}
    stars: dict[str, dict[str, int]] = {}
    for village, name, review, households, participants in counted.iter_rows():
        homes[village] = homes.get(village, 0) + households
        if name is not None:
            stars.setdefault(village, {})[f"stars-{name}-{review}"] = participants
    return homes, stars


def _totals(view: VillageView) -> dict[str, int]:
    return dict(view.standings.group_by(pl.col("village").cast(pl.String)).agg(pl.col("total").sum()).iter_rows())


def _village_awards(view: VillageView) -> dict[tuple[str, str], list[Line]]:
    """Lines by village and category: the sum of each item, in the order of the items' codes."""
    found: dict[tuple[str, str], list[Line]] = {}
    for village, category, item, clause, points in view.by_item().iter_rows():
        found.setdefault((village, category), []).append(_line(item, points, None, None, clause))
    return found


THREE_PART: Final = VillageAggregation(
    "pudong.three-part",
    {"zh_CN": "基础分、重点分、扣分项", "en": "Base, key tasks and deductions"},
    aggregate,
    ThreePart,
    check,
)
