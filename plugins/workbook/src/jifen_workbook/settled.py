"""Decides what stands in each sheet of a settlement's workbook: its columns, and a row for each row of a frame."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from attrs import asdict
from jifen.masking import mask
from jifen.model import Subject
from jifen.words import say, title

from jifen_workbook.sheets import Head, Kind

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.settlement import Settlement

    from jifen_workbook.names import Names
    from jifen_workbook.sheets import Rows

    Sheet = tuple[list[Head], Rows]

_FEN = 100


def about(settlement: Settlement, inputs: Inputs) -> Sheet:
    """What was settled by which rules, who approved them, and the sum of the rows (R15, R22)."""
    book, rows = settlement.book, settlement.rows
    approval = book.approval
    lines: list[tuple[str, object]] = [
        ("town", settlement.town),
        ("book", title(book.title)),
        ("status", say(f"workbook.status.{book.marked.value}")),
        ("valid", f"{book.valid_from} – {book.valid_to}"),
        ("digest", book.digest),
        (
            "approval",
            f"{approval.body} {approval.document} {approval.date}" if approval else say("workbook.no-approval"),
        ),
        ("period", f"{settlement.period.name} ({settlement.period.start} – {settlement.period.end})"),
        ("rows-in", str(rows.rows_in)),
        (
            "rows-sum",
            say("workbook.sum", **asdict(rows)),
        ),
    ]
    for at, earlier in enumerate(book.earlier, 1):
        dates = f"{earlier.valid_from} – {earlier.valid_to}"
        lines.insert(at, ("before", f"{title(earlier.title)} {dates} {earlier.digest}"))
    lines += [
        ("cleaned", say(kind) + say("place.colon", words=count)) for kind, count in inputs.cleaned.items() if count
    ]
    # Which files were read stands there alone: they change with every record that is added, and this must not.
    lines.append(("input", say("workbook.input")))
    lines.append(("private", say("workbook.private")))
    heads = [Head("about"), Head("content", Kind.LONG)]
    return heads, [[say(f"workbook.about.{key}"), value] for key, value in lines if value]


def board(settlement: Settlement, names: Names) -> tuple[list[Head], Rows, list[int]]:
    """The leaderboard for the notice board, names masked and a new page for each village (R18, R23)."""
    heads = [
        Head("village"),
        Head("rank", Kind.NUMBER),
        Head("group"),
        Head("householder"),
        Head("total", Kind.POINTS),
        Head("grade"),
    ]
    rows: Rows = []
    breaks = []
    for row in settlement.standings.sort("village", "rank", "household").iter_rows(named=True):
        householder, group = names.households.get(row["household"], ("", ""))
        village = names.villages.get(row["village"], row["village"])
        if rows and rows[-1][0] != village:
            breaks.append(len(rows))
        rows.append(
            [
                village,
                row["rank"],
                group,
                mask(householder),
                names.points(row["total"]),
                names.grades.get(row["grade"] or "", row["grade"]),
            ]
        )
    return heads, rows, breaks


def households(settlement: Settlement, names: Names) -> Sheet:
    """Every participant with the points of each category."""
    scoring = {item.category for item in settlement.book.items if item.subject is Subject.HOUSEHOLD}
    shown = [name for name in names.categories if name in scoring]
    wide = {
        (subject, category): points
        for subject, category, points in settlement.category_points.select("subject", "category", "points").iter_rows()
    }
    heads = [Head("village"), Head("household"), Head("householder"), Head("group"), Head("rank", Kind.NUMBER)]
    heads += [Head("total", Kind.POINTS), Head("grade"), Head("given", Kind.POINTS), Head("taken", Kind.POINTS)]
    heads += [Head(names.categories[name], Kind.POINTS, plain=True) for name in shown]
    heads += [Head("remark")]
    rows: Rows = []
    for row in settlement.standings.sort("village", "household").iter_rows(named=True):
        householder, group = names.households.get(row["household"], ("", ""))
        remark = say("workbook.veto", deed=row["veto"]) if row["veto"] else ""
        barred = say("workbook.barred") if row["barred"] else ""
        rows.append(
            [
                names.villages.get(row["village"], row["village"]),
                row["household"],
                householder,
                group,
                row["rank"],
                names.points(row["total"]),
                names.grades.get(row["grade"] or "", row["grade"]),
                names.points(row["given"]),
                names.points(row["taken"]),
                *(names.points(wide.get((row["household"], name), 0)) for name in shown),
                " ".join(filter(None, (remark, barred))),
            ]
        )
    return heads, rows


def villages(settlement: Settlement, names: Names) -> Sheet:
    """The villages by rank, with how many of their households take part (R12)."""
    heads = [
        Head("rank", Kind.NUMBER),
        Head("village"),
        Head("points", Kind.POINTS),
        Head("all-households", Kind.WHOLE),
    ]
    heads += [Head("participants", Kind.WHOLE), Head("share", Kind.SHARE)]
    rows: Rows = []
    for row in settlement.village_scores.sort("rank", "village").iter_rows(named=True):
        share = Decimal(row["participants"]) / row["households"] if row["households"] else None
        name = names.villages.get(row["village"], row["village"])
        rows.append([row["rank"], name, names.points(row["points"]), row["households"], row["participants"], share])
    return heads, rows


def parts(settlement: Settlement, names: Names) -> Sheet:
    """The lines of each village's score, with what was counted (R12 to R14)."""
    heads = [Head("village"), Head("part"), Head("detail"), Head("points", Kind.POINTS)]
    heads += [Head("numerator", Kind.WHOLE), Head("denominator", Kind.WHOLE), Head("clause")]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            names.code(row["part"]),
            names.code(row["detail"]),
            names.points(row["points"]),
            names.points(row["numerator"]) if row["unit"] == "points" else row["numerator"],
            row["denominator"],
            row["clause"],
        ]
        for row in settlement.village_parts.iter_rows(named=True)
    ]
    return heads, rows


