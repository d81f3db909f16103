"""Towns come and go: installing, replacing and removing one gives a clear line, and never touches another town.

The towns here are built as wheels and installed by a real installer into an environment of their own, beside
this repository's distributions. Their rules are Qinghe's under other names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from hatchling.builders.wheel import WheelBuilder
from jifen import __version__

QINGHE: Final = Path(__file__).parents[1] / "towns" / "qinghe"
TIDY: Final = "points = -5\neach = 1\n"
"""What the item A01 takes in Qinghe; reed, which has the same codes, takes another number of points."""


@frozen
class Package:
    """A town's package to be built: reed, osier … have what Qinghe has but for what is said here."""

    town: str
    version: str = "1.0"
    requires: str = "jifen>=0.1"
    api: int = 1
    tidy: str = TIDY

    def wheel(self, folder: Path) -> Path:
        """Builds it as its town would."""
        project = folder / f"{self.town}-{self.version}"
        shutil.copytree(QINGHE, project, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        package = (project / "src" / "jifen_town_qinghe").rename(project / "src" / f"jifen_town_{self.town}")
        for file, changes in {
            project / "pyproject.toml": {"0.1.0": self.version, "jifen>=0.1,<0.2": self.requires, "qinghe": self.town},
            package / "town.toml": {"qinghe": self.town, "api = 1": f"api = {self.api}"},
            package / "rules.toml": {"qinghe-2025": f"{self.town}-2025", TIDY: self.tidy},
        }.items():
            text = file.read_text("utf-8")
            for old, new in changes.items():
                assert old in text
                text = text.replace(old, new)
            file.write_text(text, "utf-8")
        return Path(next(WheelBuilder(str(project)).build(directory=str(folder), versions=["standard"])))


@frozen
class Environment:
    """An environment as an office has it: what is installed into it comes on top of what runs this test."""

    folder: Path
    language: str = "en"

    @classmethod
    def make(cls, folder: Path) -> Environment:
        venv.create(folder, symlinks=os.name != "nt")
        made = cls(folder)
        here = {sysconfig.get_path(scheme) for scheme in ("purelib", "platlib")}
        lines = ["import site", *(f"site.addsitedir({path!r})" for path in sorted(here))]
        (made.packages / "this_test.pth").write_text("; ".join(lines), "utf-8")
        return made

    def path(self, scheme: str) -> Path:
        return Path(sysconfig.get_path(scheme, "venv", {"base": str(self.folder), "platbase": str(self.folder)}))

    @property
    def packages(self) -> Path:
        return self.path("purelib")

    @property
    def python(self) -> str:
        return str(self.path("scripts") / "python")

    def install(self, *wheels: Path) -> None:
        self._installer("install", "--no-deps", "--no-index", *map(str, wheels))

    def uninstall(self, town: str) -> None:
        self._installer("uninstall", *(["-y"] if find_spec("pip") else []), f"jifen-town-{town}")

    def _installer(self, command: str, *arguments: str) -> None:
        if find_spec("pip"):
            own = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", self.python, command]
        else:
            own = [str(shutil.which("uv")), "pip", command, "-q", "--python", self.python]
        subprocess.run([*own, *arguments], check=True, capture_output=True, timeout=120)

    def jifen(self, *command: str) -> subprocess.CompletedProcess[str]:
        world = {**os.environ, "JIFEN_LANG": self.language, "PYTHONUTF8": "1"}
        return subprocess.run(
            [self.python, "-m", "jifen", *command],
            env=world,
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    def settled(self, town: str, name: str) -> dict[str, bytes]:
        """Every file of a town's settlement, by name, and its bytes."""
        done = self.jifen("settle", "--town", town, "--data", "data", "--period", "2025", "--out", name)
        assert done.returncode == 0, done.stdout + done.stderr
        return {file.name: file.read_bytes() for file in sorted((self.folder / name).iterdir())}

    def listed(self) -> list[str]:
        """The lines of `jifen plugins` about the towns of this test."""
        shown = self.jifen("plugins")
        assert "Traceback" not in shown.stderr
        return [line for line in shown.stdout.splitlines() if "jifen-town-" in line]


@frozen
class Afterwards:
    """The environment after everything was done to it, and what was seen on the way."""

    environment: Environment
    qinghe: dict[str, bytes]
    """Qinghe's settlement before there was any other town."""
    at_first: list[str]
    """The list of plugins before one was replaced and one removed."""
    english: list[str]
    chinese: list[str]


@pytest.fixture(scope="module")
def afterwards(tmp_path_factory: pytest.TempPathFactory) -> Afterwards:
    """Everything is done to towns other than Qinghe.

    Reed and alder are replaced by later versions, but alder's older record is left behind; osier is uninstalled;
    willow's files are deleted by hand; sedge and rush are made for a later core.
    """
    built = tmp_path_factory.mktemp("wheels")
    place = Environment.make(tmp_path_factory.mktemp("environment"))
    made = place.jifen(
        "demo", "data", "--town", "qinghe", "--villages", "1", "--households", "20", "--format", "parquet"
    )
    assert made.returncode == 0, made.stderr
    qinghe = place.settled("qinghe", "qinghe-before")
    first = [Package("reed"), Package("alder"), Package("osier"), Package("willow")]
    place.install(*(each.wheel(built) for each in first))
    at_first = place.listed()
    record = place.packages / "jifen_town_alder-1.0.dist-info"
    shutil.copytree(record, built / "record")
    later = [
        Package("reed", "2.0", tidy=TIDY.replace("5", "7")),
        Package("alder", "2.0"),
        Package("sedge", requires="jifen>=9"),
        Package("rush", api=9),
    ]
    place.install(*(each.wheel(built) for each in later))
    shutil.copytree(built / "record", record)
    place.uninstall("osier")
    shutil.rmtree(place.packages / "jifen_town_willow")
    return Afterwards(place, qinghe, at_first, place.listed(), evolve(place, language="zh_CN").listed())


def about(lines: list[str], town: str) -> list[list[str]]:
    """The rows of the table and the lines below it that are about one town, in words."""
    return [line.split() for line in lines if f"jifen-town-{town} " in line]


def reason(lines: list[str], town: str, version: str) -> str:
    """What the one line below the table says about a town."""
    start = f"jifen-town-{town} {version}: "
    (found,) = (line.removeprefix(start) for line in lines if line.startswith(start))
    return found


def test_whatever_is_done_to_other_towns_a_town_settles_to_the_same_bytes(afterwards: Afterwards) -> None:
    assert afterwards.environment.settled("qinghe", "qinghe-after") == afterwards.qinghe


def test_a_town_that_is_uninstalled_is_gone_from_the_list(afterwards: Afterwards) -> None:
    assert about(afterwards.at_first, "osier") == [["osier", "jifen-town-osier", "1.0", "works", "osier"]]
    assert about(afterwards.english, "osier") == about(afterwards.chinese, "osier") == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "there is no town 'osier'; known are: "), ("zh_CN", "没有镇“osier”；现有：")],
)
def test_who_asks_for_a_town_that_is_uninstalled_is_told_which_ones_there_are(
    afterwards: Afterwards, language: str, words: str
) -> None:
    place = evolve(afterwards.environment, language=language)

    asked = place.jifen("settle", "--town", "osier", "--data", "data", "--period", "2025", "--out", "osier")

    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr
    said = asked.stdout + asked.stderr
    assert words in said
    assert "qinghe" in said.partition(words)[2]
    assert not (place.folder / "osier").exists()


