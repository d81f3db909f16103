"""Decides in what words a check and its result are told: English from the docstring, Chinese from its data file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.convert import convert
from jifen.document import Document, Faults
from jifen.words import language, say

from jifen_conformance.check import CHECKS
from jifen_conformance.running import Verdict

if TYPE_CHECKING:
    from jifen_conformance.check import Check
    from jifen_conformance.running import Result

FILE: Final = Path(__file__).with_name("checks.zh_CN.toml")


@frozen
class Told:
    """What a check promises, why, and how to mend it."""

    promise: str
    why: str
    mend: str


@cache
def chinese(file: Path = FILE) -> dict[str, Told]:
    """The Chinese words by code. Raises `Refused` with the line of what does not fit and of a code that is no check."""
    document = Document.read(file)
    faults = Faults(document)
    found: dict[str, Told] = {}
    for code, table in document.data.items():
        if code not in CHECKS:
            faults.add("conformance.unknown-code", (code,), code=code, near=", ".join(sorted(CHECKS)))
        elif (words := convert(table, Told, (code,), faults)) is not None:
            found[code] = words
    faults.settle()
    return found


def words(check: Check) -> Told:
    """The words of a check in the language in force."""
    english = Told(check.promise, check.why, check.mend)
    return chinese().get(check.code, english) if language() == "zh_CN" else english


def verdict(result: Result) -> str:
    """A verdict in words."""
    return say(f"conformance.verdicts.{result.verdict.value}", reason=result.reason)


def explained(result: Result) -> list[tuple[str, str]]:
    """What there is to say of a result: heads and words, in order; of what passed, nothing."""
    about = words(result.check)
    found = {
        "given": result.given,
        "returned": result.returned,
        "place": result.place,
        "reason": result.reason if result.verdict in (Verdict.EXPECTED, Verdict.STALE) else "",
    }
    if result.given:
        found |= {"why": about.why, "mend": about.mend}
    return [(say(f"conformance.{head}"), text) for head, text in found.items() if text]


def told(result: Result) -> str:
    """A result in a few lines: target, code, promise, verdict, and what there is to say."""
    head = f"{result.target} {result.check.code} {words(result.check).promise} {verdict(result)}"
    return "\n".join([head, *(say("conformance.colon", head=head, words=text) for head, text in explained(result))])
