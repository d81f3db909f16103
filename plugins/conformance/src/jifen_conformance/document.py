"""Decides what `docs/reference/conformance.md` says: every check, from its docstring.

``python -m jifen_conformance.document > docs/reference/conformance.md`` writes it anew.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from jifen_conformance import checks as _every_check  # noqa: F401 - importing it registers the checks
from jifen_conformance.capabilities import CAPABILITIES, MEANINGS
from jifen_conformance.check import CHECKS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_conformance.check import Check

SUBJECTS: Final = {
    "A": "Awards and standings",
    "B": "Rule books",
    "C": "Worked cases",
    "E": "Edges",
    "F": "Frames",
    "N": "What is posted in public",
    "P": "Plugins",
    "R": "Rewards",
    "S": "Purity",
    "T": "Time",
    "V": "Village scores",
}
"""What the letter of a code stands for."""


def document() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Conformance checks"
    yield ""
    yield "<!-- Made by `python -m jifen_conformance.document` from the docstrings of the checks; do not edit. -->"
    yield ""
    yield "`jifen conformance NAME` runs every check that concerns a town, a plugin or an object that rule books name."
    yield "A code never changes its meaning. A check that needs a capability is skipped, by name, without it."
    letter = ""
    for code in sorted(CHECKS):
        if code[0] != letter:
            letter = code[0]
            yield from ("", f"## {letter}: {SUBJECTS.get(letter, letter)}")
        yield from _check(CHECKS[code])
    yield from ("", "## Capabilities", "", "| capability | what it is evident from |", "|---|---|")
    yield from (f"| `{name}` | {MEANINGS[name]} |" for name in CAPABILITIES)
    yield ""


def _check(check: Check) -> Iterator[str]:
    kinds = ", ".join(kind.value for kind in Kind if kind in check.kinds)
    needs = f" Needs `{check.capability}`." if check.capability else ""
    yield from ("", f"### {check.code}", "", check.promise, "")
    yield f"Since {check.since}; concerns: {kinds}.{needs}"
    yield from ("", f"- **Why:** {check.why}", f"- **Mend:** {check.mend}")


if __name__ == "__main__":
    sys.stdout.write(document())
