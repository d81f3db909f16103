"""A small district to try access in: two towns, three villages, somebody of every role in the first village."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import frozen
from django.contrib.auth.models import AnonymousUser
from jifen_office.access.models import Role, User
from jifen_office.access.people import appoint
from jifen_office.access.roles import HOUSEHOLD
from jifen_office.register.models import Household, Member, Town, Village
from jifen_office.register.sealed import fingerprint

NOBODY: Final = "nobody"
"""Not signed in."""
STRANGER: Final = "stranger"
"""Signed in without any appointment."""
OPERATOR: Final = "operator"
ENDED: Final = "ended"
"""A clerk of the first village whose appointment ended."""
ROLES: Final = (NOBODY, STRANGER, OPERATOR, ENDED, HOUSEHOLD, *(role.value for role in Role))

SECRETS: Final = ("顾建国", "310225195401017214", "13761234567", "河畔村牌楼路12号", "12号", "021-58011234")
"""What must never be seen by who may not know: of the household in its own place."""


@frozen
class Spot:
    """A household and where it is."""

    household: Household

    @property
    def codes(self) -> dict[str, str]:
        """As the keywords of an address."""
        village = self.household.village
        return {"household": self.household.code, "village": village.code, "town": village.town.code}


@frozen
class World:
    """The users by role, and the spots by how far they are from the first village's first group."""

    users: dict[str, User | AnonymousUser]
    spots: dict[str, Spot]


REACH: Final[dict[str, frozenset[str]]] = {
    NOBODY: frozenset(),
    STRANGER: frozenset(),
    OPERATOR: frozenset(),
    ENDED: frozenset(),
    HOUSEHOLD: frozenset({"own"}),
    Role.LEADER: frozenset({"own", "same group"}),
    Role.CLERK: frozenset({"own", "same group", "same village"}),
    Role.COMMITTEE: frozenset({"own", "same group", "same village"}),
    Role.KEEPER: frozenset({"own", "same group", "same village"}),
    Role.TOWN: frozenset({"own", "same group", "same village", "same town"}),
    Role.DISTRICT: frozenset({"own", "same group", "same village", "same town", "other town"}),
}
"""Which households each role reaches; written down here by itself, not taken from the program."""


def made_world() -> World:
    """The district, in the database."""
    qinghe = Town.objects.create(code="qinghe", name="青禾镇")
    wangchao = Town.objects.create(code="wangchao", name="望潮镇")
    first, second, far = (
        Village.objects.create(town=town, code=code, name=name, groups=2)
        for town, code, name in ((qinghe, "QH01", "河畔村"), (qinghe, "QH02", "柳堤村"), (wangchao, "WC01", "听涛村"))
    )
    spots = {
        name: Spot(_household(village, number, group))
        for name, village, number, group in (
            ("own", first, 1, "1组"),
            ("same group", first, 2, "1组"),
            ("same village", first, 3, "2组"),
            ("same town", second, 1, "1组"),
            ("other town", far, 1, "1组"),
        )
    }
    users: dict[str, User | AnonymousUser] = {NOBODY: AnonymousUser()}
    for name in (STRANGER, ENDED, *(role.value for role in Role)):
        users[name] = User.objects.create(username=name, name=f"{name}某")
    users[OPERATOR] = User.objects.create(username=OPERATOR, name="运维某", is_staff=True, is_superuser=True)
    since = date(2024, 1, 1)
    for role in (Role.CLERK, Role.COMMITTEE, Role.KEEPER):
        appoint(_user(users, role), role, since=since, village=first)
    appoint(_user(users, Role.LEADER), Role.LEADER, since=since, village=first, group="1组")
    appoint(_user(users, Role.TOWN), Role.TOWN, since=since, town=qinghe)
    appoint(_user(users, Role.DISTRICT), Role.DISTRICT, since=since)
    ended = appoint(_user(users, ENDED), Role.CLERK, since=since, village=first)
    ended.until = date(2024, 12, 31)
    ended.save()
    card = User.objects.create(username="1234567890123456", household=spots["own"].household)
    users[HOUSEHOLD] = card
    return World(users, spots)


def _user(users: dict[str, User | AnonymousUser], name: str) -> User:
    found = users[name]
    assert isinstance(found, User)
    return found


def _household(village: Village, number: int, group: str) -> Household:
    """Households of one name, so that a page that shows any of them unmasked is found."""
    name, identity, telephone, address, *_ = SECRETS
    household = Household.objects.create(
        village=village,
        code=f"{village.code}-{number:04}",
        group=group,
        name=name,
        address=address,
        telephone=telephone,
        telephone_hash=fingerprint(telephone),
        consent=date(2025, 1, 1),
    )
    others = f"31022519540101{village.pk:02}{number:02}"
    sealed = identity if (village.code, number) == ("QH01", 1) else others
    Member.objects.create(household=household, name=name, identity=sealed, identity_hash=fingerprint(sealed))
    return household