def rewards(settlement: Settlement, names: Names) -> Sheet:
    """Honours, budgets and proposals; a proposal is for people to decide (R17 to R19)."""
    heads = [Head("village"), Head("kind"), Head("title"), Head("subject"), Head("name"), Head("points", Kind.POINTS)]
    heads += [Head("money", Kind.MONEY), Head("clause"), Head("ground")]
    rows: Rows = [
        [
            names.villages.get(row["village"], row["village"]),
            names.code(row["kind"]),
            row["title"],
            row["subject"],
            names.subject(row["subject"]),
            names.points(row["points"]),
            None if row["money"] is None else Decimal(row["money"]) / _FEN,
            row["clause"],
            names.code(row["ground"]),
        ]
        for row in settlement.rewards.iter_rows(named=True)
    ]
    return heads, rows


def outside(settlement: Settlement, names: Names) -> Sheet:
    """Households that do not take part, each with the reason (R2 to R5)."""
    heads = [Head("village"), Head("household"), Head("householder"), Head("group"), Head("reason", Kind.LONG)]
    rows: Rows = []
    found = settlement.participants.filter(~pl.col("participates")).sort("village", "household")
    for row in found.iter_rows(named=True):
        householder, group = names.households.get(row["household"], ("", ""))
        village = names.villages.get(row["village"], row["village"])
        rows.append([village, row["household"], householder, group, names.code(row["reason"])])
    return heads, rows


def refused(settlement: Settlement, inputs: Inputs, names: Names) -> Sheet:
    """Deeds that were not scored, each with the reason and the place where it stands (R22)."""
    heads = [Head("village"), Head("deed"), Head("date", Kind.DAY), Head("subject"), Head("name"), Head("item")]
    heads += [Head("outcome"), Head("reason", Kind.LONG), Head("file"), Head("row", Kind.NUMBER)]
    found = settlement.refused
    if inputs.origins is not None and found.height:
        places = pl.concat([inputs.deeds.select(pl.col("deed").cast(pl.String)), inputs.origins], how="horizontal")
        found = found.with_columns(pl.col("deed").cast(pl.String)).join(places, on="deed", how="left")
    else:
        found = found.with_columns(source=None, row=None)
    rows: Rows = []
    for row in found.sort("village", "date", "deed").iter_rows(named=True):
        rows.append(
            [
                names.villages.get(row["village"], row["village"]),
                row["deed"],
                row["date"],
                row["subject"],
                names.subject(row["subject"]),
                names.items.get(row["item"], row["item"]),
                names.code(row["outcome"]),
                names.code(row["reason"]),
                None if row["source"] is None else inputs.sources[row["source"]].file,
                row["row"],
            ]
        )
    return heads, rows
