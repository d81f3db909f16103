"""Decides where villages are settled: here, in processes of this machine, or wherever a plugin takes them.

One seam for all: `concurrent.futures.Executor`. A task is names and paths (`jifen.village_task`), so an executor only
has to run a function, and settles to the same bytes as any other.
"""

from __future__ import annotations

import os
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jifen.registry import Registry

LOCAL, PROCESSES = "local", "processes"
_THREADS: Final = "POLARS_MAX_THREADS"


class Here(Executor):
    """Runs each task at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is done; a failure is its exception, as with any executor."""
        future: Future[Any] = Future()
        try:
            # As if it had travelled: texts that were filtered would else hold on to the buffers of all rows.
            future.set_result(pickle.loads(pickle.dumps(fn(*args, **kwargs))))  # noqa: S301 - it is our own
        except Exception as fault:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(fault)
        return future


@contextmanager
def opened(name: str, registry: Registry, needed: Mapping[str, str]) -> Iterator[Executor]:
    """The executor of a name: ``local``, ``processes``, ``processes:4``, or a plugin's with what follows its colon.

    `needed` are the distributions and versions that must be there as they are here.
    Raises `Refused` (``executors.unknown``) for any other name, and whatever the plugin refuses.
    """
    kind, _, detail = name.partition(":")
    if kind == LOCAL and not detail:
        yield Here()
    elif kind == PROCESSES and (not detail or detail.isdecimal()):
        with _processes(int(detail or 0) or os.cpu_count() or 1) as pool:
            yield pool
    else:
        offer = next((each for each in registry.executors if each.name == kind), None)
        if offer is None:
            known = ", ".join([LOCAL, PROCESSES, *(each.name for each in registry.executors)])
            raise Refused([Problem("executors.unknown", facts={"got": name, "known": known})])
        with offer.open(detail, needed) as executor:
            yield executor


@contextmanager
def _processes(count: int) -> Iterator[Executor]:
    """Fresh processes, each with one thread for columns: forked ones would inherit locks of threads that are gone."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before
