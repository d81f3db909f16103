"""Decides how everything that a person runs is run; `nox --list` and CONTRIBUTING.md tell the sessions.

Every distribution of the repository is found by its pyproject.toml, so a new plugin or town joins by being there.
All versions come from constraints.txt.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nox
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

ROOT: Final = Path(__file__).parent
GROUPS: Final = nox.project.load_toml(ROOT / "pyproject.toml")
DEMO: Final = Path("demo-out")
HOUSEHOLD: Final = "QH03-0111"
"""A household of the demo whose points show most forms of rules."""
DEMO_DAY: Final = "2025-06-25"
"""The day on which the demo of the office stands still."""
PERIODS: Final = {"jinsui": "2025-H2"}
"""What a town settles that does not settle by the year."""
OFFICE: Final = ("jifen-conformance", "jifen-demo", "jifen-report", "jifen-workbook")
"""What an office has beside its town's package and what that needs."""
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
    sources = [folder for name in distributions() for folder in (f"{name}/src", f"{name}/tests", f"{name}/browser")]
    path = os.pathsep.join(str(ROOT / source) for source in sources if source.endswith("/src"))
    checked = [source for source in [*sources, "tests"] if any((ROOT / source).rglob("*.py"))]
    session.run("mypy", *(session.posargs or [*checked, "noxfile.py"]), env={"MYPYPATH": path})


@nox.session
def tests(session: nox.Session) -> None:
    """All tests but `pages`, in two processes, neither of which waits for the other; `-- PATH` for some of them."""
    install(session, "tests")
    session.run("pytest", "-q", "-n", "2", "--dist", "worksteal", *(session.posargs or ["-m", "not pages"]))


