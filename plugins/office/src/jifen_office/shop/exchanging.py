"""Decides how points become goods or money: reserved by a voucher, then handed over, or void (R18, R20).

A voucher is one entry that takes points out of the purse and pieces off the shelf at once; so neither can be had twice.
The entry that ends it is one as well. Every step names a key: the same request has one effect.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from jifen.goods import StockOf
from jifen.problems import Problem, Refused
from jifen.words import say, title

from jifen_office import rules
from jifen_office.ledger.models import AccountKind, Entry, EntryKind, Transfer
from jifen_office.ledger.names import unit_of
from jifen_office.ledger.periods import reset_due, was_reset_since
from jifen_office.ledger.posting import AccountName, Leg, post
from jifen_office.ledger.writing import lock, writing
from jifen_office.register.models import Town
from jifen_office.shop.conditions import Wish, is_money
from jifen_office.shop.models import Voucher, VoucherState
from jifen_office.shop.numbers import new_number, typed

if TYPE_CHECKING:
    from datetime import date

    from jifen_office.access.models import User
    from jifen_office.register.models import Household, Village


def reserve(household: Household, good: str, pieces: int, *, key: str, now: datetime, by: User | None) -> Voucher:
    """A voucher for pieces of a good: its points and pieces are taken now and wait to be handed over.

    Raises `Refused` with every condition of the rule book that is not met (``shop.…``), and where the key was used for
    something else (``ledger.key-used``); then nothing was taken.
    """
    today = timezone.localdate(now)
    with writing():
        _alone(household, good, today)
        if (made := _made(key)) is not None:
            if (made.household_id, made.good, made.pieces) != (household.pk, good, pieces):
                raise Refused([Problem("ledger.key-used", facts={"key": key})])
            return made
        wish = _wish(household, good, pieces, now)
        wish.check()
        days = wish.shop.voucher_days
        entry = post(
            household.village,
            EntryKind.RESERVE,
            _legs(wish.household, wish.shop.purse, wish.points, AccountKind.PURSE, AccountKind.HELD)
            + ([] if is_money(wish.good) else _pieces(household.village, good, pieces, _SHELF)),
            key=key,
            occurred=today,
            now=now,
            by=by,
            record=_reference(household.village),
            rules=wish.book.digest,
            opening=_opening(household, say("shop.why.reserved", good=title(wish.good.name), pieces=pieces)),
        )
        return Voucher.objects.create(
            number=new_number(),
            village=household.village,
            household=household,
            good=good,
            pieces=pieces,
            points=wish.points,
            fen=wish.fen,
            purse=wish.shop.purse,
            made=today,
            until=None if days is None else today + timedelta(days=days - 1),
            reserved=entry,
        )


_SHELF = (AccountKind.STOCK, AccountKind.KEPT)
_OUT = (AccountKind.KEPT, AccountKind.OUT)
_BACK = (AccountKind.KEPT, AccountKind.STOCK)


def hand_over(number: str, *, key: str, now: datetime, by: User | None) -> Voucher:
    """A voucher's goods or money are handed over; `number` as it was typed or scanned.

    Raises `Refused` for a number that no voucher has, and for a voucher that was handed over before (by another
    request), is void, or is out of date.
    """
    today = timezone.localdate(now)
    with writing():
        voucher = _locked(_found(number))
        if _ended(voucher, key, VoucherState.HANDED_OVER):
            return voucher
        if voucher.until is not None and voucher.until < today:
            facts = {"number": voucher.number, "until": voucher.until}
            raise Refused([Problem("shop.out-of-date", facts=facts)])
        kind = AccountKind.CASH if _is_cash(voucher) else AccountKind.GOODS
        points = _legs(voucher.household, voucher.purse, voucher.points, AccountKind.HELD, kind)
        return _end(voucher, VoucherState.HANDED_OVER, points, _OUT, key=key, now=now, by=by, why="")


def void(voucher: Voucher, *, key: str, now: datetime, by: User | None, why: str) -> Voucher:
    """A voucher is given back: its points to the purse, its pieces to the shelf.

    Points that a reset would have taken meanwhile go where the reset took the others. Raises `Refused` for a voucher
    that was handed over or was made void by another request.
    """
    with writing():
        voucher = _locked(voucher)
        if _ended(voucher, key, VoucherState.VOID):
            return voucher
        _reset_first(voucher.village, now)
        points = _legs(voucher.household, voucher.purse, voucher.points, AccountKind.HELD, AccountKind.PURSE)
        if was_reset_since(voucher.village, voucher.purse, voucher.made):
            points += _legs(voucher.household, voucher.purse, voucher.points, AccountKind.PURSE, AccountKind.EXPIRY)
        return _end(voucher, VoucherState.VOID, points, _BACK, key=key, now=now, by=by, why=why)


def expire(village: Village, today: date, *, now: datetime | None = None) -> list[Voucher]:
    """Makes void what is out of date on a day; without `now` as if it were done at the beginning of that day."""
    moment = now or datetime.combine(today, time(), timezone.get_default_timezone())
    held = Voucher.objects.filter(village=village, state=VoucherState.RESERVED, until__lt=today)
    late = held.select_related("reserved").order_by("pk")
    why = say("shop.why.out-of-date")
    return [void(each, key=f"expire:{each.reserved.record}", now=moment, by=None, why=why) for each in late]


def _alone(household: Household, good: str, today: date) -> None:
    """Nobody else can take what is wanted from now on: a stock of the town is locked before the village's chain."""
    shop = rules.book_of(household.village.town.code, today).shop
    wanted = next((each for each in shop.goods if each.code == good), None) if shop else None
    if wanted is not None and wanted.stock is not None and wanted.stock_of is StockOf.TOWN:
        Town.objects.select_for_update().get(pk=household.village.town_id)
    lock(household.village)


