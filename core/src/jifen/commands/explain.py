"""Decides what `jifen explain` shows: a household, a deed or a village, each point in a villager's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jifen.commands import printing
from jifen.commands.ending import Misused
from jifen.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable


def explain(
    out: Annotated[str, Parameter(help="commands.explain.out")],
    /,
    *,
    household: Annotated[str | None, Parameter(help="commands.explain.household", metavar="HOUSEHOLD")] = None,
    deed: Annotated[str | None, Parameter(help="commands.explain.deed", metavar="DEED")] = None,
    village: Annotated[str | None, Parameter(help="commands.explain.village", metavar="VILLAGE")] = None,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.explain.json")] = False,
) -> None:
    """Explain from the settlement's own folder; the town's package is not needed."""
    from jifen import explain
    from jifen.account_data import as_data
    from jifen.account_words import in_words
    from jifen.keeping import read_settlement

    ways: dict[str, tuple[str | None, Callable[..., object]]] = {
        "household": (household, explain.explain_household),
        "deed": (deed, explain.explain_deed),
        "village": (village, explain.explain_village),
    }
    asked = [(number, way) for number, way in ways.values() if number is not None]
    if len(asked) != 1:
        raise Misused([Problem("commands.explain.one")])
    kept = read_settlement(out)
    number, way = asked[0]
    told = way(kept.settlement, number)
    if data_only:
        printing.as_json(as_data(kept, told))
        return
    printing.mark(kept.settlement.book.marked)
    for text, depth in in_words(kept, told):
        printing.line(text, "  " * depth)
