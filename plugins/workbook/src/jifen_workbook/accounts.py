"""Decides what the sheets of purses and exchanges hold, where a book has them: who has how much, who gets what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from jifen.words import say, title

from jifen_workbook.sheets import Head, Kind

if TYPE_CHECKING:
    from jifen.settlement import Settlement

    from jifen_workbook.names import Names
    from jifen_workbook.settled import Sheet
    from jifen_workbook.sheets import Rows


def purses(settlement: Settlement, names: Names) -> Sheet:
    """A row a participant: what is left in each purse of the book at the end of the period."""
    book = settlement.book
    heads = [Head("village"), Head("household"), Head("householder")]
    heads += [Head(title(purse.name), Kind.POINTS, plain=True) for purse in book.purses]
    left = settlement.purse_entries.group_by(pl.col("purse", "household").cast(pl.String)).agg(pl.col("change").sum())
    sums = {(purse, household): change for purse, household, change in left.iter_rows()}
    rows: Rows = []
    for village, household in (
        settlement.standings.select("village", "household").sort("village", "household").iter_rows()
    ):
        row: list[object] = [names.villages.get(village, village), household, names.subject(household)]
        rows.append([*row, *(names.points(sums.get((purse.code, household), 0)) for purse in book.purses)])
    return heads, rows


def exchanges(settlement: Settlement, names: Names) -> Sheet:
    """A row a request, in the order in which they were decided, with the voucher or the reason why there is none."""
    heads = [Head("request"), Head("date", Kind.DAY), Head("village"), Head("household"), Head("householder")]
    heads += [Head("good"), Head("pieces", Kind.NUMBER), Head("outcome"), Head("reason"), Head("paid", Kind.POINTS)]
    heads += [Head("cost", Kind.MONEY), Head("until", Kind.DAY)]
    goods = {good.code: title(good.name) for good in settlement.book.shop.goods} if settlement.book.shop else {}
    rows: Rows = [
        [
            row["request"],
            row["date"],
            names.villages.get(row["village"], row["village"]),
            row["household"],
            names.subject(row["household"]),
            goods.get(row["good"], row["good"]),
            row["pieces"],
            say(f"workbook.outcome.{row['outcome']}"),
            names.code(row["reason"]),
            names.points(row["points"]) if row["points"] else None,
            None if row["money"] is None else names.yuan(row["money"]),
            row["until"],
        ]
        for row in settlement.exchanges.iter_rows(named=True)
    ]
    return heads, rows
