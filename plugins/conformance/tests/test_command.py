"""Decides that `jifen conformance` tells people and programs the same: a table, JSON, Markdown, a badge, a status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from jifen.commands import app
from jifen.problems import Refused
from jifen.registry import Registry
from jifen_conformance import command
from jifen_conformance.badge import SIGN, badge, write_badge
from jifen_conformance.command import conformance
from jifen_conformance.finding import everything
from jifen_conformance.running import run

from core.tests.conftest import site
from plugins.conformance.tests.good import good_target
from plugins.conformance.tests.wrong import INSTALLED

if TYPE_CHECKING:
    from core.tests.fakes import Site

__all__ = ["site"]
REED = """
    from jifen import Category, hookimpl

    @hookimpl
    def jifen_categories():
        return [Category(name="reed.tidy", title={"zh_CN": "整洁", "en": "tidy yards"})]
"""


@pytest.fixture
def reed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with one good category."""
    site.add("jifen-reed", REED)
    monkeypatch.setattr(command, "registry", site.registry)
    return site


def test_a_good_plugin_is_told_as_a_table_and_ends_with_0(reed: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("reed.tidy") == 0
    told = capsys.readouterr().out
    assert "reed.tidy  F01   passed   Invented data settles" in told
    assert "FAILED" not in told


def test_a_failure_is_explained_and_ends_with_1(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    INSTALLED["P02"](site)
    monkeypatch.setattr(command, "registry", site.registry)
    assert conformance("reed") == 1
    told = capsys.readouterr().out
    for text in (
        "P02   FAILED",
        "came back: ",
        "why it matters: ",
        "how to mend it: begin the name",
        "1 not as promised",
    ):
        assert text in told


def test_a_program_reads_the_same_as_json(reed: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("reed.tidy", json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["good"] is True
    assert told["passed"] == told["run"] == sum(each["verdict"] == "passed" for each in told["results"])
    assert {"target": "reed.tidy", "code": "F01", "verdict": "passed"} in told["results"]


def test_markdown_is_a_table_with_a_row_a_check(reed: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("reed.tidy", markdown=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| target | code | verdict | promise |", "|---|---|---|---|"]
    assert all(line.count(" | ") == 3 for line in lines[2:] if line.startswith("|"))


def test_everything_is_a_line_a_plugin(reed: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(everything(reed.registry())) == ["reed"]
    assert conformance(everyone=True) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()][-1] == "reed"


@pytest.mark.parametrize(
    "given", [{}, {"name": "reed", "everyone": True}, {"name": "reed", "json": True, "markdown": True}]
)
def test_arguments_that_do_not_go_together_are_refused(given: dict[str, object]) -> None:
    name = given.pop("name", None)
    with pytest.raises(Refused):
        conformance(name, **given)  # type: ignore[arg-type]  # as the command line would hand them over


def test_a_badge_is_an_image_that_says_how_many_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run(good_target("policy"), only=["F01", "S01"])
    for language, text in (("en", "2 of 2 · jifen 0.1"), ("zh_CN", "2/2 · jifen 0.1")):
        monkeypatch.setenv("JIFEN_LANG", language)
        image = ET.fromstring(badge(report))  # noqa: S314 - it is our own
        assert text in {each.text for each in image.iter("{http://www.w3.org/2000/svg}text")}
    write_badge(report, tmp_path / "badge.svg")
    write_badge(report, tmp_path / "badge.svg")
    assert SIGN in (tmp_path / "badge.svg").read_text("utf-8")


def test_a_badge_takes_the_place_of_no_other_file(reed: Site, tmp_path: Path) -> None:
    photo = tmp_path / "photo.svg"
    photo.write_text("<svg/>", "utf-8")
    with pytest.raises(Refused, match="no badge of jifen"):
        conformance("reed.tidy", badge=photo)
    assert photo.read_text("utf-8") == "<svg/>"


def test_the_command_is_offered_and_needs_no_pytest() -> None:
    program = "import sys, jifen_conformance.command; sys.exit('pytest' in sys.modules or 'hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert "conformance" in {offer.name for offer in Registry.load().commands}
    assert "conformance" not in app.COMMANDS
