"""Decides what is read of who asks with every request: the account, and with a card its household, village and town."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.backends import ModelBackend

from jifen_office.access.models import User
from jifen_office.project.questions import Given, Question

if TYPE_CHECKING:
    from typing import Any

    from django.db.models import QuerySet


@Question
def _account(number: Given) -> QuerySet[User]:
    return User.objects.select_related("household__village__town").filter(pk=number)


class AccountBackend(ModelBackend):
    """Django's own, which reads what nearly every page needs in one question and not in two."""

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session; None where there is none, or it was closed."""
        found = next(iter(_account(user_id)), None)
        return found if self.user_can_authenticate(found) else None
