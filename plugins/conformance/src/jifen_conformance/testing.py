"""Decides how pytest runs the checks: one test a check, skipped by name, expected failures strict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from jifen_conformance.running import GOOD, Verdict, concerning, excused, one
from jifen_conformance.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jifen_conformance.check import Check
    from jifen_conformance.target import Target


def conformance_tests(
    name: str,
    *,
    options: Mapping[str, Any] | None = None,
    capabilities: Iterable[str] = (),
    expected_failures: Mapping[str, str] | None = None,
) -> Callable[..., None]:
    """A parametrized test of all that a name stands for; it is given a name beginning with `test_` in a test file.

    `options` and `capabilities` are as in ``conformance.toml``; `expected_failures` gives a reason for each code
    (or ``NAME:CODE``) that is known to fail. Raises `Refused` as `jifen_conformance.finding.find` and `run` do.
    """
    from jifen.registry import Registry

    from jifen_conformance.finding import find

    return as_tests(find(name, Registry.load(), options, capabilities), expected_failures)


def as_tests(targets: Iterable[Target], expected_failures: Mapping[str, str] | None = None) -> Callable[..., None]:
    """As `conformance_tests`, for targets that are made already."""
    import pytest

    mine = [excused(target, expected_failures) for target in targets]
    both = [(target, check) for target in mine for check in concerning(target)]
    counts = Counter(check.code for _, check in both)
    names = [check.code if counts[check.code] == 1 else f"{target.name}:{check.code}" for target, check in both]

    @pytest.mark.parametrize(("target", "check"), both, ids=names)
    def test_conformance(target: Target, check: Check) -> None:
        result = one(target, check, target.expected_failures.get(check.code, ""))
        if result.verdict is Verdict.SKIPPED:
            pytest.skip(told(result))
        if result.verdict is Verdict.EXPECTED:
            pytest.xfail(told(result))
        if result.verdict not in GOOD:
            pytest.fail(told(result), pytrace=False)

    return test_conformance
