"""Decides what `jifen settle` does: settles a town's period from a folder, shows who leads, and writes it all."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.printing import as_json, day, line, mark, percent, points, put, table
from jifen.problems import Place, Problem, Refused
from jifen.wording import grade_name
from jifen.words import knows, say, title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.settlement import Settlement

LEADERS: Final = 10
_DIGEST: Final = 12


def settle(  # noqa: PLR0913 - one for each option
    *,
    town: Annotated[str, Parameter(help="commands.settle.town", metavar="TOWN")],
    data: Annotated[str, Parameter(help="commands.settle.data", metavar="DIR")],
    period: Annotated[str, Parameter(help="commands.settle.period", metavar="PERIOD")],
    out: Annotated[str | None, Parameter(help="commands.settle.out", metavar="OUT")] = None,
    set_aside: Annotated[bool, Parameter(negative="", help="commands.settle.set-aside")] = False,
    known_at: Annotated[date | None, Parameter(help="commands.known-at.option", metavar="DATE")] = None,
    deployment: Annotated[Path | None, Parameter(help="commands.approve.deployment", metavar="FILE")] = None,
    executor: Annotated[str, Parameter(help="commands.settle.executor", metavar="WHERE")] = "local",
    force: Annotated[bool, Parameter(negative="", help="commands.settle.force")] = False,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.settle.json")] = False,
) -> None:
    """Settle one period of a town from a folder of data into a folder of results."""
    from jifen import keeping, settling
    from jifen.deployment import Deployment
    from jifen.executors import LOCAL
    from jifen.packing import is_pack
    from jifen.stores import local

    repeated = "" if known_at is None else f"-known-at-{known_at}"
    beside = local(data) or Path.cwd() / "data"
    folder = out if out is not None else _beside(beside, f"settlement-{town}-{period}{repeated}")
    keeping.check_free(folder, force=force)
    plugins, pinned = registry(), Deployment.in_force(deployment)
    with _progress(quiet=data_only) as progress:
        how: dict[str, Any] = {"set_aside": set_aside, "known_at": known_at, "deployment": pinned, "progress": progress}
        if is_pack(data):
            from jifen.streaming import How, keep_pack

            done, manifest = keep_pack(plugins, town, data, period, folder, executor, How(**how), force=force)
            settlement, inputs = done.settlement, done.inputs
        elif executor != LOCAL:
            raise Refused([Problem("packing.first", Place(file=data), {"file": data, "town": town, "period": period})])
        else:
            settlement, inputs = settling.settle_folder(plugins, town, Path(data), period, **how)
            manifest = keeping.keep(settlement, inputs, folder, plugins, force=force)
    if data_only:
        as_json({"folder": str(folder), "settlement": manifest, **_told(settlement, inputs)})
    else:
        _show(settlement, inputs, folder)


def _beside(data: Path, name: str) -> Path:
    """A folder beside the data, named from here where it lies below."""
    folder = data.resolve().parent / name
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar of the villages that are done, on a terminal only, gone at the end."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say("commands.settle.progress"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(settlement: Settlement, inputs: Inputs, folder: str | Path) -> None:
    book = settlement.book
    mark(book.marked)
    heading = {"town": _town_title(settlement.town), "book": title(book.title), "period": settlement.period.name}
    line(say("commands.settle.title", **heading))
    for each in (*book.earlier, book):
        line(_rules(each))
    for told in _pinned(settlement, inputs):
        line(told)
    if inputs.known_at is not None:
        line(say("commands.known-at.told", day=day(inputs.known_at)))
    put()
    _villages(settlement, inputs)
    put()
    _leaders(settlement, inputs)
    put()
    _rows(settlement, inputs)
    line(say("commands.settle.written", folder=folder))
    if settlement.standings.height:
        household = _best(settlement)["household"][0]
        line(say("commands.settle.explain", folder=folder, household=household))


def _town_title(town: str) -> str:
    return title(registry().town(town).title)


def _rules(book: RuleBook) -> str:
    approved = say("commands.settle.no-approval")
    if book.approval is not None:
        facts = {"body": book.approval.body, "document": book.approval.document, "date": day(book.approval.date)}
        approved = say("commands.settle.approval", **facts)
    dates = {"start": day(book.valid_from), "end": day(book.valid_to)}
    return say("commands.settle.rules", book=book.name, approval=approved, digest=book.digest[:_DIGEST], **dates)


def _pinned(settlement: Settlement, inputs: Inputs) -> Iterator[str]:
    """Whether the rules are those that were approved, and whether they came in another version of the package."""
    from jifen.approving import version_of

    if inputs.approved is None:
        yield say("deployment.settle.none")
    for each in inputs.approved or ():
        facts = {"rules": each.rules, "body": each.body, "document": each.document, "date": day(each.date)}
        yield say("deployment.settle.pinned", **facts)
        installed = version_of(settlement.town, registry())
        if each.version != installed:
            yield say("deployment.settle.version", approved=each.version or "–", installed=installed or "–")


def _villages(settlement: Settlement, inputs: Inputs) -> None:
    names = _village_names(inputs)
    line(say("commands.settle.villages"))
    heads = ("rank", "village", "points", "households", "participants", "rate")
    table(
        [say(f"commands.settle.{head}") for head in heads],
        [
            [
                str(row["rank"]),
                names[row["village"]],
                points(row["points"], settlement.book),
                str(row["households"]),
                str(row["participants"]),
                percent(row["participants"], row["households"]),
            ]
            for row in settlement.village_scores.iter_rows(named=True)
        ],
        right=(0, 2, 3, 4, 5),
    )


def _best(settlement: Settlement) -> pl.DataFrame:
    """The leaders of the town: total, then number of the household, so that the list is always the same."""
    import polars as pl

    places = pl.col("total").rank("min", descending=True).cast(pl.Int64)
    by_total = settlement.standings.with_columns(places.alias("place"))
    return by_total.sort(["total", "household"], descending=[True, False]).head(LEADERS)


def _leaders(settlement: Settlement, inputs: Inputs) -> None:
    from jifen.masking import mask

    best = _best(settlement)
    named = dict(inputs.households.filter(_among(best)).select("household", "name").iter_rows())
    villages = _village_names(inputs)
    line(say("commands.settle.leaders", count=best.height))
    table(
        [say(f"commands.settle.{head}") for head in ("rank", "village", "household", "total", "grade")],
        [
            [
                str(row["place"]),
                villages[row["village"]],
                mask(named[row["household"]]),
                points(row["total"], settlement.book),
                grade_name(settlement.book, row["grade"]) if row["grade"] else "–",
            ]
            for row in best.iter_rows(named=True)
        ],
        right=(0, 3),
    )


def _among(best: pl.DataFrame) -> pl.Expr:
    import polars as pl

    return pl.col("household").cast(pl.String).is_in(best["household"].cast(pl.String).to_list())


def _village_names(inputs: Inputs) -> dict[str, str]:
    return dict(inputs.villages.select("village", "name").iter_rows())


def _rows(settlement: Settlement, inputs: Inputs) -> None:
    rows = settlement.rows
    facts = {"rows_in": rows.rows_in, "awarded": rows.awarded, "refused": rows.refused}
    line(say("commands.settle.rows", cancelled=rows.cancelled, set_aside=rows.set_aside, **facts))
    others = sum(row.frame != "deeds" for row in inputs.set_aside)
    if others:
        line(say("commands.settle.other-rows", count=others))
    if inputs.cleaned:
        counts = say("usage.and").join(f"{_kind(kind)} {count}" for kind, count in sorted(inputs.cleaned.items()))
        line(say("commands.settle.cleaned", counts=counts))


def _kind(kind: str) -> str:
    for key in (kind, f"workbook.cleaned.{kind}"):
        if knows(key):
            return say(key)
    return kind


def _told(settlement: Settlement, inputs: Inputs) -> dict[str, object]:
    """For `--json`: names as they may be posted, points as exact decimals."""
    from jifen.masking import mask

    book, best = settlement.book, _best(settlement)
    named = dict(inputs.households.filter(_among(best)).select("household", "name").iter_rows())
    villages = _village_names(inputs)
    return {
        "villages": [
            {**row, "name": villages[row["village"]], "points": points(row["points"], book)}
            for row in settlement.village_scores.iter_rows(named=True)
        ],
        "leaders": [
            {
                "place": row["place"],
                "village": row["village"],
                "household": row["household"],
                "name": mask(named[row["household"]]),
                "total": points(row["total"], book),
                "grade": row["grade"],
            }
            for row in best.iter_rows(named=True)
        ],
    }
