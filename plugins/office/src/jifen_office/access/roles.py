"""Decides who may do what where: one table of roles, permissions and scopes; what it lacks is denied (R21, R23).

A role says how far it reaches (its scope), an appointment where. A household's card is no appointment: it reaches that
household. Nobody reaches a neighbouring village, a town reaches its own villages, the district's operators all towns.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.db.models import Q
from django.utils import timezone

from jifen_office.access.models import Appointment, Role, User
from jifen_office.register.models import Household, Village

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

HOUSEHOLD: Final = "household"
"""What a household's card is, beside the roles to which people are appointed."""

_KEPT: Final = "kept_standings"


class Scope(Enum):
    """How far a role reaches."""

    HOUSEHOLD = "household"
    GROUP = "group"
    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"


SCOPES: Final[dict[str, Scope]] = {
    HOUSEHOLD: Scope.HOUSEHOLD,
    Role.LEADER: Scope.GROUP,
    Role.CLERK: Scope.VILLAGE,
    Role.COMMITTEE: Scope.VILLAGE,
    Role.KEEPER: Scope.VILLAGE,
    Role.TOWN: Scope.TOWN,
    Role.DISTRICT: Scope.DISTRICT,
}


@frozen
class Permission:
    """Who has it. `personal`: a page under it shows what belongs to a person, so an official's look is written down."""

    to: frozenset[str] = frozenset()
    personal: bool = False
    public: bool = False
    """Everyone, signed in or not."""
    signed_in: bool = False
    """Whoever is signed in, about themselves."""
    operators: bool = False
    """The district's operators of the office (`is_staff`), who look after accounts and never see a household."""


def _to(*roles: str) -> Permission:
    return Permission(frozenset(roles))


def _personal(*roles: str) -> Permission:
    return Permission(frozenset(roles), personal=True)


PERMISSIONS: Final[dict[str, Permission]] = {
    # everyone
    "public.look": Permission(public=True),
    "account.use": Permission(signed_in=True),
    "office.operate": Permission(operators=True),
    # a household and what is recorded about it
    "points.look": _personal(HOUSEHOLD, Role.LEADER, Role.CLERK, Role.COMMITTEE),
    "record.look": _personal(HOUSEHOLD, Role.LEADER, Role.CLERK, Role.COMMITTEE),
    "household.export": _personal(HOUSEHOLD, Role.CLERK),
    "household.erase": _personal(Role.CLERK),
    "register.keep": _personal(Role.CLERK),
    "card.issue": _personal(Role.CLERK),
    # recording
    "deed.record": _personal(HOUSEHOLD, Role.LEADER, Role.CLERK),
    "round.record": _personal(Role.LEADER, Role.CLERK),
    "task.look": _personal(Role.LEADER, Role.CLERK),
    "record.list": _personal(Role.LEADER, Role.CLERK, Role.COMMITTEE),
    "proposal.make": _personal(Role.CLERK, Role.COMMITTEE),
    "record.withdraw": _personal(HOUSEHOLD, Role.LEADER, Role.CLERK, Role.COMMITTEE),
    # the committee
    "record.review": _personal(Role.COMMITTEE),
    "sample.draw": _personal(Role.COMMITTEE),
    "kin.declare": _personal(Role.COMMITTEE),
    "objection.make": _personal(HOUSEHOLD, Role.LEADER, Role.CLERK),
    "objection.decide": _personal(Role.COMMITTEE),
    "entry.reverse": _personal(Role.COMMITTEE),
    # posting and crediting
    "notice.post": _personal(Role.CLERK),
    "points.credit": _personal(Role.CLERK),
    "period.keep": _to(Role.CLERK, Role.TOWN),
    "village.keep": _to(Role.CLERK),
    "settings.keep": _to(Role.CLERK, Role.TOWN),
    # the shop
    "exchange.reserve": _personal(HOUSEHOLD, Role.CLERK, Role.KEEPER),
    "voucher.look": _personal(HOUSEHOLD, Role.CLERK, Role.KEEPER),
    "voucher.hand-over": _personal(Role.KEEPER),
    "voucher.void": _personal(HOUSEHOLD, Role.CLERK, Role.KEEPER),
    "stock.keep": _to(Role.KEEPER),
    "owed.look": _to(Role.CLERK, Role.KEEPER, Role.TOWN),
    # above the village: figures, never a household
    "village.look": _to(Role.LEADER, Role.CLERK, Role.COMMITTEE, Role.KEEPER, Role.TOWN, Role.DISTRICT),
    "ledger.export": _to(Role.CLERK, Role.COMMITTEE, Role.TOWN),
    "town.look": _to(Role.TOWN, Role.DISTRICT),
    "town.export": _to(Role.TOWN),
    "layer.approve": _to(Role.TOWN),
    "district.look": _to(Role.DISTRICT),
    "audit.look": _to(Role.COMMITTEE, Role.TOWN, Role.DISTRICT),
}


