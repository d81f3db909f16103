"""Decides whether rewards keep within what the book grants, and whether only people ever punish (R17 to R19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve
from jifen import frames
from jifen.flow import settle
from jifen.model import Part
from jifen.offers import RewardView

from jifen_conformance.budgets import beyond, shared_within_villages
from jifen_conformance.check import Kind, check, expect
from jifen_conformance.comparing import few
from jifen_conformance.neutral import NEUTRAL

if TYPE_CHECKING:
    from jifen_conformance.target import Target, Trial

REWARDING: Final = (Kind.TOWN, Kind.POLICY)
RICH: Final = 1_000
"""By how much standings are multiplied to see whether a budget holds."""
KINDS: Final = frozenset({"honour", "red-list", "exchange", "proposal"})


def _penal(trial: Trial) -> pl.DataFrame:
    """AWARDS on which a penalty may rest: what took points before any limit, and deeds of items with a veto."""
    vetoes = [item.code for item in trial.book.items if item.veto]
    return trial.settlement.awards.filter((pl.col("gross") < 0) | pl.col("item").cast(pl.String).is_in(vetoes))


def _view(trial: Trial, factor: int = 1) -> RewardView:
    """What the policy is handed, with standings that are `factor` times as good."""
    settled = trial.settlement
    more = [(pl.col(name) * factor).alias(name) for name in ("given", "taken", "total")]
    return RewardView(
        trial.book, trial.inputs.households.sort("village", "household"), settled.participants,
        settled.standings.with_columns(more), settled.village_scores, _penal(trial),
    )  # fmt: skip


def _rewards(trial: Trial, view: RewardView) -> pl.DataFrame:
    policy = trial.target.registry.reward_policy(trial.book.rewards.use)
    return frames.REWARDS.check(policy.reward(view, trial.book.rewards.options), policy.name)


@check("R01", since="0.1", kinds=REWARDING)
def rewards_stay_within_the_budget(target: Target) -> None:
    """However many points there are, nobody gets more money than the book grants, and only its own pot decides.

    Why: a village must be able to pay what it posts.
    Mend: share out what exceeds a ceiling within its pot, in proportion, to the fen; stop at the household's ceiling.
    """
    for trial in target.trials:
        for factor in (1, RICH):
            given, view = f"standings times {factor}, by {trial.book.name}", _view(trial, factor)
            rewards = _rewards(trial, view)
            taken = rewards.filter(pl.col("money") < 0)
            expect(taken.is_empty(), given, few(taken.select("subject", "money").iter_rows()))
            found = list(beyond(trial.book, rewards, view.standings))
            expect(not found, given, few(found))
            if shared_within_villages(trial.book):
                _by_its_own_pot(trial, view, rewards, given)


def _by_its_own_pot(trial: Trial, view: RewardView, rewards: pl.DataFrame, given: str) -> None:
    """That every village is paid the same when there is no other."""
    for village in trial.inputs.villages["village"].cast(pl.String):
        alone = pl.col("village").cast(pl.String) == village
        mine = {
            name: getattr(view, name).filter(alone)
            for name in ("households", "participants", "standings", "village_scores", "awards")
        }
        paid, without = _money(rewards.filter(alone)), _money(_rewards(trial, evolve(view, **mine)))
        expect(
            paid == without,
            f"village {village} without its neighbours, {given}",
            f"{sum(without.values())} fen instead of {sum(paid.values())}",
        )


def _money(rewards: pl.DataFrame) -> dict[tuple[str, str], int]:
    rows = rewards.filter(pl.col("money").is_not_null()).select(pl.col("code", "subject").cast(pl.String), "money")
    return {(code, who): money for code, who, money in rows.iter_rows()}


@check("R02", since="0.1", kinds=REWARDING)
def no_penalty_without_a_clause(target: Target) -> None:
    """A penalty is proposed only with a clause of the village charter and the household's own misdeed as its ground.

    Why: what the charter does not say, no program may put on a list (R19).
    Mend: write `clause` and `ground` of every proposal; the ground is the number of a deed that took points or vetoes.
    """
    for trial in target.trials:
        own = set(_penal(trial).select(pl.col("deed", "subject").cast(pl.String)).iter_rows())
        for row in _of_kind(trial, "proposal"):
            given = f"proposal {row['code']} for {row['subject']}, by {trial.book.name}"
            expect(row["clause"].strip(), given, "no clause of the charter")
            expect((row["ground"], row["subject"]) in own, given, f"its ground {row['ground']} is no misdeed of theirs")


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
