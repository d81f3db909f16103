"""Decides what an offer evidently has: a check that asks for more than that is skipped, by name.

The whole list is here; ``capabilities`` in ``conformance.toml`` may add to what is evident, never take from it.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from jifen.offers import Category, Town
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jifen.model import RuleBook
    from jifen.offers import Offer
    from jifen.problems import Place

    Evident = Callable[[Offer, tuple[RuleBook, ...]], object]


def _scorer(offer: Offer, _books: tuple[RuleBook, ...]) -> object:
    return isinstance(offer, Category) and offer.scorer is not None


def _data(offer: Offer, books: tuple[RuleBook, ...]) -> object:
    return not _scorer(offer, books) and not any(item.scored_by_plugin for book in books for item in book.items)


def _items(offer: Offer, books: tuple[RuleBook, ...]) -> object:
    return offer.items if isinstance(offer, Category) else isinstance(offer, Town) and any(book.items for book in books)


def _options(offer: Offer, _books: tuple[RuleBook, ...]) -> object:
    return getattr(offer, "options", None)


def _cases(offer: Offer, _books: tuple[RuleBook, ...]) -> object:
    return isinstance(offer, Town) and offer.cases


def _layers(offer: Offer, _books: tuple[RuleBook, ...]) -> object:
    return isinstance(offer, Town) and offer.villages


def _proposals(_offer: Offer, books: tuple[RuleBook, ...]) -> object:
    return any(getattr(book.rewards.options, "penalties", ()) for book in books)


ELSEWHERE: Final = "elsewhere"
"""That another process can find it: it is installed."""

CAPABILITIES: Final[dict[str, Evident]] = {
    "scorer": _scorer,
    "data": _data,
    "items": _items,
    "options": _options,
    "cases": _cases,
    "layers": _layers,
    "several-books": lambda _offer, books: len(books) > 1,
    "purses": lambda _offer, books: any(book.purses for book in books),
    "goods": lambda _offer, books: any(book.shop for book in books),
    "proposals": _proposals,
    "monotone": _data,
    ELSEWHERE: lambda _offer, _books: False,
}
"""Each capability, and how it is seen."""

MEANINGS: Final[dict[str, str]] = {
    "scorer": "a category with a scorer of its own",
    "data": "all points come from data, none from a scorer",
    "items": "a category or a town with items",
    "options": "an object that takes options",
    "cases": "a town with worked cases",
    "layers": "a town with layers of its villages",
    "several-books": "a town with more than one rule book",
    "purses": "rule books with purses",
    "goods": "rule books with a shop",
    "proposals": "rule books that may propose penalties",
    "monotone": "all points come from data; a scorer declares it where a good deed never takes points",
    ELSEWHERE: "it is installed, so that another process finds it",
}
"""What each is evident from, in words."""


def evident(offer: Offer, books: tuple[RuleBook, ...]) -> frozenset[str]:
    """The capabilities that can be seen."""
    return frozenset(name for name, has in CAPABILITIES.items() if has(offer, books))


def declared(names: Iterable[str], place: Place | None = None) -> frozenset[str]:
    """The capabilities that someone declares. Raises `Refused` (``conformance.unknown-capability``)."""
    names = frozenset(names)
    facts: Any
    problems = []
    for name in sorted(names - CAPABILITIES.keys()):
        near = get_close_matches(name, CAPABILITIES, 1)
        facts = {"name": name, "near": ", ".join(near or CAPABILITIES)}
        code = "conformance.unknown-capability"
        problems.append(Problem(code, facts=facts) if place is None else Problem(code, place, facts))
    if problems:
        raise Refused(problems)
    return names
