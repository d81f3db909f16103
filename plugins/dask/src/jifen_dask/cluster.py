"""Decides how a Dask cluster settles villages: its workers are looked at before any work, lost ones are made good.

A task that a lost worker had is run again by another; it writes the same bytes, so nothing changes.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

import dask
from distributed import Client, LocalCluster
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor

TRIES: Final = 10
"""How often a task may lose its worker before that is called a fault of the task."""
_ALLOCATOR: Final = {"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None}
"""Dask has its workers give back memory at once; with columns as large as these they take a third longer for it."""
_PATIENCE: Final = "20s"
"""How long to wait for a scheduler that does not answer."""


@contextmanager
def opened(address: str, needed: Mapping[str, str]) -> Iterator[Executor]:
    """An executor of the scheduler at `address`, or of a cluster of this machine's processes for as long as it runs.

    Raises `Refused` where there is no scheduler, it has no workers, and for every worker that lacks what is `needed`
    (distribution → version) or has another version of it.
    """
    if address:
        with _connected(address) as client, _executor(client, needed) as executor:
            yield executor
        return
    settings = {"env": {"POLARS_MAX_THREADS": "1"}, "dashboard_address": ":0", "silence_logs": "CRITICAL"}
    workers = os.cpu_count() or 1
    with (
        dask.config.set(_ALLOCATOR),
        LocalCluster(n_workers=workers, threads_per_worker=1, **settings) as cluster,
        Client(cluster) as client,
    ):
        client.run_on_scheduler(_be_patient)
        with _executor(client, needed) as executor:
            yield executor


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise Refused([Problem("dask.no-scheduler", facts={"address": address})]) from error
    with client:
        yield client


@contextmanager
def _executor(client: Client, needed: Mapping[str, str]) -> Iterator[Executor]:
    check_workers(client, needed)
    with client.get_executor(retries=TRIES, pure=False) as executor:
        yield executor


def check_workers(client: Client, needed: Mapping[str, str]) -> None:
    """Raises `Refused` with the name of every worker that could not settle as this process would."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise Refused([Problem("dask.no-workers")])
    # A worker that is lost in this moment is not asked: its tasks go to others.
    found: dict[str, dict[str, str | None]] = client.run(installed, list(needed), on_error="ignore")
    problems = []
    for address, versions in sorted(found.items()):
        name = workers.get(address, {}).get("name", address)
        for distribution, wanted in needed.items():
            got = versions[distribution]
            facts = {"worker": name, "address": address, "distribution": distribution, "want": wanted}
            if got is None:
                problems.append(Problem("dask.worker-lacks", facts=facts))
            elif got != wanted:
                problems.append(Problem("dask.worker-differs", facts={**facts, "got": got}))
    if problems:
        raise Refused(problems)


def installed(distributions: Sequence[str]) -> dict[str, str | None]:
    """The versions of distributions where this runs; None for those that are not there."""
    found: dict[str, str | None] = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _be_patient(dask_scheduler: object) -> None:
    """On the scheduler: a task may lose its worker more than the three times that it allows by itself."""
    setattr(dask_scheduler, "allowed_failures", TRIES)  # noqa: B010 - the scheduler's type is not known here
