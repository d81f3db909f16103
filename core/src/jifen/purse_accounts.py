"""Decides what explains a household's purses: the settlement's own entries and exchanges, summed by kind (R20, R22)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from jifen.accounts import Exchanged, PurseAccount

if TYPE_CHECKING:
    from jifen.settlement import Settlement


def purses_of(settlement: Settlement, household: str) -> tuple[PurseAccount, ...]:
    """Each purse of the book, in its order; empty ones too."""
    places = settlement.book.places
    mine = settlement.purse_entries.filter(pl.col("household").cast(pl.String) == household)
    sums: Counter[tuple[str, str]] = Counter()
    for purse, kind, change in mine.select("purse", "kind", "change").iter_rows():
        sums[purse, kind] += change

    def points(purse: str, *kinds: str) -> Decimal:
        return Decimal(sum(sums[purse, kind] for kind in kinds)).scaleb(-places)

    return tuple(
        PurseAccount(
            purse.code,
            purse.name,
            before=points(purse.code, "opening"),
            earned=points(purse.code, "award"),
            spent=-points(purse.code, "exchange"),
            cleared=points(purse.code, "reset"),
            balance=points(purse.code, "opening", "award", "exchange", "reset"),
        )
        for purse in settlement.book.purses
    )


def exchanges_of(settlement: Settlement, household: str) -> tuple[Exchanged, ...]:
    """Every request of the household, in the order in which they were decided."""
    shop, places = settlement.book.shop, settlement.book.places
    mine = settlement.exchanges.filter(pl.col("household").cast(pl.String) == household)
    return tuple(
        Exchanged(
            day=row["date"],
            good=row["good"],
            name=shop.good(row["good"]).name if shop else {},
            points=Decimal(row["points"]).scaleb(-places),
            **{name: row[name] for name in ("request", "pieces", "outcome", "reason", "until", "clause")},
        )
        for row in mine.iter_rows(named=True)
    )
