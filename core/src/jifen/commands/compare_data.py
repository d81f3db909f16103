"""Decides how a comparison is told to a program: exact decimals as text, codes, and names as they may be posted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from jifen.whatif.movements import through
from jifen.whatif.naming import Names
from jifen.words import title

if TYPE_CHECKING:
    from jifen.comparison import Comparison
    from jifen.model import RuleBook
    from jifen.whatif.by import By

POINTS: Final = ("before", "after", "change", "gained", "lost", "mean")
MOST_REASONS: Final = 5


def as_data(found: Comparison, by: By | None) -> dict[str, Any]:
    """Points in points and money in yuan; each household that moves with the rules through which it does."""
    places = found.places
    told = {
        "period": found.period.name,
        "before": _book(found.before.book),
        "after": _book(found.after.book),
        "same": found.same,
        "households": _points(found.whole, places),
        "money": {side: _yuan(int(found.households[f"{side}_money"].sum())) for side in ("before", "after")},
        "ceiling": {"before": _yuan(found.before.ceilings.get("")), "after": _yuan(found.after.ceilings.get(""))},
        "village_rules": dict(found.village_rules),
        "unread": found.unread.to_dicts(),
        "categories": _rows(found.categories, places),
        "rules": _rows(found.rules, places),
        "grades": found.grades.to_dicts(),
        "near": {"distance": _decimal(found.distance, places), "grades": found.near.to_dicts()},
        "villages": _rows(found.villages, places),
        "rewards": [_money(row) for row in found.rewards.to_dicts()],
        "moved": _moved(found),
    }
    return told if by is None else {**told, f"by_{by.value}": _rows(found.split(by), places)}


def _book(book: RuleBook) -> dict[str, Any]:
    return {"name": book.name, "title": title(book.title), "status": book.marked.value, "digest": book.digest}


def _decimal(units: int | None, places: int) -> Decimal | None:
    return None if units is None else Decimal(units).scaleb(-places)


def _yuan(fen: int | None) -> Decimal | None:
    return _decimal(fen, 2)


def _points(row: dict[str, Any], places: int) -> dict[str, Any]:
    return {name: _decimal(value, places) if name in POINTS else value for name, value in row.items()}


def _money(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _yuan(value) if name.endswith(("_money", "_ceiling")) else value for name, value in row.items()}


def _rows(frame: pl.DataFrame, places: int) -> list[dict[str, Any]]:
    return [_points(row, places) for row in frame.to_dicts()]


def _moved(found: Comparison) -> list[dict[str, Any]]:
    """Households whose points, grade, place or money differ."""
    names, places = Names.of(found), found.places
    why: dict[str, list[dict[str, Any]]] = {}
    for household, item, change in through(found.items, MOST_REASONS).iter_rows():
        why.setdefault(household, []).append({"item": item, "change": _decimal(change, places)})
    pairs = (
        ("before", "after"),
        *((f"before_{name}", f"after_{name}") for name in ("grade", "rank", "barred", "money")),
    )
    moved = found.households.filter(pl.any_horizontal(pl.col(one).ne_missing(pl.col(two)) for one, two in pairs))
    return [
        {
            **_money(_points(row, places)),
            "name": names.people[row["household"]][0],
            "through": why.get(row["household"], []),
        }
        for row in moved.drop("step").to_dicts()
    ]
