"""Decides which lines the tables of a comparison's page have, and what is left to the workbook so that it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen.whatif.by import By
from jifen.words import say

from jifen_report.bars import Segment, bar
from jifen_report.figures import written, yuan

if TYPE_CHECKING:
    from jifen.comparison import Comparison
    from jifen.whatif.naming import Names
    from markupsafe import Markup

MOST_RULES: Final = 7
MOST_VILLAGES: Final = 7
MOST_REWARDS: Final = 7
MOST_PARTS: Final = 7
MOST_NEAR: Final = 6
MOST_UNREAD: Final = 3


@frozen
class Row:
    """A line of a table: its words, its cells, and a bar where the table has one."""

    words: str
    cells: tuple[str, ...]
    bar: Markup | None = None


@frozen
class Table:
    """Lines, and how many more there are that do not fit."""

    rows: tuple[Row, ...]
    more: int = 0


def rules(found: Comparison, names: Names) -> Table:
    """The rules that move most points, with what they give more and less."""
    places = found.places
    shown = found.rules.head(MOST_RULES)
    low, high = min([0, *shown["lost"]]), max([0, *shown["gained"]])
    rows = [
        Row(
            names.items.get(row["item"], row["item"]),
            (f"{row['winners']:,}", f"{row['losers']:,}", written(row["change"], places, plus=True)),
            bar(
                [Segment(row["gained"], "give"), Segment(row["lost"], "take")],
                low,
                high,
                names.items.get(row["item"], ""),
            ),
        )
        for row in shown.iter_rows(named=True)
    ]
    return Table(tuple(rows), found.rules.height - len(rows))


def grades(found: Comparison) -> tuple[list[str | None], list[str | None]]:
    """The grades before and after, highest first; None last, where some household has none. Empty without grades."""
    if not found.grades.height or not any(side.book.grades for side in (found.before, found.after)):
        return [], []
    sides: list[list[str | None]] = []
    for side, name in ((found.before, "before_grade"), (found.after, "after_grade")):
        codes: list[str | None] = [grade.code for grade in side.book.grades]
        sides.append([*codes, None] if found.grades[name].null_count() else codes)
    return sides[0], sides[1]


def matrix(found: Comparison, names: Names) -> tuple[list[str], Table]:
    """The heads, and a row for each grade before."""
    before, after = grades(found)
    counts = {(old, new): count for old, new, count in found.grades.iter_rows()}
    heads = [say("report.compare.head.old-new"), *(names.grade(code) for code in after)]
    rows = [Row(names.grade(old), tuple(f"{counts.get((old, new), 0):,}" for new in after)) for old in before]
    return heads, Table(tuple(rows))


def near(found: Comparison, names: Names) -> Table:
    """The grades in their order; where there are many, those that most households are near to."""
    frame = found.near.with_row_index("at")
    if frame.height > MOST_NEAR:
        most = (pl.col("below") + pl.col("above"), "at")
        frame = frame.sort(most, descending=[True, False]).head(MOST_NEAR).sort("at")
    rows = [
        Row(names.grade(code), (f"{below:,}", f"{above:,}"))
        for code, below, above in frame.select("grade", "below", "above").iter_rows()
    ]
    return Table(tuple(rows), found.near.height - len(rows))


def villages(found: Comparison, names: Names) -> Table:
    """By their new place; where there are many, those whose score moves most."""
    places, frame = found.places, found.villages
    if frame.height > MOST_VILLAGES:
        frame = frame.sort(pl.col("change").abs(), "village", descending=[True, False]).head(MOST_VILLAGES)
        frame = frame.sort("after_rank", "village")
    split = {part["part"]: part for part in found.split(By.VILLAGE).iter_rows(named=True)}
    rows = []
    for row in frame.iter_rows(named=True):
        name = names.villages.get(row["village"], row["village"])
        people = split.get(name, {"winners": 0, "losers": 0})
        rows.append(
            Row(
                name,
                (
                    written(row["before"], places),
                    written(row["after"], places),
                    written(row["change"], places, plus=True),
                    f"{row['before_rank']} → {row['after_rank']}",
                    f"{people['winners']:,}",
                    f"{people['losers']:,}",
                    f"{row['rank_up'] + row['rank_down']:,}",
                ),
            )
        )
    return Table(tuple(rows), found.villages.height - len(rows))


def rewards(found: Comparison, names: Names) -> Table:
    """Those that differ and those that cost money first, so that what is left out moves nobody."""
    moves = pl.col("new") + pl.col("gone") + pl.col("after_money") + pl.col("before_money") > 0
    frame = found.rewards.with_columns(moves.alias("moves")).sort("moves", descending=True, maintain_order=True)
    rows = [
        Row(
            names.rewards.get(row["code"], row["code"]),
            (
                f"{row['before']:,}",
                f"{row['after']:,}",
                f"+{row['new']:,}／−{row['gone']:,}" if row["new"] or row["gone"] else "–",
                yuan(row["before_money"]) if row["before_money"] else "–",
                yuan(row["after_money"]) if row["after_money"] else "–",
                "–" if row["after_ceiling"] is None else yuan(row["after_ceiling"]),
            ),
        )
        for row in frame.head(MOST_REWARDS).iter_rows(named=True)
    ]
    return Table(tuple(rows), frame.height - len(rows))


def parts(found: Comparison, by: By) -> Table:
    """The parts in their order; where there are many, those whose households move most on average."""
    frame, places = found.split(by), found.places
    shown = frame.with_row_index("at")
    if frame.height > MOST_PARTS:
        shown = shown.sort(pl.col("mean").abs(), "at", descending=[True, False]).head(MOST_PARTS).sort("at")
    rows = [
        Row(
            row["part"] or say("report.compare.no-kind"),
            (
                *(f"{row[name]:,}" for name in ("households", "winners", "losers", "unchanged")),
                written(row["mean"], places, plus=True),
                f"{row['better']:,}／{row['worse']:,}",
            ),
        )
        for row in shown.iter_rows(named=True)
    ]
    return Table(tuple(rows), frame.height - len(rows))


def unread(found: Comparison, names: Names) -> Table:
    """What must be known before the figures are read: villages' own rules, and rows that one book cannot use."""
    notes = [
        Row(say(f"report.compare.village-rules.{side}", villages=names.some_villages(villages)), ())
        for side, villages in found.village_rules
    ]
    rows = [
        Row(
            say(
                f"report.compare.unread.{row['side']}",
                item=names.items.get(row["item"], names.rewards.get(row["item"], row["item"])),
                rows=f"{row['rows']:,}",
                reason=names.reason(row["reason"]),
            ),
            (),
        )
        for row in found.unread.sort("rows", "item", descending=[True, False]).head(MOST_UNREAD).iter_rows(named=True)
    ]
    return Table((*notes, *rows), found.unread.height - len(rows))
