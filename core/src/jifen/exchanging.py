"""Decides which requests for goods are granted: one by one, by day and number, each from what is left (R18, R20).

A request is granted whole or not at all, and a reason is given. Nothing is handed out here: a grant is a voucher.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import field, frozen

from jifen.frames import EXCHANGES, OPENINGS, PURSE_ENTRIES, REQUESTS
from jifen.goods import StockOf
from jifen.problems import Problem, Refused
from jifen.purses import Flow, entries
from jifen.schedule import smallest

if TYPE_CHECKING:
    from jifen.goods import Good, Shop
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period

FEN = 100
GRANTED, CANCELLED = "granted", "cancelled"


def exchange(
    book: RuleBook, period: Period, inputs: Inputs, awards: pl.DataFrame, standings: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """EXCHANGES, a row a request, and PURSE_ENTRIES of all purses; both empty for a book without purses.

    Raises `Refused` where a request names a good, household or day that is not there (readers name the row).
    """
    requests = REQUESTS.check(inputs.requests, "requests").sort("date", "request")
    openings = OPENINGS.check(inputs.openings, "openings")
    if not requests.height and not book.purses:
        return EXCHANGES.empty(), PURSE_ENTRIES.empty()
    _check(book, period, inputs, requests)
    flows = {purse.code: Flow.of(purse, period, awards, standings, openings) for purse in book.purses}
    decided = EXCHANGES.empty()
    if book.shop is not None and requests.height:
        homes = {
            home: (living, kind)
            for home, living, kind in inputs.households.select("household", "living", "kind").iter_rows()
        }
        counter = _Counter(book, book.shop, flows, homes)
        decided = EXCHANGES.make([counter.decide(row) for row in requests.iter_rows(named=True)])
    paid = decided.filter(pl.col("outcome") == GRANTED)
    parts = [
        entries(flow, paid if book.shop and code == book.shop.purse else paid.clear()) for code, flow in flows.items()
    ]
    return decided, pl.concat([PURSE_ENTRIES.empty(), *parts])


def _check(book: RuleBook, period: Period, inputs: Inputs, requests: pl.DataFrame) -> None:
    """The last guard for callers that did not go through a reader."""
    goods = [good.code for good in book.shop.goods] if book.shop else []
    homes = inputs.households["household"].cast(pl.String).to_list()
    wrong = {
        "settle.unknown-good": ~requests["good"].cast(pl.String).is_in(goods),
        "settle.request-of-nobody": ~requests["household"].cast(pl.String).is_in(homes),
        "settle.request-outside": (requests["date"] < period.start) | (requests["date"] > period.end),
        "settle.no-pieces": requests["pieces"] < 1,
    }
    problems = [
        Problem(code, facts={"count": int(mask.sum()), "request": requests.filter(mask)["request"][0]})
        for code, mask in wrong.items()
        if mask.any()
    ]
    if problems:
        raise Refused(problems)


@frozen(eq=False)
class _Counter:
    """The counter of the shop: what was spent and handed over so far."""

    book: RuleBook
    shop: Shop
    flows: dict[str, Flow]
    homes: dict[str, tuple[int, str | None]]
    """Members who live there and kind, by household."""
    spent: Counter[tuple[str, int]] = field(factory=Counter)
    gone: Counter[tuple[str, str]] = field(factory=Counter)
    had: Counter[tuple[str, str]] = field(factory=Counter)

    def decide(self, row: dict[str, Any]) -> dict[str, object]:
        """One row of EXCHANGES for one of REQUESTS."""
        good, pieces, household = self.shop.good(row["good"]), row["pieces"], row["household"]
        points = smallest(good.price, self.book.unit) * pieces
        reason = "exchange.cancelled" if row["status"] == CANCELLED else self._why_not(row, good, points)
        told = {name: row[name] for name in ("request", "village", "household", "good", "date", "pieces")}
        told |= {"outcome": GRANTED, "reason": reason, "points": 0, "clause": self.shop.clause}
        if reason is not None:
            return told | {"outcome": CANCELLED if row["status"] == CANCELLED else "refused"}
        self.spent[household, self.flows[self.shop.purse].round_of(row["date"])] += points
        self.gone[good.code, self._stock(good, row)] += pieces
        self.had[good.code, household] += pieces
        days = self.shop.voucher_days
        until = None if days is None else row["date"] + timedelta(days=days - 1)
        money = None if good.yuan is None else smallest(good.yuan, FEN) * pieces
        return told | {"points": points, "money": money, "until": until}

    def _why_not(self, row: dict[str, Any], good: Good, points: int) -> str | None:
        """The first reason that applies."""
        household, on, pieces = row["household"], row["date"], row["pieces"]
        flow, unit = self.flows[self.shop.purse], self.book.unit
        living, kind = self.homes[household]
        balance = flow.earned(household, on) - self.spent[household, flow.round_of(on)]
        most_a_head, needs = self.shop.above_a_head, good.needs
        reasons = {
            "exchange.not-participant": household not in flow.numbers,
            "exchange.not-that-day": bool(self.shop.days) and on.day not in self.shop.days,
            "exchange.other-village": bool(good.villages) and row["village"] not in good.villages,
            "exchange.other-kind": bool(good.kinds) and kind not in good.kinds,
            "exchange.needs-other-purse": needs is not None
            and self.flows[needs.purse].earned(household, on) < smallest(needs.at_least, unit),
            "exchange.too-few-a-head": most_a_head is not None and balance <= smallest(most_a_head, unit) * living,
            "exchange.too-few-points": balance < points,
            "exchange.had-enough": good.most is not None and self.had[good.code, household] + pieces > good.most,
            "exchange.sold-out": good.stock is not None
            and self.gone[good.code, self._stock(good, row)] + pieces > good.stock,
        }
        return next((reason for reason, applies in reasons.items() if applies), None)

    def _stock(self, good: Good, row: dict[str, Any]) -> str:
        return str(row["village"]) if good.stock_of is StockOf.VILLAGE else ""
