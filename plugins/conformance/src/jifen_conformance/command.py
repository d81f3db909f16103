"""Decides what `jifen conformance` does: runs the checks and tells, for what is wrong, how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from jifen.commands.app import registry
from jifen.commands.ending import Misused
from jifen.commands.printing import as_json, line, put, table
from jifen.problems import Problem, Refused
from jifen.words import say

from jifen_conformance.badge import check_badge, write_badge
from jifen_conformance.finding import everything, find
from jifen_conformance.running import GOOD, Report, Verdict, run_all
from jifen_conformance.telling import explained, verdict, words

if TYPE_CHECKING:
    from jifen.registry import Registry

    from jifen_conformance.running import Result


def conformance(
    name: Annotated[str | None, Parameter(help="conformance.name")] = None,
    /,
    *,
    everyone: Annotated[bool, Parameter(name="--all", help="conformance.all", negative=())] = False,
    json: Annotated[bool, Parameter(help="conformance.json", negative=())] = False,
    markdown: Annotated[bool, Parameter(help="conformance.markdown", negative=())] = False,
    badge: Annotated[Path | None, Parameter(help="conformance.badge")] = None,
) -> int:
    """Runs the checks of one name, or of everything; 1 where something is not as promised. Raises `Refused`."""
    if (name is None) is not everyone:
        raise Misused([Problem("conformance.name-or-all" if name is None else "conformance.name-and-all")])
    if json and markdown:
        raise Misused([Problem("conformance.one-output")])
    if badge is not None:
        check_badge(badge)
    reports, refused = ({name: run_all(find(name, registry()))}, []) if name is not None else _everything(registry())
    whole = Report(tuple(result for report in reports.values() for result in report.results))
    if json:
        _json(whole, refused)
    elif markdown:
        _markdown(whole)
    elif everyone:
        _summary(reports)
    else:
        _table(whole)
    for problem in refused if not json else ():
        line(str(problem))
    if badge is not None:
        write_badge(whole, badge)
        if not json and not markdown:
            line(say("conformance.badge-written", file=badge))
    return 0 if whole.good and not refused else 1


def _everything(installed: Registry) -> tuple[dict[str, Report], list[Problem]]:
    """The reports of all plugins by name, and why some could not be tried: one of them stops nobody else."""
    reports: dict[str, Report] = {}
    refused: list[Problem] = []
    for each in dict.fromkeys(everything(installed)):
        try:
            reports[each] = run_all(find(each, installed))
        except Refused as refusal:
            refused += refusal.problems
    return reports, refused


def _json(report: Report, refused: list[Problem]) -> None:
    passed, run = report.counts()
    as_json(
        {
            "good": report.good and not refused,
            "passed": passed,
            "run": run,
            "results": [result.as_json() for result in report.results],
            "problems": [problem.as_json() for problem in refused],
        }
    )


def _heads() -> list[str]:
    return [say(f"conformance.{head}") for head in ("target", "code", "verdict", "promise")]


def _row(result: Result) -> list[str]:
    return [result.target, result.check.code, verdict(result), words(result.check).promise]


def _table(report: Report) -> None:
    table(_heads(), [_row(result) for result in report.results])
    _wrong(report)
    put()
    line(_sum(report))


def _wrong(report: Report) -> None:
    """What there is to say of everything that did not simply pass."""
    for result in report.results:
        about = explained(result)
        if not about:
            continue
        put()
        line(f"{result.target} {result.check.code} {words(result.check).promise}")
        for head, text in about:
            line(say("conformance.colon", head=head, words=text), indent="  ")


def _sum(report: Report) -> str:
    passed, run = report.counts()
    told = say("conformance.sum", passed=passed, run=run, skipped=len(report.of(Verdict.SKIPPED)))
    bad = sum(result.verdict not in GOOD for result in report.results)
    return told if report.good else f"{told}  {say('conformance.sum-bad', bad=bad)}"


def _summary(reports: dict[str, Report]) -> None:
    """A line a plugin, then everything that is wrong."""
    heads = [say("conformance.target"), say("conformance.verdict")]
    table(heads, [[name, _sum(report)] for name, report in reports.items()])
    for report in reports.values():
        _wrong(report)


def _markdown(report: Report) -> None:
    put(f"| {' | '.join(_heads())} |")
    put("|---|---|---|---|")
    for result in report.results:
        put(f"| {' | '.join(_cell(text) for text in _row(result))} |")
    for result in report.results:
        if about := explained(result):
            put()
            put(f"**{result.target} {result.check.code}** {words(result.check).promise}")
            put()
            for head, text in about:
                put(f"- {say('conformance.colon', head=head, words=_cell(text))}")
    put()
    put(_sum(report))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
