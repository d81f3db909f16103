"""Decides how long a plugin takes to import: in a fresh interpreter, in which everything of the core is there."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CORE: Final = ("jifen.registry", "jifen.rulebook", "jifen.flow", "jifen.explain", "polars", "numpy")
"""What every plugin finds in memory already when a settlement begins."""

ROUNDS: Final = 3


def seconds_to_import(module: str, path: Sequence[str]) -> float:
    """Seconds that a plugin's module and its hooks take, in an interpreter of their own. Raises `RuntimeError`."""
    program = "import sys; sys.path[:] = sys.argv[2:]; from jifen_conformance.measuring import main; main(sys.argv[1])"
    ran = subprocess.run(  # noqa: S603 - our own program, in our own interpreter
        [sys.executable, "-c", program, module, *path], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip().splitlines()[-1])
    return float(ran.stdout.split()[-1])


def main(module: str) -> None:
    """Imports the plugin and calls its hooks, as the registry does."""
    for each in CORE:
        import_module(each)
    start = perf_counter()
    plugin = import_module(module)
    for name in dir(plugin):
        if name.startswith("jifen_") and callable(getattr(plugin, name)):
            getattr(plugin, name)()
    sys.stdout.write(f"{perf_counter() - start}\n")


def best(action: Callable[[], float]) -> float:
    """The least of three measurements, in seconds."""
    return min(action() for _ in range(ROUNDS))


def within(bound: float, unit: float, taken: Callable[[], float]) -> tuple[bool, float]:
    """Whether something takes at most `bound` units of so many seconds, and how many it took.

    It is measured again while it does not, up to three times, and the least counts, so that a busy machine does not
    decide.
    """
    ratio = float("inf")
    for _ in range(ROUNDS):
        ratio = min(ratio, taken() / unit)
        if ratio <= bound:
            return True, ratio
    return False, ratio
