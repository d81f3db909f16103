"""Decides what travels to where villages are settled: names and paths, never data; and what comes back.

A task is settled by whoever has the same rules: the digests of its rule books are compared before anything is read.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
from attrs import evolve, frozen

from jifen.checking import admit
from jifen.concluding import looked_at
from jifen.in_force import books_in
from jifen.inputs import Reading, SetAside, Source, counted
from jifen.known import as_known
from jifen.packing import PackedVillage, read_pack
from jifen.parts import Part, program_of, settle_part
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.settling import rules_of
from jifen.stores import Store, digest_of, local

if TYPE_CHECKING:
    from jifen.packing import Packed
    from jifen.program import Program
    from jifen.registry import Registry

IN_FILES = ("awards", "cuts", "refused", "category_points")
"""The frames of which each task writes a file; they are too large to travel."""


@frozen
class Task:
    """Some whole villages of a packed dataset, to be settled into files below `out`, a folder or an address."""

    town: str
    period: str
    digests: tuple[str, ...]
    pack: str
    out: str
    number: int
    villages: tuple[PackedVillage, ...]
    known_at: date | None = None


@frozen(eq=False)
class Done:
    """What came of a task.

    Of `part` the awards are only those that `jifen.concluding` looks at, there are no cuts and no points by category,
    and one refused deed for each reason: all of them are in the files, `outputs` by name and SHA-256.
    """

    number: int
    part: Part
    rows_in: int
    set_aside: tuple[SetAside, ...]
    outputs: dict[str, str]


def settle_task(task: Task) -> Done:
    """Settles the villages of a task.

    Raises `Refused` where the rules here are not those of the task, where a file was changed, and as
    `jifen.flow.settle` does. Settled twice it writes the same bytes.
    """
    registry, program = _rules(task.town, task.pack, task.period)
    book, period = program.book, Period.parse(task.period)
    here = tuple(each.digest for each in books_in(book))
    if here != task.digests:
        facts = {"town": task.town, "want": ", ".join(task.digests), "got": ", ".join(here)}
        raise Refused([Problem("packing.other-rules", facts=facts)])
    reading = _reading(read_pack(task.pack), task)
    inputs = admit(reading, book, period)
    part = settle_part(program, registry, inputs, period)
    aside = tuple(row for row in inputs.set_aside if row.frame in ("deeds", "corrections"))
    outputs = {}
    for frame in IN_FILES:
        buffer, name = BytesIO(), f"{frame}/{task.number:05}.parquet"
        getattr(part, frame).write_parquet(buffer, compression="zstd", compression_level=3)
        # A task that was given up for lost may still be running; it writes the same.
        Store(task.out).write(name, buffer.getvalue())
        outputs[name] = digest_of(buffer.getvalue())
    small = evolve(
        part,
        awards=looked_at(book, registry, part.awards),
        cuts=part.cuts.clear(),
        category_points=part.category_points.clear(),
        refused=part.refused.unique("reason", keep="first", maintain_order=True),
    )
    return Done(task.number, small, inputs.rows_in, aside, outputs)


@cache
def _rules(town: str, folder: str, period: str) -> tuple[Registry, Program]:
    """The rules as they are installed here; looked up once in a process."""
    from jifen.registry import Registry

    registry = Registry.load()
    span = Period.parse(period)
    return registry, program_of(rules_of(registry, town, local(folder), span), registry, span)


def _reading(packed: Packed, task: Task) -> Reading:
    mine = pl.col("village").cast(pl.String).is_in([village.village for village in task.villages])
    tables = {
        "villages": packed.table("villages").filter(mine),
        "households": packed.rows("households", task.villages),
        "deeds": packed.rows("deeds", task.villages),
        "corrections": packed.table("corrections").filter(mine),
    }
    sources: list[Source] = []
    origins = {}
    for name in ("households", "deeds"):
        places = []
        for village in task.villages:
            places.append(counted(getattr(village, name), len(sources)))
            sources.append(Source(village.file(name)))
        origins[name] = pl.concat(places)
    reading = Reading(tables, sources=tuple(sources), origins=origins, rows_in=tables["deeds"].height)
    return reading if task.known_at is None else as_known(reading, task.known_at)
