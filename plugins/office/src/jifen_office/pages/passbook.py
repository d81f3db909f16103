"""Decides what a household's book of points says: each purse with its balance, each entry with its why (R20, R22)."""

from __future__ import annotations

from functools import reduce
from itertools import groupby
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.db.models import Q
from django.utils.translation import gettext
from jifen.words import title

from jifen_office import rules
from jifen_office.ledger.models import Account, AccountKind, Transfer
from jifen_office.ledger.names import unit_of
from jifen_office.pages.speech import speaking
from jifen_office.pages.stated import stated
from jifen_office.project.questions import Given, Question

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet
    from jifen.model import RuleBook

    from jifen_office.register.models import Household


_LEGS: Final = 2
"""Transfers of an entry in and out of one purse, at most: a late correction passes through it (`crediting`)."""
_ENTRY: Final = ("entry__number", "entry__kind", "entry__record", "entry__occurred", "entry__opening__content")


@frozen
class Purse:
    """One purse: what can be spent and what is reserved, in the book's smallest unit."""

    unit: str
    name: str
    balance: int
    held: int


@frozen
class Line:
    """One entry: what it moved, in which purses (several where it moved as much in each), and the first one's balance.

    `number` is that of the record or voucher behind it, for people to ask about.
    """

    kind: str
    """An `EntryKind`."""
    purses: tuple[str, ...]
    amount: int
    after: int
    why: str
    number: str
    day: date


def accounts_of(household: Household) -> list[Account]:
    """Its purses and what is reserved of them, read once for all that is told of them."""
    found = _accounts(household.pk)
    for each in found:
        each.household = household
    return found


@Question
def _accounts(household: Given) -> QuerySet[Account]:
    return Account.objects.filter(household=household, kind__in=(AccountKind.PURSE, AccountKind.HELD))


def purses(accounts: Iterable[Account], book: RuleBook | None) -> list[Purse]:
    """A household's purses in the book's order; those of the book that hold nothing yet, too."""
    sums = {(each.unit, each.kind): each.balance for each in accounts}
    return [
        Purse(unit, purse_name(unit, book), sums.get((unit, "purse"), 0), sums.get((unit, "held"), 0))
        for unit in _units(book, (unit for unit, _ in sums))
    ]


def _units(book: RuleBook | None, there: Iterable[str]) -> list[str]:
    """The purses' units in the book's order, then those that are there and not in the book."""
    units = [unit_of(code) for code in (rules.purse_codes(book) if book is not None else (rules.WHOLE,))]
    return [*units, *sorted(set(there).difference(units))]


def purse_name(unit: str, book: RuleBook | None) -> str:
    """A purse's name as villagers call it."""
    code = unit.partition(":")[2]
    with speaking():
        for purse in book.purses if book is not None else ():
            if purse.code == code:
                return title(purse.name)
    return gettext("积分")


def lines(accounts: Iterable[Account], book: RuleBook | None, newest: int | None = None) -> list[Line]:
    """What went into and out of a household's purses, the newest first; all of it, or so many lines."""
    by_key = {each.pk: each for each in accounts if each.kind == AccountKind.PURSE}
    after = {pk: each.balance for pk, each in by_key.items()}
    units = _units(book, (each.unit for each in by_key.values()))
    names = {unit: purse_name(unit, book) for unit in units}
    most = None if newest is None else newest * _LEGS * len(by_key)  # an entry makes a line at least
    moved = _moved(*by_key, most=most) if by_key else []
    of_village = next((f"{each.household.village.code}-" for each in by_key.values() if each.household), "")
    found: list[Line] = []
    # Plain values, for a household has many entries and rows of the database make objects slowly.
    for (_, kind, record, day, content), transfers in groupby(moved, key=lambda row: row[3:]):
        changes: dict[int, int] = {}
        for source, target, moves, *_entry in transfers:
            for account, amount in ((source, -moves), (target, moves)):
                if account in by_key:
                    changes[account] = changes.get(account, 0) + amount
        by_amount: dict[int, list[int]] = {}
        for account in sorted(changes, key=lambda pk: units.index(by_key[pk].unit)):
            by_amount.setdefault(changes[account], []).append(account)
        why = str((content or {}).get("why", "")) or stated(kind, "entry")
        shown = record if record.isdecimal() or record.startswith(of_village) else ""
        found += [
            Line(kind, tuple(names[by_key[pk].unit] for pk in pks), amount, after[pks[0]], why, shown, day)
            for amount, pks in reversed(by_amount.items())
        ]
        for account, amount in changes.items():
            after[account] -= amount
        if newest is not None and len(found) >= newest:
            break
    return found[:newest]


@Question
def _moved(*purses: Given, most: int | None) -> QuerySet[Transfer, tuple[Any, ...]]:
    """Transfers in and out of any of the purses, the newest first: source, target, amount, and `_ENTRY`."""
    any_of_them = reduce(or_, (Q(source=each) | Q(target=each) for each in purses))
    found = Transfer.objects.filter(any_of_them).order_by("-entry__number", "-pk")
    return found.values_list("source_id", "target_id", "amount", *_ENTRY)[:most]
