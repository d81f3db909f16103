"""Decides whether lost workers change anything: one of two is killed at a random moment, over and over; same bytes."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from distributed import Client, LocalCluster

from tests.bench import by_jifen
from tests.bench.data import SEED
from tests.bench.sections import packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMES: Final = 20


def digests(folder: Path) -> dict[str, str]:
    """Every file of a settlement and its digest."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def kill(work: Path, villages: int) -> dict[str, Any]:
    """Kills a worker in each of 20 settlements. Raises `SystemExit` where one gives other bytes."""
    pack, _ = packed(work, villages)
    out = work / "killed"
    shutil.rmtree(out, ignore_errors=True)
    by_jifen.settle(pack, out)
    want = digests(out)
    lot = random.Random(SEED)
    hit = 0
    with _two_workers() as (cluster, _):
        took = _settled(pack, out, cluster.scheduler_address)
    for turn in range(TIMES):
        # A cluster for each turn: one whose worker is killed while it starts waits for it for ever.
        with _two_workers() as (cluster, workers):
            moment = lot.uniform(0, took)
            killer = threading.Timer(moment, os.kill, (lot.choice(workers), signal.SIGKILL))
            killer.start()
            seconds = _settled(pack, out, cluster.scheduler_address)
            hit += moment < seconds
            killer.join()
        other = sorted({name for name, _ in digests(out).items() ^ want.items()})
        if other:
            raise SystemExit(f"turn {turn + 1}: killed after {moment:.2f} s of {seconds:.2f} s, other bytes: {other}")
        print(f"{turn + 1} killed after {moment:.2f} s of {seconds:.2f} s: the same bytes", flush=True)
    shutil.rmtree(out)
    return {"villages": villages, "times": TIMES, "killed_before_the_end": hit, "same_bytes": TIMES}


@contextmanager
def _two_workers() -> Iterator[tuple[LocalCluster, list[int]]]:
    """A cluster of two workers, and their processes."""
    settings = {"env": {"POLARS_MAX_THREADS": "1"}, "dashboard_address": ":0", "silence_logs": "CRITICAL"}
    with LocalCluster(n_workers=2, threads_per_worker=1, **settings) as cluster:
        with Client(cluster) as client:
            workers = sorted(client.run(os.getpid).values())
        yield cluster, workers


def _settled(pack: Path, out: Path, address: str) -> float:
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    by_jifen.settle(pack, out, f"dask:{address}")
    return time.perf_counter() - start
