"""Decides whether rewards keep within what the book grants, and whether only people ever punish (R17 to R19)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve
from jifen import frames
from jifen.model import Part
from jifen.offers import RewardView
from jifen.settle import settle

from jifen_conformance.check import Kind, check, expect
from jifen_conformance.neutral import NEUTRAL

if TYPE_CHECKING:
    from jifen_conformance.target import Target, Trial

REWARDING: Final = (Kind.TOWN, Kind.POLICY)
RICH: Final = 1_000
"""By how much standings are multiplied to see whether a budget holds."""
KINDS: Final = frozenset({"honour", "red-list", "exchange", "proposal"})


def _rewards(trial: Trial, factor: int = 1) -> pl.DataFrame:
    """The rewards for standings that are `factor` times as good."""
    settled, policy = trial.settlement, trial.target.registry.reward_policy(trial.book.rewards.use)
    more = [(pl.col(name) * factor).alias(name) for name in ("given", "taken", "total")]
    standings = settled.standings.with_columns(more)
    view = RewardView(
        trial.book, trial.inputs.households.sort("village", "household"), settled.participants, standings,
        settled.village_scores, settled.awards.filter(pl.col("gross") < 0),
    )  # fmt: skip
    return frames.REWARDS.check(policy.reward(view, trial.book.rewards.options), policy.name)


@check("R01", since="0.1", kinds=REWARDING)
def rewards_stay_within_the_budget(target: Target) -> None:
    """However many points there are, no household and no pot gets more money than the book grants.

    Why: a village must be able to pay what it posts.
    Mend: share out what exceeds the ceiling in proportion, to the fen, and stop at the household's own ceiling.
    """
    for trial in target.trials:
        for factor in (1, RICH):
            _within_budget(trial, _rewards(trial, factor), factor)


def _within_budget(trial: Trial, rewards: pl.DataFrame, factor: int) -> None:
    paid: Counter[tuple[str, str]] = Counter()
    given = f"standings times {factor}, by {trial.book.name}"
    budgets = {entry.code: entry for entry in getattr(trial.book.rewards.options, "exchanges", ())}
    for row in rewards.filter(pl.col("money").is_not_null()).to_dicts():
        expect(row["money"] >= 0, given, f"{row['money']} fen for {row['subject']}")
        budget: Any = budgets.get(row["code"])
        if budget is None:
            continue
        most = int(budget.household_ceiling * 100)
        expect(row["money"] <= most, given, f"{row['money']} fen for {row['subject']}, at most {most} by {row['code']}")
        pot = row["village"] if getattr(budget, "pot", "village") == "village" else ""
        paid[row["code"], pot] += row["money"]
    for (code, pot), money in paid.items():
        ceiling = budgets[code].ceiling
        expect(
            ceiling is None or money <= int(ceiling * 100),
            given,
            f"{money} fen by {code} in {pot}, at most {ceiling} yuan",
        )


@check("R02", since="0.1", kinds=REWARDING)
def no_penalty_without_a_clause(target: Target) -> None:
    """A penalty is proposed only with a clause of the village charter and the household's own deed as its ground.

    Why: what the charter does not say, no program may put on a list (R19).
    Mend: write `clause` and `ground` of every proposal, the ground being the number of the deed.
    """
    for trial in target.trials:
        awards = trial.settlement.awards.select(pl.col("deed", "subject").cast(pl.String))
        own = set(awards.rows())
        for row in _of_kind(trial, "proposal"):
            given = f"proposal {row['code']} for {row['subject']}, by {trial.book.name}"
            expect(row["clause"].strip(), given, "no clause of the charter")
            expect((row["ground"], row["subject"]) in own, given, f"its ground {row['ground']} is no deed of theirs")


def _of_kind(trial: Trial, *kinds: str) -> list[dict[str, Any]]:
    return trial.settlement.rewards.filter(pl.col("kind").cast(pl.String).is_in(kinds)).to_dicts()


@check("R03", since="0.1", kinds=REWARDING)
def nothing_is_applied(target: Target) -> None:
    """Rewards say what there is ground for and change nothing: no points, no places, no money taken.

    Why: people decide; the program never carries out a penalty by itself (R19).
    Mend: return rows of kind honour, red-list, exchange or proposal, and leave `money` of a proposal empty.
    """
    for trial in target.trials:
        for row in trial.settlement.rewards.to_dicts():
            given = f"reward {row['code']} for {row['subject']}, by {trial.book.name}"
            expect(row["kind"] in KINDS, given, f"kind {row['kind']}")
            expect(row["kind"] != "proposal" or row["money"] is None, given, f"a proposal of {row['money']} fen")
        book = evolve(trial.book, rewards=Part("conformance.none"))
        known = {policy.name for policy in target.registry.reward_policies}
        registry = target.registry if "conformance.none" in known else target.registry.beside(*NEUTRAL)
        without = settle(book, registry, trial.inputs, trial.period)
        for name in ("awards", "standings", "village_scores"):
            same = getattr(trial.settlement, name).to_dicts() == getattr(without, name).to_dicts()
            expect(same, f"the same data without rewards, by {trial.book.name}", f"other {name}")


@check("R04", since="0.1", kinds=REWARDING)
def honours_go_to_participants(target: Target) -> None:
    """Honours and money go to households that take part, and honours never to one that a veto bars.

    Why: the red list is read by everyone, and a mistake on it is remembered.
    Mend: begin with the standings, and leave out those that are `barred`.
    """
    for trial in target.trials:
        standings = trial.settlement.standings.select(pl.col("household").cast(pl.String), "barred")
        barred = dict(standings.iter_rows())
        villages = set(trial.inputs.villages["village"].cast(pl.String))
        for row in _of_kind(trial, "honour", "red-list", "exchange"):
            given = f"{row['kind']} {row['code']} for {row['subject']}, by {trial.book.name}"
            expect(row["subject"] in barred or row["subject"] in villages, given, "does not take part")
            expect(row["kind"] == "exchange" or not barred.get(row["subject"]), given, "barred by a veto")
