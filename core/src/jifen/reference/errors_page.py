"""Decides what the page of the codes says: every code with its words in both languages, by where it arises."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from jifen.reference.codes import codes_of
from jifen.reference.docstrings import module_described
from jifen.reference.markdown import bullet, page, paragraphs, sentence
from jifen.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_ABOUT = (
    "What is wrong is told as a problem: a code, a place and the facts that fill its words; `--json` prints all three. "
    "The same codes stand in frames as reasons: why a deed does not count, why a household does not take part. "
    "A code never changes its meaning. `{name}` stands for a fact."
)


def errors_page(packages: Iterable[str]) -> str:
    """The page: the codes of each package with a catalogue, by the first part of the code."""
    blocks = [paragraphs(_ABOUT)]
    for package in packages:
        codes = codes_of(package)
        for space, keys in groupby(sorted(codes), lambda key: key.partition(".")[0]):
            mine = list(keys)
            homes = sorted({module for key in mine for module in codes[key]})
            blocks += [f"## {space}", _homes(homes), "\n".join(_code(key) for key in codes if key in mine)]
    return page("Codes of problems and reasons", *blocks)


def _homes(modules: list[str]) -> str:
    """Where the codes arise: what each module decides, in its own words."""
    first = (module_described(module).partition("\n\n")[0] for module in modules)
    return paragraphs(sentence(*first))


def _code(key: str) -> str:
    english, chinese = (" ".join(words_of(key)[name].split()) for name in ("en", "zh_CN"))
    # A line break within Chinese text would be shown as a space.
    return "\n".join((bullet(f"`{key}`"), bullet(english, "  "), f"  - {chinese}"))
