"""Decides which households take part: site, the village's own standing, the three presences or a resolution, consent.

A household gets the first reason that applies, in this order:

1. R4: `pudong.industrial-site`, `pudong.enterprise`;
2. R1, R3: `pudong.village-unknown`, `pudong.village-without-resolution` (number and date of the assembly's resolution);
3. R5, where the village names pilot groups: `pudong.pilots-not-allowed`, `pudong.pilot-unknown-group` (no home on the
   books is in a group that the pilot names), `pudong.pilot-too-few-groups`, `pudong.pilot-without-approval` (all four
   refuse the whole village), `pudong.outside-pilot`;
4. R2, R3: a household that has the three presences is in on that ground; any other that has a resolution with number
   and date is in on that; half a resolution is `pudong.resolution-incomplete`; else the first presence that is missing,
   `pudong.not-registered`, `pudong.no-homestead`, `pudong.nobody-lives-there`;
5. R2: `pudong.no-consent`, whatever the ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen
from jifen import frames
from jifen.offers import EligibilityRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen.model import RuleBook

FEWEST_GROUPS: Final = 2
"""The notice's own bound on a pilot (R5); a book may raise it."""

BY_PRESENCES: Final = "pudong.by-presences"
BY_RESOLUTION: Final = "pudong.by-resolution"


@frozen
class Presences:
    """What a book may say: whether a resolution admits others (R3), whether pilots may be, and of how many groups."""

    admit_by_resolution: bool = True
    pilots: bool = True
    min_pilot_groups: int = FEWEST_GROUPS


def check(_book: RuleBook, options: Presences) -> Iterable[tuple[str, str, dict[str, object]]]:
    """`pudong.min-pilot-groups`: a book may ask for more groups than 2, never for fewer (R5)."""
    if options.min_pilot_groups < FEWEST_GROUPS:
        yield "min_pilot_groups", "pudong.min-pilot-groups", {"got": options.min_pilot_groups, "least": FEWEST_GROUPS}


def decide(households: pl.DataFrame, villages: pl.DataFrame, options: Presences) -> pl.DataFrame:
    """PARTICIPANTS, one row for each of HOUSEHOLDS, sorted by household (R2 to R5).

    `since` is the day of consent, or the day on which the last of its grounds was there: the village's resolution, a
    pilot's approval, the household's own resolution where that is its ground.
    """
    told = (
        households.with_columns(pl.col("household", "village", "group", "site").cast(pl.String))
        .join(_standings(households, villages, options), on="village", how="left")
        .with_columns(
            presences=pl.col("registered") & pl.col("homestead") & (pl.col("living") > 0),
            numbered=_filled("resolution"),
        )
        .with_columns(resolved=pl.lit(options.admit_by_resolution) & pl.col("numbered") & _dated())
    )
    told = told.with_columns(reason=_reason(options)).with_columns(participates=pl.col("reason").is_null())
    by_resolution = ~pl.col("presences")
    since = pl.max_horizontal(
        "consent", "village_since", pl.when(by_resolution).then("resolution_date").otherwise(None)
    )
    mine = pl.col("participates")
    return (
        told.with_columns(
            ground=pl.when(mine & by_resolution)
            .then(pl.lit(BY_RESOLUTION))
            .when(mine)
            .then(pl.lit(BY_PRESENCES))
            .otherwise(None),
            since=pl.when(mine).then(since).otherwise(None),
        )
        .sort("household")
        .select(frames.PARTICIPANTS.names)
    )


def _filled(column: str) -> pl.Expr:
    return (pl.col(column).cast(pl.String).str.strip_chars() != "").fill_null(value=False)


def _dated() -> pl.Expr:
    return pl.col("resolution_date").is_not_null()


def _standings(households: pl.DataFrame, villages: pl.DataFrame, options: Presences) -> pl.DataFrame:
    """For each village: why none of its households takes part (or null), its pilot groups, and since when it is on."""
    there = (
        households.filter(pl.col("site").cast(pl.String) == "home")
        .group_by(pl.col("village").cast(pl.String))
        .agg(pl.col("group").cast(pl.String).unique().alias("there"))
    )
    pilot, distinct = pl.col("is_pilot"), pl.col("pilot").list.n_unique()
    strange = pl.col("pilot").list.set_difference(pl.col("there").fill_null([])).list.len() > 0
    approved = _filled("town_approval") & pl.col("town_approval_date").is_not_null()
    reason = (
        pl.when(~(_filled("resolution") & _dated())).then(pl.lit("pudong.village-without-resolution"))
        .when(pilot & pl.lit(not options.pilots)).then(pl.lit("pudong.pilots-not-allowed"))
        .when(pilot & strange).then(pl.lit("pudong.pilot-unknown-group"))
        .when(pilot & (distinct < max(options.min_pilot_groups, FEWEST_GROUPS)))
        .then(pl.lit("pudong.pilot-too-few-groups"))
        .when(pilot & ~approved).then(pl.lit("pudong.pilot-without-approval"))
        .otherwise(None)
    )  # fmt: skip
    return (
        villages.with_columns(pl.col("village").cast(pl.String), pilot=pl.col("pilot_groups").fill_null([]))
        .join(there, on="village", how="left")
        .with_columns(is_pilot=pl.col("pilot").list.len() > 0)
        .select(
            "village",
            "pilot",
            "is_pilot",
            village_reason=reason,
            village_known=pl.lit(value=True),
            village_since=pl.max_horizontal(
                "resolution_date", pl.when("is_pilot").then("town_approval_date").otherwise(None)
            ),
        )
    )


def _reason(options: Presences) -> pl.Expr:
    site, missing = pl.col("site"), ~pl.col("presences") & ~pl.col("resolved")
    half = pl.lit(options.admit_by_resolution) & (pl.col("numbered") | _dated())
    outside = pl.col("is_pilot") & ~pl.col("group").is_in(pl.col("pilot"))
    return (
        pl.when(site == "industrial").then(pl.lit("pudong.industrial-site"))
        .when(site == "enterprise").then(pl.lit("pudong.enterprise"))
        .when(pl.col("village_known").is_null()).then(pl.lit("pudong.village-unknown"))
        .when(pl.col("village_reason").is_not_null()).then(pl.col("village_reason"))
        .when(outside).then(pl.lit("pudong.outside-pilot"))
        .when(missing & half).then(pl.lit("pudong.resolution-incomplete"))
        .when(missing & ~pl.col("registered")).then(pl.lit("pudong.not-registered"))
        .when(missing & ~pl.col("homestead")).then(pl.lit("pudong.no-homestead"))
        .when(missing).then(pl.lit("pudong.nobody-lives-there"))
        .when(pl.col("consent").is_null()).then(pl.lit("pudong.no-consent"))
        .otherwise(None)
    )  # fmt: skip


THREE_PRESENCES: Final = EligibilityRule(
    "pudong.three-presences",
    {"zh_CN": "户在、房在、人在", "en": "The three presences"},
    decide,
    Presences,
    check,
)
