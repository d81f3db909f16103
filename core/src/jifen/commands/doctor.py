"""Decides what `jifen doctor` looks at: versions, plugins, towns, approvals, the words, the temporary folder."""

from __future__ import annotations

import platform
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.looking import Finding, tell
from jifen.commands.printing import day
from jifen.problems import Refused
from jifen.words import LANGUAGES, packages, say, words_from

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES: Final = ("jifen", "polars", "numpy", "attrs", "cattrs", "pluggy", "cyclopts", "rich", "babel", "tomli")


def doctor(
    *,
    deployment: Annotated[Path | None, Parameter(help="commands.approve.deployment", metavar="FILE")] = None,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.doctor.json")] = False,
) -> int:
    """Look at everything; the status is 1 where something is wrong."""
    findings = [*_versions(), *_plugins(), *_towns(), *_approvals(deployment), *_words(), _temporary()]
    return tell(findings, lambda check: say(f"commands.doctor.{check}"), data_only=data_only)


def _versions() -> Iterator[Finding]:
    yield Finding("platform", "", good=True, detail=f"{platform.python_version()}, {platform.platform(terse=True)}")
    for name in PACKAGES:
        try:
            yield Finding("package", name, good=True, detail=metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding("package", name, good=False, detail="–")


def _plugins() -> Iterator[Finding]:
    for report in registry().report:
        detail = " ".join([report.distribution, report.version, *(str(problem) for problem in report.problems)])
        yield Finding("plugin", report.entry, good=not report.problems, detail=detail)


def _towns() -> Iterator[Finding]:
    """Every town's books are read as a settlement would read them."""
    from jifen.rulebook import books_of

    towns = registry().towns
    if not towns:
        yield Finding("town", "", good=True, detail=say("commands.doctor.no-towns"))
    for town in towns:
        try:
            books = books_of(town, registry())
        except Refused as refused:
            yield Finding("town", town.name, good=False, detail=str(refused))
            continue
        for book in books:
            dates = say("commands.rules.check.dates", start=day(book.valid_from), end=day(book.valid_to))
            status = say(f"commands.status.{book.marked.value}")
            detail = say("usage.and").join([book.name, dates, status, book.digest[:12]])
            yield Finding("town", town.name, good=True, detail=detail)


def _approvals(given: Path | None) -> Iterator[Finding]:
    """Where what is installed and what was approved differ."""
    from jifen.approval_checks import compare_installed
    from jifen.deployment import Deployment

    try:
        deployment = Deployment.in_force(given)
    except Refused as refused:
        yield Finding("approval", "", good=False, detail=str(refused))
        return
    if deployment is None:
        yield Finding("approval", "", good=True, detail=say("deployment.state.none"))
        return
    for each in compare_installed(deployment, registry()):
        yield Finding("approval", f"{each.town}:{each.rules}", good=each.good, detail=each.detail)


def _words() -> Iterator[Finding]:
    """Each catalogue has the same keys in every language."""
    for package in packages():
        first, *others = (words_from(package, name) for name in LANGUAGES)
        odd = sorted(
            key for other in others for key in first.keys() | other.keys() if key not in first or key not in other
        )
        detail = say("commands.doctor.complete", count=len(first))
        if odd:
            detail = say("commands.doctor.missing-words", keys=" ".join(odd))
        yield Finding("catalogue", package, good=not odd, detail=detail)


def _temporary() -> Finding:
    folder = tempfile.gettempdir()
    try:
        with tempfile.TemporaryFile() as probe:
            probe.write(b"jifen")
    except OSError as error:
        detail = say("commands.doctor.not-writable", folder=folder, what=error.strerror)
        return Finding("temp", "", good=False, detail=detail)
    return Finding("temp", "", good=True, detail=say("commands.doctor.writable", folder=folder))
