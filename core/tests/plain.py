"""Decides nothing: a second, deliberately plain reading of the rules, with loops over deeds and `Decimal`, to test against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from jifen.model import AtChange, Measure, Of, Partial, Window

if TYPE_CHECKING:
    from datetime import date

    from jifen.model import Item, Limit, RuleBook, SharedLimit

Deed = dict[str, Any]
LENGTH = {"month": 1, "two-months": 2, "quarter": 3, "half-year": 6, "year": 12}


def window(day: date, per: Window, deed: str) -> object:
    if per is Window.DEED:
        return deed
    if per is Window.ALL:
        return "all"
    return (day.year * 12 + day.month - 1) // LENGTH[per.value]


def rounded(value: Fraction, unit: int) -> Decimal:
    """Half up (half away from 0), to the book's smallest unit."""
    scaled = abs(value) * unit
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (Decimal(whole) if value >= 0 else Decimal(-whole)) / unit


def worth(item: Item, amount: Decimal, unit: int) -> Decimal:
    """F: what a running amount is worth."""
    if item.tiers:
        return (
            max((step for step in item.tiers if step.at <= amount), key=lambda s: s.at).points
            if any(step.at <= amount for step in item.tiers)
            else Decimal(0)
        )
    if item.ladder:
        return sum((item.ladder[min(n, len(item.ladder) - 1)] for n in range(int(amount))), Decimal(0))
    if item.rates:
        total, start = Decimal(0), Decimal(0)
        for rate in item.rates:
            end = amount if rate.upto is None else min(amount, rate.upto)
            if end > start:
                total += per_each(item, end - start, rate.each, rate.points, unit)
            start = end if rate.upto is None else rate.upto
        return total
    return per_each(item, amount, item.each or Decimal(1), item.points or Decimal(0), unit)


