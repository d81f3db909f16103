"""Decides what `jifen district` does: assesses the district's towns on a day, prints it, and writes it where asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from jifen.commands.app import registry
from jifen.commands.printing import as_json


def district(
    *,
    folder: Annotated[Path, Parameter("--data", help="district.data", metavar="DIR")],
    as_of: Annotated[date, Parameter(help="district.as-of", metavar="DATE")],
    town: Annotated[str | None, Parameter(help="district.town", metavar="TOWN")] = None,
    village: Annotated[str | None, Parameter(help="district.village", metavar="VILLAGE")] = None,
    out: Annotated[Path | None, Parameter(help="district.out", metavar="OUT")] = None,
    force: Annotated[bool, Parameter(negative="", help="district.force")] = False,
    data_only: Annotated[bool, Parameter("--json", negative="", help="district.json")] = False,
) -> None:
    """Targets, points with their reasons, candidates and trends, of every town of a district (R24 to R27)."""
    from jifen_pudong.district import data, terminal, writing
    from jifen_pudong.district.judging import judge

    if out is not None:
        writing.check_free(out, force=force)
    judged = judge(folder, as_of, registry())
    if out is not None:
        writing.write(judged, out, force=force)
    if data_only:
        if village is not None:
            terminal.check_village(judged, village)
            as_json(data.village_data(judged, village))
        else:
            as_json(data.district_data(judged, terminal.chosen_towns(judged, town)))
        return
    if village is not None:
        terminal.show_village(judged, village)
    else:
        terminal.show(judged, town)
    if out is not None:
        terminal.written(out)
