"""Decides whether a plugin starts fast enough: in units of the baseline's own time, measured in the same run."""

from __future__ import annotations

import sys
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from jifen.program import Program
from jifen.rulebook import books_of

from jifen_conformance.check import Kind, check, expect
from jifen_conformance.measuring import best, seconds_to_import, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen_conformance.target import Target

BASELINE: Final = "jifen_pudong"
IMPORTS: Final = 12
"""How many times the baseline's time an import may take."""
LOADS: Final = 25
"""How many times the time of the baseline's samples the books of a town may take."""
LEAST_IMPORT: Final = 0.01
LEAST_LOAD: Final = 0.002
"""Seconds; a unit is never taken for less."""


@check("T01", since="0.1", kinds=(Kind.PLUGIN,), settles=False)
def imports_fast(target: Target) -> None:
    """Importing a plugin and calling its hooks takes at most 12 times as long as it takes the baseline.

    Why: every command of every user waits for every plugin that is installed.
    Mend: import what is heavy inside the hook or the function that needs it, and compute nothing at import.
    """
    report = target.report
    if report is None or report.problems or not report.module:
        return  # what cannot be loaded is told by other checks
    path, module = tuple(sys.path), report.module
    kept, ratio = within(IMPORTS, _unit(path), lambda: seconds_to_import(module, path))
    expect(kept, f"{module} in a fresh interpreter, best of three", f"{ratio:.0f} times the baseline's time")


@check("T02", since="0.1", kinds=(Kind.TOWN,), settles=False)
def loads_fast(target: Target) -> None:
    """Reading and compiling a town's rule books takes at most 25 times as long as reading the baseline's samples.

    Why: every answer to a villager begins with reading the rules.
    Mend: leave out items that no deed uses, give other years books of their own, keep a plugin's own `check` small.
    """
    town, registry = target.town, target.registry
    if town is None or target.problems:
        return  # B01 to B03 say why

    def load() -> None:
        for book in books_of(town, registry):
            scorers = {each.name: registry.category(each.name).scorer for each in book.categories if not each.own}
            Program.of(book, {name: scorer for name, scorer in scorers.items() if scorer is not None})

    unit = max(best(lambda: _seconds(_samples)), LEAST_LOAD)
    kept, ratio = within(LOADS, unit, lambda: _seconds(load))
    expect(kept, f"the rule books of {target.name}, best of three", f"{ratio:.0f} times the baseline's time")


@lru_cache(maxsize=8)
def _unit(path: tuple[str, ...]) -> float:
    """Seconds that the baseline takes to import, measured once in a run."""
    return max(best(lambda: seconds_to_import(BASELINE, path)), LEAST_IMPORT)


def _samples() -> Any:
    from jifen_pudong import jifen_categories

    return jifen_categories()


def _seconds(action: Callable[[], Any]) -> float:
    start = perf_counter()
    action()
    return perf_counter() - start