def per_each(item: Item, amount: Decimal, each: Decimal, points: Decimal, unit: int) -> Decimal:
    if item.whole:
        return (amount // each) * points
    return rounded(Fraction(amount) * Fraction(points) / Fraction(each), unit)


def by_band(item: Item, reading: Fraction) -> Decimal:
    reached = [step for step in item.bands if step.at <= reading]
    return max(reached, key=lambda step: step.at).points if reached else Decimal(0)


def once(item: Item, deed: Deed, unit: int) -> Decimal | None:
    """Points of a deed that stands alone; None where amounts run on."""
    if item.measure is Measure.GRADE:
        return item.grades[deed["grade"]]
    if item.measure is Measure.READING:
        return by_band(item, Fraction(deed["quantity"]))
    if item.measure is Measure.MARKS:
        assert item.marks is not None
        marks = sorted(deed["marks"])
        kept = marks[item.marks.leave_out : len(marks) - item.marks.leave_out]
        mean = sum((Fraction(mark) for mark in kept), Fraction(0)) / len(kept)
        return by_band(item, mean) if item.bands else rounded(mean * Fraction(item.points or 1), unit)
    return None


def carried_from(books: list[RuleBook], at: int) -> int:
    """The first of the books whose rows a later one goes on counting."""
    return at if at == 0 or books[at].at_change is AtChange.ANEW else carried_from(books, at - 1)


def score(books: list[RuleBook], deeds: list[Deed]) -> dict[str, Decimal]:
    """Points by deed under books that follow each other.

    Each deed: deed, subject, item, date, kind (deed, base, put-right), book (position), and what its item needs.
    """
    rank = {"base": 0}
    rows = sorted(deeds, key=lambda d: (d["subject"], d["date"], rank.get(d["kind"], 1), d["deed"]))
    by_id = {row["deed"]: row for row in rows}
    for row in rows:
        row["day"] = by_id[row["refers"]]["date"] if row["kind"] == "put-right" else row["date"]
        row["rule"] = next(item for item in books[row["book"]].items if item.code == row["item"])
    seen = [[row for row in rows if carried_from(books, at) <= row["book"] <= at] for at in range(len(books))]
    for mending in (False, True):
        for at, book in enumerate(books):
            open_rows = [row for row in seen[at] if (row["kind"] == "put-right") is mending]
            gross(book, at, open_rows, by_id)
            for item in book.items:
                for limit in item.limits:
                    cut(limit, [row for row in open_rows if row["item"] == item.code], at)
    for level in (shared_limits, category_limits, total_limits):
        for at, book in enumerate(books):
            for bound, mine in level(book, seen[at]):
                cut(bound, mine, at)
    return {row["deed"]: row["points"] for row in rows}


Limited = Iterator[tuple["Limit | SharedLimit", list[Deed]]]


def shared_limits(book: RuleBook, rows: list[Deed]) -> Limited:
    for shared in book.limits:
        yield shared, [row for row in rows if row["item"] in shared.items]


def category_limits(book: RuleBook, rows: list[Deed]) -> Limited:
    for category in book.categories:
        for limit in category.limits:
            yield limit, [row for row in rows if row["rule"].category == category.name]


def total_limits(book: RuleBook, rows: list[Deed]) -> Limited:
    for limit in book.total.limits:
        yield limit, rows


def gross(book: RuleBook, at: int, rows: list[Deed], by_id: dict[str, Deed]) -> None:
    items = {item.code: item for item in book.items}
    running: dict[object, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["book"] != at and (row["item"] not in items or row["kind"] != "deed"):
            continue
        item = items[row["item"]]
        if row["book"] == at:
            row["counts"], row["side"] = True, 1
        who = row.get("member") if item.of is Of.MEMBER else None
        key = (row["subject"], item.code, who, window(row["day"], item.per, row["deed"]))
        before = running[key]
        if (row["rule"].measure, row["rule"].unit) == (item.measure, item.unit):
            running[key] += row["quantity"] if item.measure is Measure.QUANTITY and row["kind"] == "deed" else 1
        if row["book"] != at:
            continue
        if row["kind"] == "base":
            assert item.base is not None
            row["points"] = item.base.points
            running[key] = before
        elif row["kind"] == "put-right":
            assert item.put_right is not None
            taken = min(by_id[row["refers"]]["points"], Decimal(0))
            row["points"], row["side"] = rounded(-Fraction(taken) * Fraction(item.put_right.share), book.unit), -1
        else:
            alone = once(item, row, book.unit)
            change = worth(item, running[key], book.unit) - worth(item, before, book.unit) if alone is None else alone
            row["points"] = change
        if row["points"] < 0:
            row["side"] = -1


def cut(limit: Limit | SharedLimit, rows: list[Deed], at: int) -> None:
    """Cuts the rows of the book at a position; rows of books before it only run in the sums."""
    groups: dict[object, list[Deed]] = defaultdict(list)
    for row in rows:
        who = row.get("member") if limit.of is Of.MEMBER else None
        groups[row["subject"], who, window(row["day"], limit.per, row["deed"])].append(row)
    for group in groups.values():
        if limit.times is not None:
            at_most(group, limit.times, at)
        for side, bound in ((1, limit.gives), (-1, limit.takes)):
            if bound is not None:
                one_side(group, side, bound, limit.partial, at)
        if limit.floor is not None or limit.ceiling is not None:
            total = Decimal(0)
            for row in group:
                before, total = total, total + row["points"]
                if row["book"] == at:
                    row["points"] = clip(total, limit.floor, limit.ceiling) - clip(before, limit.floor, limit.ceiling)


def at_most(group: list[Deed], times: int, at: int) -> None:
    tally = 0
    for row in group:
        if row["kind"] != "base" and row["counts"]:
            tally += 1
            if tally > times and row["book"] == at:
                row["points"], row["counts"] = Decimal(0), False


def one_side(group: list[Deed], side: int, bound: Decimal, partial: Partial, at: int) -> None:
    total = Decimal(0)
    for row in group:
        if row["side"] == side:
            before, total = total, total + row["points"] * side
            if row["book"] != at:
                continue
            if partial is Partial.GIVE:
                row["points"] = (min(total, bound) - min(before, bound)) * side
            elif total > bound:
                row["points"] = Decimal(0)


def clip(value: Decimal, floor: Decimal | None, ceiling: Decimal | None) -> Decimal:
    value = value if floor is None else max(value, floor)
    return value if ceiling is None else min(value, ceiling)
