"""Decides how somebody gets an account and an appointment; nobody appoints without a place that the role needs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.contrib.auth.hashers import make_password
from django.db import transaction
from jifen.problems import Problem, Refused

from jifen_office.access.models import Appointment, Role, User
from jifen_office.access.roles import SCOPES, Scope

if TYPE_CHECKING:
    from datetime import date

    from jifen_office.register.models import Town, Village

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that are taken for one another."""


@frozen
class Account:
    """A new account and its password, which is told once and kept nowhere."""

    user: User
    password: str


def made_password() -> str:
    """Four groups of four letters and digits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


@transaction.atomic
def enrol(
    username: str, name: str, *, operator: bool = False, password: str | None = None, hashed: str = ""
) -> Account:
    """A new account; `hashed` saves the work of hashing where many get one password, as in a demo.

    Raises `Refused` (``access.people.taken``) where somebody has the name already.
    """
    if User.objects.filter(username=username).exists():
        raise Refused([Problem("access.people.taken", facts={"username": username})])
    given = password or made_password()
    user = User(username=username, name=name, is_staff=operator, is_superuser=operator)
    user.password = hashed or make_password(given)
    user.save()
    return Account(user, given)


@transaction.atomic
def appoint(
    user: User, role: Role, *, since: date, town: Town | None = None, village: Village | None = None, group: str = ""
) -> Appointment:
    """A role somewhere, from a day on.

    Raises `Refused`: ``access.people.no-place`` where the role needs a town, village or group that is not given,
    ``access.people.card`` for a household's card.
    """
    scope = SCOPES[role]
    needed = {Scope.TOWN: town, Scope.VILLAGE: village, Scope.GROUP: village and group}
    problems = []
    if not needed.get(scope, True):
        problems.append(Problem("access.people.no-place", facts={"role": role.label}))
    if user.household_id is not None:
        problems.append(Problem("access.people.card", facts={"username": user.pk}))
    if problems:
        raise Refused(problems)
    return Appointment.objects.create(user=user, role=role, town=town, village=village, group=group, since=since)
