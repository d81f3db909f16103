"""Decides that every check finds what it is for: a plugin that is wrong in one way fails that code and no other."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jifen.registry import Registry
from jifen_conformance.check import CHECKS
from jifen_conformance.finding import find
from jifen_conformance.running import run, run_all

from core.tests.conftest import site
from plugins.conformance.tests.good import GOOD, codes, good_target, good_town
from plugins.conformance.tests.wrong import INSTALLED, WRONG

if TYPE_CHECKING:
    from core.tests.fakes import Site

for _file in sorted(Path(__file__).parent.glob("wrong_*.py")):
    import_module(f"plugins.conformance.tests.{_file.stem}")

__all__ = ["site"]


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_offer_keeps_every_promise(kind: str) -> None:
    report = run(good_target(kind))
    assert report.good, [(each.check.code, each.returned) for each in report.failed]


def test_a_good_town_keeps_every_promise(tmp_path: Path) -> None:
    report = run(good_town(tmp_path))
    assert report.good, [(each.check.code, each.returned) for each in report.failed]


@pytest.mark.parametrize("code", sorted(WRONG))
def test_a_wrong_offer_fails_its_code_and_no_other(code: str, tmp_path: Path) -> None:
    report = run(WRONG[code](tmp_path))
    assert codes(report) == {code}, [(each.check.code, each.returned) for each in report.failed]


@pytest.mark.parametrize("code", sorted(INSTALLED))
def test_a_wrong_distribution_fails_its_code_and_no_other(code: str, site: Site) -> None:
    report = run_all(find(INSTALLED[code](site), Registry.load([str(site.folder)])))
    assert codes(report) == {code}, [(each.check.code, each.returned) for each in report.failed]


def test_every_check_has_a_wrong_plugin() -> None:
    assert sorted({*WRONG, *INSTALLED}) == sorted(CHECKS)
