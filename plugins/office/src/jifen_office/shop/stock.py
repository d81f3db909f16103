"""Decides what lies on a village's shelf: pieces that came in, and what was found when somebody counted them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from jifen.problems import Problem, Refused

from jifen_office import rules
from jifen_office.ledger.models import Account, AccountKind, Entry, EntryKind
from jifen_office.ledger.posting import AccountName, Leg, balance, post
from jifen_office.ledger.writing import lock, writing
from jifen_office.shop.conditions import good_of, is_money, shop_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from jifen_office.access.models import User
    from jifen_office.register.models import Village


def supply(village: Village, good: str, pieces: int, *, key: str, now: datetime, by: User | None) -> Entry:
    """Pieces came in. Raises `Refused` for a good that the shop does not have, for money, and for fewer than one."""
    today = timezone.localdate(now)
    _check(village, good, today)
    if pieces < 1:
        raise Refused([Problem("shop.no-pieces", facts={"pieces": pieces})])
    way = _account(village, good, AccountKind.SUPPLY), _account(village, good, AccountKind.STOCK)
    return post(village, EntryKind.SUPPLY, [Leg(*way, pieces)], key=key, occurred=today, now=now, by=by, record=good)


def take_stock(
    village: Village, good: str, pieces: int, *, key: str, now: datetime, by: User | None, why: str = ""
) -> Entry | None:
    """Somebody counted `pieces` on the shelf, without what is reserved; the entry of the difference, if there is one.

    Where nothing differs an entry that moves nothing is made, so that the same request has no later effect either, and
    None is given. Raises `Refused` for a good that was never there, for fewer than none, and where the key was used for
    another thing.
    """
    today = timezone.localdate(now)
    told = f"{good}={pieces}"
    with writing():
        lock(village)
        if (made := Entry.objects.filter(key=key).first()) is not None:
            if (made.village_id, made.kind, made.record) != (village.pk, EntryKind.STOCK_TAKING, told):
                raise Refused([Problem("ledger.key-used", facts={"key": key})])
            return made if made.moves else None
        if not Account.objects.filter(village=village, kind=AccountKind.STOCK, unit=f"good:{good}").exists():
            _check(village, good, today)
        if pieces < 0:
            raise Refused([Problem("shop.below-none", facts={"pieces": pieces})])
        shelf, outside = _account(village, good, AccountKind.STOCK), _account(village, good, AccountKind.SUPPLY)
        more = pieces - balance(shelf)
        made = post(
            village,
            EntryKind.STOCK_TAKING,
            [Leg(outside, shelf, more) if more > 0 else Leg(shelf, outside, -more)] if more else [],
            key=key,
            occurred=today,
            now=now,
            by=by,
            record=told,
            opening={"why": why} if why else None,
        )
        return made if made.moves else None


def shelf(village: Village) -> dict[str, tuple[int, int]]:
    """By good: pieces on the shelf, and pieces that are reserved."""
    found: dict[str, tuple[int, int]] = {}
    accounts = Account.objects.filter(village=village, kind__in=(AccountKind.STOCK, AccountKind.KEPT)).order_by("unit")
    for account in accounts:
        good = account.unit.removeprefix("good:")
        there, kept = found.get(good, (0, 0))
        more = account.balance
        found[good] = (more, kept) if account.kind == AccountKind.STOCK else (there, more)
    return found


def _check(village: Village, good: str, day: date) -> None:
    found = good_of(shop_of(rules.book_of(village.town.code, day)), good)
    if is_money(found):
        raise Refused([Problem("shop.money-has-no-shelf", facts={"good": good})])


def _account(village: Village, good: str, kind: AccountKind) -> AccountName:
    return AccountName(village, kind, f"good:{good}")
