"""Decides the order of a settlement: eligibility, awards, standings, village scores, rewards; one pass of columns.

Data flows down only (R22: the awards are the explanation). Villages go through in batches that never split one; ranking
villages and the reward policy see the whole town at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen import frames
from jifen.awards import Settled, settle_batch
from jifen.counting import Deeds
from jifen.model import Subject
from jifen.offers import RewardView, VillageView
from jifen.problems import Place, Problem, Refused
from jifen.program import Program
from jifen.settlement import RowCount, Settlement
from jifen.standing import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.period import Period
    from jifen.registry import Registry

BATCH: Final = 400_000
"""About so many deeds make a batch: small enough for the caches and the memory, large enough to forget its overhead."""

NEVER: Final = np.iinfo(np.int64).max


@frozen(eq=False)
class Subjects:
    """Households and villages as numbers, in order of village and subject; a village's numbers follow each other."""

    frame: pl.DataFrame
    """village, subject, is_household"""

    @classmethod
    def of(cls, inputs: Inputs) -> Subjects:
        """Of all households and villages. Raises `Refused` where a household has a village's code as its number."""
        households = inputs.households.select(
            pl.col("village").cast(pl.String),
            pl.col("household").cast(pl.String).alias("subject"),
            pl.lit(value=True).alias("is_household"),
        )
        villages = inputs.villages.select(
            pl.col("village").cast(pl.String),
            pl.col("village").cast(pl.String).alias("subject"),
            pl.lit(value=False).alias("is_household"),
        )
        both = pl.concat([households, villages]).sort("village", "subject")
        doubled = both.filter(pl.col("subject").is_duplicated())["subject"].unique().sort()
        if len(doubled):
            raise Refused([Problem("settle.subject-twice", facts={"subject": who}) for who in doubled])
        strangers = set(households["village"]) - set(villages["village"])
        if strangers:
            raise Refused([Problem("settle.unknown-village", facts={"village": name}) for name in sorted(strangers)])
        return cls(both)


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
    program = Program.of(book, _scorers(book, registry))
    program.check_period(period)
    frames.VILLAGES.check(inputs.villages, "villages")
    frames.HOUSEHOLDS.check(inputs.households, "households")
    subjects = Subjects.of(inputs)
    villages, households = inputs.villages.sort("village"), inputs.households.sort("village", "household")
    rule = registry.eligibility(book.eligibility.use)
    participants = _participants(rule.decide(households, villages, book.eligibility.options), households, rule.name)
    deeds = number_deeds(book, subjects, inputs.deeds, period)
    since = _since(subjects, participants)
    parts: list[Settled] = []
    done = 0
    for first, last, count, low, high in _batches(subjects, deeds):
        piece = Deeds(deeds.frame[low:high], deeds.subject[low:high], deeds.item[low:high], deeds.day[low:high])
        parts.append(settle_batch(program, period, subjects.frame[first:last], first, since[first:last], piece))
        done += count
        if progress is not None:
            progress(done, villages.height)
    return _finish(book, registry, inputs, period, town, households, participants, parts)


def _scorers(book: RuleBook, registry: Registry) -> dict[str, Callable[..., pl.DataFrame]]:
    offered = {category.name: registry.category(category.name).scorer for category in book.categories}
    return {name: scorer for name, scorer in offered.items() if scorer is not None}


def _participants(decided: object, households: pl.DataFrame, origin: str) -> pl.DataFrame:
    frame = frames.PARTICIPANTS.check(decided, origin).sort("village", "household")
    same = frame.height == households.height and bool(
        (frame["household"].cast(pl.String) == households["household"].cast(pl.String)).all()
    )
    if not same:
        raise Refused([Problem("settle.participants-rows", Place(file=origin))])
    return frame


