"""Decides which deeds count: approved, of a participant, with evidence and enough approvals; others have a reason.

Cancelled and not-yet-approved deeds never count, so that they do not advance a ladder either (R22).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen.columns import at, gathered, numbers
from jifen.frames import REFUSED, coded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
_NOT_PARTICIPANT, _BEFORE_JOINING = _CODE["deeds.not-participant"], _CODE["deeds.before-joining"]
_NO_ROWS: Final = np.zeros(0, dtype=np.int64)
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
    status: NDArray[np.uint8]
    """By position in `STATUSES`."""
    grade: NDArray[np.unsignedinteger]
    """By position in `jifen.program.Program.grades`; 0 where it is empty or not known: no item that needs one is."""

    def taken(self, rows: NDArray[np.integer] | slice) -> Deeds:
        """Some of them, by position."""
        frame = self.frame[rows] if isinstance(rows, slice) else gathered(self.frame, at(rows))
        subject, item, day = self.subject[rows], self.item[rows], self.day[rows]
        return Deeds(frame, subject, item, day, self.status[rows], self.grade[rows])


def reasons(program: Program, deeds: Deeds, since: Whole) -> tuple[NDArray[np.uint8], Whole]:
    """The number of the reason for each deed, and for what puts right the row of what it mends (-1: none).

    `since` is the first day of each subject, beyond all days for none.
    """
    # STATUSES stand in the order of the first REASONS.
    reason = deeds.status.copy()
    first = since[deeds.subject]
    early = (reason == 0) & (deeds.day < first)
    reason[early] = np.where(first[early] == np.iinfo(np.int64).max, _NOT_PARTICIPANT, _BEFORE_JOINING)
    # An approved deed was approved by one person at least.
    several = np.flatnonzero((program.approvals[deeds.item] > 1) & (reason == 0))
    for wanted, mine in _alike(program.approvals[deeds.item[several]], several):
        enough = _asked_once(deeds.frame["approved_by"][at(mine)], partial(_by_so_many, wanted))
        reason[mine[~enough]] = _CODE["deeds.approvals-missing"]
    shown = np.flatnonzero(program.evidenced[deeds.item] & (reason == 0))
    for number, mine in _alike(deeds.item[shown], shown):
        either = [{kind.strip() for kind in kinds.split("/")} for kinds in program.book.items[number].evidence]
        there = _asked_once(deeds.frame["evidence"][at(mine)], partial(_with_each, either))
        reason[mine[~there]] = _CODE["deeds.evidence-missing"]
    return reason, _put_right(program, deeds, reason)


def _alike(numbers: Whole, rows: Whole) -> Iterator[tuple[int, Whole]]:
    """Each number with its rows."""
    for number in sorted(set(numbers.tolist())):
        yield number, rows[numbers == number]


def _by_so_many(wanted: int, names: str) -> bool:
    """Whether so many different people approved."""
    return len(set(names.split("|"))) >= wanted


def _with_each(either: list[set[str]], shown: str) -> bool:
    """Whether each wanted kind of evidence is there; kinds joined by / are alternatives."""
    have = set(shown.split("|"))
    return all(kinds & have for kinds in either)


def _asked_once(texts: pl.Series, holds: Callable[[str], bool]) -> Mask:
    """Whether it is true of each text; of many rows each text that occurs is asked about once."""
    if len(texts) <= _FEW:
        return np.array([holds(text or "") for text in texts.to_list()], dtype=np.bool_)
    plain = texts.cast(pl.String).fill_null("")
    known = plain.unique()
    true = known.filter(pl.Series([holds(text) for text in known.to_list()], dtype=pl.Boolean))
    return plain.is_in(true.implode()).to_numpy()


def _put_right(program: Program, deeds: Deeds, reason: NDArray[np.uint8]) -> Whole:
    """What puts right must name a deed of the same household that counts, in time, and only once."""
    mending = np.flatnonzero(program.menders[deeds.item] & (reason == 0)) if program.menders.any() else _NO_ROWS
    refers = np.full(reason.size, -1, dtype=np.int64)
    if not mending.size:
        return refers
    refers[mending] = named = _referred(deeds.frame, mending)
    for number, mended, within_days in program.mends:
        here = np.flatnonzero((deeds.item[mending] == number) & (reason[mending] == 0))
        if not here.size:
            continue
        mine, other = mending[here], named[here]
        safe = np.maximum(other, 0)
        nothing = (
            (other < 0)
            | (reason[safe] != 0)
            | ~mended[deeds.item[safe]]
            | (deeds.subject[safe] != deeds.subject[mine])
            | (deeds.day[safe] > deeds.day[mine])
        )
        reason[mine[nothing]] = _CODE["deeds.put-right-nothing"]
        if within_days is not None:
            late = ~nothing & (deeds.day[mine] - deeds.day[safe] > within_days)
            reason[mine[late]] = _CODE["deeds.put-right-late"]
    good = reason[mending] == 0
    again = np.ones(int(good.sum()), dtype=np.bool_)
    again[np.unique(named[good], return_index=True)[1]] = False
    reason[mending[good][again]] = _CODE["deeds.put-right-twice"]
    return refers


def _referred(frame: pl.DataFrame, rows: Whole) -> Whole:
    """The row of the deed that each of the rows refers to, -1 where there is none."""
    asked = frame["refers"][at(rows)].cast(pl.String).to_list()
    named = dict.fromkeys(name for name in asked if name is not None)
    known = {name: number for number, name in enumerate(named)}
    number = numbers(frame["deed"], pl.Enum(list(known)))
    there = np.flatnonzero(number >= 0)
    row = np.full(len(known) + 1, -1, dtype=np.int64)
    row[number[there]] = there
    return row[[known.get(name, -1) for name in asked]]


def refused_frame(deeds: Deeds, reason: NDArray[np.uint8]) -> pl.DataFrame:
    """REFUSED: a row for each deed that does not count."""
    out = np.flatnonzero(reason)
    if not out.size:
        return NONE_REFUSED
    rows, why = at(out), reason[out]
    told = [deeds.frame[name][rows] for name in ("deed", "village", "subject", "item", "date")]
    return pl.DataFrame([*told, OUTCOMES[at(why != _CODE["deeds.cancelled"])], WORDS[at(why)]])
