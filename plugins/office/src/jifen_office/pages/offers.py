"""Decides what a household is shown of the shop: each good with its price, what is on the shelf, what is in the way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import frozen
from django.utils.translation import gettext
from jifen.words import title

from jifen_office.ledger.models import Account, AccountKind
from jifen_office.pages.speech import speaking

if TYPE_CHECKING:
    from jifen.model import RuleBook

    from jifen_office.register.models import Household


@frozen
class Offer:
    """One good; `price` in the book's smallest unit, `there` None where there is no end of it."""

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
    shelf = {
        each.unit.removeprefix("good:"): each.balance
        for each in Account.objects.filter(village=household.village, kind=AccountKind.STOCK)
    }
    purse = Account.objects.filter(household=household, kind=AccountKind.PURSE, unit=f"point:{book.shop.purse}").first()
    balance = 0 if purse is None else purse.balance
    found = []
    for good in book.shop.goods:
        if good.villages and household.village.code not in good.villages:
            continue
        if good.kinds and household.kind not in good.kinds:
            continue
        price = int(good.price.scaleb(book.places))
        there = shelf.get(good.code, 0 if good.stock is not None else None)
        with speaking():
            name = title(good.name)
        why_not = ""
        if there is not None and there <= 0:
            why_not = gettext("暂时没有货")
        elif price > balance:
            short = Decimal(price - balance).scaleb(-book.places).normalize()
            why_not = gettext("还差 %(points)s 分") % {"points": format(short, "f")}
        found.append(Offer(good.code, name, price, there, good.most, why_not))
    return found
