"""Decides what explains a point: the settlement's awards and cuts with the rule's own words, and nothing else (R22).

Nothing is computed a second time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve

from jifen.accounts import Cutting, HouseholdAccount, Line, Point, Refusal, Share, Standing, VillageAccount
from jifen.entered import KIND as ENTERED
from jifen.frames import QUANTITY_UNIT
from jifen.model import Item, Measure
from jifen.problems import Problem, Refused
from jifen.purse_accounts import exchanges_of, purses_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.model import Limit, RuleBook, SharedLimit
    from jifen.settlement import Settlement

_BOUNDS: Final = {"times": ("times",), "gives": ("gives",), "takes": ("takes",), "net": ("floor", "ceiling")}


def explain_household(settlement: Settlement, household: str) -> HouseholdAccount:
    """Raises `Refused` (``explain.unknown-household``) for a number that the settlement does not have."""
    mine = _rows(settlement.participants, "household", household)
    if not mine:
        raise Refused([Problem("explain.unknown-household", facts={"household": household})])
    who = mine[0]
    standings = _rows(settlement.standings, "household", household)
    titles = {category.name: category.title for category in settlement.book.categories}
    unit = settlement.book.places
    return HouseholdAccount(
        household,
        who["village"],
        who["participates"],
        who["ground"] or who["reason"] or "",
        who["since"],
        _points(settlement, "subject", household),
        _refusals(settlement, "subject", household),
        tuple(
            Share(row["category"], titles.get(row["category"], {}), _decimal(row["points"], unit))
            for row in _rows(settlement.category_points, "subject", household)
        ),
        _standing(settlement, standings[0]) if standings else None,
        tuple(_rows(settlement.rewards, "subject", household)),
        purses_of(settlement, household),
        exchanges_of(settlement, household),
    )


def explain_deed(settlement: Settlement, deed: str) -> Point | Refusal:
    """One record: its award, or why it gave nothing. Raises `Refused` (``explain.unknown-deed``)."""
    found: tuple[Point | Refusal, ...] = _points(settlement, "deed", deed) or _refusals(settlement, "deed", deed)
    if not found:
        raise Refused([Problem("explain.unknown-deed", facts={"deed": deed})])
    return found[0]


def explain_village(settlement: Settlement, village: str) -> VillageAccount:
    """Raises `Refused` (``explain.unknown-village``)."""
    scores = _rows(settlement.village_scores, "village", village)
    if not scores:
        raise Refused([Problem("explain.unknown-village", facts={"village": village})])
    score, unit = scores[0], settlement.book.places
    items = settlement.book.items_in(village)
    lines = tuple(
        Line(
            row["part"],
            row["detail"],
            items.get(row["detail"]),
            _decimal(row["points"], unit),
            _decimal(row["numerator"] or 0, unit if row["unit"] == "points" else 0),
            row["denominator"],
            row["unit"],
            row["clause"],
        )
        for row in _rows(settlement.village_parts, "village", village)
    )
    return VillageAccount(
        village,
        _decimal(score["points"], unit),
        score["rank"],
        settlement.village_scores.height,
        score["households"],
        score["participants"],
        lines,
        _points(settlement, "subject", village),
        _refusals(settlement, "subject", village),
    )


def _rows(frame: pl.DataFrame, column: str, value: str) -> list[dict[str, Any]]:
    wanted = pl.col(column)
    # A coded column raises for a text that is none of its codes.
    wanted = wanted if frame.schema[column] == pl.String else wanted.cast(pl.String)
    return frame.filter(wanted == value).to_dicts()


def _decimal(units: int, places: int) -> Decimal:
    return Decimal(units).scaleb(-places)


def _standing(settlement: Settlement, row: Mapping[str, Any]) -> Standing:
    places = settlement.book.places
    return Standing(
        _decimal(row["given"], places),
        _decimal(row["taken"], places),
        _decimal(row["total"], places),
        row["grade"],
        row["rank"],
        len(_rows(settlement.standings.select("village"), "village", row["village"])),
        row["barred"],
        row["veto"],
    )


def _points(settlement: Settlement, column: str, value: str) -> tuple[Point, ...]:
    cuts: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(settlement.cuts, column, value):
        cuts.setdefault(row["deed"], []).append(row)
    book = settlement.book
    return tuple(
        _point(
            book,
            _rule(book, row),
            row,
            tuple(_cutting(book.on(row["date"]), cut) for cut in cuts.get(row["deed"], ())),
        )
        for row in _rows(settlement.awards, column, value)
    )


def _rule(book: RuleBook, row: Mapping[str, Any]) -> Item:
    """The rule of an award; an entry that corrects an earlier period may be of one that today's book has no more."""
    try:
        return book.item(row["item"], row["village"], row["date"])
    except KeyError:
        if row["kind"] != ENTERED:
            raise
        return Item(row["item"], row["category"], {"zh_CN": row["item"]}, row["clause"])


def _point(book: RuleBook, item: Item, row: Mapping[str, Any], cuts: tuple[Cutting, ...]) -> Point:
    unit = 1 if item.measure is Measure.COUNT else QUANTITY_UNIT

    def amount(column: str) -> Decimal | None:
        return None if row[column] is None else Decimal(row[column]) / unit

    return Point(
        row["deed"],
        row["subject"],
        row["village"],
        row["kind"],
        row["date"],
        item,
        row["clause"],
        row["member"],
        amount("amount"),
        amount("before"),
        amount("after"),
        _decimal(row["gross"], book.places),
        _decimal(row["points"], book.places),
        cuts,
        row["grade"],
        row["refers"],
        row["recorded_by"],
        row["approved_by"],
        row["reason"],
    )


def _cutting(book: RuleBook, row: Mapping[str, Any]) -> Cutting:
    limit, clause = limit_of(book, row["level"], row["limit"], row["village"])
    others: dict[str, Any] = {
        name: None for names in _BOUNDS.values() for name in names if name not in _BOUNDS[row["bound"]]
    }
    places = 0 if row["bound"] == "times" else book.places
    return Cutting(
        row["level"],
        row["limit"],
        row["bound"],
        evolve(limit, **others),
        clause,
        _decimal(row["before"], places),
        _decimal(row["after"], places),
        _decimal(row["change"], book.places),
    )


def limit_of(book: RuleBook, level: str, code: str, village: str = "") -> tuple[Limit | SharedLimit, str]:
    """The limit behind a row of cuts (``A01#2``: the second of item A01), and its clause. Raises `KeyError`."""
    owner, _, number = code.rpartition("#")
    if level == "shared":
        for shared in book.limits:
            if shared.code == code:
                return shared, shared.clause
        raise KeyError(code)
    if level == "item":
        item = book.item(owner, village)
        limits, clause = item.every_limit, item.clause
    elif level == "category":
        category = next((each for each in book.categories if each.name == owner), None)
        if category is None:
            raise KeyError(code)
        limits, clause = category.limits, category.clause
    else:
        limits, clause = book.total.limits, book.total.clause
    limit = limits[int(number) - 1]
    return limit, limit.clause or clause


def _refusals(settlement: Settlement, column: str, value: str) -> tuple[Refusal, ...]:
    book = settlement.book
    same = ("deed", "subject", "village", "date", "outcome", "reason")
    return tuple(
        Refusal(item=book.item(row["item"], row["village"], row["date"]), **{name: row[name] for name in same})
        for row in _rows(settlement.refused, column, value)
    )
