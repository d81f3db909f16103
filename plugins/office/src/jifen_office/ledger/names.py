"""Decides how an account is named: village, kind, unit and, where it is a household's, the household."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import Attribute, field, frozen

from jifen_office.ledger.models import Account, AccountKind

if TYPE_CHECKING:
    from jifen_office.register.models import Household, Village

OF_HOUSEHOLDS: Final = frozenset({AccountKind.PURSE, AccountKind.HELD})
"""Accounts that each household has for itself."""
OF_GOODS: Final = frozenset({AccountKind.SUPPLY, AccountKind.STOCK, AccountKind.KEPT, AccountKind.OUT})
"""Accounts that count pieces; the others count points."""
NEVER_BELOW_0: Final = frozenset({AccountKind.HELD, AccountKind.STOCK, AccountKind.KEPT})
"""Accounts that hold no less than nothing. A purse can, by a deduction, a reversal or a late difference."""
MOST: Final = 2**53 - 1
"""More than this is never moved at once: every program that reads JSON can still count so far."""
_UNIT: Final = re.compile(r"(point|good):[^/\s]{1,54}")


def unit_of(purse: str) -> str:
    """The unit of a purse's points, by the purse's code."""
    return f"point:{purse}"


@frozen
class AccountName:
    """Which account is meant, whether it exists or not. Raises `ValueError` where the parts do not go together."""

    village: Village
    kind: AccountKind = field(converter=AccountKind)
    unit: str = field()
    """``point:PURSE`` (``point:total`` in a book without purses) or ``good:CODE``."""
    household: Household | None = None

    @unit.validator
    def _is_a_unit(self, _attribute: Attribute[str], unit: str) -> None:
        if not _UNIT.fullmatch(unit) or unit.startswith("good:") != (self.kind in OF_GOODS):
            raise ValueError(f"an account of kind {self.kind.value} cannot hold {unit!r}")

    def __attrs_post_init__(self) -> None:
        if (self.household is not None) != (self.kind in OF_HOUSEHOLDS):
            raise ValueError(f"an account of kind {self.kind.value} is a household's or is not: {self.household}")

    def __str__(self) -> str:
        """As the ledger's hashes and exports name it: ``purse/point:total/QH01-0001``, ``issue/point:total``."""
        return written(self.kind, self.unit, self.household.code if self.household else None)

    @property
    def place(self) -> tuple[str, str, int | None]:
        """Kind, unit and the household's id: what tells an account from the others of its village."""
        return self.kind.value, self.unit, self.household.pk if self.household else None


def written(kind: str, unit: str, household: str | None) -> str:
    """An account's name as text; a household's number comes last, for it may hold any character."""
    return f"{kind}/{unit}" if household is None else f"{kind}/{unit}/{household}"


def name_of(account: Account) -> str:
    """The name of an account that exists, as text."""
    return written(account.kind, account.unit, account.household.code if account.household else None)


@frozen
class Leg:
    """So many units from one account to another of the same village and unit. Raises `ValueError` for anything else."""

    source: AccountName
    target: AccountName
    amount: int = field()

    @amount.validator
    def _is_more_than_nothing(self, _attribute: Attribute[int], amount: int) -> None:
        if not 0 < amount <= MOST:
            raise ValueError(f"{amount!r} cannot be moved: an integer from 1 to {MOST} can")

    def __attrs_post_init__(self) -> None:
        if self.source.village != self.target.village or self.source.unit != self.target.unit:
            raise ValueError(f"{self.source} and {self.target} are not of one village and unit")
        if self.source == self.target:
            raise ValueError(f"{self.source} would give to itself")
