"""Decides whether the edges hold: nobody, nothing, one of each, unknown items, first and last days of windows."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from attrs import evolve
from jifen import frames
from jifen.model import Measure, Subject
from jifen.period import Period
from jifen.problems import Refused

from jifen_conformance.check import Broken, Kind, check, expect
from jifen_conformance.checks.limits import needed, within

if TYPE_CHECKING:
    from jifen_conformance.target import Target, Trial

SCORED = (Kind.TOWN, Kind.CATEGORY)
NOWHERE = "ZZ-EMPTY"
FEBRUARY = 2


@check("E01", since="0.1")
def an_empty_village_settles(target: Target) -> None:
    """A village without any household settles, has a score, and changes no other village.

    Why: a village is on the list before its register is.
    Mend: guard every division by the number of households, and give the village its row.
    """
    for trial in target.trials:
        empty = frames.VILLAGES.make([{"village": NOWHERE, "name": NOWHERE, "groups": 2}])
        settled = trial.again(villages=pl.concat([trial.inputs.villages, empty]))
        there = settled.village_scores["village"].cast(pl.String).to_list()
        expect(NOWHERE in there, f"a village without households, by {trial.book.name}", f"scores of {there} only")
        others = settled.standings.to_dicts()
        expect(
            others == trial.settlement.standings.to_dicts(), "a village without households", "other standings elsewhere"
        )


@check("E02", since="0.1")
def an_empty_household_settles(target: Target) -> None:
    """A household in which nobody lives, without members or consent, is settled like any other row.

    Why: registers have such rows, and one of them must not stop a town.
    Mend: allow for 0 people, and for empty cells where frames.md says that they may be empty.
    """
    for trial in target.trials:
        village = trial.inputs.villages["village"][0]
        row = {"household": "ZZ-NOBODY", "village": village, "group": "1", "name": "空户", "site": "home", "living": 0}
        empty = frames.HOUSEHOLDS.make([{**row, "registered": False, "homestead": False}])
        settled = trial.again(households=pl.concat([trial.inputs.households, empty], how="vertical_relaxed"))
        there = settled.participants["household"].cast(pl.String).to_list()
        expect("ZZ-NOBODY" in there, f"a household without people, by {trial.book.name}", "no row for it")


@check("E03", since="0.1")
def no_deeds_settle(target: Target) -> None:
    """A period without a single deed settles: every participant stands with its base score.

    Why: a scheme has a first day.
    Mend: return an empty frame with all columns where there are no rows.
    """
    for trial in target.trials:
        settled = trial.again(deeds=trial.inputs.deeds.clear())
        many = settled.participants["participates"].sum()
        expect(
            settled.standings.height == many, f"no deeds, by {trial.book.name}", f"{settled.standings.height} of {many}"
        )


@check("E04", since="0.1")
def one_household_settles(target: Target) -> None:
    """One household of one village settles as it does among its neighbours.

    Why: a villager asks about one household, and a pilot may begin with few.
    Mend: look at one household's rows at a time wherever points are made.
    """
    for trial in target.trials:
        takes_part = trial.settlement.standings
        if not takes_part.height:
            continue
        home, village = (str(takes_part[name][0]) for name in ("household", "village"))
        settled = trial.again(
            villages=_only(trial.inputs.villages, "village", village),
            households=_only(trial.inputs.households, "household", home),
            deeds=trial.inputs.deeds.filter(pl.col("subject").cast(pl.String).is_in([home, village])),
            requests=_only(trial.inputs.requests, "household", home),
        )
        mine = pl.col("subject").cast(pl.String) == home
        alone, among = (each.awards.filter(mine).to_dicts() for each in (settled, trial.settlement))
        expect(alone == among, f"household {home} alone, by {trial.book.name}", "other awards than among others")


@check("E05", since="0.1")
def one_deed_settles(target: Target) -> None:
    """Every deed settles when it is the only one.

    Why: the first record of the year is looked up on the same day.
    Mend: do not count on a second row.
    """
    for trial in target.trials:
        deeds = trial.inputs.deeds.unique("item", keep="first", maintain_order=True)
        for at in range(deeds.height):
            settled = trial.again(deeds=deeds[at])
            told = settled.awards.filter(pl.col("kind").cast(pl.String).is_in(["deed", "put-right"])).height
            told += settled.refused.height
            expect(
                told == 1, f"only deed {deeds['deed'][at]} of {deeds['item'][at]}", f"{told} rows say what became of it"
            )


@check("E06", since="0.1", kinds=SCORED)
def an_unknown_item_is_refused(target: Target) -> None:
    """A deed of an item that the book does not have is refused and named.

    Why: a record that vanishes in silence is the worst kind of error.
    Mend: do not drop rows; hand back what you do not know.
    """
    for trial in target.trials:
        deeds = trial.inputs.deeds.head(1).with_columns(pl.lit("NO-SUCH-ITEM").alias("item"))
        given = f"deed {deeds['deed'][0]} of item NO-SUCH-ITEM, by {trial.book.name}"
        try:
            trial.again(deeds=deeds)
        except Refused as refused:
            codes = {problem.code for problem in refused.problems}
            expect(codes == {"settle.unknown-item"}, given, str(refused))
            continue
        raise Broken(given, "it was settled")


@check("E07", since="0.1")
def no_member_settles(target: Target) -> None:
    """Deeds that name no member settle.

    Why: many records name the household alone.
    Mend: allow for an empty `member`; a limit for each member then counts the household's nameless deeds together.
    """
    for trial in target.trials:
        deeds = trial.inputs.deeds.with_columns(pl.lit(None, dtype=pl.String).alias("member"))
        rows = trial.again(deeds=deeds).rows
        before = trial.settlement.rows
        expect(rows == before, f"no member named, by {trial.book.name}", f"{rows} instead of {before}")


@check("E08", since="0.1", kinds=SCORED)
def edges_of_windows_hold(target: Target) -> None:
    """A deed on the first or last day of a month counts in that month, and so for every longer window.

    Why: the last day of the quarter is when most is recorded.
    Mend: take the window from the deed's own day; both days belong to it.
    """
    for trial in target.trials:
        days = [on for month in _months(trial) for on in (month.replace(day=1), month.replace(day=15), month)]
        settled = trial.again(deeds=_deeds_on(trial, days))
        given = f"deeds on the first, the 15th and the last day of each month, by {trial.book.name}"
        counted = settled.rows.awarded + settled.rows.refused + settled.rows.cancelled
        expect(counted == settled.rows.rows_in, given, f"{settled.rows}")
        within(settled, trial.book.name)
        needed(settled, trial.book.name)


@check("E09", since="0.1", kinds=SCORED)
def the_leap_day_counts(target: Target) -> None:
    """A deed of 29 February counts, in February.

    Why: there is one every four years, and it is somebody's.
    Mend: never build a date from day and month of another year.
    """
    for trial in target.trials:
        start = trial.period.start
        leap = start.year + (-start.year) % 4
        if start.month > FEBRUARY:
            continue
        name = trial.period.name.replace(f"{start.year:04}", f"{leap:04}", 1)
        book = evolve(trial.book, valid_from=date(leap, 1, 1), valid_to=date(leap, 12, 31))
        deeds = _deeds_on(trial, [date(leap, 2, 28), date(leap, 2, 29), date(leap, 3, 1)])
        moved = evolve(trial.inputs, deeds=deeds, requests=trial.inputs.requests.clear())
        settled = target.settle(book, moved, Period.parse(name))
        on = settled.awards.filter(pl.col("date") == date(leap, 2, 29))
        given = f"deeds on 29 February {leap}, by {trial.book.name}"
        expect(on.height > 0 or not settled.rows.awarded, given, "no award of that day")
        within(settled, trial.book.name)


def _only(frame: pl.DataFrame, column: str, value: str) -> pl.DataFrame:
    return frame.filter(pl.col(column).cast(pl.String) == value)


def _months(trial: Trial) -> list[date]:
    """The last day of each month of the period."""
    first, found = trial.period.start, []
    for month in range(trial.period.months):
        year, of = first.year + (first.month - 1 + month) // 12, (first.month - 1 + month) % 12 + 1
        found.append(date(year, of, monthrange(year, of)[1]))
    return found


def _deeds_on(trial: Trial, days: list[date]) -> pl.DataFrame:
    """For each item that counts once in a while, its first deed again on each of the days, for the same subject."""
    deeds = trial.inputs.deeds.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    approved = deeds.filter((pl.col("status") == "approved") & pl.col("refers").is_null())
    plain = [
        item.code
        for item in trial.book.items
        if not item.veto and not item.put_right and (item.subject is Subject.HOUSEHOLD or item.measure is Measure.COUNT)
    ]
    first = approved.filter(pl.col("item").is_in(plain)).unique("item", keep="first", maintain_order=True)
    parts = [
        first.with_columns(
            pl.format("{}-{}", "deed", pl.lit(on.isoformat())).alias("deed"),
            pl.lit(on).alias("date"),
            pl.lit(on).alias("recorded"),
        )
        for on in days
    ]
    return pl.concat(parts) if parts else first
