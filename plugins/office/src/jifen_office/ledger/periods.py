"""Decides when a village's books open and close, and what a reset of a purse takes (R16, R18).

A period is opened and closed by an entry that moves nothing. A reset follows the core (`jifen.purses`): at the start of
its day everything that occurred before is set to 0 from either side, and what is found later for the days before is
taken by the next run of the same reset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve
from django.db.models import F, Q, Sum
from django.utils import timezone
from jifen.period import Period as Days
from jifen.problems import Problem, Refused
from jifen.purses import resets_in

from jifen_office.ledger.models import Account, AccountKind, Entry, EntryKind, Period, Transfer
from jifen_office.ledger.names import AccountName, Leg, unit_of
from jifen_office.ledger.posting import post
from jifen_office.ledger.writing import lock, writing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from jifen.goods import Purse

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

_DAYS: Final = "%Y-%m-%d"


def open_period(village: Village, name: str, *, key: str, now: datetime, by: User | None = None) -> Period:
    """Opens the books of a period, named as the core names it (``2025``, ``2025-H1``, ``2025-Q2``, ``2025-03``).

    Raises `Refused`: ``settle.bad-period``, ``ledger.period.there``, ``ledger.period.overlaps``, and as `post` does.
    """
    days = Days.parse(name)
    with writing():
        lock(village)
        made = Period.objects.filter(village=village, name=days.name, opened__key=key).first()
        if made is not None:
            return made
        _refuse_overlap(village, days)
        entry = post(village, EntryKind.OPEN, [], key=key, occurred=days.start, now=now, by=by, record=days.name)
        return Period.objects.create(village=village, name=days.name, first=days.start, last=days.end, opened=entry)


def _refuse_overlap(village: Village, days: Days) -> None:
    other = Period.objects.filter(village=village, first__lte=days.end, last__gte=days.start).first()
    if other is None:
        return
    facts = {"village": village.name, "period": days.name, "other": other.name}
    raise Refused(
        [Problem("ledger.period.there" if other.name == days.name else "ledger.period.overlaps", facts=facts)]
    )


def close_period(village: Village, name: str, *, key: str, now: datetime, by: User | None = None) -> Period:
    """Closes the books of a period: no credit of its days is entered from now on; a correction is a later entry.

    Raises `Refused`: ``ledger.period.missing``, ``ledger.period.closed``, ``ledger.period.not-over`` (its last day has
    not passed), and what `post` raises.
    """
    today = timezone.localdate(now)
    with writing():
        lock(village)
        period = Period.objects.filter(village=village, name=name).select_related("closed").first()
        if period is None:
            names = Period.objects.filter(village=village, closed=None).order_by("first").values_list("name", flat=True)
            facts = {"village": village.name, "period": name, "open": ", ".join(names) or "–"}
            raise Refused([Problem("ledger.period.missing", facts=facts)])
        if period.closed is not None:
            if period.closed.key == key:
                return period
            raise Refused([Problem("ledger.period.closed", facts={"village": village.name, "period": name})])
        if period.last >= today:
            days = {"last": period.last.isoformat(), "today": today.isoformat()}
            raise Refused([Problem("ledger.period.not-over", facts={"village": village.name, "period": name, **days})])
        period.closed = post(
            village, EntryKind.CLOSE, [], key=key, occurred=period.last, now=now, by=by, record=period.name
        )
        period.save(update_fields=["closed"])
        return period


def reset_purse(
    village: Village, purse_code: str, on: date, *, now: datetime, today: date, by: User | None = None, rules: str = ""
) -> Entry | None:
    """Sets every household's purse to 0 as of the start of a day; points that are reserved stay reserved.

    The first run makes an entry, even one that moves nothing, so that it is known to be done; a later run makes one
    only where a credit or a reversal of the days before was entered since, and else returns None. So it can be run any
    number of times. It is to run before points are spent on or after its day (`reset_due`): what was spent since would
    else be missing in the purse.

    Raises `Refused`: ``ledger.period.reset-early`` and what `post` raises.
    """
    unit = unit_of(purse_code)
    if today < on:
        facts = {"village": village.name, "purse": purse_code, "on": on.isoformat(), "today": today.isoformat()}
        raise Refused([Problem("ledger.period.reset-early", facts=facts)])
    record = _mark(purse_code, on)
    with writing():
        lock(village)
        legs = [
            Leg(purse, expiry, left) if left > 0 else Leg(expiry, purse, -left)
            for purse, left in _left(village, unit, on, record)
            for expiry in [AccountName(village, AccountKind.EXPIRY, unit)]
        ]
        before = Entry.objects.filter(village=village, kind=EntryKind.RESET, record=record).count()
        if before and not legs:
            return None
        key = f"reset:{village.code}:{record}:{before + 1}"
        return post(village, EntryKind.RESET, legs, key=key, occurred=on, now=now, by=by, record=record, rules=rules)


def _mark(purse_code: str, on: date) -> str:
    return f"{on:{_DAYS}} {purse_code}"


def _left(village: Village, unit: str, on: date, record: str) -> list[tuple[AccountName, int]]:
    """What each purse holds of the days before, this reset's own entries counted, in the order of households' codes."""
    before = Q(entry__occurred__lt=on) | Q(entry__occurred=on, entry__kind=EntryKind.RESET, entry__record=record)
    accounts = Account.objects.filter(village=village, kind=AccountKind.PURSE, unit=unit).select_related("household")
    moved: dict[int, int] = {}
    for side, sign in (("source", -1), ("target", 1)):
        sums = (
            Transfer.objects.filter(before, **{f"{side}__village": village, f"{side}__kind": AccountKind.PURSE})
            .filter(**{f"{side}__unit": unit})
            .values_list(F(f"{side}_id"))
            .annotate(Sum("amount"))
        )
        for account, amount in sums:
            moved[account] = moved.get(account, 0) + sign * amount
    name = AccountName(village, AccountKind.EXPIRY, unit)
    return [
        (evolve(name, kind=AccountKind.PURSE, household=account.household), moved[account.pk])
        for account in accounts.order_by("household__code")
        if moved.get(account.pk)
    ]


def was_reset_since(village: Village, purse_code: str, day: date) -> bool:
    """Whether a purse was reset on a later day: what came into it on this day was taken, or would have been."""
    resets = Entry.objects.filter(village=village, kind=EntryKind.RESET, occurred__gt=day)
    return resets.filter(record__endswith=f" {purse_code}").exists()  # one that moved nothing was a reset as well


def reset_due(village: Village, purses: Iterable[Purse], *, now: datetime, today: date, rules: str = "") -> list[Entry]:
    """Runs the last reset that the book says of each purse, where it was not run yet; cheap where it was.

    Raises what `reset_purse` raises.
    """
    made = []
    for purse in purses:
        days = [on for year in (today.year - 1, today.year) for on in resets_in(purse, Days.parse(str(year)))]
        past = [on for on in days if on <= today]
        if (
            past
            and not Entry.objects.filter(
                village=village, kind=EntryKind.RESET, record=_mark(purse.code, past[-1])
            ).exists()
        ):
            entry = reset_purse(village, purse.code, past[-1], now=now, today=today, rules=rules)
            made += [entry] if entry else []
    return made
