"""Decides how a command tells what it looked at: a line for each thing, good or not, and a status for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import asdict, frozen

from jifen.commands.printing import as_json, table
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@frozen
class Finding:
    """One thing that was looked at."""

    check: str
    name: str
    good: bool
    detail: str


def tell(findings: Sequence[Finding], called: Callable[[str], str], *, data_only: bool) -> int:
    """Prints all of them as a table or as JSON; the status, 1 where something is wrong. `called`: a check's words."""
    if data_only:
        as_json([asdict(finding) for finding in findings])
    else:
        table(
            [say(f"commands.doctor.{head}") for head in ("check", "state", "detail")],
            [
                [
                    " ".join(part for part in (called(finding.check), finding.name) if part),
                    say("commands.doctor.good" if finding.good else "commands.doctor.bad"),
                    finding.detail,
                ]
                for finding in findings
            ],
        )
    return 0 if all(finding.good for finding in findings) else 1
