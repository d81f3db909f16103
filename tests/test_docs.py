"""The tutorial and the how-to pages do what they say: every command is run, every change made, every output compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.doc_runner import Place, carry_out, environment_in, fences, missing

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = [ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
PROSE: Final = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK: Final = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment, made once; each page has a copy of its own."""
    return environment_in(tmp_path_factory.mktemp("environment") / "pattern")


@pytest.mark.pages
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, pattern: Path) -> None:
    assert any(fence.kind == "console" for fence in fences(page.read_text("utf-8")))
    wrong = carry_out(page, Place.make(tmp_path, pattern))
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_a_line_that_is_not_printed_is_found() -> None:
    assert missing(["a", "…", "c"], ["a", "b", "c"]) == []
    assert missing(["a", "c"], ["a", "b", "c"]) == ["a", "c"]
    assert missing(["a"], ["a", "b"]) == ["(not quoted, nor marked as left out) b"]
