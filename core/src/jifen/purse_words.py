"""Decides in which words a household's purses and exchanges are told (R18, R20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.wording import points
from jifen.words import say, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.accounts import Exchanged, HouseholdAccount, PurseAccount
    from jifen.keeping import Kept


def purses_in_words(kept: Kept, told: HouseholdAccount) -> Iterator[tuple[str, int]]:
    """Paragraphs with their depth: each purse with what is left, then each request; nothing without purses."""
    if told.purses and told.participates:
        yield "", 0
        yield say("explain.purses"), 0
        for purse in told.purses:
            yield _purse(purse), 1
    if told.exchanges:
        yield "", 0
        yield say("explain.exchanges"), 0
        for exchanged in told.exchanges:
            yield _exchanged(kept, exchanged), 1


def _purse(purse: PurseAccount) -> str:
    parts = {"before": purse.before, "earned": purse.earned, "spent": purse.spent, "cleared": abs(purse.cleared)}
    told = [
        say(f"explain.purse.{key}", points=points(value)) for key, value in parts.items() if value or key == "earned"
    ]
    moved = say("describe.comma").join(told)
    return say("explain.purse.line", name=title(purse.name), balance=points(purse.balance), moved=moved)


def _exchanged(kept: Kept, exchanged: Exchanged) -> str:
    facts = {"day": exchanged.day.isoformat(), "good": title(exchanged.name), "pieces": exchanged.pieces}
    if exchanged.reason is not None:
        return say("explain.not-exchanged", reason=kept.say(exchanged.reason), request=exchanged.request, **facts)
    until = "" if exchanged.until is None else say("explain.until", day=exchanged.until.isoformat())
    paid = {"points": points(exchanged.points), "clause": exchanged.clause, "request": exchanged.request}
    return say("explain.exchanged", until=until, **paid, **facts)
