"""Decides how quick the small things are: one household, one new deed, one village, and the program's start."""

from __future__ import annotations

import shutil
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from jifen.flow import settle
from jifen.household import settle_household
from jifen.inputs import Inputs
from jifen.packing import read_pack
from jifen.parts import program_of
from jifen.period import Period
from jifen.registry import Registry
from jifen.settling import rules_of

from tests.bench import data
from tests.bench.measuring import process_seconds, rounds
from tests.bench.sections import packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WARM: Final = 20
"""So many repetitions make one run of what takes milliseconds; its median is taken."""


def small(work: Path, _villages: int = 1) -> dict[str, Any]:
    """Each figure in seconds."""
    pack, _ = packed(work, 1)
    registry, period = Registry.load(), Period.parse(data.PERIOD)
    book = rules_of(registry, data.TOWN, pack, period)
    program, whole = program_of(book, registry, period), read_pack(pack)
    tables = {"villages": whole.table("villages")}
    rows = {name: whole.rows(name, whole.villages) for name in ("households", "deeds")}
    village, household = "V00000", "V00000-0007"
    mine = rows["deeds"].filter(pl.col("subject") == household)
    new = mine.filter(pl.col("item") == "P04").head(1).with_columns(deed=pl.lit("V00000-N1"), status=pl.lit("approved"))
    given = Inputs(tables["villages"], rows["households"], rows["deeds"])
    settled = settle(book, registry, given, period, town=data.TOWN)
    settled.update(new)  # what stays from one update to the next is made by the first
    out = work / "village"

    def whole_process() -> dict[str, float]:
        shutil.rmtree(out, ignore_errors=True)
        return process_seconds([sys.executable, "-m", "tests.bench.child", "jifen", str(pack), str(out)])

    def by_command() -> dict[str, float]:
        shutil.rmtree(out, ignore_errors=True)
        told = ["--town", data.TOWN, "--period", data.PERIOD, "--data", str(pack), "--out", str(out)]
        return process_seconds([sys.executable, "-m", "jifen", "settle", *told])

    figures = rounds(
        {
            "one household with its explanation": partial(
                _often, partial(settle_household, program, period, village, household, mine)
            ),
            "one new deed in a village of 800": partial(_often, partial(settled.update, new)),
            "whole process for one village": whole_process,
            "jifen settle of one village, with workbook and report": by_command,
            "import jifen": partial(process_seconds, [sys.executable, "-c", "import jifen"]),
            "python alone": partial(process_seconds, [sys.executable, "-c", "pass"]),
            "jifen --help": partial(process_seconds, [sys.executable, "-m", "jifen", "--help"]),
        }
    )
    shutil.rmtree(out, ignore_errors=True)
    return {"deeds_of_household": mine.height, "deeds_of_village": rows["deeds"].height, "engines": figures}


def _often(work: Callable[[], object]) -> dict[str, float]:
    seconds = []
    for _ in range(WARM):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {"seconds": sorted(seconds)[WARM // 2]}