def number_deeds(book: RuleBook, subjects: Subjects, given: pl.DataFrame, period: Period) -> Deeds:
    """The deeds in order of subject, date and deed, with numbers for subject and item; sorts only where it must."""
    frame = frames.DEEDS.check(given, "deeds")
    # Rows of one subject mostly follow each other: look up each stretch, not each row.
    who = frame["subject"].cast(pl.String)
    starts = np.flatnonzero(np.append([True], (who[1:] != who[:-1]).to_numpy())) if len(who) else np.zeros(0, np.int64)
    numbers = who[starts].cast(pl.Enum(subjects.frame["subject"]), strict=False).to_physical().cast(pl.Int64)
    subject = np.repeat(numbers.fill_null(-1).to_numpy(), np.diff(starts, append=frame.height))
    codes = pl.Enum([item.code for item in book.items])
    item = frame["item"].cast(codes, strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    day = frame["date"].to_physical().cast(pl.Int64).to_numpy()
    _check_deeds(book, subjects, frame, subject, item, period)
    ordered = bool(((subject[1:] > subject[:-1]) | ((subject[1:] == subject[:-1]) & (day[1:] >= day[:-1]))).all())
    if ordered:
        tied = (subject[1:] == subject[:-1]) & (day[1:] == day[:-1])
        ordered = bool((~tied | (frame["deed"][1:] > frame["deed"][:-1]).to_numpy()).all())
    if not ordered:
        order = (
            pl.DataFrame({"subject": subject, "day": day, "deed": frame["deed"].cast(pl.String)})
            .select(pl.arg_sort_by("subject", "day", "deed"))
            .to_series()
            .to_numpy()
        )
        frame, subject, item, day = frame[order], subject[order], item[order], day[order]
    return Deeds(frame, subject, item, day)


def _check_deeds(
    book: RuleBook, subjects: Subjects, frame: pl.DataFrame, subject: np.ndarray, item: np.ndarray, period: Period
) -> None:
    """The last guard for callers that did not go through a reader; readers name the rows."""
    for_household = np.array([i.subject is Subject.HOUSEHOLD for i in book.items] or [True], dtype=np.bool_)
    is_household = subjects.frame["is_household"].to_numpy()
    wrong = {
        "settle.unknown-subject": subject < 0,
        "settle.unknown-item": item < 0,
        "settle.wrong-subject": (subject >= 0) & (item >= 0) & (is_household[subject] != for_household[item]),
        "settle.outside-period": ((frame["date"] < period.start) | (frame["date"] > period.end)).to_numpy(),
        "settle.negative-quantity": (frame["quantity"] < 0).fill_null(value=False).to_numpy(),
    }
    problems = [
        Problem(code, facts={"count": int(mask.sum()), "deed": frame["deed"][int(np.flatnonzero(mask)[0])]})
        for code, mask in wrong.items()
        if mask.any()
    ]
    if problems:
        raise Refused(problems)


def _since(subjects: Subjects, participants: pl.DataFrame) -> np.ndarray:
    """The first day of each subject, as days since 1970; `NEVER` for households that do not take part."""
    joined = subjects.frame.select("subject", "is_household").join(
        participants.select(
            pl.col("household").cast(pl.String).alias("subject"),
            "participates",
            pl.col("since").cast(pl.Int32).cast(pl.Int64),
        ),
        on="subject",
        how="left",
        maintain_order="left",
    )
    # A household without a first day has always taken part; a village always does.
    return (
        joined.select(
            pl.when(~pl.col("is_household"))
            .then(-(2**31))
            .when(pl.col("participates"))
            .then(pl.col("since").fill_null(-(2**31)))
            .otherwise(NEVER)
            .cast(pl.Int64)
        )
        .to_series()
        .to_numpy()
    )


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


def _finish(
    book: RuleBook,
    registry: Registry,
    inputs: Inputs,
    period: Period,
    town: str,
    households: pl.DataFrame,
    participants: pl.DataFrame,
    parts: list[Settled],
) -> Settlement:
    villages = inputs.villages.sort("village")

    def joined(name: str, frame: frames.Frame) -> pl.DataFrame:
        return pl.concat([getattr(part, name) for part in parts]) if parts else frame.empty()

    awards, points = joined("awards", frames.AWARDS), joined("category_points", frames.CATEGORY_POINTS)
    refused = joined("refused", frames.REFUSED)
    standings = rank(book, joined("standings", frames.STANDINGS), points)
    village_items = [item.code for item in book.items if item.subject is Subject.VILLAGE]
    view = VillageView(
        book, villages, households, participants, standings, awards.filter(pl.col("item").is_in(village_items))
    )
    aggregation = registry.aggregation(book.village.use)
    village_parts = frames.VILLAGE_PARTS.check(aggregation.aggregate(view, book.village.options), aggregation.name)
    scores = _village_scores(villages, participants, village_parts)
    policy = registry.reward_policy(book.rewards.use)
    penal = [item.code for item in book.items if item.veto or _takes(item)]
    reward_view = RewardView(
        book, households, participants, standings, scores, awards.filter(pl.col("item").is_in(penal))
    )
    rewards = frames.REWARDS.check(policy.reward(reward_view, book.rewards.options), policy.name)
    cancelled = refused.filter(pl.col("outcome") == "cancelled").height
    counted = sum(part.counted for part in parts)
    rows = RowCount(
        inputs.deeds.height + len([row for row in inputs.set_aside if row.frame == "deeds"]),
        counted,
        refused.height - cancelled,
        cancelled,
        len([row for row in inputs.set_aside if row.frame == "deeds"]),
    )
    return Settlement(
        town, book, period, participants, awards, joined("cuts", frames.CUTS), refused, points, standings,
        village_parts.sort("village", maintain_order=True), scores, rewards, rows,
    )  # fmt: skip


def _takes(item: object) -> bool:
    values = [getattr(item, "points", None), *getattr(item, "ladder", ()), *getattr(item, "grades", {}).values()]
    return any(value is not None and value < 0 for value in values)


def _village_scores(villages: pl.DataFrame, participants: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    homes = participants.group_by("village").agg(
        pl.len().cast(pl.Int64).alias("households"), pl.col("participates").sum().cast(pl.Int64).alias("participants")
    )
    points = parts.group_by("village").agg(pl.col("points").sum())
    both = villages.select("village").join(points, on="village", how="left").join(homes, on="village", how="left")
    return (
        both.with_columns(pl.col("points", "households", "participants").fill_null(0))
        .with_columns(pl.col("points").rank("min", descending=True).cast(pl.Int64).alias("rank"))
        .sort("rank", "village")
        .select(frames.VILLAGE_SCORES.names)
    )
