"""Decides which deeds count: approved, of a participant, with evidence and enough approvals; others have a reason.

Cancelled and not-yet-approved deeds never count, so that they do not advance a ladder either (R22).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen.frames import REFUSED, coded

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from jifen.program import Program
    from jifen.runs import Mask, Whole

REASONS: Final = (
    "",
    "deeds.cancelled",
    "deeds.rejected",
    "deeds.pending",
    "deeds.not-participant",
    "deeds.before-joining",
    "deeds.approvals-missing",
    "deeds.evidence-missing",
    "deeds.put-right-nothing",
    "deeds.put-right-late",
    "deeds.put-right-twice",
)
"""Codes of the reasons; the first that applies is given. Number 0 counts."""

WORDS: Final = coded("reason", REASONS)
OUTCOMES: Final = coded("outcome", ("cancelled", "refused"))
NONE_REFUSED: Final = REFUSED.empty().cast({"reason": WORDS.dtype, "outcome": OUTCOMES.dtype})

_CODE: Final = {reason: number for number, reason in enumerate(REASONS)}
_FEW: Final = 200
"""Up to so many rows a loop is faster than columns."""
STATUSES: Final = ("approved", "cancelled", "rejected", "pending")


@frozen(eq=False)
class Deeds:
    """The deeds of some whole villages in order, with their numbers: subject, item, and days since 1970."""

    frame: pl.DataFrame
    subject: Whole
    item: Whole
    day: Whole

    def take(self, keep: Mask) -> Deeds:
        """Some of the deeds."""
        return Deeds(self.frame.filter(pl.Series(keep)), self.subject[keep], self.item[keep], self.day[keep])


def reasons(program: Program, deeds: Deeds, since: Whole) -> NDArray[np.uint8]:
    """The number of the reason for each deed. `since` is the first day of each subject, beyond all days for none."""
    status = deeds.frame["status"].cast(pl.Enum(STATUSES)).to_physical().to_numpy().astype(np.uint8)
    reason = status.copy()  # STATUSES stand in the order of the first REASONS
    first = since[deeds.subject]
    reason[(reason == 0) & (first == np.iinfo(np.int64).max)] = _CODE["deeds.not-participant"]
    reason[(reason == 0) & (deeds.day < first)] = _CODE["deeds.before-joining"]
    for number, item in enumerate(program.book.items):
        if item.approvals > 1 or item.evidence:
            mine = np.flatnonzero((deeds.item == number) & (reason == 0))
            if not mine.size:
                continue
            approved = deeds.frame["approved_by"][mine]
            reason[mine[~_enough(approved, item.approvals)]] = _CODE["deeds.approvals-missing"]
            shown = deeds.frame["evidence"][mine]
            lacking = (reason[mine] == 0) & ~_evidenced(shown, item.evidence)
            reason[mine[lacking]] = _CODE["deeds.evidence-missing"]
    _put_right(program, deeds, reason)
    return reason


def _enough(approved_by: pl.Series, wanted: int) -> Mask:
    """Whether so many different people approved."""
    if wanted < 2:  # noqa: PLR2004 - an approved deed was approved by one person at least
        return np.ones(len(approved_by), dtype=np.bool_)
    return _asked_once(approved_by, lambda names: len(set(names.split("|"))) >= wanted)


def _evidenced(shown: pl.Series, wanted: tuple[str, ...]) -> Mask:
    """Whether each wanted kind is there; kinds joined by / are alternatives."""
    either = [{kind.strip() for kind in kinds.split("/")} for kinds in wanted]

    def holds(text: str) -> bool:
        have = set(text.split("|"))
        return all(kinds & have for kinds in either)

    return _asked_once(shown, holds)


def _asked_once(texts: pl.Series, holds: Callable[[str], bool]) -> Mask:
    """Whether it is true of each text; of many rows each text that occurs is asked about once."""
    if len(texts) <= _FEW:
        return np.array([holds(text or "") for text in texts.to_list()], dtype=np.bool_)
    plain = texts.cast(pl.String).fill_null("")
    known = plain.unique()
    true = known.filter(pl.Series([holds(text) for text in known.to_list()], dtype=pl.Boolean))
    return plain.is_in(true.implode()).to_numpy()


def _put_right(program: Program, deeds: Deeds, reason: NDArray[np.uint8]) -> None:
    """What puts right must name a deed of the same household that counts, in time, and only once."""
    for number, item in enumerate(program.book.items):
        if item.put_right is None:
            continue
        mine = np.flatnonzero((deeds.item == number) & (reason == 0))
        if not mine.size:
            continue
        other = referred(deeds.frame, mine)
        mended = np.array(program.numbers(*item.put_right.items), dtype=np.int64)
        safe = np.maximum(other, 0)
        nothing = (
            (other < 0)
            | (reason[safe] != 0)
            | ~np.isin(deeds.item[safe], mended)
            | (deeds.subject[safe] != deeds.subject[mine])
            | (deeds.day[safe] > deeds.day[mine])
        )
        reason[mine[nothing]] = _CODE["deeds.put-right-nothing"]
        if item.put_right.within_days is not None:
            late = ~nothing & (deeds.day[mine] - deeds.day[safe] > item.put_right.within_days)
            reason[mine[late]] = _CODE["deeds.put-right-late"]
    _once(program, deeds, reason)


def _once(program: Program, deeds: Deeds, reason: NDArray[np.uint8]) -> None:
    menders = [number for number, item in enumerate(program.book.items) if item.put_right is not None]
    mine = np.flatnonzero(np.isin(deeds.item, menders) & (reason == 0)) if menders else np.zeros(0, dtype=np.int64)
    if mine.size:
        again = ~deeds.frame["refers"][mine].cast(pl.String).is_first_distinct().to_numpy()
        reason[mine[again]] = _CODE["deeds.put-right-twice"]


def referred(frame: pl.DataFrame, rows: Whole) -> Whole:
    """The row of the deed that each of the rows refers to, -1 where there is none."""
    wanted = pl.DataFrame({"deed": frame["refers"][rows].cast(pl.String)}).with_row_index("ask")
    there = frame.select(pl.col("deed").cast(pl.String)).with_row_index("row")
    there = there.filter(pl.col("deed").is_in(wanted["deed"].drop_nulls().implode()))
    found = wanted.join(there, on="deed", how="left").sort("ask")
    return found["row"].cast(pl.Int64).fill_null(-1).to_numpy()


def refused_frame(deeds: Deeds, reason: NDArray[np.uint8]) -> pl.DataFrame:
    """REFUSED: a row for each deed that does not count."""
    out = np.flatnonzero(reason)
    if not out.size:
        return NONE_REFUSED
    rows, numbers = deeds.frame[["deed", "village", "subject", "item", "date"]][out], reason[out]
    outcome = OUTCOMES[(numbers != _CODE["deeds.cancelled"]).astype(np.uint32)]
    return rows.with_columns(outcome, WORDS[numbers.astype(np.uint32)])
