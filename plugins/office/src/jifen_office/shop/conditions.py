"""Decides who may have what from the shop on a day: the rule book's conditions, all that fail at once (R18)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from attrs import field, frozen
from django.db.models import Sum
from jifen.exchanging import FEN
from jifen.frames import PARTICIPANTS
from jifen.goods import StockOf
from jifen.problems import Problem, Refused
from jifen.schedule import smallest
from jifen.wording import points as in_points
from jifen.words import say, title

from jifen_office import rules
from jifen_office.ledger.models import AccountKind
from jifen_office.ledger.names import unit_of
from jifen_office.ledger.posting import AccountName, balance
from jifen_office.register.frames_out import households_frame, villages_frame
from jifen_office.shop.models import Voucher, VoucherState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet
    from jifen.goods import Good, Shop
    from jifen.model import RuleBook

    from jifen_office.register.models import Household, Village

Found = tuple[str, dict[str, object]]
"""What stands in the way: code and facts."""


def shop_of(book: RuleBook) -> Shop:
    """The shop of a book. Raises `Refused` where points cannot be exchanged."""
    if book.shop is None:
        raise Refused([Problem("shop.no-shop", facts={"rules": title(book.title)})])
    return book.shop


def good_of(shop: Shop, code: str) -> Good:
    """A good of the shop. Raises `Refused`."""
    try:
        return shop.good(code)
    except KeyError:
        known = say("checking.and").join(f"{each.code} {title(each.name)}" for each in shop.goods)
        raise Refused([Problem("shop.unknown-good", facts={"good": code, "known": known})]) from None


def is_money(good: Good) -> bool:
    """Whether it is paid out in cash: a piece of it is one yuan (``price = 1, yuan = 1``). There is no shelf of it."""
    return good.yuan == 1


def is_day(shop: Shop, day: date) -> bool:
    """Whether points are exchanged on a day."""
    return not shop.days or day.day in shop.days


@frozen
class Wish:
    """A household's wish for pieces of a good on a day, by the rules of that day."""

    book: RuleBook
    shop: Shop
    good: Good
    household: Household
    pieces: int
    day: date
    purses: dict[str, int] = field(init=False)
    """What the household has in each purse, in the book's smallest unit."""

    @purses.default
    def _purses(self) -> dict[str, int]:
        home = self.household
        return {
            code: balance(AccountName(home.village, AccountKind.PURSE, unit_of(code), home))
            for code in rules.purse_codes(self.book)
        }

    @classmethod
    def of(cls, household: Household, good: str, pieces: int, day: date) -> Wish:
        """Raises `Refused` where there is no book in force, no shop, or no such good."""
        book = rules.book_of(household.village.town.code, day)
        shop = shop_of(book)
        return cls(book, shop, good_of(shop, good), household, pieces, day)

    @property
    def points(self) -> int:
        """What it costs, in the book's smallest unit."""
        return smallest(self.good.price, self.book.unit) * self.pieces

    @property
    def fen(self) -> int | None:
        """What it costs the village, in fen."""
        return None if self.good.yuan is None else smallest(self.good.yuan, FEN) * self.pieces

    def check(self) -> None:
        """Raises `Refused` with everything that stands in the way."""
        problems = [Problem(code, facts={**self._facts(), **facts}) for code, facts in self._against()]
        if problems:
            raise Refused(problems)

    def _facts(self) -> dict[str, object]:
        return {"good": title(self.good.name), "household": self.household.code, "clause": self.shop.clause}

    def _points(self, smallest_units: int) -> str:
        return in_points(Decimal(smallest_units) / self.book.unit)

    def _against(self) -> Iterator[Found]:
        if self.pieces < 1:
            yield "shop.no-pieces", {"pieces": self.pieces}
        if (why := why_not(self.book, self.household)) is not None:
            yield "shop.not-participant", {"why": say(why)}
        if not is_day(self.shop, self.day):
            yield "shop.not-that-day", {"days": say("checking.and").join(map(str, self.shop.days)), "day": self.day.day}
        yield from self._of_household()
        yield from self._of_points()
        yield from self._of_pieces()

    def _of_household(self) -> Iterator[Found]:
        good, home = self.good, self.household
        if good.villages and home.village.code not in good.villages:
            yield "shop.other-village", {"villages": say("checking.and").join(good.villages)}
        if good.kinds and home.kind not in good.kinds:
            yield "shop.other-kind", {"kinds": say("checking.and").join(good.kinds)}
        if good.needs is not None:
            least, have = smallest(good.needs.at_least, self.book.unit), self.purses[good.needs.purse]
            if have < least:
                purse = next(each for each in self.book.purses if each.code == good.needs.purse)
                facts: dict[str, object] = {
                    "purse": title(purse.name),
                    "least": self._points(least),
                    "have": self._points(have),
                }
                yield "shop.needs-other-purse", facts

    def _of_points(self) -> Iterator[Found]:
        have, most = self.purses[self.shop.purse], self.shop.above_a_head
        if most is not None and have <= smallest(most, self.book.unit) * self.household.living:
            living = self.household.living
            yield "shop.too-few-a-head", {"above": in_points(most), "living": living, "have": self._points(have)}
        if have < self.points:
            costs, lacking = self._points(self.points), self._points(self.points - have)
            yield "shop.too-few-points", {"costs": costs, "have": self._points(have), "lacking": lacking}

    def _of_pieces(self) -> Iterator[Found]:
        good, vouchers = self.good, self._vouchers()
        had = _pieces(vouchers.filter(household=self.household))
        if good.most is not None and had + self.pieces > good.most:
            yield "shop.had-enough", {"most": good.most, "had": had}
        if good.stock is not None:
            near = {"village": self.household.village} if good.stock_of is StockOf.VILLAGE else {}
            left = good.stock - _pieces(vouchers.filter(village__town=self.household.village.town, **near))
            if left < self.pieces:
                yield "shop.sold-out", {"left": max(left, 0), "pieces": self.pieces}
        if not is_money(good) and (there := on_shelf(self.household.village, good.code)) < self.pieces:
            yield "shop.none-on-shelf", {"there": there, "pieces": self.pieces}

    def _vouchers(self) -> QuerySet[Voucher]:
        """What was had of the good while the book is in force, and not given back."""
        while_valid = (self.book.valid_from, self.book.valid_to)
        found = Voucher.objects.filter(good=self.good.code, made__range=while_valid)
        return found.exclude(state=VoucherState.VOID)


def _pieces(vouchers: QuerySet[Voucher]) -> int:
    return vouchers.aggregate(all=Sum("pieces"))["all"] or 0


def on_shelf(village: Village, good: str) -> int:
    """Pieces of a good that lie on the village's shelf and are not reserved."""
    return balance(AccountName(village, AccountKind.STOCK, f"good:{good}"))


def why_not(book: RuleBook, household: Household) -> str | None:
    """Why a household does not take part by the book's own rule (R2 to R5), as the key of its words; None: it does."""
    if household.erased is not None:
        return "shop.erased"
    homes, villages = households_frame([household.village], only=household), villages_frame([household.village])
    rule = rules.registry().eligibility(book.eligibility.use)
    decided = PARTICIPANTS.check(rule.decide(homes, villages, book.eligibility.options), rule.name)
    takes_part, reason = decided.select("participates", pl.col("reason").cast(pl.String)).row(0)
    return None if takes_part else str(reason)
