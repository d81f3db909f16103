"""Decides in which words people are spoken to: message catalogues in zh_CN and en, switched by JIFEN_LANG.

A catalogue is a folder ``catalogue/<language>/*.toml`` of a package; nested tables join to dotted keys. The first part
of a plugin's keys is the plugin's namespace, so that reason codes that travel in frames (``pudong.no-consent``) are
keys as well. Catalogues are read once, when their package is first added.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import tomli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LANGUAGES: Final = ("zh_CN", "en")
DEFAULT: Final = "zh_CN"

_words: dict[str, dict[str, str]] = {}
_packages: dict[str, Mapping[str, Mapping[str, str]]] = {}
_adding: Final = Lock()


_spoken: Final[ContextVar[str | None]] = ContextVar("spoken", default=None)


def language() -> str:
    """The language in force: that of `speaking`, else JIFEN_LANG where it names one of `LANGUAGES`, else zh_CN.

    ``en_GB`` counts as ``en``.
    """
    if (spoken := _spoken.get()) is not None:
        return spoken
    wanted = os.environ.get("JIFEN_LANG", "").replace("-", "_")
    for name in LANGUAGES:
        if wanted and (wanted == name or wanted.split("_")[0] == name.split("_")[0]):
            return name
    return DEFAULT


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Within it a language of `LANGUAGES` is in force, in this thread or task alone: a program has many readers."""
    token = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(token)


def add_catalogue(package: str) -> None:
    """Add the words of a package; a plugin calls it once, when it is imported.

    Raises `KeyError` where a key is already taken by another package.
    """
    if package not in _packages:
        _add(package, lambda: {name: read_catalogue(package, name) for name in LANGUAGES})


def add_words(package: str, words: Mapping[str, Mapping[str, str]]) -> None:
    """Add a few words that a package of one module keeps beside its code, as key → language → words.

    Raises `KeyError` where a key lacks a language or is already taken by another package.
    """
    if package not in _packages:
        _add(package, lambda: {name: {key: texts[name] for key, texts in words.items()} for name in LANGUAGES})


def _add(package: str, read: Callable[[], Mapping[str, Mapping[str, str]]]) -> None:
    """Adds what `read` gives, once: several threads may be the first to speak."""
    with _adding:
        if package in _packages:
            return
        added = read()
        for name, words in added.items():
            if taken := words.keys() & _words.setdefault(name, {}).keys():
                raise KeyError(f"{package}: already in a catalogue: {', '.join(sorted(taken))}")
        for name, words in added.items():
            _words[name].update(words)
        _packages[package] = added


def packages() -> tuple[str, ...]:
    """The packages whose words have been added, by name."""
    add_catalogue("jifen")
    return tuple(sorted(_packages))


def words_from(package: str, name: str) -> Mapping[str, str]:
    """Key to words, as a package has added them in one language. Raises `KeyError` for a package that has not."""
    return _packages[package][name]


def read_catalogue(package: str, name: str) -> dict[str, str]:
    """Dotted key to words, of one package in one language."""
    folder = files(package) / "catalogue" / name
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            found.update(_flatten(tomli.loads(file.read_text("utf-8")), ""))
    return found


def _flatten(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)


def say(key: str, /, **facts: object) -> str:
    """The words of a key in the language in force, with the facts filled in; an unknown key is shown as it is."""
    add_catalogue("jifen")
    words = _words[language()].get(key)
    return key if words is None else words.format(**facts)


def words_of(key: str) -> dict[str, str]:
    """The words of a key in each language, facts not filled in; empty for an unknown key."""
    add_catalogue("jifen")
    return {name: words[key] for name, words in _words.items() if key in words}


def knows(key: str) -> bool:
    """Whether a catalogue has words for the key."""
    add_catalogue("jifen")
    return key in _words[DEFAULT]


def title(names: Mapping[str, str]) -> str:
    """A name given in several languages, in the language in force, else in the first language that there is."""
    return names.get(language()) or next(iter(names.values()), "")
