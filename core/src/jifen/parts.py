"""Decides how some whole villages are settled: who takes part, which deeds count, awards, standings and their places.

A part is a task of its own: it looks at nothing beyond its villages, so that parts can be settled anywhere and in any
order. Within it villages go through in batches that never split one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen import frames
from jifen.awards import Settled, settle_batch
from jifen.columns import in_order
from jifen.entered import with_entries
from jifen.numbering import Subjects, first_days, number_deeds
from jifen.problems import Place, Problem, Refused
from jifen.program import Program
from jifen.standing import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jifen.counting import Deeds
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.registry import Registry

BATCH: Final = 400_000
"""About so many deeds make a batch: small enough for the caches and the memory, large enough to forget its overhead."""

_COMPILED: Final[deque[tuple[Registry, Program]]] = deque(maxlen=4)
"""The last programs: who settles one household after another does not compile the same book each time."""

_FRAMES: Final = {
    "participants": frames.PARTICIPANTS,
    "awards": frames.AWARDS,
    "cuts": frames.CUTS,
    "refused": frames.REFUSED,
    "category_points": frames.CATEGORY_POINTS,
    "standings": frames.STANDINGS,
}


@frozen(eq=False)
class Part:
    """What became of some whole villages, in frames of `jifen.frames`, and how many deeds counted and did not."""

    participants: pl.DataFrame
    awards: pl.DataFrame
    cuts: pl.DataFrame
    refused: pl.DataFrame
    category_points: pl.DataFrame
    standings: pl.DataFrame
    counted: int
    not_counted: int
    cancelled: int

    @classmethod
    def joined(cls, parts: Sequence[Part]) -> Part:
        """Several parts, in the order of their villages, as one."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            counted=sum(part.counted for part in parts),
            not_counted=sum(part.not_counted for part in parts),
            cancelled=sum(part.cancelled for part in parts),
            **{name: _joined([getattr(part, name) for part in parts], frame) for name, frame in _FRAMES.items()},
        )


def _joined(found: list[pl.DataFrame], frame: frames.Frame) -> pl.DataFrame:
    # Texts are coded in some parts and plain in others where only some have entries of an earlier period.
    return pl.concat(found, how="vertical_relaxed") if found else frame.empty()


def program_of(book: RuleBook, registry: Registry, period: Period) -> Program:
    """The rules, compiled. Raises `Refused` where they count in windows longer than the period."""
    program = next((made for by, made in tuple(_COMPILED) if by is registry and made.book is book), None)
    if program is None:
        program = _compiled(book, registry)
        _COMPILED.append((registry, program))
    program.check_period(period)
    return program


def _compiled(book: RuleBook, registry: Registry) -> Program:
    offered = {
        category.name: registry.category(category.name).scorer for category in book.categories if not category.own
    }
    return Program.of(book, {name: scorer for name, scorer in offered.items() if scorer is not None})


def settle_part(
    program: Program,
    registry: Registry,
    inputs: Inputs,
    period: Period,
    progress: Callable[[int, int], None] | None = None,
) -> Part:
    """Settles the villages of the inputs. Raises `Refused` as `jifen.flow.settle` does."""
    book = program.book
    frames.VILLAGES.check(inputs.villages, "villages")
    frames.HOUSEHOLDS.check(inputs.households, "households")
    subjects = Subjects.of(inputs)
    villages, households = inputs.villages.sort("village"), in_order(inputs.households, "village", "household")
    rule = registry.eligibility(book.eligibility.use)
    participants = _participants(rule.decide(households, villages, book.eligibility.options), households, rule.name)
    deeds = number_deeds(program, subjects, inputs.deeds, period)
    since = first_days(subjects, participants)
    settled: list[Settled] = []
    done = 0
    for first, last, count, low, high in _batches(subjects, deeds):
        piece, whole = deeds.taken(slice(low, high)), subjects.frame[first:last]
        settled.append(settle_batch(program, period, whole, first, since[first:last], piece, inputs.corrections))
        done += count
        if progress is not None:
            progress(done, villages.height)
    return _part(book, inputs, participants, settled)


def _part(book: RuleBook, inputs: Inputs, participants: pl.DataFrame, settled: list[Settled]) -> Part:
    found = {
        name: _joined([getattr(batch, name) for batch in settled], frame)
        for name, frame in _FRAMES.items()
        if name != "participants"
    }
    refused = found["refused"]
    cancelled = refused.filter(pl.col("outcome").cast(pl.String) == "cancelled").height
    not_counted = refused.height - cancelled
    found["awards"], found["category_points"], found["refused"] = with_entries(
        book, inputs.corrections, found["standings"], found["awards"], found["category_points"], refused
    )
    found["standings"] = rank(book, found["standings"], found["category_points"])
    counted = sum(batch.counted for batch in settled)
    return Part(participants, counted=counted, not_counted=not_counted, cancelled=cancelled, **found)


def _participants(decided: object, households: pl.DataFrame, origin: str) -> pl.DataFrame:
    frame = in_order(frames.PARTICIPANTS.check(decided, origin), "village", "household")
    same = frame.height == households.height and bool(
        (frame["household"].cast(pl.String) == households["household"].cast(pl.String)).all()
    )
    if not same:
        raise Refused([Problem("settle.participants-rows", Place(file=origin))])
    return frame


def _batches(subjects: Subjects, deeds: Deeds) -> Iterator[tuple[int, int, int, int, int]]:
    """Whole villages: first and last subject, how many villages, first and last deed."""
    village = subjects.frame["village"]
    ends = np.flatnonzero((village != village.shift(-1)).fill_null(value=True).to_numpy()) + 1
    edges = np.searchsorted(deeds.subject, ends)
    first = low = count = 0
    for end, high in zip(ends.tolist(), edges.tolist(), strict=True):
        count += 1
        if high - low >= BATCH or end == len(village):
            yield first, end, count, low, high
            first, low, count = end, high, 0
