"""Decides how one household is settled by itself, from memory: the pass of a village, without ranks and rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jifen.awards import Settled, settle_batch
from jifen.base import EPOCH
from jifen.frames import CORRECTIONS
from jifen.numbering import Subjects, number_deeds

if TYPE_CHECKING:
    from datetime import date

    from jifen.period import Period
    from jifen.program import Program


def settle_household(
    program: Program, period: Period, village: str, household: str, deeds: pl.DataFrame, since: date | None = None
) -> Settled:
    """Awards, cuts and sums of one participant (R20: can be looked up at any time).

    `deeds` are the household's own, as in `jifen.frames.DEEDS`; `since` is the first day on which they count. Its rank
    stays 0: that needs the village. Raises `Refused` as `settle` does.
    """
    subjects = Subjects(
        pl.DataFrame({"village": [village], "subject": [household], "is_household": [True]}),
    )
    first_day = -(2**31) if since is None else (since - EPOCH).days
    numbered = number_deeds(program, subjects, deeds, period)
    first_days = np.array([first_day], dtype=np.int64)
    return settle_batch(program, period, subjects.frame, 0, first_days, numbered, CORRECTIONS.empty())
