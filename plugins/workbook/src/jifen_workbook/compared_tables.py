"""Decides which tables the office gets of a comparison: from categories down to single households."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from jifen.whatif.movements import through
from jifen.words import say

from jifen_workbook.sheets import Head, Kind

if TYPE_CHECKING:
    from jifen.comparison import Comparison
    from jifen.whatif.by import By
    from jifen.whatif.naming import Names

    from jifen_workbook.sheets import Rows

    Sheet = tuple[list[Head], Rows]

MOST_REASONS: Final = 3
_FEN: Final = 100
_POINTS: Final = [
    Head("compare-before", Kind.POINTS),
    Head("compare-after", Kind.POINTS),
    Head("compare-change", Kind.POINTS),
]


def in_points(found: Comparison, units: int | None) -> Decimal | None:
    """Points as an exact decimal number."""
    return None if units is None else Decimal(units).scaleb(-found.places)


def _three(found: Comparison, row: dict[str, Any]) -> list[object]:
    return [in_points(found, row[name]) for name in ("before", "after", "change")]


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / _FEN


def categories(found: Comparison, names: Names) -> Sheet:
    """Points of each category."""
    rows: Rows = [
        [names.categories.get(row["category"], row["category"]), *_three(found, row)]
        for row in found.categories.iter_rows(named=True)
    ]
    return [Head("compare-category"), *_POINTS], rows


def rules(found: Comparison, names: Names) -> Sheet:
    """Every rule whose points differ, the one that moves most first."""
    heads = [
        Head("compare-category"),
        Head("item"),
        Head("compare-item-name"),
        *_POINTS,
        Head("compare-winners", Kind.WHOLE),
    ]
    heads += [
        Head("compare-losers", Kind.WHOLE),
        Head("compare-gained", Kind.POINTS),
        Head("compare-lost", Kind.POINTS),
    ]
    rows: Rows = [
        [
            names.categories.get(row["category"], row["category"]),
            row["item"],
            names.items.get(row["item"], row["item"]),
            *_three(found, row),
            row["winners"],
            row["losers"],
            in_points(found, row["gained"]),
            in_points(found, row["lost"]),
        ]
        for row in found.rules.iter_rows(named=True)
    ]
    return heads, rows


def grades(found: Comparison, names: Names) -> Sheet:
    """From which grade to which; households that take part under both books."""
    heads = [Head("compare-grade-before"), Head("compare-grade-after"), Head("compare-households", Kind.WHOLE)]
    rows: Rows = [[names.grade(old), names.grade(new), count] for old, new, count in found.grades.iter_rows()]
    return heads, rows


def villages(found: Comparison, names: Names) -> Sheet:
    """Scores and places of the villages."""
    heads = [
        Head("village"),
        *_POINTS,
        Head("compare-rank-before", Kind.NUMBER),
        Head("compare-rank-after", Kind.NUMBER),
    ]
    heads += [Head("compare-rank-up", Kind.WHOLE), Head("compare-rank-down", Kind.WHOLE)]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            *_three(found, row),
            *(row[name] for name in ("before_rank", "after_rank", "rank_up", "rank_down")),
        ]
        for row in found.villages.iter_rows(named=True)
    ]
    return heads, rows


def rewards(found: Comparison, names: Names) -> Sheet:
    """Who has them, what they cost, and the most that the rules allow."""
    counts, money = ("count-before", "count-after", "new", "gone"), ("money-before", "money-after", "limit-before")
    heads = [Head("compare-reward"), *(Head(f"compare-{name}", Kind.WHOLE) for name in counts)]
    heads += [Head(f"compare-{name}", Kind.MONEY) for name in (*money, "limit-after")]
    rows: Rows = [
        [
            names.rewards.get(row["code"], row["code"]),
            *(row[name] for name in ("before", "after", "new", "gone")),
            *(_yuan(row[name] or None) for name in ("before_money", "after_money")),
            *(_yuan(row[name]) for name in ("before_ceiling", "after_ceiling")),
        ]
        for row in found.rewards.iter_rows(named=True)
    ]
    return heads, rows


def split(found: Comparison, by: By) -> Sheet:
    """Winners and losers of each part."""
    counts, points = ("households", "winners", "losers", "unchanged"), ("gained", "lost", "change", "mean")
    heads = [Head(f"compare-by-{by.value}"), *(Head(f"compare-{name}", Kind.WHOLE) for name in counts)]
    heads += [Head(f"compare-{name}", Kind.POINTS) for name in points]
    heads += [Head(f"compare-{name}", Kind.WHOLE) for name in ("better", "worse")]
    rows: Rows = [
        [
            row["part"] or say("workbook.compare.no-kind"),
            *(row[name] for name in counts),
            *(in_points(found, row[name]) for name in points),
            row["better"],
            row["worse"],
        ]
        for row in found.split(by).iter_rows(named=True)
    ]
    return heads, rows


def households(found: Comparison, names: Names) -> Sheet:
    """Every household, with the rules through which it moves."""
    why: dict[str, list[str]] = {}
    for household, item, change in through(found.items, MOST_REASONS).iter_rows():
        why.setdefault(household, []).append(f"{names.items.get(item, item)} {in_points(found, change):+}")
    people = _people(found)
    heads = [
        Head("village"),
        Head("group"),
        Head("household"),
        Head("householder"),
        Head("compare-household-kind"),
        *_POINTS,
    ]
    heads += [Head("compare-grade-before"), Head("compare-grade-after"), Head("compare-rank-before", Kind.NUMBER)]
    heads += [
        Head("compare-rank-after", Kind.NUMBER),
        Head("compare-money-before", Kind.MONEY),
        Head("compare-money-after", Kind.MONEY),
    ]
    heads += [Head("compare-through", Kind.LONG)]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            row["group"],
            row["household"],
            people.get(row["household"], ""),
            row["kind"],
            *_three(found, row),
            *(names.grade(row[name]) for name in ("before_grade", "after_grade")),
            *(row[name] for name in ("before_rank", "after_rank")),
            *(_yuan(row[name] or None) for name in ("before_money", "after_money")),
            say("workbook.compare.comma").join(why.get(row["household"], [])),
        ]
        for row in found.households.iter_rows(named=True)
    ]
    return heads, rows


def _people(found: Comparison) -> dict[str, str]:
    return dict(found.before.inputs.households.select(pl.col("household", "name").cast(pl.String)).iter_rows())


def near(found: Comparison, names: Names) -> Sheet:
    """The households near a grade under the new rules, and by how much they miss or reach it."""
    people = _people(found)
    heads = [Head("village"), Head("group"), Head("household"), Head("householder"), Head("compare-after", Kind.POINTS)]
    heads += [
        Head("compare-grade-after"),
        Head("compare-threshold-of"),
        Head("compare-threshold", Kind.POINTS),
        Head("compare-ahead", Kind.POINTS),
    ]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            row["group"],
            row["household"],
            people.get(row["household"], ""),
            in_points(found, row["after"]),
            names.grade(row["after_grade"]),
            names.grade(row["near"]),
            in_points(found, row["least"]),
            in_points(found, row["ahead"]),
        ]
        for row in found.near_households.iter_rows(named=True)
    ]
    return heads, rows
