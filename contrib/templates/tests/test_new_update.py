"""An update refreshes what belongs to the template, never what its users wrote, and says what it did."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import tomli
from jifen.problems import Refused
from jifen_new.answers import FILE
from jifen_new.updating import WRITTEN, Fate, Updated, update

from contrib.templates.tests.made_folders import BOTH, CATEGORY, TOWN, committed, files, later, made, package

if TYPE_CHECKING:
    from pathlib import Path

    from jifen_new.naming import Project

SHIM = "src/jifen_town_lian_hua/__init__.py"
TEST = "tests/test_lian_hua.py"

each_project = pytest.mark.parametrize("project", BOTH, ids=lambda project: project.kind)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return made(TOWN, tmp_path / "town", title="莲花镇")


def fates(done: Updated) -> dict[str, Fate]:
    return {step.path: step.fate for step in done.steps}


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_a_towns_own_data_is_kept_and_the_shim_and_the_test_are_refreshed(town: Path, tmp_path: Path) -> None:
    rules = package(town) / "rules.toml"
    rules.write_text(rules.read_text("utf-8").replace("points = 0.6", "points = 0.7"), "utf-8")
    committed(town)
    before = files(town)
    done = update(town, later(tmp_path))
    after = files(town)
    assert {path for path in after if after[path] != before[path]} == {SHIM, TEST, "pyproject.toml", FILE}
    assert after[SHIM] == before[SHIM] + "# later\n"
    assert done.in_git
    assert {path for path, fate in fates(done).items() if fate is Fate.OWN} == {
        "README.md",
        *(f"src/jifen_town_lian_hua/{name}.toml" for name in ("cases", "rules", "town")),
    }


@each_project
def test_an_update_by_the_same_template_changes_nothing(project: Project, tmp_path: Path) -> None:
    folder = made(project, tmp_path / "made")
    before = files(folder)
    assert not WRITTEN & set(fates(update(folder)).values())
    assert files(folder) == before


def test_a_second_update_by_the_later_template_changes_nothing_more(town: Path, tmp_path: Path) -> None:
    templates = later(tmp_path)
    update(town, templates)
    before = files(town)
    assert not WRITTEN & set(fates(update(town, templates)).values())
    assert files(town) == before


def test_an_update_works_without_git_and_says_so(town: Path, tmp_path: Path) -> None:
    done = update(town, later(tmp_path))
    assert not done.in_git
    assert fates(done)[SHIM] is Fate.REFRESHED


def test_answers_are_remembered(tmp_path: Path) -> None:
    folder = made(TOWN, tmp_path / "town", title="莲花镇", year=2031)
    (package(folder) / "rules.toml").unlink()
    (folder / SHIM).unlink()
    (folder / FILE).write_text((folder / FILE).read_text("utf-8").split("_files:")[0], "utf-8")
    update(folder)
    assert "莲花镇" in (folder / SHIM).read_text("utf-8")
    assert not (package(folder) / "rules.toml").exists(), "what people took away of their own is not made again"


def test_only_the_build_parts_of_pyproject_are_refreshed(town: Path, tmp_path: Path) -> None:
    path = town / "pyproject.toml"
    text = path.read_text("utf-8").replace('version = "0.1.0"', 'version = "3.0.0"  # of 2030')
    path.write_text(text.replace("dependencies = [\n", 'dependencies = [\n    "jifen-waste-sorting>=0.1",\n'), "utf-8")
    (step,) = (step for step in update(town, later(tmp_path)).steps if step.path == "pyproject.toml")
    assert step.changed == ("build-system", "project.dependencies")
    settings = tomli.loads(path.read_text("utf-8"))
    assert settings["build-system"]["requires"] == ["hatchling>=1.30"]
    assert settings["project"]["version"] == "3.0.0"
    assert settings["project"]["dependencies"] == [
        "jifen-waste-sorting>=0.1",
        "jifen>=0.1.5,<0.3",
        "jifen-pudong>=0.1,<0.2",
    ]
    assert "# of 2030" in path.read_text("utf-8")


def test_what_a_pyproject_has_lost_of_the_build_comes_back(tmp_path: Path) -> None:
    folder = made(CATEGORY, tmp_path / "made", owner="莲花社区")
    whole = tomli.loads((folder / "pyproject.toml").read_text("utf-8"))
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.jifen]\nowner = "y"\n', "utf-8")
    update(folder)
    settings = tomli.loads((folder / "pyproject.toml").read_text("utf-8"))
    for key in ("build-system", "dependency-groups"):
        assert settings[key] == whole[key]
    assert settings["tool"]["hatch"] == whole["tool"]["hatch"]
    assert (settings["project"]["name"], settings["tool"]["jifen"]) == ("x", {"owner": "y"})
    assert settings["project"]["dependencies"] == whole["project"]["dependencies"]


def test_a_file_of_the_template_that_someone_changed_is_left_and_told(town: Path, tmp_path: Path) -> None:
    mine = (town / SHIM).read_text("utf-8") + "\n# our own village score\n"
    (town / SHIM).write_text(mine, "utf-8")
    done = update(town, later(tmp_path))
    assert fates(done)[SHIM] is Fate.CHANGED_BY_HAND
    assert (town / SHIM).read_text("utf-8") == mine
    assert fates(update(town, later(tmp_path / "again")))[SHIM] is Fate.CHANGED_BY_HAND


def test_a_file_that_was_saved_in_another_encoding_is_left(town: Path, tmp_path: Path) -> None:
    (town / SHIM).write_bytes("# 莲花镇\n".encode("gb18030"))
    assert fates(update(town, later(tmp_path)))[SHIM] is Fate.CHANGED_BY_HAND


def test_a_file_of_the_template_that_someone_removed_is_not_made_again(town: Path, tmp_path: Path) -> None:
    (town / TEST).unlink()
    assert fates(update(town, later(tmp_path)))[TEST] is Fate.REMOVED_BY_HAND
    assert not (town / TEST).exists()


def test_a_file_that_the_later_template_adds_is_added(town: Path, tmp_path: Path) -> None:
    templates = later(tmp_path)
    (templates / "town" / "src" / "{{package}}" / "py.typed").write_text("", "utf-8")
    assert fates(update(town, templates))["src/jifen_town_lian_hua/py.typed"] is Fate.ADDED
    assert (package(town) / "py.typed").is_file()


def test_line_endings_are_no_change(town: Path, tmp_path: Path) -> None:
    text = (town / SHIM).read_text("utf-8")
    (town / SHIM).write_text(text, "utf-8", newline="\r\n")
    assert fates(update(town))[SHIM] is Fate.SAME
    assert fates(update(town, later(tmp_path)))[SHIM] is Fate.REFRESHED


@pytest.mark.parametrize("path", [SHIM, "notes.txt"], ids=["changed", "new"])
def test_a_folder_with_uncommitted_changes_is_refused_and_stays(town: Path, path: str, tmp_path: Path) -> None:
    committed(town)
    (town / path).write_text("# mine\n", "utf-8")
    before = files(town)
    with pytest.raises(Refused) as refused:
        update(town, later(tmp_path))
    assert codes(refused) == ["new.uncommitted"]
    assert path in str(refused.value)
    assert files(town) == before


def test_changes_elsewhere_in_the_repository_do_not_matter(tmp_path: Path) -> None:
    folder = made(TOWN, tmp_path / "repository" / "towns" / "lian-hua")
    committed(tmp_path / "repository")
    (tmp_path / "repository" / "notes.txt").write_text("", "utf-8")
    assert update(folder, later(tmp_path)).in_git


def test_a_folder_that_git_ignores_is_updated_as_one_without_git(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / ".gitignore").write_text("out/\n", "utf-8")
    committed(tmp_path / "repository")
    folder = made(TOWN, tmp_path / "repository" / "out" / "lian-hua")
    assert not update(folder, later(tmp_path)).in_git


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (": {", "new.answers-unreadable"),
        ("title: 莲花镇\n", "new.answers-wrong"),
        ("_template: town\n_name: ../x\n", "new.answers-wrong"),
        ("_template: town\n_name: x\nyear: 2027.5\n", "new.answers-wrong"),
        ("_template: town\n_name: x\nyear: 1066\n", "new.answer-wrong"),
    ],
)
def test_answers_that_do_not_hold_are_refused(town: Path, answers: str, code: str) -> None:
    (town / FILE).write_text(answers, "utf-8")
    before = files(town)
    with pytest.raises(Refused) as refused:
        update(town)
    assert codes(refused) == [code]
    assert FILE in str(refused.value)
    assert files(town) == before


def test_a_pyproject_that_is_no_toml_is_refused_with_its_line_and_nothing_is_written(
    town: Path, tmp_path: Path
) -> None:
    (town / "pyproject.toml").write_text("[project]\nname =\n", "utf-8")
    before = files(town)
    with pytest.raises(Refused) as refused:
        update(town, later(tmp_path))
    assert "pyproject.toml:2" in str(refused.value)
    assert files(town) == before


def test_a_folder_that_was_not_made_here_is_refused(town: Path, tmp_path: Path) -> None:
    (town / FILE).unlink()
    with pytest.raises(Refused) as refused:
        update(town)
    assert codes(refused) == ["new.no-answers"]
    shutil.rmtree(town)
    with pytest.raises(Refused) as refused:
        update(town)
    assert codes(refused) == ["new.no-folder"]
