"""Decides how much room limits leave: a household's awards of a period, held against what the rule book bounds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen
from jifen.base import windows
from jifen.frames import plain
from jifen.model import Of, VetoEffect, Window
from jifen.schedule import smallest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from jifen.model import Item, Limit, RuleBook, SharedLimit
    from jifen.period import Period
    from jifen.settlement import Settlement

_LEVELS: Final = ("item", "shared", "category", "total")
"""The order in which limits are looked at."""


@frozen
class Left:
    """What one limit leaves until the last day of its window; None where it does not bound that."""

    until: date
    times: int | None = None
    points: int | None = None


@frozen(eq=False)
class Reckoning:
    """A household's awards of a period, to be held against limits."""

    settlement: Settlement
    book: RuleBook
    period: Period
    today: date
    members: tuple[str, ...]
    awards: list[dict[str, Any]] = field(init=False)
    cuts: dict[str, list[dict[str, Any]]] = field(init=False)

    @awards.default
    def _awards(self) -> list[dict[str, Any]]:
        columns = ("deed", "village", "item", "category", "member", "kind", "date", "gross", "refers")
        return plain(self.settlement.awards).select(columns).to_dicts()

    @cuts.default
    def _cuts(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in plain(self.settlement.cuts).iter_rows(named=True):
            found.setdefault(row["deed"], []).append(row)
        return found

    def limits(self, item: Item) -> Iterator[tuple[str, Limit | SharedLimit]]:
        """The limits that bound an item, each with its level."""
        yield from (("item", limit) for limit in item.every_limit)
        yield from (("shared", limit) for limit in self.book.limits if item.code in limit.items)
        for category in self.book.categories:
            if category.name == item.category:
                yield from (("category", limit) for limit in category.limits)
        yield from (("total", limit) for limit in self.book.total.limits)

    def left(self, item: Item, level: str, limit: Limit | SharedLimit) -> Iterator[Left]:
        """What a limit leaves, for each member where it runs for members; a limit on one deed has no end."""
        if limit.per is Window.DEED:
            return
        first, last = self._window(limit.per)
        within = [row for row in self.awards if first <= row["date"] <= last and self._in_sum(row, item, level, limit)]
        if limit.of is Of.MEMBER:
            for name in self.members:
                yield self._bounds(limit, level, [row for row in within if row["member"] == name], last)
        else:
            yield self._bounds(limit, level, within, last)

    def left_by_vetoes(self) -> Iterator[Left]:
        """What a listed act that bounds the total leaves up to that bound."""
        total = int(self.settlement.standings["total"].sum())
        mended = {row["refers"] for row in self.awards if row["kind"] == "put-right"}
        for row in self.awards:
            veto = self.settlement.book.item(row["item"], row["village"], row["date"]).veto
            if row["kind"] != "deed" or veto is None or VetoEffect.ZERO_TOTAL not in veto.effects:
                continue
            most = veto.lifted_total if row["deed"] in mended else Decimal(0)
            if most is not None:
                yield Left(self.period.end, None, max(smallest(most, self.book.unit) - total, 0))

    def _window(self, per: Window) -> tuple[date, date]:
        return next((first, last) for _, first, last in windows(per, self.period) if first <= self.today <= last)

    def _in_sum(self, row: dict[str, Any], item: Item, level: str, limit: Limit | SharedLimit) -> bool:
        if level == "item":
            return bool(row["item"] == item.code)
        if level == "shared":
            return row["item"] in getattr(limit, "items", ())
        return level == "total" or row["category"] == item.category

    def _bounds(self, limit: Limit | SharedLimit, level: str, rows: list[dict[str, Any]], last: date) -> Left:
        points: list[int] = []
        if limit.gives is not None:
            given = sum(self._up_to(row, level) for row in rows if row["gross"] > 0)
            points.append(smallest(limit.gives, self.book.unit) - given)
        if limit.ceiling is not None:
            net = sum(self._up_to(row, level) for row in rows)
            points.append(smallest(limit.ceiling, self.book.unit) - net)
        times = None
        if limit.times is not None:
            times = max(limit.times - sum(row["kind"] == "deed" and not self._over(row) for row in rows), 0)
        return Left(last, times, max(min(points), 0) if points else None)

    def _up_to(self, row: dict[str, Any], level: str) -> int:
        """What a row came to once the limits up to this level had been looked at."""
        below = _LEVELS[: _LEVELS.index(level) + 1]
        cuts = (cut for cut in self.cuts.get(row["deed"], ()) if cut["level"] in below)
        return int(row["gross"]) + sum(int(cut["change"]) for cut in cuts)

    def _over(self, row: dict[str, Any]) -> bool:
        """Whether the row was one time too many."""
        return any(cut["bound"] == "times" for cut in self.cuts.get(row["deed"], ()))


def least(each: Iterable[Left]) -> Left | None:
    """One limit's room; what members have each for themselves adds up. None where it bounds nothing."""
    found = list(each)
    if not found:
        return None
    first, *others = found
    for other in others:
        first = evolve(
            first,
            times=None if first.times is None or other.times is None else first.times + other.times,
            points=None if first.points is None or other.points is None else first.points + other.points,
        )
    return first
