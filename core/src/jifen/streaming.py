"""Decides how a packed dataset is settled: as tasks of whole villages, whose results come together at the end.

Only small frames travel; memory follows the tasks that run and not the district. The tasks depend on the dataset alone,
so every executor settles to the same bytes.
"""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve, frozen

from jifen import __version__, keeping
from jifen.approval_checks import check_approved
from jifen.checking import admit
from jifen.concluding import conclude
from jifen.executors import opened
from jifen.folders import whole_folder
from jifen.frames import DEEDS
from jifen.in_force import books_in
from jifen.inputs import Inputs, Reading
from jifen.known import as_known
from jifen.packing import WHOLE, PackedVillage, read_pack
from jifen.parts import BATCH, Part
from jifen.period import Period
from jifen.problems import Problem, Refused
from jifen.settling import rules_of
from jifen.stores import Store, is_address, local
from jifen.village_task import IN_FILES, Done, Task, settle_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future
    from datetime import date
    from pathlib import Path

    from jifen.deployment import Deployment
    from jifen.model import RuleBook
    from jifen.packing import Packed
    from jifen.registry import Registry
    from jifen.settlement import Settlement


MOST_FOR_PEOPLE: Final = 2_000_000
"""Up to so many awards the workbook and the report are written as well: they need all of them at once."""


@frozen(eq=False)
class How:
    """How a packed dataset is settled: as known at the end of a day, with rows set aside, by which approvals."""

    set_aside: bool = False
    known_at: date | None = None
    deployment: Deployment | None = None
    progress: Callable[[int, int], None] | None = None


@frozen(eq=False)
class Streamed:
    """A settlement of which awards, cuts, refused deeds and points by category are in files: `outputs`, with SHA-256.

    Of these frames `settlement` holds only what the town's end was concluded from.
    """

    settlement: Settlement
    inputs: Inputs
    outputs: dict[str, str]


def settle_pack(
    registry: Registry,
    town: str,
    book: RuleBook,
    data: str | Path,
    period: str,
    out: Store,
    executor: Executor,
    how: How,
) -> Streamed:
    """Settles a packed dataset into files of `out`, where nothing else is; the executor must reach both.

    Raises `Refused` for rules that are not approved, for a process that was lost, for files that were changed since
    they were packed, and for rows that cannot be used, all tasks' together, unless they may be set aside.
    """
    packed, span = read_pack(data), Period.parse(period)
    approved = None if how.deployment is None else check_approved(how.deployment, town, books_in(book), registry)
    digests = tuple(each.digest for each in books_in(book))
    tasks = [
        Task(town, period, digests, packed.store.base, out.base, number, villages, how.known_at)
        for number, villages in enumerate(_shares(packed.villages))
    ]
    done = _run(executor, tasks, len(packed.villages), how.progress)
    # Registers are read whole only now: the tasks need their own villages', and beside a batch they would cost memory.
    inputs = admit(_head(packed, how.known_at), book, span, packed.digests)
    inputs = evolve(
        inputs,
        rows_in=sum(each.rows_in for each in done),
        set_aside=(*inputs.set_aside, *(row for each in done for row in each.set_aside)),
        cleaned=packed.cleaned,
        known_at=how.known_at,
        approved=approved,
    )
    if inputs.set_aside and not how.set_aside:
        count = Problem("dataset.nothing-settled", facts={"count": len(inputs.set_aside)})
        raise Refused([*(problem for row in inputs.set_aside for problem in row.problems), count])
    settlement = conclude(book, registry, inputs, span, town, Part.joined([each.part for each in done]))
    return Streamed(settlement, inputs, {name: digest for each in done for name, digest in each.outputs.items()})


def keep_pack(
    registry: Registry,
    town: str,
    data: str | Path,
    period: str,
    where: str | Path,
    executor: str,
    how: How,
    *,
    force: bool,
) -> tuple[Streamed, dict[str, Any]]:
    """Settles a packed dataset into a folder or to an address, whole or not at all; the settlement and its manifest.

    `executor` is a name as in `jifen.executors.opened`. Raises `Refused` as that and `settle_pack` do, for rules that
    are wrong or not in force, and where something is there already.
    """
    keeping.check_free(where, force=force)
    book = rules_of(registry, town, local(data), Period.parse(period))
    needed = {"jifen": __version__, "polars": pl.__version__, **keeping.rules_plugins(town, book, registry)}
    with whole_folder(where, last=keeping.MANIFEST) as fresh, opened(executor, registry, needed) as pool:
        out = Store.of(where if is_address(where) else fresh)
        done = settle_pack(registry, town, book, data, period, out, pool, how)
        settlement = done.settlement
        # What a lost worker left half written is no part of the settlement.
        out.remove([name for name in out.names() if name not in done.outputs])
        keeping.write_frames(settlement, done.inputs, fresh, done.outputs)
        if settlement.rows.awarded <= MOST_FOR_PEOPLE:
            whole = evolve(settlement, **_read_back(out, done.outputs))
            keeping.write_for_people(whole, done.inputs, fresh, registry)
        return done, keeping.finish(settlement, done.inputs, fresh, registry, done.outputs)


def _read_back(out: Store, outputs: Mapping[str, str]) -> dict[str, Any]:
    """The frames that the tasks wrote; none of them where there was no village."""
    names = {name: keeping.files_of(name, outputs) for name in IN_FILES}
    return {
        name: keeping.joined(out.tables(files, outputs, "keeping.changed"))
        for name, files in names.items()
        if outputs.keys() >= set(files)
    }


def _head(packed: Packed, known_at: date | None) -> Reading:
    """Everything but the deeds, which stay where they are."""
    tables = {name: packed.table(name) for name in WHOLE if name != "corrections"}
    tables["households"] = packed.rows("households", packed.villages).rechunk()
    reading = Reading({**tables, "deeds": DEEDS.empty()})
    return reading if known_at is None else as_known(reading, known_at)


def _shares(villages: Sequence[PackedVillage]) -> Iterator[tuple[PackedVillage, ...]]:
    """Villages that follow each other, about `BATCH` deeds together; a village is never split."""
    share: list[PackedVillage] = []
    for village in villages:
        share.append(village)
        if sum(each.deeds for each in share) >= BATCH:
            yield tuple(share)
            share = []
    if share:
        yield tuple(share)


def _run(
    executor: Executor, tasks: Sequence[Task], villages: int, progress: Callable[[int, int], None] | None
) -> list[Done]:
    """The results in the order of the villages. Raises `Refused` with what every task refuses.

    Whoever stops it does not wait for the tasks that have not begun.
    """
    ready, one_by_one = 0, Lock()

    def count(of: Task, _done: Future[Done]) -> None:
        nonlocal ready
        with one_by_one:  # an executor tells it from a thread of its own
            ready += len(of.villages)
            if progress is not None:
                progress(ready, villages)

    futures: list[Future[Done]] = []
    done: list[Done] = []
    problems: list[Problem] = []
    try:
        for task in tasks:
            futures.append(executor.submit(settle_task, task))
            futures[-1].add_done_callback(partial(count, task))
        for future in futures:
            try:
                done.append(future.result())
            except Refused as refused:
                problems += [problem for problem in refused.problems if problem not in problems]
    except BrokenExecutor as lost:
        raise Refused([Problem("executors.lost")]) from lost
    finally:
        for future in futures:
            future.cancel()
    if problems:
        raise Refused(problems)
    return done
