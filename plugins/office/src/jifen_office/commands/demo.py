"""Decides what `jifen office demo` prints: the accounts of the office that it made, and how to open it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from attrs import asdict
from cyclopts import Parameter
from cyclopts.validators import Number
from jifen.commands.printing import as_json, line, put, table
from jifen.words import say


def demo(
    folder: Annotated[Path, Parameter(help="office.demo.folder")],
    /,
    *,
    households: Annotated[int, Parameter(help="office.demo.households", validator=Number(gte=12))] = 40,
    data_only: Annotated[bool, Parameter("--json", negative="", help="office.demo.json")] = False,
) -> None:
    """Make an office to try. Raises `Refused` before anything is made."""
    from jifen_office.demo import make
    from jifen_office.demo_village import TODAY

    given = make(folder, households)
    if data_only:
        as_json({"folder": folder, "today": TODAY, "accounts": [asdict(each) for each in given]})
        return
    line(say("office.demo.done", folder=folder, day=TODAY))
    put()
    heads = [say(f"office.demo.{head}") for head in ("role", "place", "username", "password")]
    table(heads, [[each.role, each.place, each.username, each.password] for each in given])
    put()
    line(say("office.demo.next", folder=folder, day=TODAY))
