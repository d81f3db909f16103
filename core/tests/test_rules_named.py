"""A rule book is found by what a person writes, and what is wrong is told with what would be right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from jifen.keeping import keep
from jifen.offers import Town
from jifen.problems import Refused
from jifen.rules_kept import plain
from jifen.rules_named import rules_named

from core.tests.good_book import REGISTRY, TEXT, Honours, changed
from core.tests.scheme import book, inputs, item, number, settled

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.registry import Registry

LATER = (
    ('name = "reed-2025"', 'name = "reed-2026"'),
    ("2025-01-01", "2026-01-01"),
    ("2025-12-31", "2026-12-31"),
)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with a town of two books; the folder in which it lies is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIFEN_LANG", "en")
    home = tmp_path / "reed-rules"
    home.mkdir()
    (home / "2025.toml").write_text(TEXT, "utf-8")
    (home / "2026.toml").write_text(changed(*LATER), "utf-8")
    return REGISTRY.beside(Town("reed", {"zh_CN": "芦苇镇"}, home, ("2025.toml", "2026.toml")))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("reed", "reed-2026"),
        ("reed:reed-2025", "reed-2025"),
        ("reed@2025-12-31", "reed-2025"),
        ("reed@2026-01-01", "reed-2026"),
        ("reed-rules/2025.toml", "reed-2025"),
        ("./reed-rules/2026.toml", "reed-2026"),
    ],
)
def test_a_book_is_found_by(text: str, name: str, registry: Registry) -> None:
    assert rules_named(text, registry).name == name


def test_the_folder_of_a_settlement_names_the_rules_it_was_settled_under(tmp_path: Path, registry: Registry) -> None:
    rules = book(item("A", points=number(12)))
    keep(settled(rules), inputs([]), tmp_path / "out", registry)
    assert rules_named("out", registry) == rules


def test_an_approved_book_is_the_same_book_with_options_that_can_be_settled(registry: Registry, tmp_path: Path) -> None:
    good = rules_named("reed", registry)
    (tmp_path / "approved.json").write_text(json.dumps({"book": plain(good)}), "utf-8")
    assert rules_named("approved.json", registry) == good
    assert isinstance(rules_named("approved.json", registry).rewards.options, Honours)


def test_an_approved_book_that_was_changed_is_refused(registry: Registry, tmp_path: Path) -> None:
    good = rules_named("reed", registry)
    (tmp_path / "approved.json").write_text(json.dumps({"book": plain(evolve(good, places=2))}), "utf-8")
    with pytest.raises(Refused) as refused:
        rules_named("approved.json", registry)
    assert [(each.code, each.place.file) for each in refused.value.problems] == [
        ("diff.named.changed", "approved.json")
    ]


def test_a_town_goes_before_a_folder_of_its_name(registry: Registry, tmp_path: Path) -> None:
    keep(settled(book(item("A", points=number(12)))), inputs([]), tmp_path / "reed", registry)
    assert rules_named("reed", registry).name == "reed-2026"
    assert rules_named("./reed", registry).name == "test"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reef", "reef is no file and no settlement either; name a rule file"),
        ("reed:2025", "reed has no rule book named 2025; there are: reed-2025 2025-01-01–2025-12-31; reed-2026"),
        ("reed@2027-01-01", "reed has no rules in force on 2027-01-01; there are: reed-2025"),
        ("reed@July", "July is no date; write reed@2025-07-01"),
        ("none.toml", "none.toml: the file cannot be opened"),
        ("none.json", "none.json: the file cannot be opened"),
        ("reed-rules", "reed-rules: there is no settlement in this folder"),
        ("broken.json", "broken.json: this is not an approved book"),
        ("list.json", "list.json: this is not an approved book"),
    ],
)
def test_what_names_no_book_is_refused(text: str, told: str, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", "utf-8")
    (tmp_path / "list.json").write_text('{"book": [1]}', "utf-8")
    with pytest.raises(Refused) as refused:
        rules_named(text, registry)
    assert told in str(refused.value)