@frozen
class Place:
    """What is asked for: primary keys from the town down to the household; what is None is not narrowed."""

    town: int | None = None
    village: int | None = None
    group: str | None = None
    household: int | None = None

    @classmethod
    def of(cls, subject: Household | Village | None) -> Place:
        """The place of a household or a village; of nothing: anywhere."""
        if isinstance(subject, Household):
            return cls(subject.village.town_id, subject.village_id, subject.group, subject.pk)
        return cls() if subject is None else cls(subject.town_id, subject.pk)


@frozen
class Standing:
    """What somebody is, and where."""

    role: str
    place: Place

    @property
    def scope(self) -> Scope:
        """How far the role reaches."""
        return SCOPES[self.role]

    def covers(self, asked: Place) -> bool:
        """Whether the place lies in reach.

        A whole town is out of a village's reach. A whole village is within a household's: a page there that names no
        household is about the one that asks.
        """
        here = self.place
        if asked == Place() or self.scope is Scope.DISTRICT:
            return True
        if self.scope is Scope.TOWN:
            return here.town is not None and asked.town == here.town
        if here.village is None or asked.village != here.village:
            return False
        if self.scope is Scope.GROUP:
            return bool(here.group) and asked.group in (None, here.group)
        if self.scope is Scope.HOUSEHOLD:
            return asked.household in (None, here.household) and asked.group in (None, here.group)
        return True


def standings(user: User | AnonymousUser | None, today: date | None = None) -> tuple[Standing, ...]:
    """What somebody is on a day (today where none is given): of a card its household alone."""
    if not isinstance(user, User) or not user.is_active:
        return ()
    if isinstance(kept := user.__dict__.get(_KEPT), tuple) and today is None:
        return kept
    if user.household is not None:
        return (Standing(HOUSEHOLD, Place.of(user.household)),) if user.household.erased is None else ()
    day = today or timezone.localdate()
    held = (
        Appointment.objects.filter(user=user, since__lte=day)
        .filter(Q(until=None) | Q(until__gte=day))
        .select_related("village")
        .order_by("pk")
    )
    return tuple(Standing(each.role, _where(each)) for each in held)


def keep_standings(user: User) -> None:
    """Ask the database once for one request: called by the middleware on the user of that request alone."""
    user.__dict__.pop(_KEPT, None)
    user.__dict__[_KEPT] = standings(user)


def _where(held: Appointment) -> Place:
    if held.village is not None:
        return Place(held.village.town_id, held.village_id, held.group or None)
    return Place(held.town_id)


def may(
    user: User | AnonymousUser | None,
    permission: str,
    subject: Household | Village | Place | None = None,
    *,
    today: date | None = None,
) -> bool:
    """Whether somebody has a permission for a household or a village; without a subject: anywhere at all.

    Raises `KeyError` for a permission that the table does not have.
    """
    wanted = PERMISSIONS[permission]
    if wanted.public:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    if wanted.signed_in:
        return True
    if wanted.operators:
        return user.is_staff and user.household_id is None
    place = subject if isinstance(subject, Place) else Place.of(subject)
    return any(each.role in wanted.to and each.covers(place) for each in standings(user, today))


def knows_of(user: User | AnonymousUser | None, place: Place, *, today: date | None = None) -> bool:
    """Whether a place is within somebody's reach in any role, so that a refusal there tells nothing new."""
    return any(each.covers(place) for each in standings(user, today))


def role_for(user: User | AnonymousUser | None, permission: str, place: Place) -> str:
    """The role by which somebody has a permission; empty where it comes from none."""
    to = PERMISSIONS[permission].to
    return next((each.role for each in standings(user) if each.role in to and each.covers(place)), "")


def villages(user: User | AnonymousUser | None, permission: str, *, today: date | None = None) -> QuerySet[Village]:
    """The villages in which somebody has a permission, by code."""
    found = Q(pk__in=[])
    for each in _having(user, permission, today):
        if each.scope is Scope.DISTRICT:
            found |= Q(pk__isnull=False)
        elif each.scope is Scope.TOWN:
            found |= Q(town=each.place.town)
        elif each.place.village is not None:
            found |= Q(pk=each.place.village)
    return Village.objects.filter(found).order_by("code")


def households(user: User | AnonymousUser | None, permission: str, *, today: date | None = None) -> QuerySet[Household]:
    """The households for which somebody has a permission, by code."""
    found = Q(pk__in=[])
    for each in _having(user, permission, today):
        here = each.place
        if each.scope is Scope.DISTRICT:
            found |= Q(pk__isnull=False)
        elif each.scope is Scope.TOWN:
            found |= Q(village__town=here.town)
        elif each.scope is Scope.VILLAGE and here.village is not None:
            found |= Q(village=here.village)
        elif each.scope is Scope.GROUP and here.village is not None and here.group:
            found |= Q(village=here.village, group=here.group)
        elif each.scope is Scope.HOUSEHOLD:
            found |= Q(pk=here.household)
    return Household.objects.filter(found).order_by("code")


def _having(user: User | AnonymousUser | None, permission: str, today: date | None) -> Iterable[Standing]:
    to = PERMISSIONS[permission].to
    return [each for each in standings(user, today) if each.role in to]
