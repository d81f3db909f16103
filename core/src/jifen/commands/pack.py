"""Decides what `jifen pack` does: a folder of data as a dataset by village that can be settled in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.printing import as_json, line
from jifen.words import say


def pack(
    data: Annotated[Path, Parameter(help="commands.pack.data", metavar="DIR")],
    out: Annotated[str, Parameter(help="commands.pack.out", metavar="PACK")],
    /,
    *,
    town: Annotated[str, Parameter(help="commands.settle.town", metavar="TOWN")],
    period: Annotated[str, Parameter(help="commands.settle.period", metavar="PERIOD")],
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.pack.json")] = False,
) -> None:
    """Pack the data of one period of a town; rows that cannot be used are refused, all of them at once."""
    from jifen import packing
    from jifen.dataset import read_inputs
    from jifen.period import Period
    from jifen.settling import rules_of

    span = Period.parse(period)
    plugins = registry()
    inputs = read_inputs(data, rules_of(plugins, town, data, span), span, plugins)
    packed = packing.pack(inputs, town, period, out)
    facts = {
        "villages": len(packed.villages),
        "households": sum(village.households for village in packed.villages),
        "deeds": sum(village.deeds for village in packed.villages),
    }
    if data_only:
        as_json({"folder": str(out), **facts})
        return
    line(say("commands.pack.done", folder=out, **facts))
    line(say("commands.pack.next", folder=out, town=town, period=period))
