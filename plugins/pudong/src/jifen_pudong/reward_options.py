"""Decides what a rewards table can say and what not: recognition before goods, within a stated limit (R17 to R19).

The encouragement-first limit of a book is `encouragement`: `household_at_most` is the most money that one household can
reach in a period over all exchanges (checked when the book is loaded, from the ceilings of the exchanges), and
`average_at_most` the most that a village may pay for each household that takes part (kept at settlement: the budgets
are shared out below it). And there are never more ways to money than there are honours.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import field, frozen
from jifen.model import Names

from jifen_pudong.shares import share_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jifen.model import RuleBook

FEN: Final = 100
Found = tuple[str, str, dict[str, object]]

LEGAL_RIGHTS: Final = (
    "低保", "特困", "救助", "养老金", "养老保险", "医疗保险", "医保", "宅基地", "承包", "选举", "表决", "补偿",
    "入学", "教育", "户籍", "抚恤", "subsistence", "pension", "insurance", "homestead", "contract", "vote", "election",
    "compensation", "school",
)  # fmt: skip
"""Words of what the law grants: a general benefit whose name has one of them is refused (R19)."""


class HonourKind(StrEnum):
    """An honour, or a line on the red list 红榜."""

    HONOUR = "honour"
    RED_LIST = "red-list"


class To(StrEnum):
    """Who is honoured."""

    HOUSEHOLD = "household"
    VILLAGE = "village"


class Pot(StrEnum):
    """Over whom the ceiling of a budget goes."""

    VILLAGE = "village"
    TOWN = "town"


@frozen
class Honour:
    """Recognition (R17, R18): exactly one of `first` (places), `best` (a share of the participants) and `grades`.

    Ties share the place and everyone in a tied place is included. `best` is rounded up to whole households, so that
    every village has one. Households that a veto bars get none, and the places are counted without them.
    """

    code: str
    name: Names
    clause: str
    first: int | None = None
    best: str | None = None
    grades: tuple[str, ...] = ()
    at_least: Decimal | None = None
    kind: HonourKind = HonourKind.HONOUR
    to: To = To.HOUSEHOLD


@frozen
class Exchange:
    """Points to money (R18): `yuan` for each `points` beyond `beyond`, for totals of `at_least`.

    `household_ceiling` is the most for one household, `ceiling` the most for each `pot`, both in yuan; claims beyond
    the ceiling are shared out in proportion, to the fen. With `share_all` the whole ceiling is shared out in proportion
    to the points (a pool), and what one household's ceiling leaves stays in the pool.
    """

    code: str
    name: Names
    clause: str
    household_ceiling: Decimal
    yuan: Decimal = Decimal(1)
    points: Decimal = Decimal(1)
    beyond: Decimal = Decimal(0)
    at_least: Decimal | None = None
    ceiling: Decimal | None = None
    pot: Pot = Pot.VILLAGE
    share_all: bool = False


@frozen
class Benefit:
    """A general benefit that the village itself grants, such as a share in the collective's income."""

    code: str
    name: Names


@frozen
class Penalty:
    """What may be proposed for deeds of bottom-line items, by which clause of the village charter (R19)."""

    code: str
    name: Names
    items: tuple[str, ...]
    benefit: str
    charter_clause: str = ""


@frozen
class Encouragement:
    """The book's own encouragement-first limit, in yuan for one household of a settled period (R17)."""

    household_at_most: Decimal
    average_at_most: Decimal | None = None