def test_a_later_version_takes_the_place_of_the_earlier_one(afterwards: Afterwards) -> None:
    assert about(afterwards.at_first, "reed") == [["reed", "jifen-town-reed", "1.0", "works", "reed"]]
    assert about(afterwards.english, "reed") == [["reed", "jifen-town-reed", "2.0", "works", "reed"]]
    assert about(afterwards.chinese, "reed") == [["reed", "jifen-town-reed", "2.0", "正常", "reed"]]


def test_a_version_that_left_its_record_behind_is_named_beside_the_later_one(afterwards: Afterwards) -> None:
    where = f"{afterwards.environment.packages}: "

    assert reason(afterwards.english, "alder", "?") == where + (
        "several versions are recorded here as installed: 1.0, 2.0; which of them the files are of cannot be told; "
        "uninstall the distribution until no record of it is left, then install it again"
    )
    assert reason(afterwards.chinese, "alder", "?") == where + (
        "这里留有几个版本的安装记录：1.0、2.0，看不出装的是哪一版，所以不启用；请反复卸载，直到没有记录，再重新安装"
    )


def test_two_towns_with_the_same_item_codes_settle_each_by_its_own_rules(afterwards: Afterwards) -> None:
    reed = afterwards.environment.settled("reed", "reed")

    made_with: dict[str, Any] = json.loads(reed["settlement.json"])
    assert made_with["town"] == "reed"
    assert made_with["versions"]["jifen-town-reed"] == "2.0"
    assert reed.keys() == afterwards.qinghe.keys()
    assert reed["awards.parquet"] != afterwards.qinghe["awards.parquet"]


def test_a_town_that_needs_a_newer_core_says_which(afterwards: Afterwards) -> None:
    assert reason(afterwards.english, "sedge", "1.0") == (
        f"needs jifen>=9, but jifen {__version__} is installed; install versions that fit each other"
    )
    assert reason(afterwards.chinese, "sedge", "1.0") == (
        f"这个插件需要 jifen>=9，现在安装的是 jifen {__version__}；请安装相配的版本"
    )


def test_a_town_for_later_hooks_says_which_its_manifest_states(afterwards: Afterwards) -> None:
    where = f"{afterwards.environment.packages / 'jifen_town_rush' / 'town.toml'}: api: "

    assert reason(afterwards.english, "rush", "1.0") == where + (
        "the manifest says api 9, but this program knows 1 to 1; correct the manifest or install a version that fits"
    )
    assert reason(afterwards.chinese, "rush", "1.0") == where + (
        "清单写的 api 是 9，本程序支持 1 到 1；请改正清单，或安装相配的版本"
    )


def test_a_town_whose_files_were_deleted_by_hand_is_named_with_the_reason(afterwards: Afterwards) -> None:
    missing = "ModuleNotFoundError: No module named 'jifen_town_willow'"

    assert reason(afterwards.english, "willow", "1.0") == f"module jifen_town_willow cannot be imported ({missing})"
    assert reason(afterwards.chinese, "willow", "1.0") == f"模块 jifen_town_willow 无法载入（{missing}）"
