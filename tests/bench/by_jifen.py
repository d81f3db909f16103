"""Decides how the benchmark runs `jifen` itself: what `jifen settle` does, but for the workbook and the report.

Those are for people, and `jifen settle` leaves them out of what is as large as a district; here they are left out at
every size, so that sizes can be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen import streaming
from jifen.registry import Registry

from tests.bench.data import PERIOD, TOWN

if TYPE_CHECKING:
    from pathlib import Path


def settle(pack: Path, out: Path, executor: str = "local") -> None:
    """A settlement of a packed dataset: all frames with all explanations, checksums of what is read and written."""
    setattr(streaming, "MOST_FOR_PEOPLE", 0)  # noqa: B010 - a constant to everybody else
    streaming.keep_pack(Registry.load(), TOWN, pack, PERIOD, out, executor, streaming.How(), force=False)
