"""Decides how much money a book grants, read from the ceilings in the options of its rewards, and what goes beyond.

A policy of any plugin is held to the ceilings that its options state by the names of the baseline: `exchanges` with a
`household_ceiling`, a `ceiling` and a `pot` each, and `encouragement` over all of them. Nothing else is a ceiling.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.model import RuleBook

FEN: Final = 100
VILLAGE: Final = "village"


def shared_within_villages(book: RuleBook) -> bool:
    """Whether the book has exchanges, and no pot of any of them goes over more than one village."""
    exchanges = getattr(book.rewards.options, "exchanges", ())
    return bool(exchanges) and all(_pot(entry) == VILLAGE for entry in exchanges)


def beyond(book: RuleBook, rewards: pl.DataFrame, standings: pl.DataFrame) -> Iterator[str]:
    """What is paid beyond the book's ceilings, in words; `rewards` are REWARDS, `standings` STANDINGS."""
    options: Any = book.rewards.options
    exchanges = {entry.code: entry for entry in getattr(options, "exchanges", ())}
    homes, pots, villages = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    for row in _paid(rewards):
        code, who, money = row["code"], row["subject"], row["money"]
        homes[who] += money
        villages[row["village"]] += money
        if code in exchanges:
            pots[code, row["village"] if _pot(exchanges[code]) == VILLAGE else ""] += money
            yield from _above(money, exchanges[code].household_ceiling, f"{who} by {code}")
    for (code, village), money in pots.items():
        yield from _above(money, exchanges[code].ceiling, f"{village or 'the town'} by {code}")
    if (limit := getattr(options, "encouragement", None)) is None:
        return
    for who, money in homes.items():
        yield from _above(money, limit.household_at_most, f"{who} in all")
    takers = Counter[str](standings["village"].cast(pl.String).to_list())
    for village, money in villages.items():
        most = None if limit.average_at_most is None else limit.average_at_most * takers[village]
        yield from _above(money, most, f"{village} in all, of which {takers[village]} households take part")


def _paid(rewards: pl.DataFrame) -> list[dict[str, Any]]:
    columns = pl.col("village", "subject", "code").cast(pl.String)
    return rewards.filter(pl.col("money").is_not_null()).select(columns, "money").to_dicts()


def _pot(exchange: Any) -> str:
    return str(getattr(exchange, "pot", VILLAGE))


def _above(money: int, most: Decimal | None, whom: str) -> Iterator[str]:
    if most is not None and money > most * FEN:
        yield f"{money} fen for {whom}, where at most {most * FEN:f} are granted"
