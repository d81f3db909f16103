"""Decides what a rule book can say of points to spend: purses, and a shop with goods, days, vouchers and conditions.

Nothing here computes; `jifen.purses` keeps the accounts and `jifen.exchanging` grants. Money is in yuan, as the book
writes it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from attrs import frozen

Names = dict[str, str]
"""As in `jifen.model`."""


class Counts(StrEnum):
    """Which points go into a purse."""

    ALL = "all"
    GIVEN = "given"


class StockOf(StrEnum):
    """For whom a stock is there."""

    TOWN = "town"
    VILLAGE = "village"


@frozen
class Purse:
    """An account of points: those to spend, or honour points that nothing lowers.

    What was given and taken goes in (`counts = "all"`), or only what was given. A balance may fall below 0.
    """

    code: str
    """Short name, unique among the purses."""
    name: Names
    """The account's name, as villagers call it."""
    clause: str
    """Clause of the rule."""
    counts: Counts = Counts.ALL
    """`all`: additions and deductions; `given`: additions only, so that deductions never lower it."""
    resets: str | None = None
    """Month and day (`01-10`) on which the balance starts again from 0, before all else of that day; else never."""


@frozen
class Needs:
    """A condition on another purse: the household must have so many points there."""

    purse: str
    """Code of the purse that is looked at."""
    at_least: Decimal
    """Points that must be in it."""


@frozen
class Good:
    """Something to be had for points: goods, a service, or money (`price = 1`, `yuan = 1`)."""

    code: str
    """Short name, unique among the goods."""
    name: Names
    """What it is."""
    price: Decimal
    """Points for one piece."""
    yuan: Decimal | None = None
    """What one piece costs the village, in yuan."""
    stock: int | None = None
    """Pieces at the beginning of the period; without it there is no end of them."""
    stock_of: StockOf = StockOf.TOWN
    """Whether the stock is one for the town, or as much in each village."""
    most: int | None = None
    """Pieces that one household can have in the period."""
    villages: tuple[str, ...] = ()
    """Villages whose households may have it; empty: all."""
    kinds: tuple[str, ...] = ()
    """Kinds of household (column `kind` of the register) that may have it; empty: all."""
    needs: Needs | None = None
    """Points that must be in another purse, such as honour points."""


@frozen
class Shop:
    """What points of a purse can be exchanged for, when, and by whom (R18)."""

    purse: str
    """Code of the purse that is paid from."""
    clause: str
    """Clause of the rule."""
    goods: tuple[Good, ...]
    """What there is."""
    days: tuple[int, ...] = ()
    """Days of the month on which points are exchanged; empty: every day."""
    voucher_days: int | None = None
    """How many days a voucher holds, the day of the exchange counted; without it there is no end."""
    above_a_head: Decimal | None = None
    """Points in the purse for each member who lives there must be more than this."""

    def good(self, code: str) -> Good:
        """The good of a code. Raises `KeyError`."""
        for good in self.goods:
            if good.code == code:
                return good
        raise KeyError(code)
