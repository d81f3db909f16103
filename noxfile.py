"""Decides how everything that a person runs is run: `nox -s lint types tests demo bench`.

Every distribution of the repository is found by its pyproject.toml, so a new plugin or town joins by being there.
All versions come from constraints.txt.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

ROOT: Final = Path(__file__).parent
GROUPS: Final = nox.project.load_toml(ROOT / "pyproject.toml")
DEMO: Final = Path("demo-out")
HOUSEHOLD: Final = "QH03-0111"
"""A household of the demo whose points show most forms of rules."""
FOLDERS: Final = ("core", "plugins/*", "towns/*", "contrib/*")
"""Where distributions are."""


def distributions() -> list[str]:
    """The folders of all distributions, from the repository's root."""
    found = (path.parent for folder in FOLDERS for path in sorted(ROOT.glob(f"{folder}/pyproject.toml")))
    return [path.relative_to(ROOT).as_posix() for path in found]


def install(session: nox.Session, *groups: str, local: bool = True) -> None:
    """Install the named dependency groups and, where `local`, all distributions of the repository, as editable.

    They are installed in one call, so that they satisfy each other's requirements; without build isolation, so that
    the build backend is the one that constraints.txt pins.
    """
    tools = [tool for group in groups for tool in nox.project.dependency_groups(GROUPS, group)]
    if not local:
        session.install("-c", "constraints.txt", *tools)
        return
    session.install("-c", "constraints.txt", *nox.project.dependency_groups(GROUPS, "build"))
    editable = [part for folder in distributions() for part in ("-e", f"./{folder}")]
    session.install("-c", "constraints.txt", "--no-build-isolation", *tools, *editable)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, by ruff with everything on."""
    install(session, "lint", local=False)
    session.run("ruff", "check", *(session.posargs or ["."]))
    session.run("ruff", "format", "--check", *(session.posargs or ["."]))


@nox.session
def types(session: nox.Session) -> None:
    """Types, by mypy in strict mode, of the tests too."""
    install(session, "types")
    sources = [folder for name in distributions() for folder in (f"{name}/src", f"{name}/tests")]
    path = os.pathsep.join(str(ROOT / source) for source in sources if source.endswith("/src"))
    checked = [source for source in [*sources, "tests"] if any((ROOT / source).rglob("*.py"))]
    session.run("mypy", *(session.posargs or [*checked, "noxfile.py"]), env={"MYPYPATH": path})


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, in two processes; `-- PATH` or `-- -k NAME` runs some of them."""
    install(session, "tests")
    session.run("pytest", "-q", "-n", "2", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """All tests in one process, and the lines and branches that they leave out."""
    install(session, "coverage")
    session.run("coverage", "run", "-m", "pytest", "-q", *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report")


@nox.session
def demo(session: nox.Session) -> None:
    """An invented town's year: workbooks, the settlement, and one household's points explained."""
    install(session)
    shutil.rmtree(ROOT / DEMO, ignore_errors=True)
    data, settled = str(DEMO / "data"), str(DEMO / "settlement")
    session.run("jifen", "demo", data)
    session.run("jifen", "settle", "--town", "qinghe", "--data", data, "--period", "2025", "--out", settled)
    session.run("jifen", "explain", settled, "--household", *(session.posargs or [HOUSEHOLD]))


@nox.session
def bench(session: nox.Session) -> None:
    """The settlement's speed beside the same rules written by hand; `-- --json FILE` also writes the medians."""
    install(session, "bench")
    session.run("python", "-m", "tests.bench.settlement_bench", *session.posargs)
