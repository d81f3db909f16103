"""What `jifen new` makes passes everything untouched: style, strict types, its own test, and every check.

It takes a minute and builds wheels, so it is run by `nox -s template`, or by hand with ``JIFEN_TEMPLATE=1``. What is made
is installed into a folder of the test's own: the environment in which it runs is not changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import pytest
from attrs import frozen

from contrib.templates.tests.made_folders import BOTH
from contrib.templates.tests.test_new_templates import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from jifen_new.naming import Project

pytestmark = pytest.mark.skipif(os.environ.get("JIFEN_TEMPLATE") != "1", reason="only in nox -s template")

PYTHON: Final = (sys.executable, "-m")
LIMIT: Final = 600
"""Seconds after which something hangs."""


@frozen
class Installed:
    """A made folder that is installed, and how to run a command with it."""

    project: Project
    folder: Path
    site: Path

    def run(self, *command: str) -> None:
        """Fails, with all that was printed, where the command fails."""
        surroundings = {**os.environ, "PYTHONPATH": str(self.site), "PYTHONUTF8": "1", "JIFEN_LANG": "zh"}
        done = subprocess.run(
            [*PYTHON, *command],
            cwd=self.folder,
            env=surroundings,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module", params=BOTH, ids=lambda project: project.kind)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Made by the command, built into a wheel by the pinned backend, and installed from it."""
    project: Project = request.param
    aside = tmp_path_factory.mktemp("untouched")
    made = Installed(project, aside / "made", aside / "site")
    command = [*PYTHON, "jifen", "new", project.kind.value, project.name, "--into", str(made.folder), "--defaults"]
    subprocess.run(command, check=True)
    uv = [shutil.which("uv") or "uv", "pip", "install", "--python", sys.executable]
    install = [*PYTHON, "pip", "install"] if find_spec("pip") else uv  # an environment that uv made has no pip
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--target", str(made.site)]
    subprocess.run([*install, *options, str(made.folder)], check=True)
    return made


def test_its_style_is_that_of_the_repository(installed: Installed) -> None:
    installed.run("ruff", "check", "--no-cache", "--config", str(SETTINGS), ".")
    installed.run("ruff", "format", "--check", "--no-cache", "--config", str(SETTINGS), ".")


def test_its_types_are_strict(installed: Installed) -> None:
    installed.run("mypy", "--strict", "--config-file=", "src", "tests")  # not the settings of a folder above


def test_its_own_test_passes(installed: Installed) -> None:
    installed.run("pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_it_keeps_every_promise(installed: Installed) -> None:
    installed.run("jifen", "conformance", installed.project.name)
