"""Decides what of a person is shown to whom, at one place, before anything is rendered or exported (R23).

The household itself and the people of its village who work on its records see its name; everyone else sees it masked.
Address, telephone and identity number are for the clerk who keeps the register, and for the household itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen.masking import mask

from jifen_office.access.models import User
from jifen_office.access.roles import may

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from jifen_office.register.models import Household, Member

    Viewer = User | AnonymousUser | None

_NAMED: Final = "points.look"
_SEALED: Final = "register.keep"


def knows(viewer: Viewer, household: Household) -> bool:
    """Whether a viewer sees the household's people by name. Its village should be loaded with it (`select_related`)."""
    return may(viewer, _NAMED, household)


def name_for(viewer: Viewer, household: Household) -> str:
    """The name of a household."""
    return household.name if knows(viewer, household) else mask(household.name)


def member_name_for(viewer: Viewer, member: Member) -> str:
    """The name of a member."""
    return member.name if knows(viewer, member.household) else mask(member.name)


def address_for(viewer: Viewer, household: Household) -> str:
    """Where a household lives; empty for who may not know."""
    return household.address if _keeps(viewer, household) else ""


def telephone_for(viewer: Viewer, household: Household) -> str:
    """A household's telephone; empty for who may not know."""
    return household.telephone if _keeps(viewer, household) else ""


def identity_for(viewer: Viewer, member: Member) -> str:
    """A member's identity number, all but its first four and last two characters hidden; empty for who may not know."""
    if not member.identity or not _keeps(viewer, member.household):
        return ""
    return f"{member.identity[:4]}{'＊' * (len(member.identity) - 6)}{member.identity[-2:]}"


def _keeps(viewer: Viewer, household: Household) -> bool:
    own = isinstance(viewer, User) and viewer.household_id == household.pk and household.erased is None
    return own or may(viewer, _SEALED, household)
