"""Decides how an explanation is told to a program: exact decimals as text, codes beside their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, fields_dict

from jifen.account_words import cut_in_words, village_name
from jifen.accounts import Cutting, HouseholdAccount, Point, Refusal, VillageAccount
from jifen.words import title

if TYPE_CHECKING:
    from jifen.keeping import Kept
    from jifen.model import Item, RuleBook


def as_data(kept: Kept, told: object) -> dict[str, Any]:
    """The same for a program: decimals as exact text, codes beside their words."""
    book = kept.settlement.book
    about = {
        "town": kept.settlement.town,
        "period": kept.settlement.period.name,
        "rules": book.name,
        "digest": book.digest,
        "status": book.marked.value,
    }
    if isinstance(told, Point):
        return {**about, "deed": _point_data(book, told)}
    if isinstance(told, Refusal):
        return {**about, "deed": _refusal_data(kept, told)}
    if isinstance(told, VillageAccount):
        return {**about, "village": _village_data(kept, told)}
    if isinstance(told, HouseholdAccount):
        return {**about, "household": _household_data(kept, told)}
    raise TypeError(type(told).__name__)


def _household_data(kept: Kept, told: HouseholdAccount) -> dict[str, Any]:
    standing = told.standing
    return {
        "household": told.household,
        "village": told.village,
        "participates": told.participates,
        "ground": {"code": told.ground, "words": kept.say(told.ground)},
        "since": told.since,
        "standing": standing and asdict(standing),
        "categories": [{**asdict(each), "title": title(each.title)} for each in told.categories],
        "points": [_point_data(kept.settlement.book, each) for each in told.points],
        "refusals": [_refusal_data(kept, each) for each in told.refusals],
        "rewards": list(told.rewards),
        "purses": [{**asdict(each), "name": title(each.name)} for each in told.purses],
        "exchanges": [{**asdict(each), "name": title(each.name)} for each in told.exchanges],
    }


def _village_data(kept: Kept, told: VillageAccount) -> dict[str, Any]:
    return {
        "village": told.village,
        "name": village_name(kept, told.village),
        **{name: getattr(told, name) for name in ("points", "rank", "of", "households", "participants")},
        "parts": [
            {
                "part": {"code": each.part, "words": kept.say(each.part)},
                "detail": {
                    "code": each.detail,
                    "words": kept.say(each.detail) if each.item is None else title(each.item.name),
                },
                **{name: getattr(each, name) for name in ("points", "numerator", "denominator", "unit", "clause")},
            }
            for each in told.lines
        ],
        "deeds": [_point_data(kept.settlement.book, each) for each in told.deeds],
        "refusals": [_refusal_data(kept, each) for each in told.refusals],
    }


def _item_data(item: Item) -> dict[str, str]:
    return {"code": item.code, "name": title(item.name), "category": item.category}


def _point_data(book: RuleBook, point: Point) -> dict[str, Any]:
    return {
        **{name: getattr(point, name) for name in fields_dict(Point) if name not in ("item", "cuts")},
        "item": _item_data(point.item),
        "cuts": [_cut_data(book, cut) for cut in point.cuts],
    }


def _cut_data(book: RuleBook, cut: Cutting) -> dict[str, Any]:
    bounds = (getattr(cut.limit, name) for name in ("times", "gives", "takes", "floor", "ceiling"))
    return {
        **{name: getattr(cut, name) for name in fields_dict(Cutting) if name != "limit"},
        "most": [bound for bound in bounds if bound is not None],
        "words": cut_in_words(book, cut),
    }


def _refusal_data(kept: Kept, refusal: Refusal) -> dict[str, Any]:
    return {
        **{name: getattr(refusal, name) for name in ("deed", "subject", "village", "date", "outcome")},
        "item": _item_data(refusal.item),
        "reason": {"code": refusal.reason, "words": kept.say(refusal.reason)},
    }
