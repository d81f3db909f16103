"""Decides how a target is settled in another process, watched: another hash seed and time zone, nothing left behind.

The other process reads a pickled order from its standard input and writes what it observed into a file.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve, frozen

from jifen_conformance.check import Broken
from jifen_conformance.state import changes, state
from jifen_conformance.watching import FILE, Access, watched

if TYPE_CHECKING:
    from jifen_conformance.target import Target

SEEDS: Final = ("4711", "4712")
ZONE: Final = "Pacific/Kiritimati"
"""Fourteen hours ahead: on most of a day it is another date there."""


@frozen
class Observed:
    """What a target did in a process of its own: the frames of each trial, what it reached for, what it changed."""

    frames: tuple[dict[str, pl.DataFrame], ...]
    accesses: tuple[Access, ...]
    changes: tuple[str, ...]


@frozen
class _Order:
    path: list[str]
    name: str
    kind: str
    made_by: str
    home: Path | None
    options: dict[str, Any] | None
    answer: str


def observed(target: Target) -> Observed:
    """Settles a target elsewhere; here where no other process could find it. Raises `Broken` where it fails there."""
    found = _observed(target)
    if isinstance(found, Broken):
        raise Broken(found.given, found.returned)
    return found


@lru_cache(maxsize=32)
def _observed(target: Target) -> Observed | Broken:
    if target.report is None and not target.made_by:
        return observe(target)
    with TemporaryDirectory(prefix="jifen-conformance-") as folder:
        answer = Path(folder) / "observed"
        options = None if target.options is None else dict(target.options)
        order = _Order(sys.path, target.name, target.kind.value, target.made_by, target.home, options, str(answer))
        seed = next(seed for seed in SEEDS if seed != os.environ.get("PYTHONHASHSEED"))
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": ZONE, "PYTHONPATH": os.pathsep.join(sys.path)}
        ran = subprocess.run(
            [sys.executable, "-c", "from jifen_conformance.elsewhere import main; main()"],
            input=pickle.dumps(order),
            capture_output=True,
            env=environment,
            check=False,
        )
        if ran.returncode or not answer.is_file():
            told = ran.stderr.decode(errors="replace").strip().splitlines()
            return Broken(f"{target.name} in another process", told[-1] if told else f"exit status {ran.returncode}")
        found: Observed = pickle.loads(answer.read_bytes())  # noqa: S301 - our own program wrote it
        return found


def observe(target: Target) -> Observed:
    """Settles each trial twice in this process: watched from the first time on."""
    before = state(target.home)
    with watched(target.home) as seen:
        frames = tuple(trial.again().frames() for trial in target.trials)
    for trial in target.trials:
        trial.again()
    return Observed(frames, tuple(seen), tuple(changes(before, state(target.home))))


def main() -> None:
    """The other process."""
    order: _Order = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own program wrote it
    sys.path[:] = order.path
    with watched(order.home) as loading:
        target = _found(order)
    seen = observe(target)
    # A plugin may read its own data when it is loaded; what it offers may not depend on the day or the machine.
    early = tuple(each for each in loading if each.what != FILE)
    Path(order.answer).write_bytes(pickle.dumps(evolve(seen, accesses=(*early, *seen.accesses))))


def _found(order: _Order) -> Target:
    if order.made_by:
        module, _, function = order.made_by.partition(":")
        made: Target = getattr(import_module(module), function)()
        return made
    from jifen.registry import Registry

    from jifen_conformance.finding import find

    targets = find(order.name, Registry.load(), order.options)
    return next(each for each in targets if (each.kind.value, each.name) == (order.kind, order.name))
