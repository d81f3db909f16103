"""Decides what `jifen compare` does: one period under two rule books, on the terminal, as a page, as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.ending import Misused
from jifen.commands.printing import as_json, line
from jifen.commands.writing import check_file, write_whole
from jifen.problems import Problem, Refused
from jifen.whatif.by import By
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.comparison import Comparison


def compare(  # noqa: PLR0913 - one for each option
    *,
    rules: Annotated[list[str], Parameter(negative="", help="commands.compare.rules", metavar="RULES")],
    data: Annotated[Path, Parameter(help="commands.compare.data", metavar="DIR")],
    period: Annotated[str, Parameter(help="commands.compare.period", metavar="PERIOD")],
    by: Annotated[By | None, Parameter(help="commands.compare.by", metavar="BY")] = None,
    html: Annotated[Path | None, Parameter(help="commands.compare.html", metavar="FILE")] = None,
    workbook: Annotated[Path | None, Parameter(help="commands.compare.workbook", metavar="FILE")] = None,
    set_aside: Annotated[bool, Parameter(negative="", help="commands.compare.set-aside")] = False,
    force: Annotated[bool, Parameter(negative="", help="commands.rules.force")] = False,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.compare.json")] = False,
) -> None:
    """Compare, show, and write what was asked for. Raises `Refused` before anything is written."""
    from jifen.comparison import compare_folder
    from jifen.period import Period
    from jifen.rules_named import rules_named

    if len(rules) != 2:  # noqa: PLR2004 - a comparison has two sides
        raise Misused([Problem("compare.two-books", facts={"count": len(rules)})])
    for file in (html, workbook):
        if file is not None:
            check_file(file, force=force)
    page = None if html is None else _plugin("jifen_report")
    sheets = None if workbook is None else _plugin("jifen_workbook")
    plugins, when = registry(), Period.parse(period)
    found = compare_folder(
        (rules_named(rules[0], plugins), rules_named(rules[1], plugins)), plugins, data, when, set_aside=set_aside
    )
    if html is not None and page is not None:
        write_whole(html, lambda fresh: page(found, by, fresh), force=force)
    if workbook is not None and sheets is not None:
        write_whole(workbook, lambda fresh: sheets(found, by, fresh), force=force)
    if data_only:
        from jifen.commands.compare_data import as_data

        as_json(as_data(found, by))
        return
    from jifen.commands.compare_tables import show

    show(found, by)
    for file in (html, workbook):
        if file is not None:
            line(say("commands.rules.written", file=file))


def _plugin(package: str) -> Callable[[Comparison, By | None, Path], object]:
    """What writes a comparison into a file. Raises `Refused` where the plugin is not installed."""
    from importlib import import_module

    try:
        found: Callable[[Comparison, By | None, Path], object] = import_module(package).write_comparison
    except ModuleNotFoundError as missing:
        distribution = package.replace("_", "-")
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": distribution})]) from missing
    return found
