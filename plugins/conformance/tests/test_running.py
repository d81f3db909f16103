"""Decides that every check ends in a verdict: skipped by name, excused strictly, and no fault of a plugin ends the run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jifen.problems import Problem, Refused
from jifen_conformance.check import CHECKS, Broken, check
from jifen_conformance.running import Report, Result, Verdict, concerning, run, run_all
from jifen_conformance.telling import told

from plugins.conformance.tests import good
from plugins.conformance.tests.good import codes, good_target, good_town
from plugins.conformance.tests.wrong import WRONG

if TYPE_CHECKING:
    import polars as pl
    from jifen.offers import RewardView


def result(report: Report, code: str) -> Result:
    return next(each for each in report.results if each.check.code == code)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")


def test_a_check_whose_capability_is_not_there_is_skipped_by_name(tmp_path: Path) -> None:
    skipped = run(good_town(tmp_path), only=["B04"]).of(Verdict.SKIPPED)
    assert [(each.check.code, each.reason) for each in skipped] == [("B04", "several-books")]


def test_a_declared_failure_is_told_with_its_reason(tmp_path: Path) -> None:
    report = run(WRONG["S04"](tmp_path), {"S04": "the assembly wants it so"}, only=["S04"])
    assert report.good
    assert result(report, "S04").verdict is Verdict.EXPECTED
    assert result(report, "S04").reason == "the assembly wants it so"


def test_a_stale_excuse_is_a_failure() -> None:
    report = run(good_target("policy"), {"S01": "counts its calls"}, only=["S01"])
    assert result(report, "S01").verdict is Verdict.STALE
    assert not report.good


@pytest.mark.parametrize(
    ("excuses", "code", "said"),
    [
        ({"S1": "why"}, "conformance.unknown-code", "S1"),
        ({"S01": " "}, "conformance.no-reason", "S01"),
    ],
)
def test_an_excuse_without_a_check_or_a_reason_is_refused(excuses: dict[str, str], code: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        run(good_target("policy"), excuses)
    assert [(problem.code, problem.facts["code"]) for problem in refused.value.problems] == [(code, said)]


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refused, match="S01"):
        run(good_target("policy"), {"S1": "why"})


def test_an_excuse_may_be_for_one_of_several_targets(tmp_path: Path) -> None:
    targets = [WRONG["S04"](tmp_path), good_target("policy")]
    excuses = {"reed.agreed:S04": "the assembly wants it so"}
    report = Report(tuple(each for target in targets for each in run(target, excuses, only=["S04"]).results))
    assert [each.verdict for each in report.results] == [Verdict.EXPECTED, Verdict.PASSED]


def raising(error: BaseException) -> Any:
    def reward(view: RewardView, options: object) -> pl.DataFrame:
        raise error

    return reward


@pytest.mark.parametrize("error", [SystemExit(3), ZeroDivisionError("nothing"), Refused([Problem("settle.reed")])])
def test_whatever_a_plugin_raises_is_a_failure_and_not_a_crash(error: BaseException) -> None:
    report = run(good_target("policy", reward=raising(error)))
    assert codes(report) == {"F01"}
    held = {each.reason for each in report.of(Verdict.HELD_UP)}
    assert held == {"F01"}


def test_what_a_plugin_raises_has_its_place_in_the_plugin() -> None:
    report = run(good_target("policy", reward=raising(SystemExit(3))), only=["F01"])
    found = result(report, "F01")
    assert re.fullmatch(rf"{re.escape(__file__)}:\d+", found.place)
    assert "SystemExit: 3" in found.returned


def test_books_that_cannot_be_read_hold_up_what_needs_a_settlement(tmp_path: Path) -> None:
    report = run(good_town(tmp_path, ("points = 3", "points = '3'")))
    assert codes(report) == {"B01"}
    assert {each.reason for each in report.of(Verdict.HELD_UP)} == {"B01"}
    assert not report.good


def test_where_nothing_comes_out_twice_the_same_other_failures_are_not_judged(tmp_path: Path) -> None:
    report = run(WRONG["S01"](tmp_path), only=["S01", "S02", "S03", "F01"])
    assert codes(report) == {"S01"}
    assert result(report, "S03").verdict is Verdict.HELD_UP
    assert result(report, "F01").verdict is Verdict.PASSED


def test_a_failure_tells_what_was_given_what_came_back_why_and_how_to_mend_it(tmp_path: Path) -> None:
    failed = result(run(WRONG["S03"](tmp_path), only=["S03"]), "S03")
    text = told(failed)
    assert all(head in text for head in ("given: ", "came back: ", "why it matters: ", "how to mend it: "))
    assert "ground=reed.by-" in text
    assert CHECKS["S03"].mend in text


def test_results_stand_target_by_target_in_the_order_of_the_codes() -> None:
    targets = [good_target("policy"), good_target("eligibility")]
    report = run_all(targets)
    expected = [(target.name, check.code) for target in targets for check in concerning(target)]
    assert [(each.target, each.check.code) for each in report.results] == expected
    assert expected[: len(concerning(targets[0]))] == sorted(expected[: len(concerning(targets[0]))])


def test_a_check_says_promise_why_and_mend_or_is_none() -> None:
    def silent(target: object) -> None:
        """Nothing but a promise."""

    with pytest.raises(ValueError, match="promise, Why, Mend"):
        check("Z98", since="0.1")(silent)
    with pytest.raises(ValueError, match="is taken"):
        check("S01", since="0.1")(silent)
    assert str(Broken("this", "that")) == "this → that"
    assert good.GOOD
