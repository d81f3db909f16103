"""The vectors of the language: our engine computes them, each form has one, and a later version drops none."""

from __future__ import annotations

import json
import shutil
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from jifen import goods, model
from jifen.forms import FORMS, forms_in
from jifen.model import Limit, RuleBook, SharedLimit
from jifen_conformance.vector import FOLDER, book_of, manifest, run, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = vectors(manifest(), "1")
EXPECTED = {
    "gross", "awards", "cuts", "refused", "totals", "grades", "ranks", "barred", "vetoes", "exchanges", "vouchers",
    "balances",
}  # fmt: skip
GIVEN = {"name", "worked", "households", "deeds", "requests", "openings"}
CHOICES = [
    kind
    for module in (model, goods)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind not in (StrEnum, model.Status)
]
"""Everything that a rule book chooses from; how far a book has come changes no point."""
WORDS = {
    "name", "title", "clause", "code", "note", "unit", "status", "approval", "process", "valid_from", "valid_to", "body",
    "document", "date", "digest", "village", "eligibility", "rewards", "use", "options", "categories", "own",
}  # fmt: skip
"""Keys that name, date or explain, and change no point."""
BY_PLUGINS = {"scored_by_plugin"}


@pytest.fixture(scope="module")
def books() -> list[RuleBook]:
    return [book_of(FOLDER / name) for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_our_engine_computes_what_the_vector_says(name: str) -> None:
    assert run(FOLDER / name) == []


def test_every_folder_is_in_the_manifest() -> None:
    assert sorted(NAMES) == sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in NAMES:
        for case in json.loads((FOLDER / name / "vectors.json").read_text("utf-8"))["cases"]:
            yield name, case


def test_every_case_is_worked_by_hand_and_expects_something() -> None:
    for name, case in cases():
        assert case["worked"].strip(), (name, case["name"])
        assert EXPECTED & set(case), (name, case["name"])


def test_no_case_says_what_is_not_looked_at() -> None:
    assert {key for _, case in cases() for key in case} == EXPECTED | GIVEN


def test_every_deed_of_a_case_that_tells_awards_is_awarded_or_refused() -> None:
    for name, case in cases():
        if "awards" in case and "balances" not in case:
            told = {*case["awards"], *case.get("refused", {})}
            assert {deed["deed"] for deed in case["deeds"]} - told == set(), (name, case["name"])


def values(thing: object) -> Iterator[object]:
    """Every value in a book, however deep."""
    yield thing
    kind: type[Any] = type(thing)
    if attrs.has(kind):
        for name in attrs.fields_dict(kind):
            yield from values(getattr(thing, name))
    elif isinstance(thing, tuple | list):
        for each in thing:
            yield from values(each)


def test_every_form_of_rule_has_a_vector(books: list[RuleBook]) -> None:
    assert set(FORMS) - {form for book in books for form in forms_in(book)} == set()
    told = {json.loads((FOLDER / name / "vectors.json").read_text("utf-8"))["form"] for name in NAMES}
    assert set(FORMS) - told == set()


def test_every_choice_of_the_language_occurs(books: list[RuleBook]) -> None:
    seen = {value for book in books for value in values(book) if isinstance(value, StrEnum)}
    assert {member for kind in CHOICES for member in kind} - seen == set()


def test_every_bound_of_a_limit_occurs(books: list[RuleBook]) -> None:
    limits = [value for book in books for value in values(book) if isinstance(value, Limit | SharedLimit)]
    bounds = {each.name for each in attrs.fields(Limit) if each.default is None} - WORDS
    assert bounds >= {"times", "gives", "takes", "floor", "ceiling"}
    assert {bound for bound in bounds if all(getattr(limit, bound) is None for limit in limits)} == set()


def test_every_key_of_a_rule_book_that_changes_points_is_used(books: list[RuleBook]) -> None:
    used: dict[type[Any], set[str]] = {}
    for thing in (value for book in books for value in values(book)):
        kind: type[Any] = type(thing)
        if attrs.has(kind):
            fields = attrs.fields_dict(kind).items()
            written = {name for name, field in fields if not usual(getattr(thing, name), field.default)}
            used.setdefault(kind, set()).update(written)
    idle = {kind.__name__: set(attrs.fields_dict(kind)) - keys - WORDS - BY_PLUGINS for kind, keys in used.items()}
    assert {kind: keys for kind, keys in idle.items() if keys} == {}


def usual(value: object, default: Any) -> bool:
    """Whether a key has the value that it has when it is not written."""
    return bool(value == (default.factory() if isinstance(default, attrs.Factory) else default))  # type: ignore[arg-type]


def test_purses_a_shop_and_village_rules_have_vectors(books: list[RuleBook]) -> None:
    assert any(book.purses and book.shop for book in books)
    assert any(book.layers for book in books)


def test_a_value_that_comes_out_otherwise_is_told_with_form_case_and_both_values(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "ladder", tmp_path / "ladder")
    file = tmp_path / "ladder" / "vectors.json"
    told: dict[str, Any] = json.loads(file.read_text("utf-8"))
    told["cases"][0]["awards"]["c"] = "-19"
    file.write_text(json.dumps(told), "utf-8")
    assert run(tmp_path / "ladder") == ["ladder: the third and each one after: awards of c: expected -19, got -20"]


def versions(**later: Any) -> dict[str, Any]:
    return {"format": 1, "language": {"1": {"inherits": None, "vectors": ["count", "tiers"]}, "2": later}}


def test_a_later_version_has_the_vectors_of_the_one_before() -> None:
    assert vectors(versions(inherits="1", vectors=["new"]), "2") == ["count", "tiers", "new"]


def test_a_later_version_that_drops_or_repeats_vectors_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2 inherits nothing: it drops those of 1"):
        vectors(versions(inherits=None, vectors=["count"]), "2")
    with pytest.raises(ValueError, match="has these again: count"):
        vectors(versions(inherits="1", vectors=["count"]), "2")
    with pytest.raises(ValueError, match="version 3 is not among 1, 2"):
        vectors(versions(inherits="1", vectors=[]), "3")
    with pytest.raises(ValueError, match="this program reads format 1"):
        vectors({**manifest(), "format": 2}, "1")


def test_a_version_that_passes_over_the_one_before_drops_its_vectors_and_is_refused() -> None:
    three = versions(inherits="1", vectors=["new"])
    three["language"]["3"] = {"inherits": "1", "vectors": []}
    with pytest.raises(ValueError, match="version 3 inherits 1: it drops those of 2"):
        vectors(three, "3")
