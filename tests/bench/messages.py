"""Decides what travels on a cluster: bytes of a task and of what comes back, and messages of the scheduler a village."""

from __future__ import annotations

import pickle
import shutil
from typing import TYPE_CHECKING, Any

from distributed import Client, LocalCluster
from jifen import streaming, village_task

from tests.bench import by_jifen
from tests.bench.sections import packed

if TYPE_CHECKING:
    from pathlib import Path


def messages(work: Path, villages: int) -> dict[str, Any]:
    """One settlement with two workers: what the scheduler told workers and was told by them, and the bytes of tasks and results."""
    pack, _ = packed(work, villages)
    out = work / "told"
    sizes: list[tuple[int, int]] = []

    def weighed(task: village_task.Task) -> village_task.Done:
        done = village_task.settle_task(task)
        sizes.append((len(pickle.dumps(task)), len(pickle.dumps(done))))
        return done

    setattr(streaming, "settle_task", weighed)  # noqa: B010 - only here, to weigh what travels
    by_jifen.settle(pack, out)
    setattr(streaming, "settle_task", village_task.settle_task)  # noqa: B010
    settings = {"env": {"POLARS_MAX_THREADS": "1"}, "dashboard_address": ":0", "silence_logs": "CRITICAL"}
    with LocalCluster(n_workers=2, threads_per_worker=1, **settings) as cluster, Client(cluster) as client:
        before = _counted(client)
        shutil.rmtree(out)
        by_jifen.settle(pack, out, f"dask:{cluster.scheduler_address}")
        after = _counted(client)
    shutil.rmtree(out)
    return {
        "villages": villages,
        "tasks": len(sizes),
        "bytes_of_tasks": sum(task for task, _ in sizes),
        "bytes_of_results": sum(done for _, done in sizes),
        "messages": after - before,
    }


def _counted(client: Client) -> int:
    """Messages between scheduler and workers, in both directions, so far."""
    told: int = client.run_on_scheduler(_of_scheduler)
    heard: int = sum(client.run(_of_worker).values())
    return told + heard


def _of_scheduler(dask_scheduler: Any) -> int:
    streams = dask_scheduler.stream_comms.values()
    count: int = sum(stream.message_count for stream in streams)
    return count


def _of_worker(dask_worker: Any) -> int:
    count: int = dask_worker.batched_stream.message_count
    return count
