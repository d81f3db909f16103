"""Decides which forms of rule there are, and which of them an item or a book uses, by the key that says the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jifen.model import Item, RuleBook

FORMS: Final = (
    "count", "quantity", "rates", "tiers", "ladder", "grades", "bands", "marks", "named", "base", "inspect",
    "put_right", "veto", "limits", "shared", "carry", "anew",
)  # fmt: skip


def forms_of(item: Item) -> list[str]:
    """The forms of one item, in the order of `FORMS`; a shared limit is a form of the book."""
    found = {form for form in FORMS if getattr(item, form, None)}
    if item.points is not None and item.put_right is None:
        found.add(item.measure.value)
    return [form for form in FORMS if form in found]


def forms_in(book: RuleBook) -> list[str]:
    """The forms that a book uses, in the order of `FORMS`."""
    found = {form for item in book.items for form in forms_of(item)} | ({"shared"} if book.limits else set())
    found |= {book.at_change.value} if book.at_change else set()
    return [form for form in FORMS if form in found]
