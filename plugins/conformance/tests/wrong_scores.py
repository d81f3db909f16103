"""Wrong plugins and engines for the checks of awards, limits, good and bad deeds, and the edges."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve
from jifen.deed_checks import MOST
from jifen.model import Limit, Step, Window

from plugins.conformance.tests import good
from plugins.conformance.tests.faulty import after, before, by_other_rules, faulty
from plugins.conformance.tests.good import ITEMS, good_target, item
from plugins.conformance.tests.wrong import wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.offers import VillageView
    from jifen.period import Period
    from jifen.settlement import Settlement
    from jifen_conformance.target import Target


def _times(book: RuleBook, code: str, times: int | None) -> RuleBook:
    """The book with another limit on the times of an item, or none."""
    limits = () if times is None else (Limit(Window.MONTH, times=times),)
    return evolve(book, items=tuple(evolve(each, limits=limits) if each.code == code else each for each in book.items))


def _with_times(times: int) -> Target:
    """The good category, whose clean-up counts so many times a month."""
    items = tuple(
        evolve(each, limits=(Limit(Window.MONTH, times=times),)) if each.code == "Y02" else each for each in ITEMS
    )
    return good_target("category", items=items)


@wrong("A01")
def awards_without_a_clause(folder: Path) -> Target:
    spoilt = after(lambda settled: evolve(settled, awards=settled.awards.with_columns(pl.lit("").alias("clause"))))
    return faulty(good_target("category"), spoilt)


@wrong("A02")
def a_limit_leaks(folder: Path) -> Target:
    return faulty(_with_times(4), by_other_rules(lambda book: _times(book, "Y02", None)), ("Y02", 6))


@wrong("A03")
def a_limit_cuts_too_much(folder: Path) -> Target:
    return faulty(_with_times(5), by_other_rules(lambda book: _times(book, "Y02", 4)), ("Y02", 6))


@wrong("A04")
def a_second_deed_is_worth_less_than_the_first(folder: Path) -> Target:
    falling = item(
        "Y06",
        "参加会议",
        "Meetings",
        tiers=(Step(Decimal(1), Decimal(5)), Step(Decimal(2), Decimal(2))),
        per=Window.YEAR,
    )
    return good_target("category", items=(*ITEMS, falling))


@wrong("A05")
def two_breaches_cost_less_than_one(folder: Path) -> Target:
    def scorer(deeds: pl.DataFrame, items: Any) -> pl.DataFrame:
        many = pl.len().over("subject")
        gross = pl.when(many == 1).then(-12_000).otherwise(-1_000).cast(pl.Int64)
        return deeds.select("deed", pl.lit(1).cast(pl.Int64).alias("amount"), gross.alias("gross"))

    breach = item("Y07", "乱扔垃圾", "Littering", points=Decimal(-1), scored_by_plugin=True)
    return good_target("category", items=(breach,), scorer=scorer, capabilities=("monotone",))


@wrong("A06")
def cancelled_deeds_count(folder: Path) -> Target:
    status = pl.col("status").cast(pl.String).replace("cancelled", "approved")
    spoilt = before(lambda inputs: evolve(inputs, deeds=inputs.deeds.with_columns(status.alias("status"))))
    return faulty(good_target("category"), spoilt)


def _negative(settled: Settlement, columns: dict[str, tuple[str, ...]]) -> Settlement:
    changed = {name: getattr(settled, name).with_columns(-pl.col(*which)) for name, which in columns.items()}
    return evolve(settled, **changed)


@wrong("A07")
def a_large_sum_wraps_around(folder: Path) -> Target:
    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        settled: Settlement = settle(book, inputs, period)
        if inputs.deeds["quantity"].max() != MOST:
            return settled
        return _negative(settled, {"awards": ("gross", "points"), "standings": ("given", "taken", "total")})

    return faulty(good_target("category"), engine)


@wrong("A08")
def a_cut_belongs_to_no_award(folder: Path) -> Target:
    def spoil(settled: Settlement) -> Settlement:
        ghosts = settled.standings.select(
            pl.format("ghost-{}", "household").alias("deed"),
            pl.col("village").cast(pl.String),
            pl.col("household").cast(pl.String).alias("subject"),
            pl.lit("item").alias("level"),
            pl.lit("Y02#1").alias("limit"),
            pl.lit("times").alias("bound"),
            pl.lit(2).cast(pl.Int64).alias("before"),
            pl.lit(3).cast(pl.Int64).alias("after"),
            pl.lit(-20).cast(pl.Int64).alias("change"),
        )
        cuts = settled.cuts.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        return evolve(settled, cuts=pl.concat([cuts, ghosts]).sort("village", "subject", "deed"))

    return faulty(good_target("category"), after(spoil))


@wrong("A09")
def a_total_has_more_than_its_awards(folder: Path) -> Target:
    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        settled: Settlement = settle(book, inputs, period)
        if inputs.deeds["quantity"].max() == MOST:
            return settled
        return evolve(settled, standings=settled.standings.with_columns(pl.col("given", "total") + 10))

    return faulty(good_target("category"), engine)


@wrong("E01")
def shares_by_nobody(folder: Path) -> Target:
    def aggregate(view: VillageView, options: object) -> pl.DataFrame:
        for village in view.villages["village"]:
            _ = 1 // view.households.filter(pl.col("village").cast(pl.String) == village).height
        return good.aggregate(view, options)

    return good_target("aggregation", aggregate=aggregate)


@wrong("E02")
def needs_somebody_at_home(folder: Path) -> Target:
    def decide(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
        _ = [
            100 // (living + len(members or ()))
            for living, members in households.select("living", "members").iter_rows()
        ]
        return good.decide(households, villages, options)

    return good_target("eligibility", decide=decide)


def _unless(which: Callable[[Inputs], bool], spoil: Callable[[Settlement], Settlement]) -> Any:
    """An engine that is sound but for some inputs."""

    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        settled: Settlement = settle(book, inputs, period)
        return spoil(settled) if which(inputs) else settled

    return engine


@wrong("E03")
def needs_a_deed(folder: Path) -> Target:
    nobody = _unless(
        lambda inputs: not inputs.deeds.height, lambda settled: evolve(settled, standings=settled.standings.clear())
    )
    return faulty(good_target("category"), nobody)


@wrong("E04")
def scores_a_household_by_its_neighbours(folder: Path) -> Target:
    more = pl.col("gross", "points") + 10
    alone = _unless(
        lambda inputs: inputs.households.height == 1,
        lambda settled: evolve(settled, awards=settled.awards.with_columns(more)),
    )
    return faulty(good_target("category"), alone)


@wrong("E05")
def loses_the_only_deed(folder: Path) -> Target:
    only = _unless(
        lambda inputs: inputs.deeds.height == 1,
        lambda settled: evolve(settled, awards=settled.awards.clear(), refused=settled.refused.clear()),
    )
    return faulty(good_target("category"), only)


@wrong("E06")
def drops_what_it_does_not_know(folder: Path) -> Target:
    known = pl.col("item").cast(pl.String) != "NO-SUCH-ITEM"
    return faulty(good_target("category"), before(lambda inputs: evolve(inputs, deeds=inputs.deeds.filter(known))))


@wrong("E07")
def drops_deeds_without_a_member(folder: Path) -> Target:
    def spoil(inputs: Inputs) -> Inputs:
        nameless = inputs.deeds["member"].null_count() == inputs.deeds.height > 1
        return evolve(inputs, deeds=inputs.deeds[1:]) if nameless else inputs

    return faulty(good_target("category"), before(spoil))


@wrong("E08")
def the_last_day_counts_in_the_next_month(folder: Path) -> Target:
    def engine(settle: Callable[..., Settlement], book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        last = (pl.col("date") == pl.col("date").dt.month_end()) & (pl.col("date") < period.end)
        moved = pl.when(last).then(pl.col("date").dt.offset_by("1d")).otherwise("date").alias("date")
        settled: Settlement = settle(book, evolve(inputs, deeds=inputs.deeds.with_columns(moved)), period)
        own = inputs.deeds.select(pl.col("deed").cast(pl.String), pl.col("date").alias("own"))
        told = settled.awards.with_columns(pl.col("deed").cast(pl.String)).join(
            own, on="deed", how="left", maintain_order="left"
        )
        dated = told.with_columns(pl.coalesce("own", "date").alias("date")).drop("own")
        return evolve(settled, awards=dated)

    return faulty(good_target("category"), engine)


@wrong("E09")
def leap_days_are_lost(folder: Path) -> Target:
    leap = (pl.col("date").dt.month() == 2) & (pl.col("date").dt.day() == 29)
    return faulty(good_target("category"), before(lambda inputs: evolve(inputs, deeds=inputs.deeds.filter(~leap))))
