"""Decides which installed plugins can be used: what is found, what fits this core, what can be imported.

The loader is ours because one broken import aborts pluggy's own, which also drops the second of two distributions with
one entry-point name in silence. Here nothing that a plugin does ends the program: it becomes a problem of that plugin.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections import defaultdict
from functools import partial
from importlib import import_module, metadata, util
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, TypeVar

import tomli
from attrs import evolve, frozen

from jifen import __version__
from jifen.hooks import API, PROJECT
from jifen.problems import Place, Problem, Refused
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

UNREADABLE: Final = "?"
"""Stands for an entry point, a name or a version that cannot be read from a damaged installation."""

_SECTION: Final = re.compile(rf"^\s*\[\s*{PROJECT}\s*\]", re.MULTILINE)
_ON_CORE: Final = re.compile(rf"\s*{PROJECT}\s*(?![\w.-])", re.IGNORECASE)
_ENTRY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@frozen
class Found:
    """An entry point of an installed distribution, as its metadata states it; nothing of it is imported yet."""

    entry: str
    distribution: str
    version: str
    module: str = ""
    requires: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@frozen
class Imported:
    """A plugin after the attempt to import it: the module that carries its hooks, or None and the problems."""

    found: Found
    plugin: ModuleType | None = None
    home: Path | None = None
    """The folder of its package, or the file of its module: whose lines a problem points at."""
    problems: tuple[Problem, ...] = ()


def discover(path: Sequence[str] | None = None) -> tuple[Found, ...]:
    """Every entry point of the group, by name of the distribution and of the entry point, whatever the order of `path`.

    `path` is where to look, `sys.path` unless given. Of a distribution that is there twice Python uses the first, and
    so does this. Only ``entry_points.txt`` is read of distributions that are no plugins.
    """
    where = list(sys.path if path is None else path)
    names: set[str] = set()
    found: list[Found] = []
    for distribution in metadata.distributions(path=where):
        name, problems = attempt(partial(_plugin_name, distribution), "plugins.unreadable", None)
        if name:
            names.add(name)
        elif problems:
            folder = Place(file=str(distribution.locate_file("")))
            placed = tuple(evolve(problem, place=folder) for problem in problems)
            found.append(Found(UNREADABLE, UNREADABLE, UNREADABLE, problems=placed))
    for name in names:
        # Asked again by name: the answer is what Python itself uses. What an interrupted uninstallation left behind
        # (`~ifen_x.dist-info`) is found in a listing, but not by name.
        first = next(iter(metadata.distributions(name=name, path=where)), None)
        if first is not None:
            found.extend(_installed(first, name))
    return tuple(sorted(found, key=lambda each: (each.distribution, each.entry, each.module)))


def _plugin_name(distribution: metadata.Distribution) -> str:
    """The distribution's name in its normal form; empty where it is no plugin."""
    text = distribution.read_text("entry_points.txt")
    if text is None or not _SECTION.search(text):
        return ""
    if "Name" not in distribution.metadata:
        raise Refused([Problem("plugins.no-name")])
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()


def _installed(first: metadata.Distribution, name: str) -> tuple[Found, ...]:
    """The entry points of the distribution that Python uses.

    Where an older version left its record behind in the same folder, which version the files are of cannot be told.
    Then none is used: a settlement keeps the versions it was made with.
    """
    folder = str(first.locate_file(""))
    records = {_version(record): record for record in metadata.distributions(name=name, path=[folder])}
    if len(records) < 2:  # noqa: PLR2004 - a second one
        return tuple(_entries(first, name))
    versions = say("plugins.join").join(sorted(records))
    twice = Problem("plugins.recorded-twice", Place(file=folder), {"versions": versions})
    found = {(each.entry, each.module): each for record in records.values() for each in _entries(record, name)}
    return tuple(evolve(each, version=UNREADABLE, requires=(), problems=(twice,)) for each in found.values())


def _version(distribution: metadata.Distribution) -> str:
    about = distribution.metadata
    return about["Version"] if "Version" in about else UNREADABLE  # noqa: SIM401 - the metadata has no `get` yet in 3.11


def _entries(distribution: metadata.Distribution, name: str) -> Iterator[Found]:
    about, version = distribution.metadata, _version(distribution)
    points, problems = attempt(partial(_points, distribution), "plugins.unreadable", None)
    if points is None:
        yield Found(UNREADABLE, name, version, problems=problems)
        return
    requires = tuple(about.get_all("Requires-Dist") or ())
    for point in points:
        yield Found(point.name, name, version, point.value, requires)


