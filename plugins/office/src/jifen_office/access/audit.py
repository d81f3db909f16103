"""Decides what is written down: every POST before and after it, officials' looks at personal data, every denial.

There is no setting that switches it off. The database refuses to change or delete a line (`ledger.triggers`). What a
household looks up about itself is not written down: nothing here counts visits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jifen_office.access.models import AuditEntry, User
from jifen_office.access.personal import without_person
from jifen_office.access.roles import Place, role_for
from jifen_office.access.routes import Asked, asked
from jifen_office.shop.numbers import typed

if TYPE_CHECKING:
    from django.http import HttpRequest

    from jifen_office.register.models import Village

ASKED: Final = "asked"
"""A POST is about to run; the line after it has the status of its answer."""
SEEN: Final = "seen"
DENIED: Final = "denied"

_LONGEST: Final = 80
_GIVEN: Final = re.compile(r"[0-9]{1,7}|[1-9][0-9]{11}|(?:-G?[0-9]{1,8}){1,2}")
"""A number that is no person's: of a row, a village, or a record or sheet behind its village's code."""


def write(request: HttpRequest, outcome: str, place: Asked | None = None) -> AuditEntry:
    """One line about a request. `place` is given where access was denied, so that the request has none."""
    where = place or asked(request)
    user = request.user if isinstance(request.user, User) else None
    permission = where.route.permission
    match = request.resolver_match
    return AuditEntry.objects.create(
        user_id=None if user is None else user.pk,
        role=role_for(user, permission, Place.of(where.household or where.village)),
        route=((match.view_name or permission) if match else permission)[:_LONGEST],
        village=where.village,
        subject=_subject(request, where),
        outcome=outcome,
    )


def _subject(request: HttpRequest, where: Asked) -> str:
    """The codes and numbers in the address, such as a household's or a record's; a card's number is a secret."""
    match = request.resolver_match
    given = match.kwargs if match else {}
    left_out = {where.route.village, "card"}
    found = {where.route.household, where.route.town}  # what they name is there, else nothing is written down
    told = (
        str(value) if name in found else _impersonal(str(value), where.village)
        for name, value in given.items()
        if name not in left_out
    )
    return " ".join(told)[:_LONGEST]


def _impersonal(value: str, village: Village | None) -> str:
    """A number of the office's own as it is; of whatever else was typed into an address, nothing of a person."""
    rest = value.removeprefix(village.code) if village else value
    return value if _GIVEN.fullmatch(rest) or typed(value) else without_person(value)
