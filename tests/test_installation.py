"""Towns come and go: installing, replacing and removing one gives a clear line, and never touches another town.

The towns here are copies of Qinghe's data under other names, in a folder of installed distributions beside this one's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from core.tests.fakes import Site

ROOT: Final = Path(__file__).parents[1]
QINGHE: Final = ROOT / "towns" / "qinghe" / "src" / "jifen_town_qinghe"
SHIM: Final = """
    from jifen import Town, hookimpl

    @hookimpl
    def jifen_towns():
        return (Town.of(__name__),)
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "site"
    folder.mkdir()
    return Site(folder)


def install(site: Site, town: str, version: str = "1.0", *, requires: str = "jifen>=0.1", api: int = 1) -> None:
    """Installs Qinghe's rules as another town's package, in place of an earlier version."""
    module, distribution = f"jifen_town_{town}", f"jifen-town-{town}"
    uninstall(site, town)
    files = {name: (QINGHE / name).read_text("utf-8") for name in ("rules.toml", "cases.toml", "town.toml")}
    files["town.toml"] = files["town.toml"].replace('"qinghe"', f'"{town}"').replace("api = 1", f"api = {api}")
    files["rules.toml"] = files["rules.toml"].replace("qinghe-2025", f"{town}-2025")
    site.add(distribution, SHIM, entry=town, module=module, version=version, requires=(requires,), files=files)


def uninstall(site: Site, town: str) -> None:
    """Takes the package and its metadata away, as an installer does."""
    for path in (site.folder / f"jifen_town_{town}", *site.folder.glob(f"jifen_town_{town}-*.dist-info")):
        shutil.rmtree(path, ignore_errors=True)


def jifen(site: Site, *command: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    """Runs the program with the site first on its path."""
    env = {**os.environ, "PYTHONPATH": str(site.folder), "JIFEN_LANG": language, "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "jifen", *command],
        env=env,
        cwd=site.folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def plugins(site: Site) -> dict[str, dict[str, Any]]:
    """What `jifen plugins` says, by entry point."""
    return {each["entry"]: each for each in json.loads(jifen(site, "plugins", "--json").stdout)}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Invented data of Qinghe, and the bytes of its settlement when no other town is there."""
    folder = tmp_path_factory.mktemp("qinghe")
    empty = Site(folder / "site")
    empty.folder.mkdir()
    asked = ("demo", "data", "--town", "qinghe", "--villages", "1", "--households", "20", "--format", "parquet")
    assert jifen(empty, *asked).returncode == 0
    return folder / "data", settled(empty, folder / "data", folder / "out")


def settled(site: Site, data: Path, out: Path) -> dict[str, bytes]:
    """The frames of Qinghe's settlement."""
    done = jifen(site, "settle", "--town", "qinghe", "--data", str(data), "--period", "2025", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return {file.name: file.read_bytes() for file in sorted(out.glob("*.parquet"))}


def test_a_town_that_is_uninstalled_is_gone_and_the_others_settle_as_before(
    site: Site, before: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    install(site, "reed")
    assert plugins(site)["reed"]["status"] == "ok"
    uninstall(site, "reed")
    assert "reed" not in plugins(site)
    asked = jifen(site, "settle", "--town", "reed", "--data", str(before[0]), "--period", "2025")
    assert asked.returncode == 1
    assert "reed" in asked.stderr
    assert "qinghe" in asked.stderr
    assert settled(site, before[0], tmp_path / "out") == before[1]


def test_a_town_whose_package_was_half_removed_is_named_with_the_reason(site: Site) -> None:
    install(site, "reed")
    shutil.rmtree(site.folder / "jifen_town_reed")
    shown = jifen(site, "plugins")
    assert shown.returncode == 1
    line = next(line for line in shown.stdout.splitlines() if line.startswith("jifen-town-reed 1.0:"))
    assert "jifen_town_reed" in line


def test_of_two_versions_one_after_the_other_the_later_is_there_once(site: Site) -> None:
    install(site, "reed", "1.0")
    install(site, "reed", "2.0")
    found = [each for each in json.loads(jifen(site, "plugins", "--json").stdout) if each["entry"] == "reed"]
    assert [(each["version"], each["status"]) for each in found] == [("2.0", "ok")]


def test_what_an_older_version_left_behind_is_not_a_second_town(site: Site) -> None:
    install(site, "reed", "1.0")
    left = next(site.folder.glob("jifen_town_reed-1.0.dist-info"))
    kept = site.folder.parent / left.name
    shutil.copytree(left, kept)
    install(site, "reed", "2.0")
    shutil.move(kept, left)
    found = [each for each in json.loads(jifen(site, "plugins", "--json").stdout) if each["entry"] == "reed"]
    assert len(found) == 1
    assert found[0]["status"] == "ok"


def test_two_towns_with_the_same_item_codes_do_not_meet(
    site: Site, before: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    install(site, "reed")
    assert {plugins(site)[town]["status"] for town in ("reed", "qinghe")} == {"ok"}
    asked = ("--data", str(before[0]), "--period", "2025", "--out", str(tmp_path / "reed"))
    assert jifen(site, "settle", "--town", "reed", *asked).returncode == 0
    assert settled(site, before[0], tmp_path / "out") == before[1]


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({"requires": "jifen>=9"}, "jifen>=9", "jifen>=9"),
        ({"api": 9}, "9", "9"),
    ],
    ids=["a newer core", "a higher level of the hooks"],
)
def test_a_town_that_needs_a_newer_core_says_so_and_stops_nobody(
    site: Site,
    changes: dict[str, Any],
    english: str,
    chinese: str,
    before: tuple[Path, dict[str, bytes]],
    tmp_path: Path,
) -> None:
    install(site, "reed", **changes)
    for language, words in (("en", english), ("zh_CN", chinese)):
        shown = jifen(site, "plugins", language=language)
        assert shown.returncode == 1
        line = next(line for line in shown.stdout.splitlines() if line.startswith("jifen-town-reed 1.0:"))
        assert words in line
    asked = jifen(site, "settle", "--town", "reed", "--data", str(before[0]), "--period", "2025")
    assert asked.returncode == 1
    assert english in asked.stderr
    assert settled(site, before[0], tmp_path / "out") == before[1]
