"""Decides what limits must leave, computed a second time in plain Python from the awards and cuts of a settlement.

Row by row, limit by limit in the order of the rule book: what was there before a limit, what it changed, and whether
the sum of each window is what it must be. Slow, short, and without a line of the engine.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from jifen.model import Of, Partial, Subject, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from jifen.model import Limit, RuleBook, SharedLimit
    from jifen.settlement import Settlement

_MONTHS: Final = {Window.MONTH: 1, Window.TWO_MONTHS: 2, Window.QUARTER: 3, Window.HALF_YEAR: 6, Window.YEAR: 12}
Row = dict[str, Any]


@frozen
class Sum:
    """One window of one limit: the sums before and after it (points in the smallest unit; times for `times`)."""

    limit: str
    bound: str
    whose: str
    before: int
    after: int
    least: int | None
    most: int | None
    drops: bool

    @property
    def told(self) -> str:
        """The bound in a word: ``gives at most 40``."""
        sides = (("at least", self.least), ("at most", self.most))
        return " ".join([self.bound, *(f"{side} {value}" for side, value in sides if value is not None)])

    def _clipped(self, value: int) -> int:
        value = value if self.least is None else max(value, self.least)
        return value if self.most is None else min(value, self.most)

    @property
    def within(self) -> bool:
        """Whether the bound is kept."""
        return self._clipped(self.after) == self.after

    @property
    def needed(self) -> bool:
        """Whether the limit cut no more than it had to; that it cut too little is `within`'s to say.

        A deed that is dropped whole may leave less than the bound.
        """
        must = self._clipped(self.before)
        return self.after == must or not self.within or (self.drops and must != self.before)


def sums(settlement: Settlement) -> Iterator[Sum]:
    """Every bound of every limit in every window in which it has rows."""
    rows = [row for row in settlement.awards.to_dicts() if row["kind"] != "veto"]
    dates = {row["deed"]: row["date"] for row in rows}
    changes: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for cut in settlement.cuts.to_dicts():
        changes[cut["deed"], cut["level"], cut["limit"], cut["bound"]] += cut["change"]
    now = [row["gross"] for row in rows]
    counted = [row["kind"] != "base" for row in rows]
    for level, code, limit, covers in limits(settlement.book):
        mine = [at for at, row in enumerate(rows) if covers(row)]
        runs: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for at in mine:
            runs[_run(rows[at], at, limit, dates)].append(at)
        for bound, least, most in _bounds(limit, settlement.book.unit):
            before = {
                key: _measure(bound, [(rows[at], now[at], counted[at]) for at in run]) for key, run in runs.items()
            }
            for at in mine:
                change = changes[rows[at]["deed"], level, code, bound]
                now[at] += change
                if bound == "times" and change:
                    counted[at] = False
            if bound == "times":
                _count(runs, counted, rows, now, limit)
            for key, run in runs.items():
                after = _measure(bound, [(rows[at], now[at], counted[at]) for at in run])
                drops = limit.partial is Partial.DROP and bound == "gives"
                yield Sum(code, bound, str(key[0]), before[key], after, least, most, drops)


def _count(
    runs: dict[tuple[object, ...], list[int]],
    counted: list[bool],
    rows: list[Row],
    now: list[int],
    limit: Limit | SharedLimit,
) -> None:
    """Beyond `times`, deeds that are worth nothing do not count, though they leave no cut behind."""
    for run in runs.values():
        seen = 0
        for at in run:
            if rows[at]["kind"] != "base" and counted[at]:
                seen += 1
                counted[at] = seen <= (limit.times or 0) or now[at] != 0


def limits(book: RuleBook) -> Iterator[tuple[str, str, Limit | SharedLimit, Callable[[Row], bool]]]:
    """Level, code, limit, and which rows it looks at, in the order in which they apply."""
    for item in book.items:
        for number, limit in enumerate(item.every_limit, 1):

            def of_item(row: Row, code: str = item.code, holds: Callable[[str], bool] = item.holds_in) -> bool:
                return bool(row["item"] == code and holds(row["village"]))

            yield "item", f"{item.code}#{number}", limit, of_item
    for shared in book.limits:
        yield "shared", shared.code, shared, lambda row, codes=shared.items: row["item"] in codes  # type: ignore[misc]
    for category in book.categories:
        for number, limit in enumerate(category.limits, 1):
            name = category.name
            yield "category", f"{name}#{number}", limit, lambda row, name=name: row["category"] == name  # type: ignore[misc]
    households = {item.code for item in book.items if item.subject is Subject.HOUSEHOLD}
    for number, limit in enumerate(book.total.limits, 1):
        yield "total", f"total#{number}", limit, lambda row: row["item"] in households


def _bounds(limit: Limit | SharedLimit, unit: int) -> Iterator[tuple[str, int | None, int | None]]:
    """Bound as the cuts name it, the least and the most in whole numbers, in the order in which they apply."""

    def whole(value: Decimal | None) -> int | None:
        return None if value is None else int(value * unit)

    if limit.times is not None:
        yield "times", None, limit.times
    for name in ("gives", "takes"):
        if getattr(limit, name) is not None:
            yield name, None, whole(getattr(limit, name))
    if limit.floor is not None or limit.ceiling is not None:
        yield "net", whole(limit.floor), whole(limit.ceiling)


def _run(row: Row, at: int, limit: Limit | SharedLimit, dates: dict[str, date]) -> tuple[object, ...]:
    """What shares one running sum; a row that puts another right runs in the window of that other."""
    own: date = row["date"]
    on = dates.get(row["refers"], own) if row["kind"] == "put-right" else own
    month = on.year * 12 + on.month - 1
    window = at if limit.per is Window.DEED else 0 if limit.per is Window.ALL else month // _MONTHS[limit.per]
    return (row["subject"], row["member"] if limit.of is Of.MEMBER else None, window)


def _measure(bound: str, run: list[tuple[Row, int, bool]]) -> int:
    if bound == "times":
        return sum(counts for row, _, counts in run if row["kind"] != "base")
    if bound == "net":
        return sum(points for _, points, _ in run)
    taken = [(points, row["gross"] < 0 or row["kind"] == "put-right") for row, points, _ in run]
    if bound == "gives":
        return sum(points for points, is_taken in taken if not is_taken)
    return -sum(points for points, is_taken in taken if is_taken)
