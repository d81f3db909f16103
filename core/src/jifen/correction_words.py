"""Decides in which words a correction is told: each entry with what it was, what it is now, and why (R22)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jifen.announced import YUAN
from jifen.wording import change, grade_name, points, signed
from jifen.words import knows, say, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.correction import Correction
    from jifen.model import RuleBook


def entry_in_words(book: RuleBook, row: Mapping[str, Any]) -> tuple[str, str]:
    """A row of CORRECTIONS in two sentences: what was done and how many points; and why, by which rule and record."""
    facts = {
        "day": row["date"].isoformat(),
        "name": item_name(book, row),
        "old": say("correct.was-nothing") if row["old"] is None else say("correct.was", points=_points(row, "old")),
        "new": say("correct.is-nothing") if row["new"] is None else say("correct.is", points=_points(row, "new")),
        "change": change(_decimal(row, "change")) if row["change"] else say("correct.same"),
    }
    own = "correct.rule" if row["kind"] != "base" else "correct.rule-only"
    rule = say(own, code=row["item"], clause=row["clause"], deed=row["deed"])
    return say("correct.entry", **facts), say("correct.because", why=say(row["why"]), rule=rule)


def item_name(book: RuleBook, row: Mapping[str, Any]) -> str:
    """The item's name as it was on that day; its code where the book has none, for an entry of an older period."""
    try:
        return title(book.item(row["item"], row["village"], row["date"]).name)
    except KeyError:
        return str(row["item"])


def _decimal(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(row[column]).scaleb(-row["places"])


def _points(row: Mapping[str, Any], column: str) -> str:
    return points(_decimal(row, column))


def announced_in_words(correction: Correction, row: Mapping[str, Any]) -> tuple[str, str, str]:
    """A row of ANNOUNCED: what it is, what was announced, and what would be announced now."""
    what = say(f"correct.announced.{row['what']}")
    if row["what"] == "exchange":
        what = say("correct.announced.request", what=what, request=row["code"])
    if row["what"] == "reward":
        return _reward(row, what)
    return what, _told(correction, row["what"], row["was"]), _told(correction, row["what"], row["would_be"])


def _reward(row: Mapping[str, Any], what: str) -> tuple[str, str, str]:
    """Where only the money differs, the title stands once, before the two sums."""
    nothing = say("correct.announced.nothing")
    was, would_be = (str(row[side] or "").partition(YUAN) for side in ("was", "would_be"))
    if (was[2] or would_be[2]) and len({name for name, *_ in (was, would_be)} - {""}) == 1:
        sums = [f"{YUAN.strip()}{money}" if money else nothing for *_, money in (was, would_be)]
        return was[0] or would_be[0], sums[0], sums[1]
    kind = f"explain.reward.{row['code'].partition(':')[0]}"
    told = say("correct.announced.of-kind", what=what, kind=say(kind)) if knows(kind) else what
    return told, row["was"] or nothing, row["would_be"] or nothing


def _told(correction: Correction, what: str, told: str | None) -> str:
    if told is None:
        return say("correct.announced.nothing")
    if what == "grade":
        return grade_name(correction.now.book, told)
    if what == "barred":
        return say("correct.announced.is-barred")
    if what == "exchange":
        outcome, _, pieces = told.partition(" ")
        words = say(f"correct.outcome.{outcome}")
        return say("correct.announced.pieces", outcome=words, pieces=pieces) if pieces else words
    if what == "village-points":
        return signed(Decimal(told), plus="")
    return told
