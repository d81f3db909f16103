"""Decides what the public report of a settlement says, and in which order (R18, R20 to R24).

Nothing is scored here: the page shows the settlement's frames. People appear by masked name and villager group only;
exchange budgets as sums, proposals as a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen.words import say, title

from jifen_report.categories import sides, town_rows, village_cards
from jifen_report.figures import share, written, yuan
from jifen_report.households import grade_rows, honours, leaderboards
from jifen_report.page import render
from jifen_report.spoken import Spoken
from jifen_report.villages import star_rows, star_words, village_rows

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.settlement import Settlement

FEWEST: Final = 3
"""A sum of money over fewer households than this would tell what one of them gets: it is not posted (R23)."""


@frozen
class Figure:
    """A key figure: its label, its value, and a remark."""

    label: str
    value: str
    remark: str = ""


@frozen
class Reason:
    """How many rows or households were left out for one reason."""

    words: str
    count: str


@frozen
class Budget:
    """An exchange: how many households, and how much money together; no money where they are too few to hide in."""

    title: str
    households: str
    money: str


def report(settlement: Settlement, inputs: Inputs) -> str:
    """The page of a settlement: HTML without a reference to anything outside, the same text for the same settlement."""
    spoken = Spoken.of(settlement.book, inputs)
    villages = village_rows(settlement, spoken)
    codes = [village.code for village in villages]
    points = sides(settlement)
    return render(
        "report.html",
        town=town_name(settlement.town),
        book=settlement.book,
        period=settlement.period,
        rows=settlement.rows,
        figures=key_figures(settlement, points),
        villages=villages,
        leaderboards=leaderboards(settlement, spoken),
        categories=town_rows(settlement, spoken, points),
        has_base=bool((points["base"] != 0).any()),
        cards=village_cards(settlement, spoken, points),
        stars=star_rows(settlement, spoken),
        star_words=star_words(),
        grades=grade_rows(settlement, codes),
        honours=honours(settlement, spoken, codes),
        refusals=reasons(settlement.refused.filter(pl.col("outcome").cast(pl.String) == "refused"), spoken),
        absent=reasons(settlement.participants.filter(~pl.col("participates")), spoken),
        budgets=budgets(settlement),
        proposals=settlement.rewards.filter(pl.col("kind").cast(pl.String) == "proposal").height,
    )


def town_name(code: str) -> str:
    """The name of an installed town; a town that is settled without being installed is called as it was given."""
    from jifen.registry import Registry

    return next((title(town.title) for town in Registry.load().towns if town.name == code), code)


def key_figures(settlement: Settlement, points: pl.DataFrame) -> tuple[Figure, ...]:
    """Villages, households on the books, participants, deeds counted, points."""
    scores, places = settlement.village_scores, settlement.book.places
    households, participants = int(scores["households"].sum()), int(scores["participants"].sum())
    base, given, taken = (written(int(points[name].sum()), places) for name in ("base", "given", "taken"))
    sums = say("report.given-taken", base=base, given=given, taken=taken)
    return (
        Figure(say("report.figure.villages"), f"{scores.height:,}"),
        Figure(say("report.figure.households"), f"{households:,}"),
        Figure(
            say("report.figure.participants"),
            f"{participants:,}",
            say("report.joined", share=share(participants, households)),
        ),
        Figure(say("report.figure.deeds"), f"{settlement.rows.awarded:,}"),
        Figure(say("report.figure.points"), written(int(settlement.standings["total"].sum()), places), sums),
    )


def reasons(rows: pl.DataFrame, spoken: Spoken) -> tuple[Reason, ...]:
    """Rows by reason, the most frequent first, then by code."""
    counted = (
        rows.group_by(pl.col("reason").cast(pl.String).fill_null(""))
        .len()
        .sort(["len", "reason"], descending=[True, False])
    )
    return tuple(
        Reason(spoken.code(code) or say("report.no-reason"), f"{count:,}") for code, count in counted.iter_rows()
    )


def budgets(settlement: Settlement) -> tuple[Budget, ...]:
    """Exchange budgets of the town, as sums over households (R18)."""
    rows = settlement.rewards.filter(pl.col("kind").cast(pl.String) == "exchange")
    found = []
    for _, each in rows.group_by(pl.col("code").cast(pl.String), maintain_order=True):
        count = each["subject"].n_unique()
        money = yuan(int(each["money"].sum())) if count >= FEWEST else say("report.too-few", least=FEWEST)
        found.append(Budget(str(each["title"][0]), f"{count:,}", money))
    return tuple(found)
