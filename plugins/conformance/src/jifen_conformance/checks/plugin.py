"""Decides whether a plugin is what jifen can load: alone, by the rules of names, with hooks that fit, titled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jifen.offers import Category
from jifen.words import LANGUAGES

from jifen_conformance import alone
from jifen_conformance.check import Broken, Kind, check, expect
from jifen_conformance.comparing import few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jifen_conformance.target import Target

INSTALLED: Final = (Kind.PLUGIN,)
PROGRAM: Final = str(Path(alone.__file__))

_NAMES: Final = frozenset({"namespace", "no-name-of", "entry-name"})
_TWICE: Final = frozenset({"twice", "entry-twice"})
_HOOKS: Final = frozenset({"signature", "no-hook", "marker", "order", "no-sequence", "no-offer", "hook-failed"})


@check("P01", since="0.1", kinds=INSTALLED, settles=False)
def loads_alone(target: Target) -> None:
    """A plugin loads alone: in a fresh interpreter, with only what its distribution requires, all offers are there.

    Why: a town office installs one package; what it needs and does not say is missing on that machine only.
    Mend: add the distribution that brings the module to `dependencies` in pyproject.toml, or do without the import.
    """
    report = target.report
    if report is None:
        return
    given = f"{report.distribution} with only what it requires"
    told = _alone(report.distribution, tuple(sys.path))
    here = {str(problem) for problem in report.problems}
    worse = [problem for problem in told["problems"] if problem not in here]
    missing = {name for _, name in report.offers} - {name for _, name in told["offers"]}
    expect(not worse, given, few(worse))
    expect(not missing, given, f"not offered: {', '.join(sorted(missing))}")


@lru_cache(maxsize=64)
def _alone(distribution: str, path: tuple[str, ...]) -> Mapping[str, Any]:
    ran = subprocess.run(  # noqa: S603 - our own program, in our own interpreter
        [sys.executable, "-I", PROGRAM],
        input=json.dumps({"path": path, "distribution": distribution}),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        told = ran.stderr.strip().splitlines()
        raise Broken(f"{distribution} with only what it requires", told[-1] if told else f"status {ran.returncode}")
    answer: Mapping[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


@check("P02", since="0.1", kinds=INSTALLED, settles=False)
def names_are_namespaced(target: Target) -> None:
    """What rule books name begins with the plugin's entry point and a dot.

    Why: the name in a rule book says whose it is, and two plugins cannot meet in one name by accident.
    Mend: begin the name of the offer with the entry point that pyproject.toml declares, in small letters, and a dot.
    """
    _without(target, _NAMES, "the names that the hooks return")


@check("P03", since="0.1", kinds=(Kind.PLUGIN, Kind.CATEGORY), settles=False)
def names_are_unique(target: Target) -> None:
    """No name is offered twice, by one plugin or by two, and no category has an item's code twice.

    Why: jifen never chooses between two; a score must not depend on what was loaded first.
    Mend: rename one of the two, or uninstall the other distribution that is named.
    """
    _without(target, _TWICE, "the names of all installed offers")
    if target.kind is Kind.CATEGORY and isinstance(target.offer, Category):
        counts = Counter(item.code for item in target.offer.items)
        twice = [code for code, count in counts.items() if count > 1]
        expect(not twice, f"the items of {target.name}", f"codes that occur more than once: {', '.join(twice)}")


@check("P04", since="0.1", kinds=INSTALLED, settles=False)
def hooks_fit(target: Target) -> None:
    """Every hook has the signature of its specification and returns a sequence of the offers that it is for.

    Why: a hook that does not fit is never called, and what it would have offered would be missing.
    Mend: write the hook with the signature that the message gives, mark it with `@hookimpl`, return a tuple of offers.
    """
    _without(target, _HOOKS, "the hooks of the plugin's module")


@check("P05", since="0.1", settles=False)
def titles_in_both_languages(target: Target) -> None:
    """Every offer, and every rule book of a town, has a title in Chinese and in English.

    Why: villagers read the one, contributors from elsewhere the other.
    Mend: give it `title = { zh_CN = "…", en = "…" }`; a town's own stands in town.toml.
    """
    for name, title in _titles(target):
        missing = [language for language in LANGUAGES if not title.get(language, "").strip()]
        expect(not missing, f"the title of {name}: {dict(title)}", f"no words in {', '.join(missing)}")


def _titles(target: Target) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield target.name, getattr(target.offer, "title", {})
    if target.town is not None:
        yield from ((book.name, book.title) for book in target.books)


@check("P06", since="0.1", kinds=INSTALLED, settles=False)
def fits_this_core(target: Target) -> None:
    """The plugin can be imported, and the core that it asks for is the one that is installed.

    Why: a plugin for another core may settle by rules that have changed their meaning.
    Mend: mend the line that the message names, or state in pyproject.toml the core for which the plugin was tried.
    """
    found = [str(each) for each in target.report.problems if _bare(each.code) not in _OTHERS] if target.report else []
    expect(not found, f"the module and the requirements of {target.name}", few(found))


_OTHERS: Final = _NAMES | _TWICE | _HOOKS


def _bare(code: str) -> str:
    return code.removeprefix("plugins.")


def _without(target: Target, codes: frozenset[str], given: str) -> None:
    """That the registry has none of these problems with the plugin."""
    if target.kind is not Kind.PLUGIN or target.report is None:
        return
    found = [str(problem) for problem in target.report.problems if _bare(problem.code) in codes]
    expect(not found, given, few(found))
