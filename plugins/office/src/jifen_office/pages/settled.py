"""Decides which settlement a page tells from: that of the village's period now, worked out once for what is known.

A household is settled by itself, which takes a hundredth of a second and never tells what was so before. A settlement
of a whole village takes longer, and many look at it: it is kept until a record becomes final or is cancelled, or the
register changes.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen
from django.db.models import Count
from jifen.explain import explain_household
from jifen.keeping import Kept
from jifen.problems import Refused

from jifen_office import rules
from jifen_office.pages.clock import today
from jifen_office.pages.speech import speaking
from jifen_office.process.models import State
from jifen_office.register.frames_out import villages_frame
from jifen_office.register.models import Member
from jifen_office.settling import settle_village

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from jifen.accounts import HouseholdAccount
    from jifen.model import RuleBook
    from jifen.settlement import Settlement

    from jifen_office.register.models import Household, Village

_MOST: Final = 64
_COUNTS: Final = (
    "code", "group", "name", "site", "registered", "homestead", "living", "consent", "resolution", "resolution_date",
    "stars", "star_review", "kind", "erased",
)  # fmt: skip
_kept: OrderedDict[_Known, Settlement] = OrderedDict()
_lock: Final = Lock()


@frozen
class _Known:
    """What a settlement depends on, so that it is worked out anew when any of it changes."""

    village: int
    period: str
    day: date
    rules: str
    records: tuple[tuple[str, int], ...]
    """How many are final and how many were cancelled: a record that is either comes to be nothing else that counts."""
    register: str
    """Digest of what the register says that counts in a settlement."""


def book_now(village: Village) -> RuleBook | None:
    """The rules in force in a village today; None where none are."""
    return rules.book_on(village.town.code, today())


def period_now(village: Village) -> str:
    """The period in which today is settled. Raises `Refused` where no rules are in force."""
    return rules.period_of(village.town.code, today()).name


def settlement_now(village: Village) -> Settlement | None:
    """The settlement of a village's period with everything that is final today; None where no rules are in force.

    What else keeps it from being settled is raised as `Refused`.
    """
    book = book_now(village)
    if book is None:
        return None
    period = period_now(village)
    ended = village.records.filter(state__in=(State.FINAL, State.CANCELLED)).order_by("state")
    known = _Known(
        village.pk,
        period,
        today(),
        book.digest,
        tuple(ended.values_list("state").annotate(Count("pk"))),
        _register_of(village),
    )
    with _lock:
        if known in _kept:
            _kept.move_to_end(known)
            return _kept[known]
    made = settle_village(village, period, today())
    with _lock:
        _kept[known] = made
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return made


def _register_of(village: Village) -> str:
    homes = village.households.order_by("pk").values_list(*_COUNTS)
    people = Member.objects.filter(household__village=village).order_by("pk").values_list("pk", "household_id", "name")
    return sha256(repr([list(homes), list(people)]).encode()).hexdigest()


@frozen
class Told:
    """What a household's points are explained from: its settlement by itself, and the account of it."""

    kept: Kept
    account: HouseholdAccount


def account_now(household: Household) -> Told | None:
    """Everything that makes a household's total, with what is final today; None where there is none of it.

    No other household's records change it. What does depend on others, its place and its honours, is no part of it:
    that stands on the village's page of honours. Raises `Refused` as `settlement_now`.
    """
    if book_now(household.village) is None:
        return None
    found = settle_village(household.village, period_now(household.village), today(), only=household)
    try:
        account = evolve(explain_household(found, household.code), rewards=())
    except Refused:
        return None
    return Told(Kept(found, villages_frame([household.village]), {}, {}), account)


def paragraphs(told: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Paragraphs with their depth, told in the reader's language."""
    with speaking():
        return [(words, min(depth, 2)) for words, depth in told]
