"""Decides how a command that could not do its work ends: what is said on stderr, and the exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from jifen.problems import Problem, Refused
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from traceback import FrameSummary

DONE: Final = 0
FOUND_WRONG: Final = 1
NOT_UNDERSTOOD: Final = 2
STOPPED: Final = 130
NOBODY_READS: Final = 141


class Misused(Refused):
    """The arguments do not go together; ends like any that was not understood."""


def told(fault: Exception, tokens: Sequence[str]) -> int:
    """Puts a refusal or a fault into words; with ``--json`` as a list of problems. Returns the exit status."""
    if isinstance(fault, Refused):
        problems, status = fault.problems, NOT_UNDERSTOOD if isinstance(fault, Misused) else FOUND_WRONG
    elif _is_usage(fault):
        from jifen.commands.usage import problems_of

        problems, status = problems_of(fault), NOT_UNDERSTOOD
    else:
        problems, status = (_fault(fault, tokens),), FOUND_WRONG
    if "--json" in tokens:
        import json

        _say(json.dumps([problem.as_json() for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            _say(str(problem))
    return status


def stopped() -> int:
    """Someone pressed Ctrl-C. What is written appears whole or not at all, so nothing is half done."""
    _say(say("commands.stopped"))
    return STOPPED


def nobody_reads() -> int:
    """The other end of a pipe closed (`jifen … | head`): no fault, and Python must not complain while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return NOBODY_READS


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _is_usage(fault: Exception) -> bool:
    library = sys.modules.get("cyclopts")
    return library is not None and isinstance(fault, library.CycloptsError)


def _fault(fault: Exception, tokens: Sequence[str]) -> Problem:
    """An operating system's refusal in its own words; anything else is a fault of the program, with a report."""
    if isinstance(fault, OSError) and fault.strerror:
        return Problem("commands.system", facts={"what": fault.strerror, "file": fault.filename or "-"})
    what = ": ".join((*getattr(fault, "__notes__", ()), type(fault).__name__))
    return Problem("commands.fault", facts={"what": what, "report": _report(fault, tokens)})


def _report(fault: Exception, tokens: Sequence[str]) -> str:
    """Writes the report for whoever mends the program: traceback, versions, arguments; no household's data.

    The fault's own text is left out, for it may quote a cell.
    """
    import platform
    import tempfile
    from importlib import metadata

    versions = sorted(
        f"{found.name} {found.version}" for found in metadata.distributions() if found.name.startswith("jifen")
    )
    lines = [
        f"jifen: {' '.join(tokens)}",
        f"Python {platform.python_version()}, {platform.platform()}",
        *versions,
        "",
        *(f"{frame.filename}:{frame.lineno} {frame.name}: {frame.line}" for frame in _frames(fault)),
        type(fault).__qualname__,
    ]
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="jifen-fault-", suffix=".txt", delete=False
    ) as report:
        report.write("\n".join(lines) + "\n")
    return report.name


def _frames(fault: BaseException) -> list[FrameSummary]:
    import traceback

    causes = [fault]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return [frame for each in reversed(causes) for frame in traceback.extract_tb(each.__traceback__)]
