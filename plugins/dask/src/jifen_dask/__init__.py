"""Villages are settled on a Dask cluster: ``jifen settle --executor dask`` or ``dask:tcp://scheduler:8786``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.hooks import hookimpl
from jifen.words import add_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from jifen.offers import ExecutorOffer

add_catalogue("jifen_dask")


@hookimpl
def jifen_executors() -> tuple[ExecutorOffer, ...]:
    """``dask``: without an address a cluster of this machine's processes, for as long as it is needed."""
    from jifen.offers import ExecutorOffer

    return (ExecutorOffer("dask", opened),)


def opened(address: str, needed: Mapping[str, str]) -> AbstractContextManager[Executor]:
    """The cluster's executor, once every worker has what is `needed` (distribution → version)."""
    from jifen_dask.cluster import opened as open_cluster

    return open_cluster(address, needed)
