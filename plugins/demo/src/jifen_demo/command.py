"""Decides what `jifen demo` does: invents a town for its rule book, into an empty folder, and tells what it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from jifen.commands.printing import as_json, line, put, table
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.words import say, title

from jifen_demo.columns import write_parquet
from jifen_demo.invention import invent
from jifen_demo.office import write_office

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.offers import Town
    from jifen.registry import Registry

    from jifen_demo.sheets import Written

_KIB = 1024


def demo(  # noqa: PLR0913 - one for each option
    folder: Annotated[Path, Parameter(help="demo.folder")],
    /,
    *,
    town: Annotated[str, Parameter(help="demo.town")] = "qinghe",
    villages: Annotated[int, Parameter(help="demo.villages", validator=Number(gte=1))] = 3,
    households: Annotated[int, Parameter(help="demo.households", validator=Number(gte=1))] = 120,
    deeds: Annotated[int, Parameter(help="demo.deeds", validator=Number(gte=1))] = 24,
    seed: Annotated[int, Parameter(help="demo.seed", validator=Number(gte=0))] = 2025,
    period: Annotated[str | None, Parameter(help="demo.period")] = None,
    form: Annotated[Literal["xlsx", "csv", "parquet"], Parameter(name="--format", help="demo.format")] = "xlsx",
    json: Annotated[bool, Parameter(help="demo.json", negative=())] = False,
    bad_rows: Annotated[bool, Parameter(help="demo.bad-rows", negative=())] = False,
    district: Annotated[bool, Parameter(help="demo.district", negative=())] = False,
) -> None:
    """Invents a town's year. Raises `Refused`, before anything is written."""
    from jifen.registry import Registry  # the plugins are loaded only where they are needed

    _refuse_folder(folder)
    if district:
        from jifen_demo.district_command import invent_into

        invent_into(folder, seed, as_data=json)
        return
    if bad_rows and form == "parquet":
        raise Refused([Problem("demo.bad-rows-parquet")])
    registry = Registry.load()
    found = registry.town(town)
    book, when = _book(found, registry, period)
    inputs = invent(book, period=when, villages=villages, households=households, deeds_per_household=deeds, seed=seed)
    if form == "parquet":
        written = write_parquet(inputs, folder)
    else:
        written = write_office(inputs, folder, book=book, form=form, bad_rows=bad_rows)
    if json:
        files = [{"file": str(each.path), "rows": each.rows} for each in written]
        as_json({"town": town, "period": when.name, "seed": seed, "files": files})
        return
    line(say("demo.title", town=title(found.title), period=when.name))
    put()
    _show(written)
    put()
    put(say("demo.sum", villages=villages, households=inputs.households.height, deeds=inputs.deeds.height))
    put(say("demo.next", town=town, folder=folder, period=when.name))


def _refuse_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Refused([Problem("demo.not-a-folder", facts={"folder": folder})])
    if folder.is_dir() and any(folder.iterdir()):
        raise Refused([Problem("demo.not-empty", facts={"folder": folder})])


def _book(town: Town, registry: Registry, name: str | None) -> tuple[RuleBook, Period]:
    """The rule book that holds for the period, and the period: without a name the longest that the newest one holds."""
    from jifen.rulebook import books_of
    from jifen.succession import book_for

    books = books_of(town, registry)
    period = Period.parse(name) if name else _longest(books[-1])
    return book_for(books, period, town.pauses), period


def _longest(book: RuleBook) -> Period:
    """The year in which the book begins, or where it does not hold for all of it, a half-year, quarter or month."""
    names = [str(book.valid_from.year)]
    for day in (book.valid_from, book.valid_to):
        part = day.month - 1
        names += [f"{day.year}-H{part // 6 + 1}", f"{day.year}-Q{part // 3 + 1}", f"{day.year}-{day.month:02}"]
    periods = [Period.parse(name) for name in names]
    whole = [each for each in periods if book.valid_from <= each.start and each.end <= book.valid_to]
    return max(whole, key=lambda each: each.months, default=periods[0])


def _show(written: list[Written]) -> None:
    """A row a file: how many rows each of its tables has, and how large it is."""
    rows = [
        [
            each.path.name,
            say("place.join").join(f"{name} {count}" for name, count in each.rows.items()),
            f"{-(-each.path.stat().st_size // _KIB)} KiB",
        ]
        for each in written
    ]
    table([say(f"demo.{head}") for head in ("file", "rows", "size")], rows, right=[2])
