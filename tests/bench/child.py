"""Decides what one run measures: seconds of the work itself, and the peak memory of the processes that did it.

Run as a process of its own for each figure: `python -m tests.bench.child ENGINE PACK OUT`; prints JSON. Imports are not
counted for anybody; opening an executor is.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import polars as pl
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK: Final = 1.0
"""Seconds between two looks at the processes that were started."""


def read(pack: Path, out: Path) -> float:
    """The bare cost of reading the input."""
    from tests.bench.by_hand import shares

    del out
    start = time.perf_counter()
    for share in shares(pack):
        for files in share.values():
            pl.concat([pl.read_parquet(file) for file in files])
    return time.perf_counter() - start


def write(settled: Path, out: Path) -> float:
    """The bare cost of writing the awards, cuts and refused deeds of a settlement once more."""
    seconds = 0.0
    for name in ("awards", "cuts", "refused"):
        (out / name).mkdir(parents=True)
        for file in sorted((settled / name).iterdir()):
            frame = pl.read_parquet(file)
            start = time.perf_counter()
            frame.write_parquet(out / name / file.name, compression="zstd", compression_level=3)
            seconds += time.perf_counter() - start
    return seconds


def engine(name: str) -> Callable[[Path, Path], float]:
    """The work behind a name: ``jifen``, ``jifen:EXECUTOR``, or a program written by hand."""
    if name in ("read", "write"):
        return {"read": read, "write": write}[name]
    kind, _, executor = name.partition(":")
    settle = import_module(f"tests.bench.by_{kind}").settle
    more = (executor,) if executor else ()

    def timed(pack: Path, out: Path) -> float:
        start = time.perf_counter()
        settle(pack, out, *more)
        return time.perf_counter() - start

    return timed


def peak(process: str = "self") -> float:
    """MiB at the peak of a process itself; the kernel's other figure begins with that of the one that started it."""
    status = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


class Started(Thread):
    """Looks all the time at the processes that this one has started; `largest` is the peak of the largest, in MiB."""

    largest = 0.0

    def run(self) -> None:
        """Until the program ends."""
        while True:
            for each in psutil.Process().children(recursive=True):
                with suppress(OSError, StopIteration):  # it has just ended
                    self.largest = max(self.largest, peak(str(each.pid)))
            time.sleep(LOOK)


def compare(jifen: Path, other: Path) -> None:
    """The answers of two programs; in a process of its own, so that the one that starts the others stays small."""
    from tests.bench.comparing import same_awards, same_sums

    same = same_sums if other.name.endswith("openfisca") else same_awards
    print(json.dumps({"same": same(jifen, other)}))


def main(name: str, pack: str, out: str) -> None:
    """One run. Processes that it started count with the largest of them; there are as many as cores."""
    if name == "compare":
        compare(Path(pack), Path(out))
        return
    work, started = engine(name), Started(daemon=True)
    started.start()
    seconds = work(Path(pack), Path(out))
    print(json.dumps({"seconds": seconds, "mib": peak(), "mib_of_a_process": started.largest}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
