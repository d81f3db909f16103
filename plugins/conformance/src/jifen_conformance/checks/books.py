"""Decides whether a town's rule books can be put in force: sound, approved, without overlap or silent gaps, fair."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from jifen.model import Status

from jifen_conformance.check import Broken, Kind, check, expect
from jifen_conformance.naming import texts_of
from jifen_conformance.sensitive import sensitive_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen_conformance.target import Target

TOWN: Final = (Kind.TOWN,)
APPROVALS: Final = ("rulebook.no-approval", "rulebook.approved-late")
OVERLAP: Final = ("rulebook.overlap",)


def _without(target: Target, codes: Iterable[str], *, only: bool = True) -> None:
    """That reading the books found none of these problems (`only`), or none but these."""
    codes = set(codes)
    found = [str(problem) for problem in target.problems if (problem.code in codes) is only]
    if found:
        raise Broken(f"the rule books of {target.name}", "; ".join(found))


@check("B01", since="0.1", kinds=TOWN, settles=False)
def books_can_be_read(target: Target) -> None:
    """Every rule book and every village's layer is read without a problem.

    Why: a town with a book that cannot be read cannot settle at all.
    Mend: correct the line that the message names; `jifen rules check FILE` tells all of them at once.
    """
    _without(target, (*APPROVALS, *OVERLAP), only=False)


@check("B02", since="0.1", kinds=TOWN, settles=False)
def approvals_are_complete(target: Target) -> None:
    """An approved book says who approved it, in which document and when, before it came into force; so does each layer.

    Why: points are only as good as the resolution behind them (R15).
    Mend: fill in `[approval]` with body, document and date, or call the book a draft.
    """
    _without(target, APPROVALS)
    for book in target.books:
        approvals = [layer.approval for layer in book.layers] + ([book.approval] if book.approval else [])
        for approval in approvals:
            empty = [key for key in ("body", "document") if not getattr(approval, key).strip()]
            expect(not empty, f"an approval of {book.name}", f"nothing in: {', '.join(empty)}")
        if book.status is Status.APPROVED:
            sampled = [item.code for item in book.items if item.status is not Status.APPROVED]
            expect(not sampled, f"the approved book {book.name}", f"items that nobody approved: {', '.join(sampled)}")


@check("B03", since="0.1", kinds=TOWN, settles=False)
def books_do_not_overlap(target: Target) -> None:
    """No day has two rule books.

    Why: a deed is scored by the rules of its day, and there must be one answer (R16).
    Mend: end the older book on the day before the newer one begins.
    """
    _without(target, OVERLAP)


@check("B04", since="0.1", kinds=TOWN, capability="several-books", settles=False)
def gaps_are_announced(target: Target) -> None:
    """Days between two books on which no rules hold are announced in town.toml, with the reason.

    Why: a deed done on such a day counts for nothing, and people must have known it.
    Mend: let the books follow each other, or write `pauses = [{ first = …, last = …, reason = "…" }]` in town.toml.
    """
    pauses = target.town.pauses if target.town else ()
    for earlier, later in pairwise(target.books):
        first, last = earlier.valid_to + timedelta(days=1), later.valid_from - timedelta(days=1)
        if first <= last:
            told = any(pause.first <= first and last <= pause.last and pause.reason.strip() for pause in pauses)
            expect(told, f"{earlier.name} and {later.name}", f"no rules from {first} to {last}, and no word of it")


@check("B05", since="0.1", kinds=(Kind.TOWN, Kind.CATEGORY), settles=False)
def nothing_sensitive_is_scored(target: Target) -> None:
    """No item, limit, grade or reward speaks of petitioning, religion, rehabilitation or a person's health.

    Why: these are people's rights and their privacy, not conduct that a village may price.
    Mend: leave the item out. Where a village's own assembly decided on one, declare it with that resolution as reason.
    """
    for book in target.books:
        for what, words in texts_of(book):
            text = " / ".join(words.values())
            found = sensitive_in(text)
            expect(not found, f"{what} of {book.name}: {text}", f"it speaks of {', '.join(found)}")
