"""Decides what points lead to: honours, shares of an exchange budget, and proposals that people decide on (R17 to R19).

Nothing here acts: a proposal is a row with its clause and its ground, and no other row changes for it.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl
from jifen import frames
from jifen.offers import RewardPolicy, RewardView
from jifen.schedule import smallest

from jifen_pudong.reward_options import FEN, Exchange, Honour, Pot, Rewards, To, check
from jifen_pudong.shares import half_up, share_of, share_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from jifen.model import Names, RuleBook

Row = dict[str, str | int | None]
VETO: Final = "veto:"
_PAID: Final = {name: frames.REWARDS.schema[name] for name in ("village", "subject", "points", "money", "ground")}


def reward(view: RewardView, options: Rewards) -> pl.DataFrame:
    """REWARDS: honours, then exchanges, then proposals, each in the order of the book, village and subject."""
    standings = _standings(view)
    honours = [
        _village_honour(view, honour) if honour.to is To.VILLAGE else _household_honour(standings, honour, view.book)
        for honour in options.honours
    ]
    parts = [*honours, *_exchanges(view, standings, options), frames.REWARDS.make(_proposals(view, options))]
    return pl.concat([frames.REWARDS.empty(), *parts])


def _rewards(found: pl.DataFrame, *differing: pl.Expr | str, **same: str | None) -> pl.DataFrame:
    """REWARDS of the columns that differ from row to row and what all of them have."""
    alike = [pl.lit(value, dtype=frames.REWARDS.schema[name]).alias(name) for name, value in same.items()]
    return found.select(*differing, *alike)[frames.REWARDS.names]


def _told(names: Names) -> str:
    """The name as the rule book has it: frames hold one language, whatever JIFEN_LANG says."""
    return names.get("zh_CN") or next(iter(names.values()), "")


def _standings(view: RewardView) -> pl.DataFrame:
    return view.standings.with_columns(pl.col("village", "household", "grade").cast(pl.String)).sort(
        "village", "household"
    )


def _household_honour(standings: pl.DataFrame, honour: Honour, book: RuleBook) -> pl.DataFrame:
    # The rank of the standings keeps the book's tie-breaks; counted again, because the barred leave their places.
    free = ~pl.col("barred")
    place = pl.when(free).then("rank").rank("min").over("village").cast(pl.Int64)
    chosen = free & _chosen(honour, book, place, free.sum().over("village").cast(pl.Int64), "total")
    return _honoured(honour, standings.filter(chosen), "household", "total")


def _village_honour(view: RewardView, honour: Honour) -> pl.DataFrame:
    chosen = _chosen(honour, view.book, pl.col("rank"), pl.lit(view.village_scores.height), "points")
    found = view.village_scores.filter(chosen).with_columns(pl.col("village").cast(pl.String)).sort("village")
    return _honoured(honour, found, "village", "points")


def _chosen(honour: Honour, book: RuleBook, place: pl.Expr, size: pl.Expr, points: str) -> pl.Expr:
    """Who is honoured; `place` is theirs among so many as `size` says."""
    if honour.grades:
        chosen = pl.col("grade").is_in(honour.grades)
    elif honour.first is not None:
        chosen = place <= honour.first
    else:
        share = share_of(honour.best or "") or Fraction(0)
        # Rounded up to whole households.
        chosen = place <= (size * share.numerator + share.denominator - 1) // share.denominator
    if honour.at_least is not None:
        chosen &= pl.col(points) >= smallest(honour.at_least, book.unit)
    return chosen


def _honoured(honour: Honour, found: pl.DataFrame, subject: str, points: str) -> pl.DataFrame:
    """REWARDS of those honoured, and the ground in a word."""
    ground = "pudong.ground-grade" if honour.grades else "pudong.ground-rank"
    same = {"kind": honour.kind.value, "code": honour.code, "title": _told(honour.name), "clause": honour.clause}
    whose = ("village", pl.col(subject).alias("subject"), pl.col(points).alias("points"))
    return _rewards(found, *whose, money=None, ground=ground, **same)


def _fen(yuan: Decimal) -> int:
    return smallest(yuan, FEN)


class Claimant(NamedTuple):
    """A household that may exchange points."""

    village: str
    household: str
    total: int


def _exchanges(view: RewardView, standings: pl.DataFrame, options: Rewards) -> Iterator[pl.DataFrame]:
    if not options.exchanges:
        return
    claimants = list(map(Claimant._make, standings["village", "household", "total"].iter_rows()))
    people = Counter(claimant.village for claimant in claimants)
    spent: Counter[str] = Counter()
    average = options.encouragement.average_at_most if options.encouragement else None
    for exchange in options.exchanges:
        paid: list[tuple[str, str, int, int, str]] = []
        for pot in _pots(claimants, exchange):
            ceilings = [] if exchange.ceiling is None else [_fen(exchange.ceiling)]
            if average is not None:
                villages = {claimant.village for claimant in pot}
                ceilings.append(sum(_fen(average) * people[village] - spent[village] for village in villages))
            claims = _claims(pot, exchange, view.book)
            money = pay(claims, max(0, min(ceilings)) if ceilings else None, exchange)
            most = _fen(exchange.household_ceiling)
            shared = exchange.share_all or sum(money.values()) < sum(min(claim, most) for claim in claims.values())
            ground = "pudong.ground-shared" if shared else "pudong.ground-exchange"
            for who in pot:
                if money[who.household]:
                    spent[who.village] += money[who.household]
                    paid.append((*who, money[who.household], ground))
        same = {"kind": "exchange", "code": exchange.code, "title": _told(exchange.name), "clause": exchange.clause}
        yield _rewards(pl.DataFrame(paid, schema=_PAID, orient="row"), *_PAID, **same)


def ceilings(view: RewardView, options: Rewards) -> dict[str, int]:
    """The most fen that each exchange may cost with these participants, by its code; under ``""`` all of them together.

    Each is bounded by the households' ceiling and by its own, which for a pot of a village counts once for each village
    in which somebody takes part; all together by the encouragement-first limit as well. Empty without exchanges.
    """
    villages, people = view.standings["village"].n_unique(), view.standings.height
    most: dict[str, int] = {}
    for exchange in options.exchanges:
        bounds = [_fen(exchange.household_ceiling) * people]
        if exchange.ceiling is not None:
            bounds.append(_fen(exchange.ceiling) * (1 if exchange.pot is Pot.TOWN else villages))
        most[exchange.code] = min(bounds)
    if not most:
        return {}
    whole = [sum(most.values())]
    if options.encouragement is not None and options.encouragement.average_at_most is not None:
        whole.append(_fen(options.encouragement.average_at_most) * people)
    return {**most, "": min(whole)}


def _pots(claimants: list[Claimant], exchange: Exchange) -> list[list[Claimant]]:
    """Those who share one ceiling, village by village or all together."""
    if exchange.pot is Pot.TOWN:
        return [claimants]
    return [list(pot) for _, pot in groupby(claimants, key=lambda who: who.village)]


def _claims(pot: list[Claimant], exchange: Exchange, book: RuleBook) -> dict[str, int]:
    """Fen for each household's points before any ceiling, rounded once, half up; in a pool, the points themselves."""
    unit = book.unit
    least = None if exchange.at_least is None else smallest(exchange.at_least, unit)
    beyond = smallest(exchange.beyond, unit)
    # One fraction for all: 800 households are 800 roundings of whole numbers.
    rate = Fraction(1) if exchange.share_all else Fraction(_fen(exchange.yuan), unit) / Fraction(exchange.points)
    claims = {}
    for who in pot:
        points = 0 if least is not None and who.total < least else max(0, who.total - beyond)
        claims[who.household] = half_up(points * rate.numerator, rate.denominator)
    return claims