def _wish(household: Household, good: str, pieces: int, now: datetime) -> Wish:
    """The wish against what is there now, once a reset that is due has taken what it takes."""
    today = timezone.localdate(now)
    book = rules.book_of(household.village.town.code, today)
    reset_due(household.village, book.purses, now=now, today=today, rules=book.digest)
    household.refresh_from_db()
    return Wish.of(household, good, pieces, today)


def _reference(village: Village) -> str:
    """What the ledger calls a voucher: exports of it are public, and whoever knows the number can fetch the goods."""
    return f"{village.code}-V{Voucher.objects.filter(village=village).count() + 1:05d}"


def _made(key: str) -> Voucher | None:
    """The voucher that a request of this key has made. Raises `Refused` where the key was used for another thing."""
    made = Voucher.objects.filter(reserved__key=key).first()
    if made is None and Entry.objects.filter(key=key).exists():
        raise Refused([Problem("ledger.key-used", facts={"key": key})])
    return made


def _found(number: str) -> Voucher:
    right = typed(number)
    found = Voucher.objects.filter(number=right).first() if right else None
    if found is None:
        raise Refused([Problem("shop.mistyped" if right is None else "shop.no-such-voucher", facts={"number": number})])
    return found


def _locked(voucher: Voucher) -> Voucher:
    """The voucher as it is now that nobody else can change it."""
    lock(voucher.village)
    return Voucher.objects.select_related("village__town", "household__village", "reserved", "ended").get(pk=voucher.pk)


def _ended(voucher: Voucher, key: str, wanted: VoucherState) -> bool:
    """Whether this request has ended it before. Raises `Refused` where another one has."""
    if voucher.state == VoucherState.RESERVED:
        return False
    if voucher.ended is not None and voucher.ended.key == key and voucher.state == wanted:
        return True
    facts = {"number": voucher.number, "day": voucher.ended_on}
    raise Refused([Problem(f"shop.already-{voucher.state}", facts=facts)])


def _end(
    voucher: Voucher,
    state: VoucherState,
    points: list[Leg],
    shelf: tuple[AccountKind, AccountKind],
    *,
    key: str,
    now: datetime,
    by: User | None,
    why: str,
) -> Voucher:
    pieces = [] if _is_cash(voucher) else _pieces(voucher.village, voucher.good, voucher.pieces, shelf)
    voucher.ended = post(
        voucher.village,
        EntryKind.HAND_OVER if state is VoucherState.HANDED_OVER else EntryKind.VOID,
        points + pieces,
        key=key,
        occurred=timezone.localdate(now),
        now=now,
        by=by,
        record=voucher.reserved.record,
        opening=_opening(voucher.household, why or say(f"shop.why.{state.value}")),
    )
    voucher.state, voucher.ended_on = state, timezone.localdate(now)
    voucher.save(update_fields=["state", "ended", "ended_on"])
    return voucher


def _is_cash(voucher: Voucher) -> bool:
    """Whether it was reserved as money: then no pieces lie ready for it."""
    return not Transfer.objects.filter(entry=voucher.reserved_id, target__kind=AccountKind.KEPT).exists()


def _reset_first(village: Village, now: datetime) -> None:
    """A reset that is due comes before points go back; where no rules are in force there is none."""
    today = timezone.localdate(now)
    if (book := rules.book_on(village.town.code, today)) is not None:
        reset_due(village, book.purses, now=now, today=today, rules=book.digest)


def _legs(household: Household, purse: str, points: int, source: AccountKind, target: AccountKind) -> list[Leg]:
    village, unit = household.village, unit_of(purse)
    of_household = (AccountKind.PURSE, AccountKind.HELD)

    def name(kind: AccountKind) -> AccountName:
        return AccountName(village, kind, unit, household if kind in of_household else None)

    return [Leg(name(source), name(target), points)] if points else []


def _pieces(village: Village, good: str, pieces: int, way: tuple[AccountKind, AccountKind]) -> list[Leg]:
    source, target = (AccountName(village, kind, f"good:{good}") for kind in way)
    return [Leg(source, target, pieces)]


def _opening(household: Household, why: str) -> dict[str, str]:
    return {"household": household.code, "name": household.name, "why": why}
