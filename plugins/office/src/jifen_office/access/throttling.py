"""Decides how many wrong passwords or PINs are too many: by user and address together, by user, and by address.

Five from one address for one user; more for a user whom several addresses try, and more for an address that many people
share, such as the village's counter. Each counts for a quarter of an hour only and is not made longer by trying on, so
that nobody is locked out for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum

if TYPE_CHECKING:
    from django.http import HttpRequest


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes declares no types
    """The library's handler with a limit of its own for each of its parameters."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The largest count, each divided by its share."""
        found = self.get_user_attempts(request, credentials)
        return max(
            (attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0) // share
            for attempts, share in zip(found, settings.AXES_LOCKOUT_SHARES, strict=True)
        )

    def reset_user_attempts(self, _request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Who signed in starts anew; the address does not, or one good card would hide the guessing of others."""
        count, _ = AccessAttempt.objects.filter(username=(credentials or {}).get("username")).delete()
        return int(count)
