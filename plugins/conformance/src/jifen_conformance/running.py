"""Decides what comes of the checks: run in order, each with a verdict, and no fault of a plugin ends the run."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen
from jifen.loader import attempt
from jifen.problems import Place, Refused

from jifen_conformance import checks as _every_check  # noqa: F401 - importing it registers the checks
from jifen_conformance.check import CHECKS, Broken, Check
from jifen_conformance.comparing import few
from jifen_conformance.declared import wrong_excuses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jifen_conformance.target import Target

SETTLES: Final = "F01"
"""The check on which all that need a settlement rest."""
STEADY: Final = "S01"
"""Where the same does not give the same, no failure of another check can be judged."""
BOOKS: Final = "B01"
"""The first of those that say why a town's books could not be read."""


class Verdict(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """The target has not the capability."""
    HELD_UP = "held-up"
    """Another check that failed stands in the way: the books cannot be read (B01), it does not settle (F01), or not
    twice the same (S01)."""
    EXPECTED = "expected"
    """It failed, as was declared with a reason."""
    STALE = "stale"
    """It was declared to fail and does not any more."""


GOOD: Final = frozenset({Verdict.PASSED, Verdict.SKIPPED, Verdict.EXPECTED})


@frozen
class Result:
    """One check of one target; `reason` is the capability that is missing, or the excuse."""

    target: str
    check: Check
    verdict: Verdict
    given: str = ""
    returned: str = ""
    place: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        told = {"target": self.target, "code": self.check.code, "verdict": self.verdict.value}
        more = {"given": self.given, "returned": self.returned, "place": self.place, "reason": self.reason}
        return told | {key: text for key, text in more.items() if text}


@frozen
class Report:
    """What came of all checks of some targets, target by target, in the order of the codes."""

    results: tuple[Result, ...]

    @property
    def good(self) -> bool:
        """Whether nothing failed, was held up, or is excused without need."""
        return all(result.verdict in GOOD for result in self.results)

    @property
    def failed(self) -> tuple[Result, ...]:
        """Those that failed."""
        return self.of(Verdict.FAILED)

    def of(self, verdict: Verdict) -> tuple[Result, ...]:
        """Those with one verdict."""
        return tuple(result for result in self.results if result.verdict is verdict)

    def counts(self) -> tuple[int, int]:
        """How many passed, of how many that were run."""
        run = len(self.results) - len(self.of(Verdict.SKIPPED))
        return len(self.of(Verdict.PASSED)), run


def run(target: Target, expected_failures: Mapping[str, str] | None = None, *, only: Iterable[str] = ()) -> Report:
    """Every check that concerns the target (or `only` these codes).

    `expected_failures` gives a reason for each code (or ``NAME:CODE``) that is known to fail, beside those that
    ``conformance.toml`` declares. Raises `Refused` for a code that there is not and for a reason that says nothing
    (``conformance.unknown-code``, ``conformance.no-reason``).
    """
    excuses = excused(target, expected_failures).expected_failures
    wanted = set(only) or CHECKS.keys()
    mine = (check for check in concerning(target) if check.code in wanted)
    return Report(tuple(one(target, check, excuses.get(check.code, "")) for check in mine))


def run_all(targets: Iterable[Target], expected_failures: Mapping[str, str] | None = None) -> Report:
    """As `run`, for several targets: an excuse by a bare code is for every target that the check concerns."""
    return Report(tuple(result for target in targets for result in run(target, expected_failures).results))


def excused(target: Target, expected_failures: Mapping[str, str] | None) -> Target:
    """The target with these excuses beside those that it declares. Raises `Refused` as `run` does."""
    given = expected_failures or {}
    if wrong := wrong_excuses(given.items()):
        raise Refused([problem for problem, _ in wrong])
    split = {code: code.rpartition(":") for code in given}
    mine = {bare: given[code] for code, (name, _, bare) in split.items() if name in ("", target.name)}
    return evolve(target, expected_failures={**target.expected_failures, **mine}) if mine else target


def concerning(target: Target) -> list[Check]:
    """The checks of a target, in the order of their codes."""
    return [CHECKS[code] for code in sorted(CHECKS) if target.kind in CHECKS[code].kinds]


def one(target: Target, check: Check, excuse: str = "") -> Result:
    """One check of one target; whatever the plugin raises becomes a finding with its place."""
    if check.capability is not None and check.capability not in target.capabilities:
        return Result(target.name, check, Verdict.SKIPPED, reason=check.capability)
    ground = _in_the_way(target) if check.settles else ""
    if ground == BOOKS or (ground == SETTLES and check.code != SETTLES):
        return Result(target.name, check, Verdict.HELD_UP, reason=ground)
    broken, place = _tried(target, check)
    if broken is None:
        return Result(target.name, check, Verdict.STALE if excuse else Verdict.PASSED, reason=excuse)
    if ground == STEADY and check.code != STEADY:
        return Result(target.name, check, Verdict.HELD_UP, reason=ground)
    verdict = Verdict.EXPECTED if excuse else Verdict.FAILED
    return Result(target.name, check, verdict, broken.given, broken.returned, place, excuse)


def _in_the_way(target: Target) -> str:
    """The code of the check that keeps those that need a settlement from being judged; empty where none does."""
    if target.problems:
        return BOOKS
    rests = (code for code in (SETTLES, STEADY) if target.kind in CHECKS[code].kinds)
    return next((code for code in rests if _tried(target, CHECKS[code])[0] is not None), "")


@lru_cache(maxsize=256)
def _tried(target: Target, check: Check) -> tuple[Broken | None, str]:
    """What was broken, and where in the plugin's code, if it raised. Tried once: others rest on some."""

    def guarded() -> Broken | None:
        try:
            check.run(target)
        except Broken as found:
            return found
        return None

    broken, problems = attempt(guarded, "conformance.raised", target.home)
    if not problems:
        return broken, ""
    place = next((each.place for each in problems if each.place.line), Place())
    return Broken(f"{target.name}, {target.kind}", few(problems)), str(place)
