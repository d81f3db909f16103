"""Decides what a household is shown of the shop: each good with its price, what is on the shelf, what is in the way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import frozen
from django.utils.translation import gettext
from jifen.schedule import smallest
from jifen.wording import decimal
from jifen.words import title

from jifen_office.ledger.models import AccountKind
from jifen_office.ledger.names import unit_of
from jifen_office.ledger.posting import AccountName, balance
from jifen_office.pages.speech import speaking
from jifen_office.shop.conditions import is_money
from jifen_office.shop.stock import shelf

if TYPE_CHECKING:
    from jifen.model import RuleBook

    from jifen_office.register.models import Household


@frozen
class Offer:
    """One good; `price` in the book's smallest unit, `there` None for money, of which there is no shelf."""

    code: str
    name: str
    price: int
    there: int | None
    most: int | None
    why_not: str


def offers(household: Household, book: RuleBook | None) -> list[Offer]:
    """The goods that the household's village and kind may have, in the book's order."""
    if book is None or book.shop is None:
        return []
    village, there = household.village, shelf(household.village)
    have = balance(AccountName(village, AccountKind.PURSE, unit_of(book.shop.purse), household))
    found = []
    for good in book.shop.goods:
        if good.villages and village.code not in good.villages:
            continue
        if good.kinds and household.kind not in good.kinds:
            continue
        price = smallest(good.price, book.unit)
        pieces = None if is_money(good) else there.get(good.code, (0, 0))[0]
        with speaking():
            name = title(good.name)
        why_not = ""
        if pieces is not None and pieces <= 0:
            why_not = gettext("暂时没有货")
        elif price > have:
            short = Decimal(price - have).scaleb(-book.places)
            why_not = gettext("还差 %(points)s 分") % {"points": decimal(short)}
        found.append(Offer(good.code, name, price, pieces, good.most, why_not))
    return found
