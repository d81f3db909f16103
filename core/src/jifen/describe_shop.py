"""Decides in which words purses and a shop are told: what goes in, when it starts anew, what is to be had (R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.goods import StockOf
from jifen.wording import decimal, points
from jifen.words import say, title

if TYPE_CHECKING:
    from jifen.goods import Good
    from jifen.model import RuleBook


def describe_purses(book: RuleBook) -> list[str]:
    """A sentence for each purse."""
    told = []
    for purse in book.purses:
        counts = say(f"describe.purse.{purse.counts.value}")
        resets = say("describe.purse.never")
        if purse.resets is not None:
            month, day = (int(part) for part in purse.resets.split("-"))
            resets = say("describe.purse.resets", month=month, day=day)
        told.append(
            say("describe.purse.line", name=title(purse.name), clause=purse.clause, counts=counts, resets=resets)
        )
    return told


def describe_shop(book: RuleBook) -> list[str]:
    """The terms of the shop in one sentence, then a sentence for each good."""
    shop = book.shop
    if shop is None:
        return []
    names = {purse.code: title(purse.name) for purse in book.purses}
    terms = [say("describe.shop.purse", purse=names.get(shop.purse, shop.purse))]
    if shop.days:
        days = say("describe.list").join(str(day) for day in shop.days)
        terms.append(say("describe.shop.days", days=days))
    if shop.above_a_head is not None:
        terms.append(say("describe.shop.above", points=points(shop.above_a_head)))
    if shop.voucher_days is not None:
        terms.append(say("describe.shop.voucher", days=shop.voucher_days))
    first = say("describe.shop.line", terms=say("describe.comma").join(terms), clause=shop.clause)
    return [first, *(_good(good, names) for good in shop.goods)]


def _good(good: Good, names: dict[str, str]) -> str:
    terms = [points(good.price)]
    if good.stock is not None:
        key = "village" if good.stock_of is StockOf.VILLAGE else "town"
        terms.append(say(f"describe.good.stock-{key}", n=good.stock))
    if good.most is not None:
        terms.append(say("describe.good.most", n=good.most))
    if good.villages:
        terms.append(say("describe.good.villages", names=say("describe.list").join(good.villages)))
    if good.kinds:
        terms.append(say("describe.good.kinds", names=say("describe.list").join(good.kinds)))
    if good.needs is not None:
        purse = names.get(good.needs.purse, good.needs.purse)
        terms.append(say("describe.good.needs", purse=purse, points=decimal(good.needs.at_least)))
    return say("describe.good.line", name=title(good.name), code=good.code, terms=say("describe.comma").join(terms))
