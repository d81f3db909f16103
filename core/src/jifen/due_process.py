"""Decides what a rule book can say of a record's way until it is final: how long it is posted, when objections end.

Nothing here computes: the way itself is kept by whoever records (R21, R22).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.document import Faults
    from jifen.model import RuleBook

_YEAR: Final = 366


@frozen
class Process:
    """How long a record is posted before it counts, and how soon an objection is decided, in days."""

    clause: str
    """Clause of the rule."""
    posted: int
    """Days for which a record is posted, the first one counted; until the last of them a household can object."""
    decided: int
    """Days within which an objection is decided, the day after it was made counted first."""


def check_process(head: Mapping[str, Any], faults: Faults) -> None:
    """Days of which there is at least one, and no more than a year."""
    process: Process | None = head.get("process")
    if process is None:
        return
    for key in ("posted", "decided"):
        got = getattr(process, key)
        if not 1 <= got <= _YEAR:
            faults.add("rulebook.no-days", ("process", key), got=got, most=_YEAR)


def describe_process(book: RuleBook) -> list[str]:
    """One sentence; none where the book does not say it."""
    process = book.process
    if process is None:
        return []
    return [say("describe.process", posted=process.posted, decided=process.decided, clause=process.clause)]
