"""A broken plugin is named with its reason, and harms only itself and the towns that need it: with really installed ones.

All faults are installed side by side, into one folder that is put in front of the path of the program's own process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import jifen
import pytest

from core.tests.fakes import GOOD, Site

if TYPE_CHECKING:
    from pathlib import Path

HOOK = "from jifen import Category, Command, Town, hookimpl\n\n"
CATEGORIES = HOOK + "@hookimpl\ndef jifen_categories({argument}):\n    return [{offer}]\n"
TIDY = "Category('{}.tidy', {{'zh_CN': '整洁', 'en': 'tidy'}})"
SHARED = HOOK + "@hookimpl\ndef jifen_commands():\n    return [Command('weigh', 'help', 'x:y')]\n"

MODULES = {
    "import-error": "import not_there\n",
    "syntax-error": "def (:\n",
    "exit": "raise SystemExit(3)\n",
    "raises": CATEGORIES.format(argument="", offer="1 / 0"),
    "wrong-type": CATEGORIES.format(argument="", offer="'raked leaves'"),
    "extra-argument": CATEGORIES.format(argument="book", offer=TIDY.format("extra-argument")),
    "misspelled": HOOK + "@hookimpl\ndef jifen_catgories():\n    return []\n",
    "no-marker": HOOK + "def jifen_towns():\n    return []\n",
    "left": SHARED,
    "right": SHARED,
    "old-core": CATEGORIES.format(argument="", offer=TIDY.format("old-core")),
}
"""Entry-point name, which is also that of the distribution, to the source of its module."""

BOTH = "由这几个发行包提供：jifen-left 1.0、jifen-right 1.0；都不采用，请卸载其中一个"
REASONS = {
    "import-error": "fake_jifen_import_error.py:1: 模块 fake_jifen_import_error 无法载入"
    "（ModuleNotFoundError: No module named 'not_there'）",
    "syntax-error": "fake_jifen_syntax_error.py:1: 模块 fake_jifen_syntax_error 无法载入（SyntaxError: invalid syntax）",
    "exit": "fake_jifen_exit.py:1: 模块 fake_jifen_exit 无法载入（SystemExit: 3）",
    "raises": "fake_jifen_raises.py:5: 调用钩子 jifen_categories 时出错（ZeroDivisionError: division by zero）",
    "wrong-type": "钩子 jifen_categories 返回的第 1 项是 str；应为 Category",
    "extra-argument": "钩子的参数不对：写的是 jifen_categories(book)，应为 jifen_categories() -> Sequence[Category]",
    "misspelled": "没有 jifen_catgories 这个钩子；最接近的是 jifen_categories() -> Sequence[Category]",
    "no-marker": "函数 jifen_towns 没有加 @hookimpl 标记，不会被调用；"
    "请加上 @jifen.hookimpl，写成 jifen_towns() -> Sequence[Town]",
    "left": f"命令“weigh”同时{BOTH}",
    "right": f"命令“weigh”同时{BOTH}",
    "old-core": f"这个插件需要 jifen>=99，现在安装的是 jifen {jifen.__version__}；请安装相配的版本",
    "later-api": "fake_jifen_later_api/town.toml: api: 清单写的 api 是 99，本程序支持 1 到 1；"
    "请改正清单，或安装相配的版本",
    "same": "入口名“same”同时被这几个发行包使用：jifen-same-one 1.0、jifen-same-two 1.0；两边都不启用，请卸载其中一个",
    "built": "built_plugin/__init__.py:5: 调用钩子 jifen_towns 时出错（RuntimeError: no town today）",
}

PROJECT = """
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "jifen-built"
    version = "0.3"
    dependencies = ["jifen"]

    [project.entry-points.jifen]
    built = "built_plugin"

    [tool.hatch.build.targets.wheel]
    packages = ["src/built_plugin"]
