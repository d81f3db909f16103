"""What the JSON Schema of a rule book refuses, the reader refuses; what is shipped, both take."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen.commands import rules
from jifen.offers import EligibilityRule
from jifen.reference.files import FILES, rule_book
from jifen.reference.schema import Schemas
from jifen.registry import Registry
from jsonschema import Draft202012Validator

from core.tests.good_book import REGISTRY, TEXT, changed, said
from core.tests.scheme import everybody

ROOT = Path(__file__).parents[2]
FAULTS: list[dict[str, Any]] = tomli.loads(Path(__file__).with_name("rulebook_faults.toml").read_text("utf-8"))[
    "faults"
]
GOOD = Draft202012Validator(rule_book(REGISTRY))
SHIPPED = sorted(
    file
    for name in ("rules*", "town", "cases*", "villages*", "items")
    for folder in ("towns/*/src/*", "plugins/*/src/*", "contrib/*/src/*")
    for file in ROOT.glob(f"{folder}/{name}.toml")
)

STRUCTURAL = {
    "a key that is not there",
    "a key like no other",
    "a missing key",
    "a missing section",
    "a section without use",
    "a section that is no table",
    "options that nobody asked for",
    "an option of the wrong type",
    "an option deep down that is misspelled",
    "an unknown name of a rule",
    "an unknown category",
    "a number in quotes",
    "a fraction where a whole number is wanted",
    "a truth value for a whole number",
    "a truth value in quotes",
    "a truth value of an item in quotes",
    "points in quotes",
    "a text for a list",
    "a text for a table",
    "a number for a text",
    "an empty text",
    "a number for a name",
    "a name without Chinese",
    "a language that nobody speaks",
    "a time for a date",
    "an unknown window",
    "an unknown status",
    "items that are no list",
    "an item without a code",
    "dropping and changing at once",
    "a village's rule in the town's book",
    "all at once",
}
"""Faults of the file's structure: an editor marks them."""


def plain(value: Any) -> Any:
    """A TOML value as an editor hands it to a schema: dates and times are texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def parsed(text: str) -> Any:
    return plain(tomli.loads(text, parse_float=Decimal))


def complaints(validator: Draft202012Validator, data: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


@pytest.mark.parametrize("name", FILES)
def test_each_schema_is_a_schema_of_its_draft(name: str) -> None:
    Draft202012Validator.check_schema(FILES[name](REGISTRY))


def test_the_good_book_fits_the_schema() -> None:
    assert complaints(GOOD, parsed(TEXT)) == []


@pytest.mark.parametrize("file", SHIPPED, ids=[str(file.relative_to(ROOT)) for file in SHIPPED])
def test_what_is_shipped_fits_the_schema_of_its_kind(file: Path) -> None:
    kind = next((kind for kind in FILES if file.stem.startswith(kind)), "rulebook")
    schema = FILES[kind](Registry.load())

    assert complaints(Draft202012Validator(schema), parsed(file.read_text("utf-8"))) == []


def test_every_structural_fault_is_one_of_the_samples() -> None:
    assert {fault["name"] for fault in FAULTS} >= STRUCTURAL


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["name"] for fault in FAULTS])
def test_the_schema_refuses_structural_faults_and_leaves_the_others_to_the_reader(fault: dict[str, Any]) -> None:
    assert bool(complaints(GOOD, parsed(changed(*fault["change"])))) is (fault["name"] in STRUCTURAL)


WEIRD = [0, -1, "", "x", True, [], {}, [1], ["x", "x"], [{}], {"a": 1}, Decimal("0.5"), dt.date(2025, 1, 1)]
"""What may stand where something else is wanted."""


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for step, each in inner for found in paths(each, (*path, step))]


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {as_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(inner) for inner in value) + "]"
    return json.dumps(value) if isinstance(value, str | bool) else str(value)


BOOK = tomli.loads(TEXT, parse_float=Decimal)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(paths(BOOK)), new=st.sampled_from(WEIRD))
def test_what_the_schema_refuses_the_reader_refuses_too(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str | int, ...], new: Any
) -> None:
    data = replaced(BOOK, path, new)
    if complaints(GOOD, plain(data)):
        text = "\n".join(f"{key} = {as_toml(value)}" for key, value in data.items())
        assert said(tmp_path_factory.mktemp("book"), (TEXT, text))


def test_a_section_asks_for_the_options_of_the_object_that_it_uses() -> None:
    @attrs.frozen
    class Age:
        least: int

    registry = Registry.of(
        EligibilityRule("test.everybody", {"zh_CN": "全体"}, everybody),
        EligibilityRule("test.grown-up", {"zh_CN": "成年"}, everybody, Age),
    )
    schema = rule_book(registry)
    section = Draft202012Validator({**schema["properties"]["eligibility"], "$defs": schema["$defs"]})

    assert complaints(section, {"use": "test.everybody"}) == []
    assert complaints(section, {"use": "test.grown-up", "least": 18}) == []
    assert len(complaints(section, {"use": "test.everybody", "least": 18})) == 1
    assert len(complaints(section, {"use": "test.grown-up"})) == 1
    assert len(complaints(section, {"use": "test.nobody"})) == 1
    assert len(complaints(section, {})) == 1


@pytest.mark.parametrize(
    ("item", "fits"),
    [
        ({"code": "A01"}, True),
        ({"code": "A01", "points": 3}, True),
        ({"code": "A01", "off": True}, True),
        ({"code": "A01", "off": False}, False),
        ({"code": "A01", "off": True, "points": 3}, False),
        ({"points": 3}, False),
        ({"code": "A01", "only_in": ["V1"]}, False),
    ],
)
def test_an_item_restates_a_category_s_with_its_code_alone_or_switches_it_off(item: Any, fits: bool) -> None:  # noqa: FBT001
    assert (complaints(GOOD, {**parsed(TEXT), "items": [item]}) == []) is fits


def test_a_category_is_an_installed_one_or_the_book_s_own_with_a_title() -> None:
    def fits(category: dict[str, Any]) -> bool:
        return complaints(GOOD, {**parsed(TEXT), "categories": [category]}) == []

    assert fits({"name": "test.home"})
    assert not fits({"name": "home"})
    assert not fits({"name": "home", "own": True})
    assert fits({"name": "home", "own": True, "title": "家"})


def test_a_type_without_a_schema_is_named() -> None:
    with pytest.raises(TypeError, match="no schema for"):
        Schemas().of(complex)


def test_the_command_writes_the_schema_of_the_installed_plugins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rulebook.schema.json"
    rules.schema(out=file)
    rules.schema()

    said_first, _, printed = capsys.readouterr().out.partition("\n")
    assert str(file) in said_first
    assert json.loads(file.read_text("utf-8")) == json.loads(printed) == rule_book(Registry.load())


def test_the_command_offers_every_schema_that_there_is() -> None:
    kind = get_type_hints(rules.schema)["of"]
    assert set(get_args(kind)) == set(FILES)
