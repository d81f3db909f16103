"""Decides what every distribution of the repository has, and that constraints.txt pins what they declare."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final

import pytest
import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).parents[1]
DISTRIBUTIONS: Final = sorted(
    path.parent
    for folder in ("core", "plugins/*", "towns/*", "contrib/*")
    for path in ROOT.glob(f"{folder}/pyproject.toml")
)
SETTINGS: Final = [ROOT / "pyproject.toml", *(folder / "pyproject.toml" for folder in DISTRIBUTIONS)]
PIN: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.]*")
TOWN_FILES: Final = 8

every_distribution = pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=lambda folder: folder.name)


def read(file: Path) -> dict[str, Any]:
    return tomli.loads(file.read_text("utf-8"))


def pin_lines() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pins() -> dict[str, Version]:
    return {name: Version(number) for name, number in (line.split("==") for line in pin_lines())}


def declared() -> dict[str, list[Requirement]]:
    """Every requirement that is written down in the repository, by the file that states it."""
    found: dict[str, list[Requirement]] = {}
    for file in SETTINGS:
        data = read(file)
        project = data.get("project", {})
        texts = [*project.get("dependencies", []), *data.get("build-system", {}).get("requires", [])]
        texts += [text for extra in project.get("optional-dependencies", {}).values() for text in extra]
        texts += [
            text for group in data.get("dependency-groups", {}).values() for text in group if isinstance(text, str)
        ]
        found[file.relative_to(ROOT).as_posix()] = [Requirement(text) for text in texts]
    return found


def own_versions() -> dict[str, Version]:
    projects = [read(folder / "pyproject.toml")["project"] for folder in DISTRIBUTIONS]
    return {canonicalize_name(project["name"]): Version(project["version"]) for project in projects}


def test_the_repository_has_the_core_four_plugins_and_a_town() -> None:
    names = {"jifen", "jifen-pudong", "jifen-workbook", "jifen-report", "jifen-demo", "jifen-town-qinghe"}
    assert names <= set(own_versions())


@every_distribution
def test_a_distribution_says_what_it_is(folder: Path) -> None:
    project = read(folder / "pyproject.toml")["project"]
    assert project["description"]
    assert project["license"] == "Apache-2.0"
    assert project["requires-python"] == ">=3.11"
    assert (folder / project["readme"]).read_text("utf-8").startswith("# ")


@every_distribution
def test_a_distribution_is_typed_and_has_tests(folder: Path) -> None:
    packages = [file.parent for file in folder.glob("src/*/__init__.py")]
    assert packages
    # A town is data with a shim: nobody imports it, so it owes nobody its types.
    imported = folder.parent.name != "towns"
    assert all((package / "py.typed").is_file() for package in packages if imported)
    assert list(folder.glob("tests/**/test_*.py")), f"{folder.name} has no tests"


@every_distribution
def test_a_wheel_holds_the_packages_of_the_distribution(folder: Path) -> None:
    wheel = read(folder / "pyproject.toml")["tool"]["hatch"]["build"]["targets"]["wheel"]
    found = sorted(file.parent.relative_to(folder).as_posix() for file in folder.glob("src/*/__init__.py"))
    assert sorted(wheel["packages"]) == found


ALONE: Final = ("core", "verify")
"""What is no plugin: the core, and the program that checks a ledger without trusting anything of this repository."""


@pytest.mark.parametrize(
    "folder", [each for each in DISTRIBUTIONS if each.name not in ALONE], ids=lambda folder: folder.name
)
def test_a_plugin_registers_a_module_that_it_ships_and_needs_a_core_of_this_level(folder: Path) -> None:
    project = read(folder / "pyproject.toml")["project"]
    for module in project["entry-points"]["jifen"].values():
        assert (folder / "src" / module / "__init__.py").is_file()
    core = next(each for each in map(Requirement, project["dependencies"]) if each.name == "jifen")
    assert own_versions()["jifen"] in core.specifier
    assert any(part.operator == "<" for part in core.specifier), "a plugin states the core that it does not know yet"


def test_who_checks_a_ledger_needs_nothing_but_python() -> None:
    project = read(ROOT / "plugins/verify/pyproject.toml")["project"]
    assert project.get("dependencies", []) == []
    assert "optional-dependencies" not in project


@pytest.mark.parametrize("folder", sorted(ROOT.glob("towns/*/")), ids=lambda folder: folder.name)
def test_a_town_is_a_few_files_and_its_only_python_is_one_module_and_the_test(folder: Path) -> None:
    made = {"__pycache__", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
    files = [each for each in folder.rglob("*") if each.is_file() and not made.intersection(each.parts)]
    assert len(files) <= TOWN_FILES, files
    python = [each.relative_to(folder).as_posix() for each in files if each.suffix == ".py"]
    assert len([name for name in python if name.startswith("src/")]) == 1, python


def test_constraints_are_exact_versions_each_once() -> None:
    lines = pin_lines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert len(pins()) == len(lines)


def test_every_declared_dependency_is_pinned_to_a_version_that_its_declaration_allows() -> None:
    known = pins() | own_versions()
    wrong = [
        f"{file}: {requirement}: {known.get(canonicalize_name(requirement.name), 'not pinned')}"
        for file, requirements in declared().items()
        for requirement in requirements
        if not requirement.specifier.contains(known.get(canonicalize_name(requirement.name), Version("0.dev0")))
    ]
    assert wrong == []


def test_what_a_pinned_package_needs_is_pinned_as_well() -> None:
    known = pins()
    wrong = []
    for name in known:
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:  # of another session: nothing here can say what it needs
            continue
        for need in needs:
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                pinned = known.get(canonicalize_name(need.name))
                if pinned is None or not need.specifier.contains(pinned, prereleases=True):
                    wrong.append(f"{name} needs {need}, pinned: {pinned}")
    assert wrong == []


def test_the_versions_that_are_tested_are_the_pinned_ones() -> None:
    needed = {canonicalize_name(each.name) for file in declared().values() for each in file} & set(pins())
    here = {}
    for name in sorted(needed):
        try:
            here[name] = Version(version(name))
        except PackageNotFoundError:  # a tool of another session
            continue
    assert here == {name: pins()[name] for name in here}


@pytest.mark.parametrize(
    "file", [ROOT / "constraints.txt", *SETTINGS], ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_no_address_is_written_where_versions_are(file: Path) -> None:
    text = file.read_text("utf-8").lower()
    assert [
        word for word in ("http", "://", "git+", "index-url", "find-links", "--hash", "sha256") if word in text
    ] == []