@nox.session
def pages(session: nox.Session) -> None:
    """What the tutorial, the how-to pages and the READMEs say, done command by command; `-- -k NAME` for one."""
    install(session, "tests")
    session.run("pytest", "-q", "-m", "pages", "tests/test_docs.py", "tests/test_readme.py", *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Every plugin and every town against every check; `-- NAME` for one of them."""
    install(session)
    session.run("jifen", "conformance", *(session.posargs or ["--all"]))


def build_wheels(session: nox.Session, folders: Iterable[str]) -> list[str]:
    """The wheels of these distributions, built anew in the session's own folder; their paths."""
    session.install("-c", "constraints.txt", *nox.project.dependency_groups(GROUPS, "build"))
    wheels = Path(session.create_tmp()).resolve() / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    for folder in folders:
        with session.chdir(ROOT / folder):
            session.run("hatchling", "build", "-t", "wheel", "-d", str(wheels), silent=True)
    return [str(wheel) for wheel in sorted(wheels.glob("*.whl"))]


def install_wheels(session: nox.Session, wheels: list[str]) -> None:
    """Wheels as an office has them: first in place of those of an earlier run, then with what they need."""
    session.install("-c", "constraints.txt", "--force-reinstall", "--no-deps", *wheels)
    session.install("-c", "constraints.txt", *wheels)


@nox.session
def wheels(session: nox.Session) -> None:
    """All wheels; then each town by itself, with what it needs, and the village office, each in an environment alone.

    Nothing of the repository is in reach there. `-- TOWN` or `-- office` takes one of them only.
    """
    build_wheels(session, distributions())
    built = Path(session.create_tmp()).resolve() / "wheels"
    towns = [path.name for path in sorted(ROOT.glob("towns/*/")) if path.is_dir()]
    for name in session.posargs or [*towns, "office"]:
        with tempfile.TemporaryDirectory(prefix="jifen-wheels-") as folder, session.chdir(folder):
            session.run("python", "-m", "venv", "environment")
            if name == "office":
                needed = ("jifen-office", "jifen-verify", *(f"jifen-town-{town}" for town in towns))
                commands: list[tuple[str, ...]] = [
                    ("jifen", "office", "demo", "office", "--households", "12"),
                    ("jifen", "office", "check"),
                    ("jifen", "office", "export", "WC01"),
                    ("jifen_verify", "ledger-WC01.jsonl"),
                ]
            else:
                needed = (f"jifen-town-{name}",)
                period = ("--town", name, "--data", "data", "--period", PERIODS.get(name, "2025"), "--out", "settled")
                small = ("--town", name, "--villages", "2", "--households", "40", "--format", "parquet")
                commands = [
                    ("jifen", "plugins"),
                    ("jifen", "demo", "data", *small),
                    ("jifen", "settle", *period),
                    ("jifen", "conformance", name),
                ]
            run_alone(session, Path(folder), built, (*needed, *OFFICE), commands)


def run_alone(
    session: nox.Session, folder: Path, built: Path, needed: Iterable[str], commands: Iterable[tuple[str, ...]]
) -> None:
    """Commands (a module and its arguments) in the environment of a folder, once it has what they need."""
    python = str(folder / "environment" / "bin" / "python")
    pip = (python, "-m", "pip", "install", "-q", "--find-links", str(built), "-c", str(ROOT / "constraints.txt"))
    session.run(*pip, *needed, external=True)
    for command in commands:
        session.run(python, "-I", "-m", *command, external=True, env={"JIFEN_OFFICE": str(folder / "office")})


@nox.session
def template(session: nox.Session) -> None:
    """A new town and a new category, made from the templates, pass style, types, tests and every check untouched."""
    groups = ("build", "lint", "types")
    tools = [tool for group in groups for tool in nox.project.dependency_groups(GROUPS, group)]
    session.install("-c", "constraints.txt", *tools)
    needed = ("core", "plugins/pudong", "plugins/demo", "plugins/conformance", "contrib/templates")
    install_wheels(session, build_wheels(session, needed))
    session.run("pytest", "-q", "contrib/templates/tests/test_untouched.py", env={"JIFEN_TEMPLATE": "1"})


@nox.session
def lowest(session: nox.Session) -> None:
    """The core's and the plugins' tests with the lowest versions that their pyproject.toml files allow."""
    install(session, "tests")
    projects = [nox.project.load_toml(ROOT / folder / "pyproject.toml")["project"] for folder in distributions()]
    written = {bound.split(",")[0] for project in projects for bound in project["dependencies"]}
    bounds = sorted((bound.split(">=") for bound in written if ">=" in bound), key=lambda bound: Version(bound[1]))
    highest = {name: version for name, version in bounds if not name.startswith("jifen")}  # the last one stays
    session.install(*(f"{name}=={version}" for name, version in sorted(highest.items())))
    chosen = ["core/tests", "plugins/pudong", "plugins/workbook", "plugins/office/tests"]
    session.run("pytest", "-q", "-n", "2", *(session.posargs or chosen))


@nox.session
def docs(session: nox.Session) -> None:
    """The pages that are made from the code, written anew; `-- --check` only names those that differ."""
    install(session)
    session.run("python", "-m", "jifen.reference", *session.posargs, "docs/reference")
    if "--check" not in session.posargs:  # a test holds this page to the checks
        with (ROOT / "docs/reference/conformance.md").open("w", encoding="utf-8") as page:
            session.run("python", "-m", "jifen_conformance.document", stdout=page)


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
def office(session: nox.Session) -> None:
    """The village office with two invented towns, a folder of its own each time; prints address and accounts."""
    install(session)
    with tempfile.TemporaryDirectory(prefix="jifen-office-") as folder:
        session.run("jifen", "office", "demo", f"{folder}/office")
        here = {"JIFEN_OFFICE": f"{folder}/office", "JIFEN_TODAY": DEMO_DAY}
        session.run("jifen", "office", "serve", *session.posargs, env=here)


@nox.session
def browser(session: nox.Session) -> None:
    """The month of a village in a real browser, on SQLite and on PostgreSQL, and every page by axe-core."""
    install(session, "tests")
    session.run("pytest", "-q", "plugins/office/browser", *session.posargs)


LONG: Final = {
    "JIFEN_SOAK_STEPS": "100000",
    "JIFEN_PROCESS_EXAMPLES": "200",
    "JIFEN_TAKERS_ROUNDS": "200",
    "JIFEN_VERIFY_ALL": "1",
    "JIFEN_CRASH_ROUNDS": "300",
}
"""How far the office's tests go where time does not matter."""


@nox.session
def soak(session: nox.Session) -> None:
    """The ledger and a record's way beside plain models, takers of the last piece, every byte of an export changed."""
    install(session, "tests")
    named = ("ledger_model", "process_way", "shop_takers", "ledger_exporting")
    chosen = [*(f"plugins/office/tests/test_{name}.py" for name in named), "plugins/verify"]
    session.run("pytest", "-q", *(session.posargs or chosen), env=LONG)


@nox.session
def crash(session: nox.Session) -> None:
    """The office killed at 300 random moments while it writes, PostgreSQL restarted under it, a disk that is full."""
    install(session, "tests")
    session.run("pytest", "-q", *(session.posargs or ["plugins/office/tests/test_ledger_faults.py"]), env=LONG)


@nox.session
def load(session: nox.Session) -> None:
    """Household pages at 100 requests a second over two million entries in PostgreSQL, into docs/office-load.md."""
    install(session, "tests", "bench")
    session.run("python", "-m", "tests.bench.office_load", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed and scale beside the same rules written by hand, into docs/; `-- kill` or other names take those sections.

    All of it takes an hour of a quiet machine with two cores, and 5 GB of its disk (see tests/bench/__main__.py).
    """
    install(session, "bench")
    session.install("-c", "constraints.txt", "--no-build-isolation", "--no-deps", "-e", "./tests/bench/town")
    session.run("python", "-m", "tests.bench", *session.posargs)
