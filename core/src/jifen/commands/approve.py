"""Decides what `jifen approve` does: records that a town's rule book was approved, by whom and when (所批即所行)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from attrs import asdict
from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.printing import as_json, day, line, put
from jifen.deployment import FILE, Approved, Deployment, deployment_file
from jifen.problems import Problem, Refused
from jifen.words import say, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.model import RuleBook


def approve(
    town: Annotated[str, Parameter(help="commands.approve.town", metavar="TOWN")],
    /,
    *,
    rules: Annotated[str | None, Parameter(help="commands.approve.rules", metavar="BOOK")] = None,
    body: Annotated[str | None, Parameter(help="commands.approve.body", metavar="STR")] = None,
    document: Annotated[str | None, Parameter(help="commands.approve.document", metavar="STR")] = None,
    day_of: Annotated[date | None, Parameter("--date", help="commands.approve.date", metavar="DATE")] = None,
    data: Annotated[Path | None, Parameter(help="commands.approve.data", metavar="DIR")] = None,
    deployment: Annotated[Path | None, Parameter(help="commands.approve.deployment", metavar="FILE")] = None,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.approve.json")] = False,
) -> None:
    """Write the approval of a town's rule books, all of them or none."""
    from jifen.approving import approval_of, write_approval
    from jifen.rulebook import books_of

    plugins = registry()
    books = _chosen(books_of(plugins.town(town), plugins, data), town, rules, one=bool(body or document or day_of))
    file = deployment_file(deployment) or Path(FILE)
    there = Deployment.read(file) if file.exists() else Deployment(file)
    approvals: list[Approved] = []
    problems: list[Problem] = []
    for book in books:
        try:
            approvals.append(approval_of(town, book, plugins, body=body, document=document, day=day_of))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems)
    before = [there.of(town, book.name)[-1:] for book in books]
    after = there
    for approved, book in zip(approvals, books, strict=True):
        after = write_approval(after, approved, book)
    if data_only:
        as_json({"file": str(file), "approved": [asdict(each) for each in approvals]})
        return
    for number, (approved, book) in enumerate(zip(approvals, books, strict=True)):
        if number:
            put()
        _show(there, before[number], approved, book)
    if after.approved != there.approved:
        line(say("commands.approve.written", file=file))


def _chosen(books: Sequence[RuleBook], town: str, name: str | None, *, one: bool) -> list[RuleBook]:
    """The book of a name, else all of them; an approval that is given in words is that of one book."""
    found = [book for book in books if name in (None, book.name)]
    have = say("usage.and").join(book.name for book in books)
    if not found:
        raise Refused([Problem("diff.named.no-book", facts={"town": town, "name": name, "have": have})])
    if one and len(found) > 1:
        raise Refused([Problem("deployment.which", facts={"have": have})])
    return found


def _show(there: Deployment, before: list[Approved], approved: Approved, book: RuleBook) -> None:
    """What was approved, and what changes from what was approved before."""
    from jifen.commands.rules_diff import show
    from jifen.rules_diff import differences
    from jifen.rules_named import read_approved

    key = "already" if before == [approved] else "done"
    line(say(f"commands.approve.{key}", title=title(book.title), name=book.name, digest=approved.digest))
    facts = {"body": approved.body, "document": approved.document, "date": day(approved.date)}
    line(say("commands.settle.approval", **facts), "  ")
    for last in before:
        if last.digest != approved.digest and there.kept(last).is_file():
            was = read_approved(there.kept(last), registry())
            line(say("commands.approve.changes", date=day(last.date)))
            show(differences(was, book), (was, book))
