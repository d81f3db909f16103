"""Decides what is written down: every POST before and after it, officials' looks at personal data, every denial.

There is no setting that switches it off. The database refuses to change or delete a line (`ledger.triggers`). What a
household looks up about itself is not written down: nothing here counts visits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen_office.access.models import AuditEntry, User
from jifen_office.access.roles import Place, role_for
from jifen_office.access.routes import Asked, asked

if TYPE_CHECKING:
    from django.http import HttpRequest

ASKED: Final = "asked"
"""A POST is about to run; the line after it has the status of its answer."""
SEEN: Final = "seen"
DENIED: Final = "denied"

_LONGEST: Final = 80


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
    return " ".join(str(value) for name, value in given.items() if name not in left_out)[:_LONGEST]
