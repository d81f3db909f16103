"""Decides who lives in an invented village: its facts, and its households with every case of R2 to R5 among them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from attrs import frozen

from jifen_demo.names import Clans, Whole, Yes, invented, member_names, pick, weighted

if TYPE_CHECKING:
    from jifen.period import Period
    from numpy.random import Generator

PILOT = 2
"""The third village is the pilot, so that a fourth one changes nothing in the others."""
PILOT_FROM = 3
ENOUGH = 40
"""From so many households on every case occurs in each village."""
_GROUP_SIZE = 30
_SIZES = (12, 28, 24, 20, 10, 6)
_STARS = ((None, 0.34), (0, 0.04), (1, 0.24), (2, 0.06), (3, 0.18), (4, 0.04), (5, 0.10))


@frozen(eq=False)
class Village:
    """One invented village: code, rows of VILLAGES and HOUSEHOLDS, and what the deeds are drawn from."""

    index: int
    code: str
    row: dict[str, object]
    households: pl.DataFrame
    takes_part: Yes
    """Whether a household most likely takes part; those that do not have few deeds."""
    from_start: Yes
    """Whether it does so from the first day of the period on."""
    recorders: list[str]
    approvers: list[str]


def found_village(rng: Generator, index: int, code: str, name: str, households: int, period: Period) -> Village:
    """A village with its households. `index` counts from 0."""
    clans = Clans(rng)
    groups = max(3, min(24, round(households / _GROUP_SIZE)))
    pilot = [f"{number}组" for number in sorted(rng.permutation(groups)[:2] + 1)]
    # The assembly meets before the first household agrees, and the town answers after it.
    resolved = period.start - timedelta(days=int(rng.integers(185, 240)))
    year = resolved.year
    is_pilot = index == PILOT
    row: dict[str, object] = {
        "village": code,
        "name": name,
        "groups": groups,
        "pilot_groups": pilot if is_pilot else None,
        "resolution": f"{name}村民代表会议决议〔{year}〕第{2 + index % 5}号",
        "resolution_date": resolved,
        "town_approval": f"镇乡治批〔{year}〕{11 + index}号" if is_pilot else None,
        "town_approval_date": resolved + timedelta(days=12) if is_pilot else None,
    }
    table, takes_part, consent = _households(rng, clans, row, households, period)
    if is_pilot:
        takes_part = takes_part & table["group"].is_in(pilot).to_numpy()
    return Village(
        index=index,
        code=code,
        row=row,
        households=table,
        takes_part=takes_part,
        from_start=takes_part & (consent < 0),
        recorders=clans.people(rng, 3),
        approvers=clans.people(rng, 6),
    )


def _cases(rng: Generator, count: int) -> dict[str, Yes]:
    """Which households are which special case: each at least once where there are enough households, else by chance."""
    shares = {
        "industrial": 0.004,
        "enterprise": 0.008,
        "stranger": 0.02,
        "admitted": 0.02,
        "no_house": 0.012,
        "nobody": 0.025,
        "no_consent": 0.05,
        "joins_later": 0.10,
    }
    bounds = np.cumsum(list(shares.values()))
    drawn = np.searchsorted(bounds, rng.random(count), side="right")
    if count >= ENOUGH:
        drawn[rng.permutation(count)[: len(shares)]] = np.arange(len(shares))
    return {case: drawn == number for number, case in enumerate(shares)}


def _households(
    rng: Generator, clans: Clans, village: dict[str, object], count: int, period: Period
) -> tuple[pl.DataFrame, Yes, Whole]:
    """HOUSEHOLDS of the village, who most likely takes part, and the day of consent counted from the period's first."""
    code, name = village["village"], village["name"]
    case = _cases(rng, count)
    group = np.sort(rng.integers(1, int(str(village["groups"])) + 1, count))
    members = member_names(rng, clans, weighted(rng, _SIZES, count) + 1)
    sizes = members.list.len().to_numpy().astype(np.int64)
    door = np.arange(count) - np.searchsorted(group, group, side="left") + 1
    living = np.where(case["nobody"], 0, np.maximum(1, sizes - rng.binomial(2, 0.3, count)))
    before = -1 - (rng.random(count) ** 2 * 170).astype(np.int64)
    span = (period.end - period.start).days + 1
    consent = np.where(case["joins_later"], rng.integers(0, max(1, span * 3 // 4), count), before)
    without = case["no_consent"] | case["industrial"]
    resolved = np.where(case["admitted"], rng.integers(-60, -5, count), 0)
    stars = weighted(rng, [share for _, share in _STARS], count)
    stars = np.where(case["industrial"] | case["enterprise"], 0, stars)
    kinds = invented()["kinds"]
    start = pl.lit(period.start)
    year = period.start.year - 1
    frame = pl.DataFrame(
        {
            "number": np.arange(1, count + 1),
            "group": group,
            "door": door,
            "members": members,
            "living": living.astype(np.int64),
            "consent_day": consent,
            "resolved": resolved,
            "case": np.select([case["industrial"], case["enterprise"]], [1, 2], 0),
            "stars": pl.Series([stars for stars, _ in _STARS], dtype=pl.Int64).gather(stars),
            "review": pick(["first", "repeat"], (rng.random(count) < 0.4).astype(np.int64)),  # noqa: PLR2004
            "kind": pick(list(kinds), weighted(rng, list(kinds.values()), count)),
            "registered": ~(case["stranger"] | case["admitted"]),
            "homestead": ~(case["no_house"] | case["industrial"]),
            "without": without,
            "admitted": case["admitted"],
        }
    )
    here = pl.lit(f"{name}")
    table = frame.select(
        household=pl.lit(f"{code}-") + pl.col("number").cast(pl.String).str.zfill(4),
        village=pl.lit(f"{code}"),
        group=pl.col("group").cast(pl.String) + "组",
        name=pl.col("members").list.first(),
        address=pl.when(pl.col("case") == 1)
        .then(here + "工业区" + pl.col("door").cast(pl.String) + "号")
        .when(pl.col("case") == 2)  # noqa: PLR2004 - the second case
        .then(here + "富民路" + pl.col("door").cast(pl.String) + "号")
        .otherwise(here + pl.col("group").cast(pl.String) + "组" + pl.col("door").cast(pl.String) + "号"),
        site=pl.col("case").replace_strict({0: "home", 1: "industrial", 2: "enterprise"}, return_dtype=pl.String),
        registered="registered",
        homestead="homestead",
        living="living",
        members="members",
        consent=pl.when(~pl.col("without")).then(start + pl.duration(days="consent_day")),
        resolution=pl.when("admitted").then(
            pl.lit(f"{name}村代会〔{year}〕第") + (pl.col("number") % 7 + 3).cast(pl.String) + "号"
        ),
        resolution_date=pl.when("admitted").then(start + pl.duration(days="resolved")),
        stars="stars",
        star_review=pl.when(pl.col("stars") > 0).then("review"),
        kind="kind",
    )
    ground = frame["registered"].to_numpy() & frame["homestead"].to_numpy() & (living > 0) | case["admitted"]
    return table, ground & ~without & ~case["enterprise"], np.where(without, span, consent)