def _points(distribution: metadata.Distribution) -> metadata.EntryPoints:
    return distribution.entry_points.select(group=PROJECT)


def load(path: Sequence[str] | None = None) -> tuple[Imported, ...]:
    """Every plugin that is installed: checked before it is imported, imported in isolation. Raises nothing."""
    found = discover(path)
    users: dict[str, list[str]] = defaultdict(list)
    for each in found:
        users[each.entry].append(f"{each.distribution} {each.version}")
    shared = {entry: names for entry, names in users.items() if len(names) > 1 and entry != UNREADABLE}
    return tuple(_import(each, shared.get(each.entry, [])) for each in found)


def _import(found: Found, users: list[str]) -> Imported:
    home = _home(found.module)
    problems = [*found.problems, *_misfits(found, home)]
    if users:
        names = say("plugins.join").join(users)
        problems.append(Problem("plugins.entry-twice", facts={"entry": found.entry, "distributions": names}))
    if problems:
        return Imported(found, home=home, problems=tuple(problems))
    plugin, failures = attempt(partial(import_module, found.module), "plugins.import-failed", home, module=found.module)
    return Imported(found, plugin, home, failures)


def _misfits(found: Found, home: Path | None) -> Iterator[Problem]:
    """What can be seen without running any of the plugin's code."""
    if found.entry != UNREADABLE and not _ENTRY.fullmatch(found.entry):
        yield Problem("plugins.entry-name", facts={"entry": found.entry})
    if ":" in found.module:
        yield Problem("plugins.no-module", facts={"target": found.module})
    for text in found.requires:
        if _ON_CORE.match(text):
            yield from _unmet(text)
    if home is not None and (manifest := home / "town.toml").is_file():
        yield from _manifest(manifest)


def _unmet(text: str) -> Iterator[Problem]:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        yield Problem("plugins.requirement", facts={"requirement": text})
        return
    applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if applies and not requirement.specifier.contains(__version__, prereleases=True):
        yield Problem("plugins.core-version", facts={"requirement": text, "version": __version__})


def _manifest(file: Path) -> Iterator[Problem]:
    try:
        api = tomli.loads(file.read_text("utf-8")).get("api", API)
    except (OSError, ValueError) as error:
        yield Problem("plugins.manifest", Place(file=str(file)), {"error": error})
        return
    if type(api) is not int or not 1 <= api <= API:
        yield Problem("plugins.api", Place(file=str(file), path="api"), {"api": api, "known": API})


def _home(module: str) -> Path | None:
    """Where a module's code lies, found without importing it or the packages above it."""
    top, *rest = module.split(".")
    try:
        spec = util.find_spec(top)
        for depth, _ in enumerate(rest, 2):
            if spec is None:
                return None
            spec = PathFinder.find_spec(".".join(module.split(".")[:depth]), spec.submodule_search_locations)
    except (ImportError, ValueError, AttributeError):
        return None  # the import itself fails on it and says why
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin else None


def attempt(
    action: Callable[[], T], code: str, home: Path | None, **facts: object
) -> tuple[T | None, tuple[Problem, ...]]:
    """Run a plugin's code; whatever it raises becomes a problem of this code, at its last line inside `home`.

    Even `SystemExit` and what a compiled library panics with; only an interruption by the user passes.
    """
    try:
        return action(), ()
    except KeyboardInterrupt:
        raise
    except Refused as refusal:
        return None, refusal.problems
    except BaseException as error:  # noqa: BLE001 - isolation is the point: a plugin must not end the program
        return None, (Problem(code, _place(error, home), {**facts, "error": told(error)}),)


def told(error: BaseException) -> str:
    """Type and message of an exception, in one line."""
    lines = traceback.format_exception_only(error)
    return " ".join((lines[-1] if isinstance(error, SyntaxError) else "".join(lines)).split())


def _place(error: BaseException, home: Path | None) -> Place:
    if isinstance(error, SyntaxError) and error.filename:
        return Place(file=error.filename, line=error.lineno)
    inside = [
        Place(file=frame.f_code.co_filename, line=line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if home is not None and Path(frame.f_code.co_filename).is_relative_to(home)
    ]
    return inside[-1] if inside else Place()
