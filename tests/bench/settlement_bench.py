"""Decides how the speed of a settlement is told: medians of 5 beside hand-written peers, on one input, in one run.

Run it with `nox -s bench` (`-- --json FILE` keeps the medians in seconds, `-- --small` tries it out).
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import polars as pl
from jifen.household import settle_household
from jifen.inputs import Inputs
from jifen.period import Period
from jifen.program import Program
from jifen.settle import settle

from core.tests.scheme import REGISTRY
from tests.bench import by_duckdb, by_polars, town

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS: Final = 5
PERIOD: Final = Period.parse("2025")


def read(folder: Path) -> Inputs:
    """The three frames of a folder."""
    villages, households, deeds = (
        pl.read_parquet(folder / f"{name}.parquet") for name in ("villages", "households", "deeds")
    )
    return Inputs(villages, households, deeds)


def by_jifen(folder: Path, out: Path) -> None:
    """The whole settlement, with the awards written out."""
    settle(town.rules(), REGISTRY, read(folder), PERIOD).awards.write_parquet(out, compression="zstd")


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(outs: dict[str, Path]) -> None:
    """Every answer, deed by deed. Raises `SystemExit` where one differs."""
    want = pl.read_parquet(outs["jifen"], columns=["deed", "before", "after", "gross", "points"]).sort("deed")
    for name, out in outs.items():
        have = pl.read_parquet(out, columns=want.columns).sort("deed").cast(want.schema)
        if not have.equals(want):
            raise SystemExit(f"{name}: the answers differ")


def one_household(folder: Path) -> pl.DataFrame:
    """The deeds of one household of a village."""
    return read(folder).deeds.filter(pl.col("subject") == "V000-0000")


PROCESS: Final = """
import sys
from pathlib import Path
from tests.bench.settlement_bench import by_jifen
by_jifen(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def main() -> int:
    """Makes the input, times everybody in turn, compares the answers, prints the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--json", type=Path)
    options.add_argument("--small", action="store_true")
    chosen = options.parse_args()
    villages = 4 if chosen.small else 36
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = town.write(folder / "town", villages, 800, 60)
        town.write(folder / "village", 1, 800, 60)
        small, program = one_household(folder / "village"), Program.of(town.rules(), {})
        outs = {engine: folder / f"{engine}.parquet" for engine in ("jifen", "duckdb", "polars")}
        work: dict[str, Callable[[], object]] = {
            "jifen": lambda: by_jifen(folder / "town", outs["jifen"]),
            "duckdb": lambda: by_duckdb.settle(folder / "town", outs["duckdb"]),
            "polars": lambda: by_polars.settle(folder / "town", outs["polars"]),
            "read": lambda: read(folder / "town"),
            "household": lambda: settle_household(program, PERIOD, "V000", "V000-0000", small),
            "village_process": lambda: subprocess.run(
                [sys.executable, "-c", PROCESS, str(folder / "village"), str(folder / "v.parquet")], check=True
            ),
            "help": lambda: subprocess.run(
                [sys.executable, "-m", "jifen", "--help"], check=True, stdout=subprocess.DEVNULL
            ),
        }
        for once in work.values():
            once()
        compare(outs)
        seconds = {engine: [timed(once) for _ in range(RUNS)] for engine, once in work.items()}
    medians = {engine: median(runs) for engine, runs in seconds.items()}
    versions = {"python": platform.python_version(), "polars": pl.__version__, "numpy": np.__version__}
    versions["duckdb"] = duckdb.__version__
    sys.stdout.write(f"{size:,} deeds, medians of {RUNS}, answers identical; {platform.machine()}, {versions}\n")
    for engine, value in medians.items():
        sys.stdout.write(f"{engine:16} {value:8.3f} s   {value / medians['duckdb']:6.2f} × duckdb\n")
    if chosen.json:
        chosen.json.write_text(json.dumps(medians, indent=2, sort_keys=True) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
