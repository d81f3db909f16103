"""Decides what passing days bring about without anybody acting: posted records become final, vouchers run out (R21).

All of it can be done any number of times and by several at once: who comes second finds nothing left to do.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.utils import timezone
from jifen.problems import Refused

from jifen_office import rules
from jifen_office.crediting import credit
from jifen_office.ledger.periods import reset_due
from jifen_office.ledger.writing import lock, writing
from jifen_office.process.models import Kind, Record, State, StepKind
from jifen_office.process.noticing import finish, something_ended
from jifen_office.shop.exchanging import expire

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from jifen_office.access.models import User
    from jifen_office.ledger.models import Entry
    from jifen_office.register.models import Village
    from jifen_office.shop.models import Voucher

_LOG: Final = logging.getLogger("jifen_office.daily")
_PAUSE: Final = timedelta(minutes=1)
_BACK: Final = timedelta(days=400)
"""For how long what was cancelled is looked after; more than a year, so that every timer has come by."""
_tried: Final[dict[int, datetime]] = {}
"""When a village could not be brought up to date: nobody's page waits for another try at once."""


@frozen
class Done:
    """What a day brought about in a village."""

    final: tuple[Record, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    resets: tuple[Entry, ...] = ()
    credits: tuple[Entry, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there was something to do."""
        return bool(self.final or self.vouchers or self.resets or self.credits)


def run(village: Village, *, now: datetime, by: User | None = None, year_before: bool = False) -> Done:
    """Everything that is due in a village, in one transaction: all of it is done, or nothing.

    A record is credited in the period of its own day, which may be last year's; `year_before` looks through that period
    in any case. What counted and was cancelled of late is taken back, where it was not at the time. Where no rules are
    in force today, what earlier ones gave still becomes final and is credited. Raises `Refused` as `crediting.credit`
    does.
    """
    today = timezone.localdate(now)
    with writing():
        lock(village)
        final = finish(village, today, now)
        book = rules.book_on(village.town.code, today)
        resets = reset_due(village, book.purses, now=now, today=today, rules=book.digest) if book else []
        vouchers = expire(village, today, now=now)
        days = [*(each.date for each in final), *_cancelled(village, today)]
        entries = [
            entry
            for period in _periods(village, today, days, year_before=year_before)
            for entry in credit(village, period, now=now, by=by)
        ]
    return Done(tuple(final), tuple(vouchers), tuple(resets), tuple(entries))


def credit_for(village: Village, day: date, *, now: datetime, by: User | None) -> list[Entry]:
    """Brings the ledger to what the period of a day gives now, as after a record of that day was cancelled.

    Raises `Refused` as `crediting.credit` does.
    """
    return credit(village, rules.period_of(village.town.code, day).name, now=now, by=by)


def _cancelled(village: Village, today: date) -> list[date]:
    """Days of deeds that were final and were cancelled of late: the ledger may not have been brought in line since."""
    gone = Record.objects.filter(village=village, kind=Kind.DEED, state=State.CANCELLED, decided__gt=today - _BACK)
    days = gone.filter(steps__kind=StepKind.FINAL).values_list("date", flat=True).distinct()
    return [day for day in days if rules.book_on(village.town.code, day)]


def _periods(village: Village, today: date, days: Iterable[date], *, year_before: bool) -> list[str]:
    """Names of the periods that are looked through, the earliest first. Raises `Refused` for a day without rules."""
    town = village.town.code
    wanted = set(days) | ({today} if rules.book_on(town, today) else set())
    found = {rules.period_of(town, day) for day in wanted}
    if year_before:
        start = min((period.start for period in found), default=date(today.year, 1, 1))
        if rules.book_on(town, last := start - timedelta(days=1)):
            found.add(rules.period_of(town, last))
    return [period.name for period in sorted(found, key=lambda period: period.start)]


def up_to_date(village: Village, *, now: datetime) -> Village:
    """The village, once what was posted for its days has become final and is credited.

    It is asked whenever a page of a village is opened: one question to an index where nothing is due. Where it cannot
    be done now (somebody else is writing, a record cannot be settled) the page is shown as it is, and the reason stands
    in the log and beside the clerk's own button.
    """
    tried = _tried.get(village.pk)
    if (tried is None or abs(now - tried) > _PAUSE) and something_ended(village, timezone.localdate(now)):
        try:
            run(village, now=now)
        except Refused as refused:
            _tried[village.pk] = now
            _LOG.warning("%s is not brought up to date: %s", village.code, [each.code for each in refused.problems])
    return village
