"""The pages of docs/reference are what the code says, and leave nothing out."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from jifen import frames, hooks
from jifen.case_file import CaseFile
from jifen.categories import Samples
from jifen.commands.app import build
from jifen.frames import Frame
from jifen.gathering import OFFERS
from jifen.item_checks import BY_LAYER
from jifen.layering import LayerFile
from jifen.manifest import Manifest
from jifen.model import Part, RuleBook
from jifen.reference.__main__ import main
from jifen.reference.codes import codes_of
from jifen.reference.docstrings import keys_described
from jifen.reference.keys import keys_of
from jifen.reference.markdown import anchor
from jifen.reference.pages import differing, reference
from jifen.reference.repository import KEPT as REPOSITORY
from jifen.reference.repository import Kept
from jifen.rulebook import MADE
from jifen.words import LANGUAGES, read_catalogue

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs/reference"
HOOKS = [name for name, value in vars(hooks).items() if hasattr(value, f"{hooks.PROJECT}_spec")]
FRAMES = [frame for frame in vars(frames).values() if isinstance(frame, Frame)]


def kept(name: str) -> str:
    return (KEPT / name).read_text("utf-8")


def copied(root: Path) -> Path:
    """The pages below another root, with all that says what they are about."""
    for file in (file for folder in REPOSITORY for file in ROOT.glob(f"{folder}/pyproject.toml")):
        (root / file.relative_to(ROOT)).parent.mkdir(parents=True)
        shutil.copy(file, root / file.relative_to(ROOT))
    shutil.copytree(KEPT, root / "docs/reference")
    shutil.copy(ROOT / "docs/domain.md", root / "docs")
    return root / "docs/reference"


def tables(*roots: type) -> list[type]:
    """Classes and all those that the keys hold which a file writes; a plugin's section is its own."""
    found = dict.fromkeys(roots)
    for root in roots:
        keys = [key for key in keys_of(root) if key.table is not Part and key.name not in MADE]
        found.update(dict.fromkeys(kind for key in keys if key.table is not None for kind in tables(key.table)))
    return list(found)


def test_the_kept_pages_are_what_the_code_says() -> None:
    assert differing(KEPT) == [], "run: python -m jifen.reference docs/reference"


def test_the_check_names_what_differs_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(tmp_path)
    (folder / "frames.md").write_text("old", "utf-8")
    (folder / "hooks.md").unlink()
    (folder / "gone.schema.json").write_text("{}", "utf-8")

    command = ["jifen.reference", str(folder)]
    checked = subprocess.run([sys.executable, "-m", *command, "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 1
    named = {Path(line.partition(": ")[0]).name for line in checked.stdout.splitlines()}
    assert named == {"hooks.md", "frames.md", "gone.schema.json"}
    assert (folder / "frames.md").read_text("utf-8") == "old"

    (folder / "gone.schema.json").unlink()
    for tokens in (command, [*command, "--check"]):
        monkeypatch.setattr(sys, "argv", tokens)
        assert main() == 0


def test_a_page_that_others_keep_in_the_folder_is_in_the_index(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "more.md").write_text("# More to read\n", "utf-8")

    assert "[More to read](more.md)" in reference(folder)["README.md"]


def test_what_others_have_installed_is_not_in_the_pages(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    shutil.copy(ROOT / "core/pyproject.toml", tmp_path / "core")
    core, whole = Kept.of(tmp_path), Kept.of(ROOT)

    assert (core.packages, core.commands, core.registry.categories) == (("jifen",), (), ())
    assert {"jifen", "jifen_pudong"} <= set(whole.packages)
    assert "demo" in whole.commands
    assert whole.registry.categories


@pytest.mark.parametrize(
    "name", ["README.md", "rulebook.md", "town.md", "hooks.md", "frames.md", "errors.md", "cli.md"]
)
def test_every_link_of_a_page_leads_to_one_place(name: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", kept(name)):
        file, _, fragment = link.partition("#")
        assert (KEPT / file).exists(), link
        if fragment:
            headings = re.findall(r"^#+ (.+)$", kept(file or name), re.MULTILINE)
            assert [anchor(heading) for heading in headings].count(f"#{fragment}") == 1, link


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_its_exact_signature(name: str) -> None:
    signature = str(inspect.signature(getattr(hooks, name))).replace("'", "")
    assert f"### {name}\n\n```python\n@hookimpl\ndef {name}{signature}: ...\n```" in kept("hooks.md")


@pytest.mark.parametrize("offer", OFFERS.values(), ids=lambda offer: offer.__name__)
def test_every_offer_is_documented_with_all_its_fields(offer: type) -> None:
    section = kept("hooks.md").partition(f"\n### {offer.__name__}\n")[2].partition("\n##")[0]
    for field in attrs.fields(offer):
        assert f"- `{field.name}: {field.type}" in section, field.name


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
def test_every_frame_is_documented_with_all_its_columns(frame: Frame) -> None:
    section = kept("frames.md").partition(f"\n## {frame.name}\n")[2].partition("\n## ")[0]
    for column in frame.columns:
        assert f"| `{column.name}` | {column.dtype} | {'may be' if column.null else ''} |" in section


@pytest.mark.parametrize(
    "kind", tables(RuleBook, Manifest, CaseFile, LayerFile, Samples), ids=lambda kind: kind.__name__
)
def test_every_key_of_a_town_s_files_is_documented(kind: type) -> None:
    section = (kept("rulebook.md") + kept("town.md")).partition(f"\n### {kind.__name__}\n")[2].partition("\n##")[0]
    section = " ".join(section.split())
    for key in keys_of(kind):
        if key.name not in (*MADE, *BY_LAYER):
            assert f"- `{key.name}`: {key.told}" in section, key.name


@pytest.mark.parametrize(
    "kind", tables(RuleBook, Manifest, CaseFile, LayerFile, Samples), ids=lambda kind: kind.__name__
)
def test_every_key_of_a_file_has_words(kind: type) -> None:
    assert [key for key, words in keys_described(kind).items() if not words] == []


def test_every_command_is_documented() -> None:
    for name in build():
        if not name.startswith("-"):
            assert f"\n## jifen {name}\n\n```text\nUsage: jifen {name}" in kept("cli.md")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_rule_book_is_documented_with_its_words(language: str) -> None:
    page = "".join(kept("errors.md").split())
    for key, words in read_catalogue("jifen", language).items():
        if key.startswith("rulebook."):
            assert f"-`{key}`-" in page, key
            assert "".join(words.split()) in page, key


def test_codes_are_told_from_labels() -> None:
    assert {"jifen", "jifen_workbook"} <= set(Kept.of(ROOT).packages)
    core, workbook = codes_of("jifen"), codes_of("jifen_workbook")

    assert core["settle.overflow"], "named outright"
    assert core["usage.unknown-command"] == ["jifen.commands.usage"], "put together for a problem"
    assert core["checking.duplicate-village"] == ["jifen.checking"], "put together from a part that is put together"
    assert core["deeds.evidence-missing"], "a reason in a frame"
    assert workbook["workbook.not-a-date"], "raised for a cell, put together elsewhere"
    for label in ("help.usage", "usage.hint", "checking.and", "plugins.join", "commands.settle.help", "describe.list"):
        assert label not in core, label
    assert not {key for key in workbook if key.startswith(("workbook.head.", "workbook.sheet."))}