@frozen
class Rewards:
    """The options of ``pudong.honours-and-exchange``."""

    honours: tuple[Honour, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    encouragement: Encouragement | None = None
    benefits: tuple[Benefit, ...] = ()
    penalties: tuple[Penalty, ...] = field(default=())


def check(book: RuleBook, options: Rewards) -> Iterable[Found]:
    """Everything that a rewards table may not say, each with its path below ``[rewards]``."""
    yield from _codes(options)
    for at, honour in enumerate(options.honours):
        yield from _honour(f"honours[{at}]", honour, book)
    for at, exchange in enumerate(options.exchanges):
        yield from _exchange(f"exchanges[{at}]", exchange)
    yield from _encouragement(options)
    yield from _benefits(options)
    for at, penalty in enumerate(options.penalties):
        yield from _penalty(f"penalties[{at}]", penalty, book, options)


def _codes(options: Rewards) -> Iterator[Found]:
    seen: set[str] = set()
    for section in ("honours", "exchanges", "penalties"):
        for at, entry in enumerate(getattr(options, section)):
            if entry.code in seen:
                yield f"{section}[{at}].code", "pudong.code-twice", {"got": entry.code}
            seen.add(entry.code)


def _honour(path: str, honour: Honour, book: RuleBook) -> Iterator[Found]:
    ways = [name for name in ("first", "best", "grades") if getattr(honour, name) not in (None, ())]
    if len(ways) != 1:
        yield path, "pudong.honour-ways", {"got": len(ways)}
    if honour.first is not None and honour.first < 1:
        yield f"{path}.first", "pudong.first-too-small", {"got": honour.first}
    if honour.best is not None and not 0 < (share_of(honour.best) or 0) <= 1:
        yield f"{path}.best", "pudong.not-a-share", {"got": honour.best}
    if honour.to is To.VILLAGE and honour.grades:
        yield f"{path}.grades", "pudong.village-has-no-grade", {}
    known = {grade.code for grade in book.grades}
    for grade in honour.grades:
        if grade not in known:
            yield f"{path}.grades", "pudong.unknown-grade", {"got": grade}
    yield from _clause(path, honour.clause)


def _exchange(path: str, exchange: Exchange) -> Iterator[Found]:
    for name in ("household_ceiling", "yuan", "ceiling"):
        value: Decimal | None = getattr(exchange, name)
        if value is not None and (value < 0 or value * FEN % 1):
            yield f"{path}.{name}", "pudong.not-money", {"got": value}
    if exchange.points <= 0:
        yield f"{path}.points", "pudong.not-positive", {"got": exchange.points}
    if exchange.share_all and exchange.ceiling is None:
        yield path, "pudong.pool-without-ceiling", {}
    yield from _clause(path, exchange.clause)


def _clause(path: str, clause: str) -> Iterator[Found]:
    if not clause.strip():
        yield f"{path}.clause", "pudong.no-clause", {}


def _encouragement(options: Rewards) -> Iterator[Found]:
    if not options.exchanges:
        return
    if len(options.honours) < len(options.exchanges):
        facts: dict[str, object] = {"honours": len(options.honours), "exchanges": len(options.exchanges)}
        yield "exchanges", "pudong.more-goods-than-honours", facts
    limit = options.encouragement
    if limit is None:
        yield "exchanges", "pudong.no-encouragement", {}
        return
    most = sum((exchange.household_ceiling for exchange in options.exchanges), Decimal(0))
    if most > limit.household_at_most:
        yield "exchanges", "pudong.material-too-much", {"most": most, "limit": limit.household_at_most}
    if limit.average_at_most is not None and (limit.average_at_most < 0 or limit.average_at_most * FEN % 1):
        yield "encouragement.average_at_most", "pudong.not-money", {"got": limit.average_at_most}


def _benefits(options: Rewards) -> Iterator[Found]:
    for at, benefit in enumerate(options.benefits):
        names = " ".join((benefit.code, *benefit.name.values())).lower()
        for word in LEGAL_RIGHTS:
            if word in names:
                yield f"benefits[{at}].name", "pudong.legal-right", {"word": word}
                break


def _penalty(path: str, penalty: Penalty, book: RuleBook, options: Rewards) -> Iterator[Found]:
    if not penalty.charter_clause.strip():
        yield path, "pudong.no-charter-clause", {"penalty": penalty.code}
    if penalty.benefit not in {benefit.code for benefit in options.benefits}:
        yield f"{path}.benefit", "pudong.unknown-benefit", {"got": penalty.benefit}
    bottom = {item.code for item in book.items if item.category == "pudong.bottom-line"}
    for code in penalty.items:
        if code not in bottom:
            yield f"{path}.items", "pudong.not-bottom-line", {"got": code}
