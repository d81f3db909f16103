"""Decides what `jifen rules coverage` shows: which rules to look at first, by how they were used in a period."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.printing import as_json, line, mark, percent, points, put, table
from jifen.wording import grade_name
from jifen.words import knows, say, title

if TYPE_CHECKING:
    import polars as pl

    from jifen.model import Limit, RuleBook, SharedLimit
    from jifen.usage_of_rules import Look, Usage

    Known = dict[tuple[str, str], Limit | SharedLimit]

MOST_ROWS: Final = 12
"""So many lines of a kind are shown; the rest is counted and is in `--json`."""


def coverage(
    *,
    town: Annotated[str, Parameter(help="commands.settle.town", metavar="TOWN")],
    data: Annotated[Path, Parameter(help="commands.settle.data", metavar="DIR")],
    period: Annotated[str, Parameter(help="commands.settle.period", metavar="PERIOD")],
    set_aside: Annotated[bool, Parameter(negative="", help="commands.settle.set-aside")] = False,
    data_only: Annotated[bool, Parameter("--json", negative="", help="coverage.command.json")] = False,
) -> None:
    """Settle the period without writing it, and tell how the rules were used."""
    from jifen.settling import settle_folder
    from jifen.usage_of_rules import Look, limits_of, usage

    settlement, _ = settle_folder(registry(), town, data, period, set_aside=set_aside)
    found = usage(settlement)
    if data_only:
        as_json(_data(found, settlement.period.name))
        return
    book = found.book
    mark(book.marked)
    facts = {"title": title(book.title), "period": settlement.period.name, "count": found.households}
    line(say("coverage.title", **facts))
    known: Known = {(level, code): limit for level, code, _, limit in limits_of(book)}
    shown = [_section(found, look, known) for look in Look]
    if not any(shown):
        put()
        line(say("coverage.nothing"))


def _section(found: Usage, look: Look, known: Known) -> bool:
    """A titled table of one kind; False where there is nothing of it."""
    rows = found.rows(look)
    if not rows.height:
        return False
    put()
    line(say(f"coverage.look.{look.value}"))
    first, *others = _heads(rows)
    body = [_row(found, row, known) for row in rows.head(MOST_ROWS).iter_rows(named=True)]
    # What it is stands last, where a terminal folds it.
    table([*others, first], body, right=range(len(others)))
    if rows.height > MOST_ROWS:
        line(say("coverage.more", count=rows.height - MOST_ROWS))
    return True


def _heads(rows: pl.DataFrame) -> list[str]:
    if "limit" in rows.columns:
        names = ["limit", "concerned", "cut", "share", "change"]
    elif "grade" in rows.columns:
        names = ["grade", "households", "share"]
    else:
        names = ["item", "recorded", "counted", "subjects", "share", "points", "places", "shift"]
    return [say(f"coverage.head.{name}") for name in names]


def _row(found: Usage, row: dict[str, Any], known: Known) -> list[str]:
    book = found.book
    if "limit" in row:
        words = limit_words(book, row["level"], row["limit"], known[row["level"], row["limit"]])
        counts = [str(row["concerned"]), str(row["cut"]), percent(row["cut"], row["concerned"])]
        return [*counts, points(row["change"], book), words]
    if "grade" in row:
        return [str(row["households"]), percent(row["households"], found.households), grade_name(book, row["grade"])]
    names = {item.code: title(item.name) for item in book.items}
    counts = [str(row[name]) for name in ("recorded", "counted", "subjects")]
    words = say("coverage.item", name=names[row["item"]], code=row["item"])
    mean = _tenths(row["shift"], row["places"])
    return [
        *counts,
        percent(row["subjects"], row["of"]),
        points(row["points"], book),
        str(row["places"]),
        mean,
        words,
    ]


def _tenths(part: int, whole: int) -> str:
    """A quotient of whole numbers with one decimal, rounded half up; a dash where there is nothing to divide by."""
    if not whole:
        return "–"
    tenths = (part * 20 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


def limit_words(book: RuleBook, level: str, code: str, limit: Limit | SharedLimit) -> str:
    """What is limited and how, in words."""
    from jifen.describe import describe_limit, describe_shared
    from jifen.model import SharedLimit

    if isinstance(limit, SharedLimit):
        return describe_shared(limit, book)
    told = say("describe.comma").join(describe_limit(limit))
    of = code.rpartition("#")[0]
    if level == "item":
        name = next((title(item.name) for item in book.items if item.code == of), of)
        return say("coverage.limit", name=say("coverage.item", name=name, code=of), limit=told)
    if level == "category":
        name = next((title(each.title) for each in book.categories if each.name == of), "")
        return say("coverage.limit", name=name or (say(of) if knows(of) else of), limit=told)
    return say("coverage.limit", name=say("coverage.total"), limit=told)


def _data(found: Usage, period: str) -> dict[str, Any]:
    """Everything, and what to look at as codes in order; points as exact decimals."""
    from jifen.usage_of_rules import Look

    def told(rows: pl.DataFrame) -> list[dict[str, Any]]:
        named = ("points", "change")
        return [
            {name: points(value, found.book) if name in named else value for name, value in row.items()}
            for row in rows.to_dicts()
        ]

    return {
        "book": found.book.name,
        "period": period,
        "households": found.households,
        "look": {look.value: told(found.rows(look)) for look in Look},
        "items": told(found.items),
        "limits": told(found.limits),
        "grades": told(found.grades),
    }
