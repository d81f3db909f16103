"""Decides how arguments that were not understood are named: each of the library's errors as a `Problem`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import cyclopts

from jifen.commands.page import placeholders
from jifen.problems import Problem
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """What was wrong, and where help is to be found."""
    code, facts = _wrong(error)
    chain = getattr(error, "command_chain", None) or ()
    command = " ".join(("jifen", *chain))
    return Problem(f"usage.{code}", facts=facts), Problem("usage.help", facts={"command": command})


def _wrong(error: Exception) -> tuple[str, dict[str, object]]:  # noqa: PLR0911 - one return a kind of error
    argument = getattr(error, "argument", None)
    name = placeholders(argument.name) if argument is not None else ""
    match error:
        case cyclopts.UnknownCommandError():
            got = (error.unused_tokens or [""])[0]
            names = [each for each in (error.app or ()) if not each.startswith("-")]
            return "unknown-command", {"got": got, "hint": _hint(got, names), "names": say("usage.and").join(names)}
        case cyclopts.UnknownOptionError():
            got = error.token.keyword or error.token.value
            return "unknown-option", {"got": got, "hint": _hint(got, _options(error))}
        case cyclopts.RepeatArgumentError():
            return "repeated", {"name": error.token.keyword or name}
        case cyclopts.MissingArgumentError():
            typed = [token for token in error.unused_tokens or () if token.startswith("-")]
            close = get_close_matches(name, typed, n=1)
            if close and close[0] != name:
                return "unknown-option", {"got": close[0], "hint": say("usage.hint", name=name)}
            return "missing" if not error.keyword else "missing-value", {"name": error.keyword or name}
        case cyclopts.CoercionError():
            got = error.token.value if error.token is not None else ""
            return "not-of-type", {"name": name, "got": got}
        case cyclopts.UnusedCliTokensError():
            return "too-much", {"got": " ".join(error.unused_tokens or ())}
        case _:
            return "other", {"what": str(error)}


def _hint(got: str, names: Iterable[str]) -> str:
    close = get_close_matches(got, list(names), n=1)
    return say("usage.hint", name=close[0]) if close else ""


def _options(error: cyclopts.UnknownOptionError) -> list[str]:
    return [name for argument in error.argument_collection for name in argument.names]
