"""Decides what `jifen district` prints: a line a town, then for each town what is missing and why it has its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from jifen.commands.printing import day, line, mark, percent, points, put, table
from jifen.problems import Problem, Refused
from jifen.words import say, title

from jifen_pudong.district.spoken import last_and_next, paragraphs, rows_of, short
from jifen_pudong.district.telling import lines

if TYPE_CHECKING:
    from pathlib import Path

    from jifen_pudong.district.judging import Judged

Row = dict[str, Any]


def show(judged: Judged, town: str | None = None) -> None:
    """The district's table and each town, or one town alone (by code or name)."""
    chosen = chosen_towns(judged, town)
    book = judged.towns.book
    mark(book.marked)
    line(say("district.title", book=title(book.title), day=day(judged.as_of)))
    line(_sum(judged))
    if judged.later:
        line(say("district.later", count=judged.later))
    if town is None:
        put()
        _towns(judged)
    for code in chosen:
        put()
        _town(judged, code)


def show_village(judged: Judged, village: str) -> None:
    """Why a village has the points that its town's assessment gives it, by code."""
    check_village(judged, village)
    book, given = judged.villages.book, judged.given
    mark(book.marked)
    line(say("district.title", book=title(book.title), day=day(judged.as_of)))
    mine = judged.village_assessment.filter(pl.col("village") == village).to_dicts()
    facts = {"village": given.village_names[village], "town": given.town_names[given.town_of[village]]}
    if not mine:
        line(say("district.village-not-settled", year=judged.as_of.year, **facts))
    for row in mine:
        total = points(row["points"], book)
        line(say("district.of-village", points=total, rank=row["rank"], count=row["periods"], **facts))
        for text, depth in lines(judged.villages, judged.village_places, village, {}):
            line(text, "  " * (depth + 1))


def check_village(judged: Judged, village: str) -> None:
    """Raises `Refused` (``explain.unknown-village``) for a code that is no village's."""
    if village not in judged.given.village_names:
        raise Refused([Problem("explain.unknown-village", facts={"village": village})])


def written(folder: Path) -> None:
    """Where everything went."""
    put()
    line(say("district.written", folder=folder))


def chosen_towns(judged: Judged, town: str | None) -> list[str]:
    """The codes of all towns by place, or of the one asked for. Raises `Refused` (``district.no-town``)."""
    known = judged.given.town_names
    if town is None:
        return judged.assessment["town"].to_list()
    found = [code for code, name in known.items() if town in (code, name)]
    if len(found) != 1:
        facts = {"got": town, "known": say("describe.list").join(known.values())}
        raise Refused([Problem("district.no-town", facts=facts)])
    return found


def _sum(judged: Judged) -> str:
    villages, joined = int(judged.assessment["villages"].sum()), int(judged.assessment["joined"].sum())
    facts = {"towns": judged.assessment.height, "villages": villages, "joined": joined}
    return say("district.sum", share=percent(joined, villages), **facts)


def _towns(judged: Judged) -> None:
    heads = ("rank", "town", "villages", "joined", "share", "last", "next", "points", "candidate")
    table(
        [say(f"district.head.{head}") for head in heads],
        [_line(judged, row) for row in judged.assessment.iter_rows(named=True)],
        right=(0, 2, 3, 4, 7),
    )


def _line(judged: Judged, row: Row) -> list[str]:
    last, following = last_and_next(judged, row["town"])
    return [
        str(row["rank"]),
        judged.given.town_names[row["town"]],
        str(row["villages"]),
        str(row["joined"]),
        percent(row["joined"], row["villages"]),
        short(last),
        short(following),
        points(row["points"], judged.towns.book),
        say("district.candidate") if row["candidate"] else "",
    ]


def _town(judged: Judged, town: str) -> None:
    (row,) = rows_of(judged.assessment, town)
    facts = {"town": judged.given.town_names[town], "joined": row["joined"], "villages": row["villages"]}
    line(say("district.of-town", share=percent(row["joined"], row["villages"]), **facts))
    if row["pilots"]:
        line(say("district.pilots", count=row["pilots"]), "  ")
    for text, depth in paragraphs(judged, town):
        line(text, "  " * (depth + 1))
