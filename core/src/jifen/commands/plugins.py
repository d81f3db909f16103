"""Decides what `jifen plugins` shows: every plugin that is installed, and why one cannot be used."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.printing import as_json, line, table
from jifen.words import say


def plugins(
    *, data_only: Annotated[bool, Parameter("--json", negative="", help="commands.plugins.json")] = False
) -> int:
    """List them; the status is 1 where one cannot be used."""
    reports = registry().report
    if data_only:
        as_json([report.as_json() for report in reports])
    elif not reports:
        line(say("commands.plugins.none"))
    else:
        table(
            [say(f"commands.plugins.{head}") for head in ("entry", "distribution", "version", "status", "offers")],
            [
                [
                    report.entry,
                    report.distribution,
                    report.version,
                    say(f"commands.plugins.{report.status}"),
                    " ".join(dict.fromkeys(name for _, name in report.offers)) or "–",
                ]
                for report in reports
            ],
        )
        for report in reports:
            for problem in report.problems:
                line(f"{report.distribution} {report.version}: {problem}")
    return 1 if any(report.problems for report in reports) else 0