def pay(claims: dict[str, int], ceiling: int | None, exchange: Exchange) -> dict[str, int]:
    """Fen for each household: claims within the household's ceiling, shared out where the whole ceiling is exceeded.

    A pool is shared out whole in proportion to the points; what a household's ceiling leaves of it stays there.
    """
    most = _fen(exchange.household_ceiling)
    if exchange.share_all:
        return {key: min(share, most) for key, share in share_out(ceiling or 0, claims).items()}
    claims = {key: min(claim, most) for key, claim in claims.items()}
    if ceiling is None or sum(claims.values()) <= ceiling:
        return claims
    return share_out(ceiling, claims)


def _proposals(view: RewardView, options: Rewards) -> Iterator[Row]:
    """A row for each deed that gives ground; a deed that takes points and has a veto besides gives one row."""
    texts = ("village", "subject", "item", "kind", "deed")
    awards = view.awards.select(pl.col(texts).cast(pl.String), "gross", "points") if options.penalties else view.awards
    for penalty in options.penalties:
        deeds = (
            awards.filter(pl.col("item").is_in(penalty.items) & ((pl.col("gross") < 0) | (pl.col("kind") == "veto")))
            .group_by("village", "subject", pl.col("deed").str.strip_prefix(VETO))
            .agg(pl.col("points").sum())
            .sort("village", "subject", "deed")
        )
        for village, subject, deed, points in deeds.iter_rows():
            yield {
                "village": village,
                "subject": subject,
                "kind": "proposal",
                "code": penalty.code,
                "title": _told(penalty.name),
                "points": points,
                "money": None,
                "clause": penalty.charter_clause,
                "ground": deed,
            }


def grounds(options: Rewards) -> set[str]:
    """The items that some penalty names; no proposal rests on another."""
    return {code for penalty in options.penalties for code in penalty.items}


HONOURS_AND_EXCHANGE: Final = RewardPolicy(
    "pudong.honours-and-exchange",
    {"zh_CN": "荣誉与积分兑换", "en": "Honours and exchange"},
    reward,
    Rewards,
    check,
    grounds=grounds,
    ceilings=ceilings,
)
