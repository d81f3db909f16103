"""What `jifen new` makes is right as it is made: few files, clean style, rules that hold, cases that come out."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import tomli
from jifen.cases import run_cases
from jifen.categories import read_categories
from jifen.manifest import read_manifest
from jifen.model import RuleBook, Status
from jifen.offers import Category, Town
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen_new.naming import LONGEST_TITLE

from contrib.templates.tests.made_folders import BOTH, CATEGORY, TOWN, files, made, package

if TYPE_CHECKING:
    from jifen_new.naming import Project

SETTINGS: Final = Path(__file__).parents[3] / "pyproject.toml"
MOST_FILES: Final = 8
MOST_LINES: Final = 4
MOST_ITEMS: Final = 20

each_project = pytest.mark.parametrize("project", BOTH, ids=lambda project: project.kind)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(TOWN, tmp_path_factory.mktemp("made") / "town", title="莲花镇", year=2028)


@pytest.fixture(scope="module")
def book(town: Path, registry: Registry) -> RuleBook:
    return read_book(package(town) / "rules.toml", registry)


@each_project
def test_a_new_folder_has_eight_files_at_most_and_nothing_is_left_to_fill_in(project: Project, tmp_path: Path) -> None:
    texts = files(made(project, tmp_path / "made"))
    assert len(texts) <= MOST_FILES
    assert [path for path, text in texts.items() if any(mark in path + text for mark in ("{{", "{%", "_copier"))] == []


@each_project
def test_a_new_folder_opts_in_to_all_checks_in_four_lines_at_most(project: Project, tmp_path: Path) -> None:
    folder = made(project, tmp_path / "made")
    (test,) = (folder / "tests").iterdir()
    assert test.name == f"test_{project.module}.py"
    assert len(test.read_text("utf-8").splitlines()) <= MOST_LINES
    assert f'conformance_tests("{project.name}")' in test.read_text("utf-8")


@each_project
@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_a_new_folder_has_the_style_of_the_repository(project: Project, command: list[str], tmp_path: Path) -> None:
    folder = made(project, tmp_path / "made", title="长" * LONGEST_TITLE, english="M" * LONGEST_TITLE)
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(SETTINGS), "."]
    done = subprocess.run(ruff, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@each_project
def test_a_new_distribution_is_named_registered_and_kept_to_this_core(project: Project, tmp_path: Path) -> None:
    settings = tomli.loads((made(project, tmp_path / "made") / "pyproject.toml").read_text("utf-8"))
    assert settings["project"]["name"] == project.distribution
    assert settings["project"]["entry-points"] == {"jifen": {project.name: project.package}}
    assert "jifen>=0.1,<0.2" in settings["project"]["dependencies"]
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": [f"src/{project.package}"]}


def test_a_new_category_says_who_keeps_it_and_that_it_is_incubating(tmp_path: Path) -> None:
    text = (made(CATEGORY, tmp_path / "made", owner="莲花社区") / "pyproject.toml").read_text("utf-8")
    assert tomli.loads(text)["tool"]["jifen"] == {"owner": "莲花社区", "status": "incubating"}


def test_a_new_towns_rules_hold_in_the_year_and_are_a_draft_in_every_item(book: RuleBook) -> None:
    assert (book.valid_from.isoformat(), book.valid_to.isoformat()) == ("2028-01-01", "2028-12-31")
    assert book.approval is None
    assert book.marked is Status.DRAFT, "an item of the baseline is neither restated nor off"
    assert len(book.items) <= MOST_ITEMS
    assert all("示例" in item.clause for item in book.items)


def test_a_new_towns_cases_come_out_and_every_item_and_shared_limit_is_in_one(
    town: Path, book: RuleBook, registry: Registry
) -> None:
    path = package(town) / "cases.toml"
    assert run_cases([book], path, registry) == []
    cases = tomli.loads(path.read_text("utf-8"))["cases"]
    shown = {
        row["item"] for case in cases for row in (*case.get("deeds", ()), *case.get("expect", ())) if "item" in row
    }
    assert shown == {item.code for item in book.items}
    assert {limit.clause for limit in book.limits} <= {case["clause"] for case in cases}


def test_a_new_towns_cases_notice_a_changed_value(town: Path, registry: Registry, tmp_path: Path) -> None:
    rules = (package(town) / "rules.toml").read_text("utf-8").replace("points = 0.6", "points = 0.7")
    (tmp_path / "rules.toml").write_text(rules, "utf-8")
    book = read_book(tmp_path / "rules.toml", registry)
    assert [each.code for each in run_cases([book], package(town) / "cases.toml", registry)] == [
        "cases.wrong-points"
    ] * 2


def test_a_new_towns_manifest_names_its_files(town: Path) -> None:
    found = read_manifest(package(town))
    assert (found.name, found.title["zh_CN"], found.rules, found.cases) == (
        "lian-hua",
        "莲花镇",
        ("rules.toml",),
        "cases.toml",
    )


def test_the_shim_of_a_new_town_offers_the_town(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(town / "src")
    (offer,) = import_module(TOWN.package).jifen_towns()
    assert isinstance(offer, Town)
    assert offer.folder == package(town)


def test_the_shim_of_a_new_category_offers_its_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(CATEGORY, tmp_path / "made")
    monkeypatch.syspath_prepend(folder / "src")
    (offer,) = import_module(CATEGORY.package).jifen_categories()
    assert isinstance(offer, Category)
    assert offer.name == "water-saving.main"
    assert (offer,) == read_categories(package(folder) / "items.toml")
    assert {item.status for item in offer.items} == {Status.SAMPLE}
    assert all(set(item.name) == set(item.note) == {"zh_CN", "en"} for item in offer.items)


def test_the_codes_of_a_new_category_are_none_of_the_baselines(tmp_path: Path, registry: Registry) -> None:
    (ours,) = read_categories(package(made(CATEGORY, tmp_path / "made")) / "items.toml")
    baseline = {item.code for each in registry.categories if each.name.startswith("pudong.") for item in each.items}
    assert baseline
    assert not baseline & {item.code for item in ours.items}
