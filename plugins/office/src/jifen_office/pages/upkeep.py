"""Decides that a page of a village never shows a record as posted whose days on the board are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen_office import daily
from jifen_office.access.routes import village_of
from jifen_office.pages.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest

    from jifen_office.register.models import Village


def village_now(request: HttpRequest) -> Village:
    """The village in the address, brought up to date. Raises `LookupError` where there is none."""
    return daily.up_to_date(village_of(request), now=now())
