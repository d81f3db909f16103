"""Decides that the catalogues are complete: both languages, every key that is said, no key that is not."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

import pytest
import tomli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
LANGUAGES: Final = ("zh_CN", "en")
PLACES: Final = ("core", "plugins/*", "towns/*", "contrib/*")
SPEAKERS: Final = {"say", "Problem"}
"""Functions whose first argument is a key."""
HELPERS: Final = {"problem", "_problem"}
"""Functions that hand a key on to `Problem`, with facts of their own."""
SHIPPED: Final = {".css", ".html", ".j2", ".jinja", ".js", ".svg", ".toml", ".txt"}
OPEN: Final = (
    "describe.evidence.",  # kinds of evidence that rule books name
    "help.value.",  # kinds of values that the command line shows in its usage
)
"""Beginnings of keys whose rest comes from data."""
PACKAGES: Final = sorted(folder.parent for place in PLACES for folder in ROOT.glob(f"{place}/src/*/catalogue"))
every_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@cache
def entries(package: Path, language: str) -> tuple[tuple[str, str], ...]:
    files = sorted((package / "catalogue" / language).glob("*.toml"))
    return tuple(chain.from_iterable(flat(tomli.loads(file.read_text("utf-8"))) for file in files))


def fields(words: str) -> set[str]:
    """The names of the placeholders in a text."""
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(words) if name is not None}


@cache
def known() -> dict[str, str]:
    return {key: words for package in PACKAGES for key, words in entries(package, "zh_CN")}


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    files = chain.from_iterable(ROOT.glob(f"{place}/src/**/*.py") for place in PLACES)
    return tuple((file.relative_to(ROOT).as_posix(), ast.parse(file.read_text("utf-8"))) for file in sorted(files))


def calls() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """Every call of a speaker, with the expression of its key."""
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in SPEAKERS | HELPERS:
                    yield f"{file}:{node.lineno}", node, node.args[0]


def choices(key: ast.expr) -> list[str]:
    """The keys that an expression names outright: a text, or one text or another."""
    if isinstance(key, ast.IfExp):
        return [*choices(key.body), *choices(key.orelse)]
    return [key.value] if isinstance(key, ast.Constant) and isinstance(key.value, str) else []


def parts(text: ast.JoinedStr) -> tuple[str | None, ...]:
    """A text with facts in it: its literal parts, and None for each fact."""
    return tuple(str(part.value) if isinstance(part, ast.Constant) else None for part in text.values)


def pattern(composed: tuple[str | None, ...]) -> str:
    return "".join("(.+)" if part is None else re.escape(part) for part in composed)


def given(call: ast.Call) -> set[str] | None:
    """The facts of a call, where all are written out; None where some come from elsewhere."""
    if getattr(call.func, "attr", getattr(call.func, "id", "")) in HELPERS:
        return None
    told = [*call.args[1:], *(each.value for each in call.keywords if each.arg == "facts")]
    tables = [each for each in told if isinstance(each, ast.Dict)]
    if tables:
        keys = [key.value if isinstance(key, ast.Constant) else None for table in tables for key in table.keys]
        return None if None in keys else {str(key) for key in keys}
    names = [each.arg for each in call.keywords]
    if None in names or "facts" in names or len(call.args) > 2:
        return None
    return {str(name) for name in names} - {"place"}


@cache
def shipped() -> tuple[str, ...]:
    """The data, styles and templates that packages ship, catalogues left out."""
    files = chain.from_iterable(ROOT.glob(f"{place}/src/**/*.*") for place in PLACES)
    return tuple(file.read_text("utf-8") for file in files if file.suffix in SHIPPED and "catalogue" not in file.parts)


@cache
def constants() -> frozenset[str]:
    """Every text in the sources, and every word in what packages ship."""
    nodes = chain.from_iterable(ast.walk(tree) for _, tree in sources())
    found = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(found.union(*(re.findall(r"[\w.-]+", text) for text in shipped())))


@cache
def composed() -> frozenset[tuple[str | None, ...]]:
    """Every text that is put together and begins with a word, in the sources or (`"report.board." ~ kind`) a template."""
    nodes = chain.from_iterable(ast.walk(tree) for _, tree in sources())
    found = {parts(node) for node in nodes if isinstance(node, ast.JoinedStr)}
    found.update((head, None) for text in shipped() for head in re.findall(r"""["']([\w.-]+)["'] ~""", text))
    return frozenset(each for each in found if each[0] is not None and re.match(r"[a-z]", each[0]))


def is_word(text: str) -> bool:
    """Whether the sources have the text, outright or (`unknown-village`) as a word with a fact behind it."""
    return text in constants() or any(re.fullmatch(pattern(each), text) for each in composed())


def spells(each: tuple[str | None, ...], key: str) -> bool:
    """Whether a text that is put together becomes the key, with words of the sources as its facts."""
    if not each:
        return not key
    head, *tail = each
    if head is not None:
        return key.startswith(head) and spells(tuple(tail), key[len(head) :])
    return any(spells(tuple(tail), key[end:]) and is_word(key[:end]) for end in range(len(key) + 1))


def is_said(key: str) -> bool:
    """Whether the sources name the key, or put it together from words that they name."""
    return (
        key in constants()
        or key.startswith(OPEN)
        or any(spells(each, key) for each in composed() if "." in (each[0] or ""))
    )


def test_catalogues_are_found() -> None:
    assert "jifen" in {package.name for package in PACKAGES}


@every_package
def test_a_catalogue_has_the_same_keys_in_both_languages(package: Path) -> None:
    chinese, english = ({key for key, _ in entries(package, language)} for language in LANGUAGES)
    assert sorted(chinese ^ english) == []


@every_package
def test_a_text_has_the_same_placeholders_in_both_languages(package: Path) -> None:
    english = dict(entries(package, "en"))
    wrong = [
        key for key, words in entries(package, "zh_CN") if key in english and fields(words) != fields(english[key])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_stands_in_one_place_only(language: str) -> None:
    keys = sorted(key for package in PACKAGES for key, _ in entries(package, language))
    assert [key for key, after in pairwise(keys) if key == after] == []


@every_package
def test_a_key_has_words_and_is_silent_in_one_language_at_most(package: Path) -> None:
    english = dict(entries(package, "en"))
    assert [key for key, words in entries(package, "zh_CN") if not (words + english.get(key, "")).strip()] == []


def test_every_key_that_is_said_has_words() -> None:
    missing = [f"{place}: {key}" for place, _, expr in calls() for key in choices(expr) if key not in known()]
    assert missing == [], "\n".join(missing)


def test_every_key_that_is_put_together_has_words() -> None:
    keys = ((place, pattern(parts(expr))) for place, _, expr in calls() if isinstance(expr, ast.JoinedStr))
    missing = [f"{place}: {text}" for place, text in keys if not any(re.fullmatch(text, key) for key in known())]
    assert missing == [], "\n".join(missing)


def test_every_placeholder_is_given_its_fact() -> None:
    unfilled = (
        (place, key, fields(known()[key]) - facts)
        for place, call, expr in calls()
        if (facts := given(call)) is not None
        for key in choices(expr)
        if key in known()
    )
    wrong = [f"{place}: {key} wants {sorted(names)}" for place, key, names in unfilled if names]
    assert wrong == [], "\n".join(wrong)


@every_package
def test_no_key_is_left_that_nothing_says(package: Path) -> None:
    unsaid = [key for key, _ in entries(package, "zh_CN") if not is_said(key)]
    assert unsaid == [], "\n".join(unsaid)
