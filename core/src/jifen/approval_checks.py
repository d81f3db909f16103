"""Decides whether what is installed is what was approved (所批即所行), and tells what differs where it is not."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import frozen

from jifen.approving import version_of
from jifen.deployment import SHORT
from jifen.model import Status
from jifen.problems import Place, Problem, Refused
from jifen.rulebook import books_of
from jifen.rules_diff import differences, in_one_line, where
from jifen.rules_named import read_approved
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jifen.deployment import Approved, Deployment
    from jifen.model import RuleBook
    from jifen.registry import Registry

_MOST: Final = 20
"""So many differences are told in a refusal; `jifen rules diff` tells them all."""


class State(StrEnum):
    """How an installed book stands to the approvals of a deployment."""

    PINNED = "pinned"
    """It is the book that was approved last."""
    MARKED = "marked"
    """It is a sample or a draft: it may be tried out, and everything printed says so."""
    NOT_APPROVED = "not-approved"
    """No book of this name was approved."""
    SUPERSEDED = "superseded"
    """It was approved once, but another was approved later."""
    DIFFERS = "differs"
    """Another book was approved under this name."""


def state_of(deployment: Deployment, town: str, book: RuleBook) -> State:
    """How a book of a town stands to what was approved; only digests count, not versions of packages."""
    approvals = deployment.of(town, book.name)
    if approvals and approvals[-1].digest == book.digest:
        return State.PINNED
    if book.marked is not Status.APPROVED:
        return State.MARKED
    if not approvals:
        return State.NOT_APPROVED
    return State.SUPERSEDED if any(each.digest == book.digest for each in approvals) else State.DIFFERS


def check_approved(
    deployment: Deployment, town: str, books: Sequence[RuleBook], registry: Registry
) -> tuple[Approved, ...]:
    """The approvals of these books of a town, in their order; a sample or a draft has none (R15).

    Raises `Refused` for every book that is neither approved as it is nor marked as a sample or a draft.
    """
    problems = [problem for book in books for problem in _wrong(deployment, town, book, registry)]
    if problems:
        raise Refused(problems)
    pinned = [book for book in books if state_of(deployment, town, book) is State.PINNED]
    return tuple(deployment.of(town, book.name)[-1] for book in pinned)


def _wrong(deployment: Deployment, town: str, book: RuleBook, registry: Registry) -> Iterator[Problem]:
    state = state_of(deployment, town, book)
    facts = {"town": town, "rules": book.name, "installed": book.digest[:SHORT]}
    if state is State.NOT_APPROVED:
        yield Problem("deployment.not-approved", deployment.place(), facts)
    elif state in (State.SUPERSEDED, State.DIFFERS):
        approved = deployment.of(town, book.name)[-1]
        place = deployment.place(approved)
        yield Problem(f"deployment.{state.value}", place, {**facts, "approved": approved.digest[:SHORT]})
        yield from _in_words(deployment, approved, book, registry)


def _in_words(deployment: Deployment, approved: Approved, book: RuleBook, registry: Registry) -> Iterator[Problem]:
    """Which rules differ from those that were approved, where that book was kept."""
    file = deployment.kept(approved)
    if not file.is_file():
        yield Problem("deployment.gone", Place(file=str(file)))
        return
    try:
        was = read_approved(file, registry)
    except Refused as refused:
        yield from refused.problems
        return
    found = differences(was, book)
    for each in found[:_MOST]:
        place = Place(path=where(each) or None)
        yield Problem("deployment.difference", place, {"what": in_one_line(each)})
    if len(found) > _MOST:
        facts = {"count": len(found) - _MOST, "file": file, "rules": f"{approved.town}:{approved.rules}"}
        yield Problem("deployment.more", facts=facts)


@frozen
class Standing:
    """How one book stands: a book that is installed, or one that was approved and is not."""

    town: str
    rules: str
    good: bool
    detail: str


def compare_installed(deployment: Deployment, registry: Registry) -> Iterator[Standing]:
    """Every installed book against its approvals, then what was approved and is not installed.

    Towns whose rules cannot be read are left out: whoever looks at towns tells why.
    """
    seen: set[tuple[str, str]] = set()
    for town in registry.towns:
        try:
            books = books_of(town, registry)
        except Refused:
            seen.update((each.town, each.rules) for each in deployment.counting() if each.town == town.name)
            continue
        for book in books:
            seen.add((town.name, book.name))
            yield _standing(deployment, town.name, book, registry)
    for each in deployment.counting():
        if (each.town, each.rules) not in seen:
            yield Standing(each.town, each.rules, good=False, detail=say("deployment.state.not-installed"))


def _standing(deployment: Deployment, town: str, book: RuleBook, registry: Registry) -> Standing:
    state = state_of(deployment, town, book)
    if state in (State.MARKED, State.NOT_APPROVED):
        # A town of which nothing was approved is not in force here, which is no fault; it is not settled either.
        good = state is State.MARKED or all(each.town != town for each in deployment.approved)
        return Standing(town, book.name, good=good, detail=say(f"deployment.state.{state.value}"))
    approved = deployment.of(town, book.name)[-1]
    file = deployment.kept(approved)
    facts: dict[str, object] = {"file": file, "rules": f"{town}:{book.name}"}
    try:
        read_approved(file, registry)
    except Refused as refused:
        if state is State.PINNED:
            return Standing(town, book.name, good=False, detail=say("deployment.state.not-kept", detail=refused))
    if state is not State.PINNED:
        return Standing(town, book.name, good=False, detail=say(f"deployment.state.{state.value}", **facts))
    installed = version_of(town, registry)
    if approved.version != installed:
        facts = {"approved": approved.version or "–", "installed": installed or "–"}
        return Standing(town, book.name, good=True, detail=say("deployment.state.version", **facts))
    return Standing(town, book.name, good=True, detail=say("deployment.state.pinned"))
