"""Decides what `jifen demo DIR --district` does: writes the invented district, and tells what there is to look at."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jifen.commands.printing import as_json, line, put, table
from jifen.words import say

from jifen_demo.district import AS_OF, invent_district, write_district

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def invent_into(folder: Path, seed: int, *, as_data: bool) -> None:
    """Writes the district; every other option of `jifen demo` is for a town and says nothing here."""
    towns = invent_district(seed)
    with _progress(quiet=as_data) as progress:
        written = write_district(towns, folder, seed, progress)
    if as_data:
        as_json({"as_of": AS_OF, "seed": seed, "rows": written})
        return
    line(say("demo.district-title"))
    put()
    settlements = written.pop("settlements")
    rows = [[f"{name}.csv", str(count)] for name, count in written.items()]
    table([say("demo.file"), say("demo.rows")], [*rows, ["settlements", str(settlements)]], right=[1])
    put()
    villages = sum(len(town.villages) for town in towns)
    put(say("demo.district-sum", towns=len(towns), villages=villages, settlements=settlements))
    put(say("demo.district-next", folder=folder, day=AS_OF, out=folder.with_name(f"{folder.name}-assessed")))


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar of the settlements that are done, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say("demo.district-progress"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
