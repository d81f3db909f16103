"""Decides the order of a settlement: eligibility, awards, standings, village scores, rewards; one pass of columns.

Data flows down only (R22: the awards are the explanation). What stays within villages is `jifen.parts`; ranking
villages and the reward policy see the whole town at the end, `jifen.concluding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from jifen.concluding import conclude
from jifen.parts import program_of, settle_part
from jifen.settlement import Origin, Settlement

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.registry import Registry


def settle(
    book: RuleBook,
    registry: Registry,
    inputs: Inputs,
    period: Period,
    *,
    town: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Settlement:
    """Settles a period.

    `inputs` are frames as in `jifen.frames`; `progress` is told how many villages are done, out of how many. The
    result's rows stand in a fixed order, whatever the order of the inputs' rows.

    Raises `Refused` where the rules count in windows longer than the period, where a deed names what is not there or
    lies outside the period, where a sum leaves 64 bits, and where a plugin returns a frame that is not as declared.
    """
    program = program_of(book, registry, period)
    part = settle_part(program, registry, inputs, period, progress)
    made = conclude(book, registry, inputs, period, town, part)
    return evolve(made, origin=Origin(registry, inputs, program))
