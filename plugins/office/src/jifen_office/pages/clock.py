"""Decides what time it is for the pages: the clock's, or a fixed day where JIFEN_TODAY names one (a demonstration)."""

from __future__ import annotations

import os
from datetime import date, datetime, time
from typing import Final

from django.utils import timezone

VARIABLE: Final = "JIFEN_TODAY"


def now() -> datetime:
    """The moment in the office's time zone; on a fixed day the clock's time of that day. Raises `ValueError`."""
    moment = timezone.localtime()
    fixed = os.environ.get(VARIABLE)
    if not fixed:
        return moment
    clock = time(moment.hour, moment.minute, moment.second, moment.microsecond)
    return datetime.combine(date.fromisoformat(fixed), clock, moment.tzinfo)


def today() -> date:
    """The day that it is in the village."""
    return now().date()
