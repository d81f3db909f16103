"""The town of Jinsui (金穗镇, invented): its rules are data beside this module, its village score is the code in it.

`jinsui.harvest-score` looks at the household in the middle instead of the average: a few industrious households cannot
lift their village, and where more than half stay away there is no base. In a pilot (R5) only the homes of its groups
count, for the others could not take part. Each line is an exact ratio, rounded once, half up, to the book's places.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen import Town, VillageAggregation, add_words, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from jifen import RuleBook, VillageView

    Line = dict[str, str | int | None]

WORDS: Final = {
    "jinsui.base": {"zh_CN": "基础分", "en": "Base"},
    "jinsui.median": {
        "zh_CN": "户积分中位数折算（居中的一户，或居中两户的平均）",
        "en": "Median of the households' points (the one in the middle, or the mean of the two)",
    },
    "jinsui.raised": {"zh_CN": "达标户占比", "en": "Share of households that reach the grade"},
    "jinsui.no-households": {"zh_CN": "没有应参加的家庭户，基础分计0分", "en": "No household that counts: base 0"},
}
add_words("jifen_town_jinsui", WORDS)


@frozen
class Base:
    """户户参与 (R12): `median` village points (a share) for each point of the household in the middle, at most `max`.

    `full` points where every household has reached `grade` or a better one.
    """

    clause: str
    grade: str
    full: Decimal
    median: str = "1"
    max: Decimal | None = None


@frozen
class VillageDeeds:
    """A part that village deeds make (R13, R14): which categories, at most so many points (of either sign)."""

    clause: str
    categories: tuple[str, ...]
    max: Decimal | None = None


@frozen
class HarvestScore:
    """The options of ``jinsui.harvest-score``."""

    base: Base
    key_tasks: VillageDeeds
    deductions: VillageDeeds

    def parts(self) -> tuple[tuple[str, VillageDeeds], ...]:
        """The parts that village deeds make, by their codes, which the baseline has words for."""
        return ("pudong.key-tasks", self.key_tasks), ("pudong.deductions", self.deductions)


def check(book: RuleBook, options: HarvestScore) -> Iterable[tuple[str, str, dict[str, object]]]:
    """A share, a grade of the book, bounds no finer than the book, and exactly one part for every village item."""
    from jifen_pudong.shares import share_of

    if share_of(options.base.median) is None:
        yield "base.median", "pudong.not-a-share", {"got": options.base.median}
    if options.base.grade not in {grade.code for grade in book.grades}:
        yield "base.grade", "pudong.unknown-grade", {"got": options.base.grade}
    bounds = {
        "base.full": options.base.full,
        "base.max": options.base.max,
        "key_tasks.max": options.key_tasks.max,
        "deductions.max": options.deductions.max,
    }
    for path, bound in bounds.items():
        if bound is not None and (bound < 0 or bound * book.unit % 1):
            yield path, "pudong.bad-bound", {"got": bound, "places": book.places}
    for item in book.items:
        homes = [code for code, part in options.parts() if item.category in part.categories]
        if item.subject == "village" and len(homes) != 1:
            yield "", "pudong.item-without-part", {"item": item.code, "category": item.category, "parts": len(homes)}


def aggregate(view: VillageView, options: HarvestScore) -> pl.DataFrame:
    """VILLAGE_PARTS, sorted by village; the lines of a part add up to the part, cuts included (R12 to R14)."""
    import polars as pl
    from jifen import frames

    totals, awards = _totals(view), _sums(view)
    lines: list[Line] = []
    for village in sorted(view.villages["village"].cast(pl.String)):
        lines += [
            {"village": village, "part": "jinsui.base", **line}
            for line in _base(view.book, options.base, totals.get(village, []))
        ]
        for code, part in options.parts():
            mine = [line for category in part.categories for line in awards.get((village, category), [])]
            mine += _cut(view.book, mine, part.max, part.clause)
            lines += [{"village": village, "part": code, **line} for line in mine]
    return frames.VILLAGE_PARTS.make(lines)


def _base(book: RuleBook, base: Base, homes: list[tuple[int, str | None]]) -> Iterator[Line]:
    """The lines of the base; `homes` are total and grade of every home that counts, in order of totals."""
    from jifen_pudong.shares import rounded, share_of

    if not homes:
        yield _line("jinsui.no-households", 0, base.clause, (0, 0), "households")
        return
    middle = [total for total, _ in homes[(len(homes) - 1) // 2 : len(homes) // 2 + 1]]
    factor = share_of(base.median) or Fraction(0)
    median = _line(
        "jinsui.median", rounded(factor * Fraction(sum(middle), len(middle))), base.clause, (sum(middle), len(middle))
    )
    yield median
    yield from _cut(book, [median], base.max, base.clause)
    codes = [grade.code for grade in book.grades]
    raised = sum(grade in codes[: codes.index(base.grade) + 1] for _, grade in homes)
    points = rounded(Fraction(base.full * book.unit) * Fraction(raised, len(homes)))
    yield _line("jinsui.raised", points, base.clause, (raised, len(homes)), "households")


def _totals(view: VillageView) -> dict[str, list[tuple[int, str | None]]]:
    """Total and grade of every home that counts, by village, in order of totals; who does not take part has 0.

    Registered homes and everybody who takes part count; in a village with pilot groups, only those of the groups.
    """
    import polars as pl

    text = pl.String
    pilots = view.villages.select(pl.col("village").cast(text), pl.col("pilot_groups").fill_null([]))
    standings = view.standings.select(pl.col("household").cast(text), "total", pl.col("grade").cast(text))
    took_part = view.participants.select(pl.col("household").cast(text), "participates")
    counted = (
        view.households.select(pl.col("household", "village", "group", "site").cast(text), "registered")
        .join(took_part, on="household", how="left")
        .join(standings, on="household", how="left")
        .join(pilots, on="village", how="left")
        .filter((pl.col("site") == "home") & (pl.col("registered") | pl.col("participates")))
        .filter((pl.col("pilot_groups").list.len() == 0) | pl.col("group").is_in("pilot_groups"))
        .select("village", pl.col("total").fill_null(0), "grade")
    )
    found: dict[str, list[tuple[int, str | None]]] = {}
    for village, total, grade in counted.sort("village", "total").iter_rows():
        found.setdefault(village, []).append((total, grade))
    return found


def _sums(view: VillageView) -> dict[tuple[str, str], list[Line]]:
    """Lines by village and category: the sum of each item, in the order of the items' codes."""
    found: dict[tuple[str, str], list[Line]] = {}
    for village, category, item, clause, points in view.by_item().iter_rows():
        found.setdefault((village, category), []).append(_line(item, points, clause))
    return found


def _cut(book: RuleBook, lines: list[Line], bound: Decimal | None, clause: str) -> list[Line]:
    """The line that shows what a part's bound took away; none where nothing was."""
    if bound is None:
        return []
    points, most = sum(int(line["points"] or 0) for line in lines), int(bound * book.unit)
    change = max(-most, min(points, most)) - points
    return [_line("pudong.cut", change, clause)] if change else []


def _line(
    detail: str, points: int, clause: str, ratio: tuple[int | None, int | None] = (None, None), unit: str | None = None
) -> Line:
    return {
        "detail": detail,
        "points": points,
        "numerator": ratio[0],
        "denominator": ratio[1],
        "unit": unit,
        "clause": clause,
    }


@hookimpl
def jifen_towns() -> tuple[Town, ...]:
    """The town whose ``town.toml`` lies here."""
    return (Town.of(__name__),)


@hookimpl
def jifen_village_aggregations() -> tuple[VillageAggregation, ...]:
    """``jinsui.harvest-score``."""
    title = {
        "zh_CN": "金穗村级得分（中位户、重点分、扣分项）",
        "en": "Jinsui's village score: the household in the middle",
    }
    return (VillageAggregation("jinsui.harvest-score", title, aggregate, HarvestScore, check),)
