"""Decides that another process settles the same target, and that what it did there is told here."""

from __future__ import annotations

import pytest
from jifen.registry import Registry
from jifen_conformance.check import Broken
from jifen_conformance.comparing import between, difference
from jifen_conformance.elsewhere import observed
from jifen_conformance.target import Target

from plugins.conformance.tests.good import good_target


def missing() -> Target:
    raise LookupError("nothing is made here")


def test_an_installed_target_is_found_and_settled_there() -> None:
    target = Target.of("pudong.three-part", Registry.load())
    found = observed(target)
    assert difference(target.trials[0].settlement.frames(), found.frames[0]) == ""
    assert found.accesses == ()
    assert found.changes == ()


def test_options_go_along() -> None:
    options = {"participation": {"factor": "1/3"}}
    target = Target.of("pudong.three-part", Registry.load(), options)
    parts = target.trials[0].settlement.village_parts
    assert between(parts, observed(target).frames[0]["village_parts"]) == ""
    plain = Target.of("pudong.three-part", Registry.load())
    assert between(parts, plain.trials[0].settlement.village_parts) != ""


def test_what_fails_there_is_told_here() -> None:
    with pytest.raises(Broken, match="LookupError: nothing is made here"):
        observed(good_target("policy", made_by=f"{__name__}:missing"))
