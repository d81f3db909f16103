"""Decides how an invented town lies on disk as columns: three Parquet files, ready to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen_demo.sheets import Written

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.inputs import Inputs

_ROWS = 131_072


def write_parquet(inputs: Inputs, folder: Path) -> list[Written]:
    """villages.parquet, households.parquet, deeds.parquet (by village, subject, date, deed), requests.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "villages": inputs.villages.sort("village"),
        "households": inputs.households.sort("village", "household"),
        "deeds": inputs.deeds.sort("village", "subject", "date", "deed"),
    }
    if inputs.requests.height:
        tables["requests"] = inputs.requests.sort("village", "date", "request")
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        table.write_parquet(path, compression="zstd", row_group_size=_ROWS)
        written.append(Written(path, {name: table.height}))
    return written
