"""Decides that a test file of four lines runs every check: one test each, skipped by name, excuses strict."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from core.tests.fakes import Site

SOURCE = """
    from jifen import Category, hookimpl

    @hookimpl
    def jifen_categories():
        return [Category(name="reed.tidy", title={{"zh_CN": "整洁"{english}}})]
"""


def outcome(folder: Path, english: str, test: str) -> list[str]:
    """The lines of pytest's report, in a process that has the plugin installed."""
    (folder / "site").mkdir()
    Site(folder / "site").add("jifen-reed", dedent(SOURCE).format(english=english))
    (folder / "test_reed.py").write_text(dedent(test), "utf-8")
    program = "import sys; sys.path[:0] = [sys.argv.pop(1)]; import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    options = [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-c",
        "/dev/null",
        "--rootdir",
        str(folder),
        "-rA",
        "-k",
        "P05 or B04 or F01 or A04",
    ]
    ran = subprocess.run(
        [sys.executable, "-c", program, str(folder / "site"), *options, str(folder / "test_reed.py")],
        capture_output=True,
        text=True,
        check=False,
        env={"JIFEN_LANG": "en", "PATH": ""},
    )
    return ran.stdout.splitlines()


def told(lines: list[str]) -> set[tuple[str, str]]:
    """Verdict and code, from the summary of pytest."""
    found = (re.match(r"([A-Z]+) \S*test_reed\.py::test_conformance\[(\w+)\]", line) for line in lines)
    return {(each[1], each[2]) for each in found if each is not None}


def test_four_lines_are_a_test_for_each_check(tmp_path: Path) -> None:
    lines = outcome(
        tmp_path,
        ', "en": "tidy"',
        """
        from jifen_conformance import conformance_tests

        test_conformance = conformance_tests("reed.tidy")
        """,
    )
    assert told(lines) >= {("PASSED", "F01"), ("PASSED", "P05")}


def test_a_failed_check_is_a_failed_test_that_says_how_to_mend_it(tmp_path: Path) -> None:
    lines = outcome(
        tmp_path,
        "",
        """
        from jifen_conformance import conformance_tests

        test_conformance = conformance_tests("reed.tidy")
        """,
    )
    assert any(line.startswith("how to mend it: give it `title") for line in lines)
    assert told(lines) >= {("PASSED", "F01"), ("FAILED", "P05")}


def test_an_excuse_is_strict_in_a_test_as_well(tmp_path: Path) -> None:
    lines = outcome(
        tmp_path,
        "",
        """
        from jifen_conformance import conformance_tests

        test_conformance = conformance_tests("reed.tidy", expected_failures={"P05": "not yet", "F01": "never"})
        """,
    )
    assert told(lines) >= {("FAILED", "F01"), ("XFAIL", "P05")}
