"""Decides how many wrong passwords or PINs are too many: by user and address together, by user, and by address.

Five from one address for one user; more for a user whom several addresses try, and more for an address that many people
share, such as the village's counter. Each counts for a quarter of an hour only and is not made longer by trying on, so
that nobody is locked out for good. Who tried is kept as a keyed hash alone, and of the address nothing: a card's number
is a secret, and people type their identity number where they are asked who they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import QueryDict

from jifen_office.register.sealed import fingerprint

if TYPE_CHECKING:
    from django.http import HttpRequest


def who(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """The keyed hash of the name or number that was typed; None where nothing was asked for."""
    typed = (credentials or request.POST).get("username")
    return None if typed is None else fingerprint(str(typed))


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes declares no types
    """The library's handler with a limit of its own for each of its parameters."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The largest count, each divided by its share."""
        found = self.get_user_attempts(request, credentials)
        return max(
            (attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0) // share
            for attempts, share in zip(found, settings.AXES_LOCKOUT_SHARES, strict=True)
        )

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **given: Any) -> None:
        """Counts the try without the address to which it was sent, which may name a card or a person."""
        if request is None:
            return  # a program of our own asked, not somebody who guesses
        asked, request.GET, request.axes_path_info = request.GET, QueryDict(), ""
        try:
            super().user_login_failed(sender, credentials, request, **given)
        finally:
            request.GET = asked

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Who signed in starts anew; the address does not, or one good card would hide the guessing of others."""
        count, _ = AccessAttempt.objects.filter(username=who(request, credentials)).delete()
        return int(count)
