"""Promises of the Dask executor: the bytes of one process, unfit workers named before any work, lost workers made good."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import wait
from typing import TYPE_CHECKING

import pytest
from distributed import Client, LocalCluster
from jifen import streaming
from jifen.commands import main
from jifen.problems import Refused
from jifen.registry import Registry
from jifen_dask.cluster import check_workers, installed, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOLD = ("--town", "qinghe", "--period", "2025")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    assert main(["demo", str(folder / "plain"), "--town", "qinghe", "--villages", "4", "--households", "20"]) == 0
    assert main(["pack", str(folder / "plain"), str(folder / "packed"), *TOLD]) == 0
    return folder / "packed"


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL") as made:
        yield made


def settled(packed: Path, out: Path, executor: str) -> dict[str, bytes]:
    assert main(["settle", *TOLD, "--data", str(packed), "--out", str(out), "--executor", executor]) == 0
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}


def test_a_cluster_settles_to_the_bytes_of_one_process(
    packed: Path, cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BATCH", 1)
    here = settled(packed, tmp_path / "here", "local")
    assert settled(packed, tmp_path / "there", f"dask:{cluster.scheduler_address}") == here


def test_a_worker_without_a_package_or_with_another_version_is_named_before_any_work(cluster: LocalCluster) -> None:
    needed = {"jifen": "99.0", "jifen-town-nowhere": "1.0"}
    with Client(cluster) as client, pytest.raises(Refused) as refused:
        check_workers(client, needed)
    told = {(problem.code, problem.facts["distribution"]) for problem in refused.value.problems}
    assert told == {("dask.worker-differs", "jifen"), ("dask.worker-lacks", "jifen-town-nowhere")}
    assert len({problem.facts["worker"] for problem in refused.value.problems}) == len(cluster.workers)


def test_what_is_installed_is_told_by_version() -> None:
    found = installed(["jifen", "jifen-town-nowhere"])
    assert found["jifen"] is not None
    assert found["jifen-town-nowhere"] is None


def test_an_address_without_a_scheduler_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jifen_dask.cluster._PATIENCE", "1s")
    with pytest.raises(Refused) as refused, opened("tcp://127.0.0.1:9", {}):
        raise AssertionError("nothing listens there")
    assert [problem.code for problem in refused.value.problems] == ["dask.no-scheduler"]


def test_a_cluster_without_workers_is_refused() -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", silence_logs="CRITICAL") as empty,
        Client(empty) as client,
        pytest.raises(Refused) as refused,
    ):
        check_workers(client, {})
    assert [problem.code for problem in refused.value.problems] == ["dask.no-workers"]


def _slow_pid(number: int) -> tuple[int, int]:
    time.sleep(0.3)
    return number, os.getpid()


def test_a_worker_that_is_killed_in_the_middle_loses_no_task(cluster: LocalCluster) -> None:
    with opened(cluster.scheduler_address, {}) as executor:
        futures = [executor.submit(_slow_pid, number) for number in range(12)]
        victims: list[int] = []

        def kill() -> None:
            victims.append(futures[0].result()[1])
            os.kill(victims[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        wait(futures)
        killer.join()
        assert [future.result()[0] for future in futures] == list(range(12))
    assert victims


def test_the_executor_is_offered_by_name() -> None:
    assert [offer.name for offer in Registry.load().executors] == ["dask"]
