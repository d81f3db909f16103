"""Decides whether every point has its reason and adds up, and whether what does not count leaves nothing behind."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from jifen.deed_checks import MOST
from jifen.explain import explain_household
from jifen.model import Measure
from jifen.problems import Refused

from jifen_conformance.check import Broken, Kind, check, expect
from jifen_conformance.checks.goodness import values_of

if TYPE_CHECKING:
    from jifen.settlement import Settlement

    from jifen_conformance.target import Target, Trial

SCORED = (Kind.TOWN, Kind.CATEGORY)
SAMPLE = 5
"""How many households' explanations are read."""


@check("A01", since="0.1", kinds=SCORED)
def every_award_has_its_reason(target: Target) -> None:
    """Every award names its item, the clause and the deed behind it.

    Why: “why did we get this?” is answered by these three (R22).
    Mend: give every item a clause, and let awards come from deeds, base scores and vetoes alone.
    """
    for trial in target.trials:
        deeds = set(trial.inputs.deeds["deed"].cast(pl.String))
        for row in trial.settlement.awards.to_dicts():
            given = f"award of {row['deed']}, by {trial.book.name}"
            expect(row["clause"].strip(), given, f"no clause for item {row['item']}")
            try:
                item = trial.book.item(row["item"], row["village"])
            except KeyError as error:
                raise Broken(given, f"item {row['item']} is not in the book") from error
            expect(item.category == row["category"], given, f"category {row['category']} instead of {item.category}")
            own = row["deed"].startswith(("base:", "veto:")) and row["kind"] in ("base", "veto")
            expect(row["deed"] in deeds or own, given, "no such deed was recorded")


@check("A06", since="0.1")
def what_does_not_count_leaves_no_trace(target: Target) -> None:
    """Cancelled, rejected and pending deeds change nothing: it comes out the same without them.

    Why: a record that was taken back must not go on counting in a ladder or a limit.
    Mend: score only the deeds that you are handed; the core has left the others out already.
    """
    names = ("awards", "cuts", "category_points", "standings", "village_parts", "village_scores", "rewards")
    for trial in target.trials:
        approved = trial.inputs.deeds.filter(pl.col("status").cast(pl.String) == "approved")
        without = trial.again(deeds=approved)
        dropped = trial.inputs.deeds.height - approved.height
        for name in names:
            same = getattr(trial.settlement, name).to_dicts() == getattr(without, name).to_dicts()
            expect(same, f"{dropped} deeds that do not count left out, by {trial.book.name}", f"other {name}")


@check("A07", since="0.1", kinds=SCORED)
def largest_amounts_do_not_overflow(target: Target) -> None:
    """The largest quantities give an exact result or are refused; no sum ever wraps around.

    Why: a slip of the keyboard must not turn a gift into a debt.
    Mend: count in int64 within the core's bounds, and let it refuse what lies beyond.
    """
    for trial in target.trials:
        scored = [item.code for item in trial.book.items if item.measure is Measure.QUANTITY]
        most = pl.when(pl.col("item").cast(pl.String).is_in(scored)).then(pl.lit(MOST)).otherwise("quantity")
        given = f"quantities of {MOST} thousandths, by {trial.book.name}"
        try:
            settled = trial.again(deeds=trial.inputs.deeds.with_columns(most.cast(pl.Int64).alias("quantity")))
        except Refused as refused:
            codes = {problem.code for problem in refused.problems}
            expect(codes == {"settle.overflow"}, given, str(refused))
            continue
        _adds_up(settled, given)
        for row in settled.awards.filter(pl.col("kind").cast(pl.String) == "deed").to_dicts():
            if row["item"] not in scored:
                continue
            values = values_of(trial.book.item(row["item"], row["village"]))
            wrapped = (row["gross"] < 0 and min(values, default=0) >= 0) or (row["gross"] > 0 > max(values, default=0))
            expect(not (values and wrapped), given, f"deed {row['deed']} of item {row['item']}: {row['gross']}")


def _adds_up(settled: Settlement, given: str) -> None:
    """That awards add up to totals, in Python's own integers."""
    totals: Counter[str] = Counter()
    for subject, points in settled.awards.select("subject", "points").iter_rows():
        totals[subject] += points
    for household, total in settled.standings.select("household", "total").iter_rows():
        expect(totals[household] == total, given, f"household {household}: awards {totals[household]}, total {total}")


@check("A08", since="0.1", kinds=SCORED)
def every_point_is_explained(target: Target) -> None:
    """The explanation of a household tells every award and every cut, once.

    Why: what is not explained cannot be objected to.
    Mend: let awards and cuts be the core's own frames; the explanation is read from them.
    """
    for trial in target.trials:
        for household in _some(trial):
            told = explain_household(trial.settlement, household)
            mine = pl.col("subject").cast(pl.String) == household
            awards = trial.settlement.awards.filter(mine)["deed"].cast(pl.String).to_list()
            given = f"household {household}, by {trial.book.name}"
            points = [point.deed for point in told.points]
            expect(points == awards, given, f"{len(points)} of {len(awards)} awards are told")
            cuts, shown = trial.settlement.cuts.filter(mine).height, sum(len(point.cuts) for point in told.points)
            expect(cuts == shown, given, f"{shown} of {cuts} cuts are told")


@check("A09", since="0.1", kinds=SCORED)
def explanations_add_up(target: Target) -> None:
    """What the explanation tells adds up to the household's total, and so do its categories.

    Why: a villager with a pencil must arrive at the figure on the board.
    Mend: let points come from awards alone; nothing may be added to a total on the side.
    """
    for trial in target.trials:
        given = f"awards and standings, by {trial.book.name}"
        _adds_up(trial.settlement, given)
        for household in _some(trial):
            told = explain_household(trial.settlement, household)
            if told.standing is not None:
                points = sum((point.points for point in told.points), Decimal(0))
                shares = sum((share.points for share in told.categories), Decimal(0))
                sums = {"points": points, "categories": shares, "total": told.standing.total}
                expect(len(set(sums.values())) == 1, f"household {household}, by {trial.book.name}", f"{sums}")


def _some(trial: Trial) -> list[str]:
    return trial.settlement.standings["household"].cast(pl.String).sort().head(SAMPLE).to_list()