"""


def build_and_install(project: Path, folder: Path) -> None:
    """Have an installer build the project's wheel and install it into the folder, without a network."""
    own = [sys.executable, "-m", "pip"] if find_spec("pip") else [str(shutil.which("uv")), "pip"]
    where = ["--target", str(folder), *([] if find_spec("pip") else ["--python", sys.executable])]
    command = [*own, "install", "-q", "--no-deps", "--no-build-isolation", *where, str(project)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one good distribution and one for every fault."""
    folder = tmp_path_factory.mktemp("installed")
    project = tmp_path_factory.mktemp("project")
    (project / "src" / "built_plugin").mkdir(parents=True)
    (project / "pyproject.toml").write_text(dedent(PROJECT), "utf-8")
    source = "from jifen import hookimpl\n\n@hookimpl\ndef jifen_towns():\n    raise RuntimeError('no town today')\n"
    (project / "src" / "built_plugin" / "__init__.py").write_text(source, "utf-8")
    build_and_install(project, folder)
    site = Site(folder)
    site.add("jifen-good", GOOD)
    for entry, module in MODULES.items():
        site.add(f"jifen-{entry}", module, requires=("jifen>=99",) if entry == "old-core" else ("jifen",))
    site.add("jifen-later-api", "raise AssertionError", files={"town.toml": 'name = "later"\napi = 99\n'})
    for name in ("one", "two"):
        site.add(f"jifen-same-{name}", GOOD, entry="same")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, in a process of its own, with the folder's distributions installed beside the real ones."""
    world = {key: value for key, value in os.environ.items() if key != "JIFEN_LANG"}
    world |= {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "jifen", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, encoding="utf-8", env=world, timeout=120
    )


@pytest.fixture(scope="module")
def listed(installed: Path) -> list[dict[str, Any]]:
    """What `jifen plugins --json` prints where all faults are installed."""
    done = run(installed, "plugins", "--json")
    assert "Traceback" not in done.stderr
    plugins: list[dict[str, Any]] = json.loads(done.stdout)
    return plugins


@pytest.mark.parametrize("entry", REASONS)
def test_a_broken_plugin_is_listed_with_its_distribution_and_its_reason_in_exact_words(
    installed: Path, listed: list[dict[str, Any]], entry: str
) -> None:
    found = [plugin for plugin in listed if plugin["entry"] == entry]

    assert len(found) == (2 if entry == "same" else 1)
    for plugin in found:
        assert plugin["status"] == "failed"
        assert plugin["distribution"].startswith(f"jifen-{entry}")
        assert plugin["version"] == ("0.3" if entry == "built" else "1.0")
        words = [problem["message"].replace(f"{installed}/", "") for problem in plugin["problems"]]
        assert words == [REASONS[entry]]


def test_what_is_not_broken_is_listed_as_working(listed: list[dict[str, Any]]) -> None:
    working = {plugin["entry"]: plugin["offers"] for plugin in listed if plugin["status"] == "ok"}

    assert working["good"] == [{"kind": "categories", "name": "good.tidy"}, {"kind": "towns", "name": "good"}]
    assert working.keys() >= {"demo", "pudong", "qinghe", "report", "workbook"}


def test_the_doctor_names_every_broken_plugin(installed: Path) -> None:
    done = run(installed, "doctor")

    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    for entry in REASONS:
        assert f"jifen-{entry}" in done.stdout + done.stderr


def test_a_town_that_needs_none_of_them_still_settles(installed: Path, tmp_path: Path) -> None:
    data, out = str(tmp_path / "data"), str(tmp_path / "out")
    made = run(installed, "demo", data, "--villages", "2", "--households", "12", "--seed", "5")
    assert (made.returncode, made.stderr) == (0, "")

    done = run(installed, "settle", "--town", "qinghe", "--data", data, "--period", "2025", "--out", out, "--set-aside")

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "out" / "settlement.json").read_text("utf-8"))["town"] == "qinghe"


def test_a_town_whose_own_plugin_failed_is_refused_with_the_reason(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "settle", "--town", "same", "--data", str(tmp_path), "--period", "2025")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = "".join((done.stdout + done.stderr).split())
    assert "镇“same”用不了，因为插件same（jifen-same-one1.0）有问题：" in said
    assert "".join(REASONS["same"].split()) in said


@pytest.mark.parametrize("entry", ["raises", "old-core", "same"])
def test_a_rule_book_that_names_a_broken_plugin_is_refused_with_the_reason(
    installed: Path, tmp_path: Path, entry: str
) -> None:
    book = tmp_path / "rules.toml"
    book.write_text(
        dedent(f"""
            name = "elm-2025"
            title = "榆树镇积分细则"
            valid_from = 2025-01-01
            valid_to = 2025-12-31
            status = "draft"
            [eligibility]
            use = "pudong.three-presences"
            [village]
            use = "pudong.three-part"
            [rewards]
            use = "pudong.honours-and-exchange"
            [[categories]]
            name = "{entry}.tidy"
            clause = "第一条"
        """),
        "utf-8",
    )

    done = run(installed, "rules", "check", str(book))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = "".join((done.stdout + done.stderr).replace(f"{installed}/", "").split())
    assert f"积分类别“{entry}.tidy”用不了，因为插件{entry}（jifen-{entry}" in said
    assert "".join(REASONS[entry].split()) in said
