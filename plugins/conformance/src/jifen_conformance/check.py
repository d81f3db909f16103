"""Decides what a check is: a plain function with a permanent code and a docstring of promise, why, and how to mend.

A check takes a `Target` and returns nothing where the promise is kept; where it is not, it raises `Broken` with what
was given and what came back. Its docstring has one form, from which the document of all checks is made::

    The promise, in one sentence.

    Why: why it matters to a villager, a clerk or the next developer.
    Mend: what to change, concretely.
"""

from __future__ import annotations

import re
from enum import StrEnum
from inspect import cleandoc
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jifen_conformance.target import Target

_CODE: Final = re.compile(r"[A-Z]\d\d")
_FORM: Final = re.compile(r"(?P<promise>[^\n]+)\n\nWhy: (?P<why>.+)\nMend: (?P<mend>.+)", re.DOTALL)


class Kind(StrEnum):
    """What can be checked: a plugin as it is installed, and each of its offers."""

    PLUGIN = "plugin"
    TOWN = "town"
    CATEGORY = "category"
    ELIGIBILITY = "eligibility"
    AGGREGATION = "aggregation"
    POLICY = "policy"


EVERY: Final = frozenset(Kind) - {Kind.PLUGIN}
"""Every offer that takes part in a settlement."""
OBJECTS: Final = EVERY - {Kind.TOWN}
"""Every offer that a rule book names."""


class Broken(Exception):  # noqa: N818 - a promise that is not kept is a finding, not a fault of the program
    """The promise is not kept. `given`: what the plugin was handed; `returned`: what came back, in a line or a few."""

    def __init__(self, given: str, returned: str) -> None:
        """Keep both; nothing is worked out again for the message."""
        super().__init__(f"{given} → {returned}")
        self.given = given
        self.returned = returned


@frozen
class Check:
    """One check: its permanent code, since which version it is there, whom it concerns, and its words."""

    code: str
    since: str
    kinds: frozenset[Kind]
    run: Callable[[Target], None]
    promise: str
    why: str
    mend: str
    capability: str | None = None
    """What the target must have for the check to be run; else it is skipped, by name."""
    settles: bool = True
    """Whether it needs a settlement; where the target does not settle at all (F01), it is held up."""


CHECKS: Final[dict[str, Check]] = {}
"""Every check, by code. A code is never used again for another promise."""


def check(
    code: str, *, since: str, kinds: Iterable[Kind] = EVERY, capability: str | None = None, settles: bool = True
) -> Callable[[Callable[[Target], None]], Callable[[Target], None]]:
    """Registers a function as a check. Raises `ValueError` for a bad or taken code and for another docstring."""

    def register(run: Callable[[Target], None]) -> Callable[[Target], None]:
        told = _FORM.fullmatch(cleandoc(run.__doc__ or ""))
        if not _CODE.fullmatch(code) or code in CHECKS:
            raise ValueError(f"{code} is no code of a check, or is taken")
        if told is None:
            raise ValueError(f"{code}: the docstring is not: promise, Why, Mend")
        words = {part: " ".join(text.split()) for part, text in told.groupdict().items()}
        CHECKS[code] = Check(code, since, frozenset(kinds), run, capability=capability, settles=settles, **words)
        return run

    return register


def expect(kept: object, given: str, returned: Callable[[], str] | str) -> None:
    """Raises `Broken` where the promise is not kept; `returned` is worked out only then."""
    if not kept:
        raise Broken(given, returned if isinstance(returned, str) else returned())
