"""Decides whether purses, a shop and what is left to villages make sense: names that are there, exact numbers."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from jifen.convert import missing
from jifen.exactness import Numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jifen.document import Faults
    from jifen.goods import Good, Purse, Shop
    from jifen.layers import Below, Change, Range
    from jifen.locate import Path

_DAY: Final = re.compile(r"\d\d-\d\d")
_LEAP_YEAR: Final = 2024
_LAST_DAY: Final = 31
_FEN_PLACES: Final = 2


def check_purses(head: Mapping[str, Any], places: int | None, faults: Faults) -> None:
    """Purses once each with days that there are; a shop that pays from one of them."""
    purses: Sequence[Purse] = head.get("purses", ())
    codes = [purse.code for purse in purses]
    for position, purse in enumerate(purses):
        path: Path = ("purses", position)
        if purse.code in codes[:position]:
            first = faults.told(("purses", codes.index(purse.code), "code"))
            faults.add("rulebook.repeated-code", (*path, "code"), code=purse.code, first=first)
        if purse.resets is not None and not _is_day(purse.resets):
            faults.add("rulebook.no-such-day", (*path, "resets"), got=purse.resets)
    shop: Shop | None = head.get("shop")
    if shop is not None:
        _check_shop(shop, codes, Numbers(places, faults), faults)


def _check_shop(shop: Shop, purses: Sequence[str], numbers: Numbers, faults: Faults) -> None:
    if shop.purse not in purses:
        faults.add("rulebook.unknown-purse", ("shop", "purse"), code=shop.purse, known=", ".join(purses) or "–")
    for position, day in enumerate(shop.days):
        if not 1 <= day <= _LAST_DAY:
            faults.add("rulebook.no-such-day", ("shop", "days", position), got=day)
    if shop.voucher_days is not None:
        numbers.count(shop.voucher_days, ("shop", "voucher_days"))
    if shop.above_a_head is not None:
        numbers.points(shop.above_a_head, ("shop", "above_a_head"))
    if not shop.goods:
        faults.add("rulebook.empty-list", ("shop", "goods"))
    codes = [good.code for good in shop.goods]
    for position, good in enumerate(shop.goods):
        path: Path = ("shop", "goods", position)
        if good.code in codes[:position]:
            first = faults.told(("shop", "goods", codes.index(good.code), "code"))
            faults.add("rulebook.repeated-code", (*path, "code"), code=good.code, first=first)
        _check_good(good, path, purses, numbers, faults)


def _check_good(good: Good, path: Path, purses: Sequence[str], numbers: Numbers, faults: Faults) -> None:
    numbers.points(good.price, (*path, "price"), positive=True)
    if good.yuan is not None and (good.yuan < 0 or good.yuan != round(good.yuan, _FEN_PLACES)):
        faults.add("rulebook.no-money", (*path, "yuan"), got=good.yuan)
    for key in ("stock", "most"):
        if getattr(good, key) is not None:
            numbers.count(getattr(good, key), (*path, key))
    if good.needs is not None:
        numbers.points(good.needs.at_least, (*path, "needs", "at_least"), positive=True)
        if good.needs.purse not in purses:
            known = ", ".join(purses) or "–"
            faults.add("rulebook.unknown-purse", (*path, "needs", "purse"), code=good.needs.purse, known=known)


def _is_day(text: str) -> bool:
    """A month and day of some year, 29 February among them."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date(_LEAP_YEAR, int(text[:2]), int(text[3:]))
    except ValueError:
        return False
    return True


def check_below(below: Below | None, codes: set[str], categories: Sequence[str], faults: Faults) -> None:
    """What is left to the layer below: of items and categories that there are, in ranges that hold something (R15)."""
    if below is None:
        return
    seen: set[str] = set()
    for position, change in enumerate(below.changes):
        path: Path = ("below", "changes", position)
        if not change.items and not change.categories:
            missing("items", path, faults)
        for place, code in enumerate(change.items):
            if code not in codes:
                faults.add("rulebook.unknown-item", (*path, "items", place), code=code)
        _check_composed(change.categories, categories, (*path, "categories"), faults)
        for key in ("items", "categories"):
            for place, name in enumerate(getattr(change, key)):
                if name in seen:
                    faults.add("rulebook.repeated", (*path, key, place), what=name)
                seen.add(name)
        _check_ranges(change, path, faults)
    if below.own is not None:
        _check_composed(below.own.categories, categories, ("below", "own", "categories"), faults)


def _check_composed(names: Sequence[str], categories: Sequence[str], path: Path, faults: Faults) -> None:
    for place, name in enumerate(names):
        if name not in categories:
            faults.add("rulebook.not-composed", (*path, place), name=name, known=", ".join(categories))


def _check_ranges(change: Change, path: Path, faults: Faults) -> None:
    ranges: dict[str, Range | None] = {key: getattr(change, key) for key in ("points", "times", "limit")}
    for key, bounds in ranges.items():
        if bounds is not None and bounds.least > bounds.most:
            faults.add("rulebook.range-reversed", (*path, key), least=bounds.least, most=bounds.most)
    if not any(ranges.values()) and not change.off and not change.form:
        faults.add("rulebook.leaves-nothing", path)
