"""Approvals and differences of rule books by the command line, and the mark of what is not approved on all that is shown."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from jifen.commands import main

DRAFT: Final = ('status = "approved"           # ', 'status = "draft"  # ')
ONE_SAMPLE: Final = (
    'clause = "第三条第（四）项"\nstatus = "approved"',
    'clause = "第三条第（四）项"\nstatus = "sample"',
)
CHANGED: Final = ("ladder = [-8, -15, -20]", "ladder = [-8, -15, -25]")


class Office:
    """A folder with a year of the town `qinghe`, and the town's package as it is changed, in front of the installed one."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.data = data
        (folder / "site").mkdir()

    def __call__(self, *tokens: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("JIFEN_")}
        return subprocess.run(
            [sys.executable, "-m", "jifen", *tokens],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": str(self.folder / "site"), "JIFEN_LANG": "en", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def install(self, *changes: tuple[str, str]) -> None:
        """The town's package with some of its rules changed."""
        spec = find_spec("jifen_town_qinghe")
        assert spec is not None
        assert spec.origin is not None
        home = self.folder / "site" / "jifen_town_qinghe"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(Path(spec.origin).parent, home)
        text = (home / "rules.toml").read_text("utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (home / "rules.toml").write_text(text, "utf-8")

    def settle(self, **environment: str) -> subprocess.CompletedProcess[str]:
        where = ("--town", "qinghe", "--period", "2025", "--data", str(self.data), "--out", "out", "--force")
        return self("settle", *where, **environment)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "data"
    assert main(["demo", str(folder), "--town", "qinghe", "--villages", "1", "--households", "10"]) == 0
    return folder


@pytest.fixture
def office(tmp_path: Path, data: Path) -> Office:
    return Office(tmp_path, data)


def test_only_what_was_approved_is_settled_and_a_change_is_told_in_words(office: Office) -> None:
    approved = office("approve", "qinghe", "--json")
    (entry,) = json.loads(approved.stdout)["approved"]
    assert (entry["rules"], entry["document"], entry["version"]) == ("qinghe-2025", "青府〔2024〕36号", "0.1.0")

    office.install(CHANGED)
    refused = office.settle()
    words = "−8 points the first time, −15 points the second time, −{} points the third time and each time after"
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[1].startswith("Poultry running loose (A05, 第三条第（五）项): points: ")
    assert words.format(20) in refused.stderr
    assert words.format(25) in refused.stderr
    doctor = office("doctor")
    assert doctor.returncode == 1
    assert "wrong   not what was approved" in doctor.stdout

    again = office("approve", "qinghe", "--document", "青府〔2025〕2号", "--date", "2025-02-10")
    assert "what changes from the book approved on December 27, 2024:" in again.stdout
    assert words.format(25) in again.stdout
    assert office.settle().returncode == 0
    manifest = json.loads((office.folder / "out" / "settlement.json").read_text("utf-8"))
    assert [each["document"] for each in manifest["deployment"]] == ["青府〔2025〕2号"]
    assert str(office.folder) not in json.dumps(manifest)


def test_the_deployment_that_is_named_counts(office: Office) -> None:
    assert office("approve", "qinghe", "--deployment", "conf/here.toml").returncode == 0
    assert sorted(path.name for path in (office.folder / "conf").iterdir()) == ["approved", "here.toml"]
    assert "checked: qinghe-2025" in office.settle(JIFEN_DEPLOYMENT="conf/here.toml").stdout
    missing = office.settle(JIFEN_DEPLOYMENT="conf/none.toml")
    assert (missing.returncode, missing.stderr.split(":")[0]) == (1, "conf/none.toml")


def test_all_books_of_a_town_are_approved_or_none(office: Office) -> None:
    which = office("approve", "jinsui", "--document", "金府〔2026〕1号")
    assert which.returncode == 1
    assert "choose it with --rules: jinsui-2025-h1" in which.stderr
    assert not (office.folder / "jifen.toml").exists()
    office("approve", "jinsui")
    text = (office.folder / "jifen.toml").read_text("utf-8")
    assert re.findall(r'rules = "(.+)"', text) == ["jinsui-2025-h1", "jinsui-2025-h2"]


def test_differences_are_printed_as_data(office: Office) -> None:
    found = json.loads(office("rules", "diff", "jinsui@2025-01-01", "jinsui", "--json").stdout)
    assert (found["old"]["name"], found["new"]["name"]) == ("jinsui-2025-h1", "jinsui-2025-h2")
    clean_up = [each for each in found["differences"] if each["code"] == "A04"]
    assert [(each["kind"], each["clause"], each["before"], each["after"]) for each in clean_up] == [
        ("points", "第三条第（四）项", ["+3 points each time"], ["+4 points each time"]),
        ("limits", "第三条第（四）项", ["at most 3 times a month"], ["at most 2 times a month"]),
    ]
    assert office("rules", "diff", "qinghe", "qinghe").stdout.splitlines()[-1] == "nothing differs"


@pytest.mark.parametrize(("change", "mark", "word"), [(DRAFT, "草案", "draft"), (ONE_SAMPLE, "样张", "sample")])
def test_what_is_not_approved_is_marked_on_all_that_is_shown(
    change: tuple[str, str], mark: str, word: str, office: Office
) -> None:
    """On the terminal, on every sheet and on every page, also where one item alone is a sample (R15)."""
    (office.folder / "jifen.toml").touch()
    office.install(change)
    settled = office.settle(JIFEN_LANG="zh_CN")
    assert settled.stdout.startswith(f"【{mark}】")
    out = office.folder / "out"
    sheets = openpyxl.load_workbook(out / "settlement.xlsx").worksheets
    assert sheets
    assert [sheet.title for sheet in sheets if f"【{mark}】" not in str(sheet["A1"].value)] == []
    assert [sheet.title for sheet in sheets if mark not in str(sheet.oddHeader.center.text)] == []
    office("rules", "show", "qinghe", "--html", "board.html", JIFEN_LANG="zh_CN")
    for page in (out / "report.html", office.folder / "board.html"):
        assert f'<div class="watermark" aria-hidden="true">{mark}</div>' in page.read_text("utf-8")
    household = re.findall(r"--household (\S+)", settled.stdout)[0]
    shown = [
        office("explain", "out", "--household", household),
        office("rules", "show", "qinghe"),
        office("rules", "diff", "out", "qinghe"),
    ]
    assert [run.stdout[: len(word) + 2] for run in shown] == [f"[{word}]"] * len(shown)
    manifest = json.loads((out / "settlement.json").read_text("utf-8"))
    assert (manifest["rules"]["status"], manifest["deployment"]) == (word, [])
