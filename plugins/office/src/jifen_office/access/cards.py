"""Decides how a household gets its card: a number that cannot be guessed as a QR code, and a PIN that is told once.

Number and PIN come from the key of the form and a secret of the office, so that the same form sent again gives the same
card and nothing has to be kept to tell it again. A new card takes the place of the old one, whose sessions end.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.db import transaction
from django.urls import reverse
from jifen.problems import Problem, Refused

from jifen_office.access.models import CardIssue, User
from jifen_office.register.models import Household

if TYPE_CHECKING:
    from datetime import datetime

DIGITS: Final = 16
PIN_DIGITS: Final = 6


@frozen
class Card:
    """A household's card, to be printed once."""

    household: Household
    number: str
    pin: str

    @property
    def spoken(self) -> str:
        """The number in groups of four, as it is printed beside the QR code."""
        return " ".join(self.number[at : at + 4] for at in range(0, DIGITS, 4))

    @property
    def path(self) -> str:
        """The address behind the QR code, on the office's own host: there only the PIN is asked for."""
        return reverse("card", kwargs={"card": self.number})


@transaction.atomic
def issue(household: Household, *, key: str, by: User, now: datetime) -> Card:
    """A new card for a household; the same `key` again tells the same card as long as it is the newest.

    Raises `Refused`: ``access.card.key-used`` where the key gave a card before that is no longer the newest or another
    household's, ``access.card.erased`` where nobody is left to give it to.
    """
    household = Household.objects.select_for_update().get(pk=household.pk)
    if household.erased is not None:
        raise Refused([Problem("access.card.erased", facts={"household": household.code})])
    card = _made(household, key)
    issued = CardIssue.objects.filter(key=key).first()
    if issued is not None:
        newest = CardIssue.objects.filter(household=household).order_by("-pk").first()
        if newest != issued:
            raise Refused([Problem("access.card.key-used", facts={"household": household.code})])
        return card
    user = User.objects.filter(household=household).first() or User(household=household, date_joined=now)
    user.username, user.name, user.is_active = card.number, household.code, True
    user.set_password(card.pin)
    user.save()
    CardIssue.objects.create(household=household, key=key, by=by, at=now)
    return card


def _made(household: Household, key: str) -> Card:
    from jifen_office.project.settings import KEYS

    said = b"card\0" + key.encode() + b"\0" + household.code.encode()
    secret = int.from_bytes(hmac.new(bytes.fromhex(KEYS.find), said, hashlib.sha256).digest(), "big")
    secret, number = divmod(secret, 10**DIGITS)
    return Card(household, f"{number:0{DIGITS}}", f"{secret % 10**PIN_DIGITS:0{PIN_DIGITS}}")
