"""Decides how a figure comes about: medians over processes of their own, rounds in turn, and what is told beside them."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RUNS: Final = 5
"""JIFEN_BENCH_RUNS in the environment makes it another number, to try things out; the tables tell it."""
FEWER: Final = 3
LONG: Final = 60
"""Seconds: what takes longer is run three times and says so."""
QUIET: Final = 0.5
"""Load average at the start, or cores busy before a section, above which figures are marked."""
IDLE: Final = 5
"""Seconds of looking at an idle machine."""
PACKAGES: Final = ("jifen", "polars", "numpy", "duckdb", "pyarrow", "openfisca-core", "distributed")
ONE_CORE: Final = ("taskset", "-c", "0")


def machine(packages: Sequence[str] = PACKAGES) -> dict[str, Any]:
    """What it ran on, and with what."""
    try:
        model = next(
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        )
    except (OSError, StopIteration):
        model = platform.processor()
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.system() + " " + platform.machine(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
    }


LOAD_AT_START: Final = os.getloadavg()[0]
"""Before anything of ours ran."""


def runs_wanted() -> int:
    """How many runs make a median."""
    return int(os.environ.get("JIFEN_BENCH_RUNS", RUNS))


def load() -> dict[str, Any]:
    """How busy the machine was with other work: by its load at the very start, and by looking, while nothing of ours runs."""
    busy = psutil.cpu_percent(interval=IDLE) / 100 * (os.cpu_count() or 1)
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "load_at_start": round(LOAD_AT_START, 2),
        "cores_busy_before": round(busy, 2),
        "runs": runs_wanted(),
        "quiet": LOAD_AT_START <= QUIET and busy <= QUIET,
    }


def run(name: str, pack: Path, out: Path, *, one_core: bool = False) -> dict[str, float]:
    """One run in a process of its own; `out` is left with what it wrote."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "tests.bench.child", name, str(pack), str(out)]
    environment = {**os.environ, **({"POLARS_MAX_THREADS": "1"} if one_core else {})}
    prefix = ONE_CORE if one_core else ()
    done = subprocess.run([*prefix, *command], check=True, stdout=subprocess.PIPE, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def same(jifen: Path, other: Path) -> int:
    """How many answers of two programs were compared. Raises where one differs."""
    command = [sys.executable, "-m", "tests.bench.child", "compare", str(jifen), str(other)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return int(json.loads(done.stdout)["same"])


def rounds(work: Mapping[str, Callable[[], Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """Medians of all, each once in each round, so that a busy minute hits everybody alike."""
    found: dict[str, list[Mapping[str, float]]] = {name: [] for name in work}
    for turn in range(runs_wanted()):
        for name, once in work.items():
            if turn >= FEWER and found[name][0]["seconds"] > LONG:
                continue
            found[name].append(once())
            print(f"{turn + 1} {name}: {found[name][-1]['seconds']:.3f} s", flush=True)
    return {
        name: {"runs": len(each), **{key: median(one[key] for one in each) for key in each[0]}}
        for name, each in found.items()
    }


def process_seconds(command: Sequence[str]) -> dict[str, float]:
    """How long a whole process takes, with its start."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {"seconds": time.perf_counter() - start}


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
