"""Decides which deeds can be settled: whose, by which rule, when, and with what that rule needs to measure them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jifen import frames
from jifen.columns import at, filled, numbers, present
from jifen.deed_rules import Rules, name_of, takes_deeds
from jifen.findings import Findings, Row, as_decimal
from jifen.frames import QUANTITY_UNIT
from jifen.in_force import books_in, paused
from jifen.model import Measure, Of, Subject
from jifen.register_checks import alike, by_name, coded, empty_cells, repeated
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from jifen.model import Item, RuleBook
    from jifen.period import Period

STATUSES = ("approved", "pending", "rejected", "cancelled")
_MEASURED = {
    Measure.QUANTITY: "quantity",
    Measure.READING: "quantity",
    Measure.NAMED: "quantity",
    Measure.GRADE: "grade",
    Measure.MARKS: "marks",
}
"""What a deed must say so that its item's measure can count it."""

MOST = 10**12
"""The largest quantity, in thousandths: far beyond any deed, and far below what an int64 sum can hold."""


def check_deeds(
    deeds: pl.DataFrame,
    villages: pl.DataFrame,
    households: pl.DataFrame,
    all_households: pl.DataFrame,
    book: RuleBook,
    period: Period,
    known: set[int],
) -> tuple[pl.DataFrame, Findings]:
    """DEEDS with codes in place of names, and what is wrong in their rows.

    `households` are those that can be settled, `all_households` also those set aside, so that a deed of one of them is
    told apart from a deed of nobody. `known` rows are already set aside.
    """
    findings = Findings(dropped=known)
    deeds = coded(deeds, "item", by_name((name, item.code) for item in book.items for name in item.name.values()))
    deeds = coded(deeds, "village", by_name(villages.select("name", "village").iter_rows()), villages)
    given = present(deeds["village"])
    nowhere = ~given & ~present(deeds["subject"])
    deeds = _completed(deeds, all_households)
    empty_cells(findings, deeds, frames.DEEDS, but=("village",))
    findings.where(deeds, nowhere, "empty-cell", "village")
    repeated(findings, deeds, "deed", "duplicate-deed")
    rules = Rules.of(deeds, book)
    _check_item(findings, deeds, rules)
    _check_subject(findings, deeds, (villages, households, all_households), rules, given)
    _check_days(findings, deeds, period)
    _check_amounts(findings, deeds, rules)
    _check_company(findings, deeds, households, rules)
    return deeds, findings


def _completed(deeds: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """A deed without a village is its household's village's; one without a subject is the village's own."""
    if deeds["village"].null_count():
        homes = households.select(pl.col("household", "village").cast(pl.String)).drop_nulls().unique("household")
        home = (
            pl.col("subject")
            .cast(pl.String)
            .replace_strict(homes["household"], homes["village"], default=None, return_dtype=pl.String)
        )
        deeds = deeds.with_columns(pl.coalesce(pl.col("village").cast(pl.String), home))
    if deeds["subject"].null_count():
        deeds = deeds.with_columns(pl.coalesce(pl.col("subject").cast(pl.String), pl.col("village").cast(pl.String)))
    return deeds


def _among(column: pl.Series, values: Iterable[str]) -> pl.Series:
    """Where the cell is one of the values; empty where the cell is."""
    return column.is_in(alike(values, column).drop_nulls().implode())


def _check_item(findings: Findings, deeds: pl.DataFrame, rules: Rules) -> None:
    unknown = ~rules.those(lambda _: True) & present(deeds["item"])
    if rules.book.earlier:
        between = pl.Series(paused(rules.book, deeds["date"]))
        findings.where(deeds, between, "no-rules", "date")
        unknown &= ~between
    if unknown.any():

        def near(row: Row) -> Row:
            there = rules.book.items_in(str(row["village"]), row["date"])
            names = {name: item for item in there.values() for name in (item.code, *item.name.values())}
            best = [names[name] for name in get_close_matches(str(row["item"]), names, n=1, cutoff=0.5)]
            hint = say("checking.nearest", code=best[0].code, name=name_of(best[0])) if best else ""
            return {"got": row["item"], "hint": hint}

        findings.where(deeds, unknown, "unknown-item", "item", near)
    idle = rules.those(lambda item: item.base and not takes_deeds(item))
    findings.where(deeds, idle, "item-takes-no-deeds", "item")


def _check_subject(
    findings: Findings,
    deeds: pl.DataFrame,
    registers: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
    rules: Rules,
    given: pl.Series,
) -> None:
    """Whose deed it is. A village that was not `given` came from the household, so only that can be wrong."""
    villages, households, all_households = registers
    village, subject = deeds["village"], deeds["subject"]
    codes = villages["village"].to_list()
    homes = _homes(codes, households)
    number = numbers(subject, pl.Enum(list(homes)))
    home = alike([*homes.values(), None], village)[at(np.where(number < 0, len(homes), number))]
    apart = filled(home != village, value=True)
    if apart.any():
        unknown = apart & ~_among(village, codes)
        findings.where(deeds, given & unknown, "unknown-village", "village")
        lost = apart & home.is_null() & subject.is_not_null()
        aside = _among(subject, all_households["household"].drop_nulls())
        own = subject.cast(pl.String).eq_missing(village.cast(pl.String))
        findings.where(deeds, lost & aside, "household-set-aside", "subject")
        findings.where(deeds, lost & ~aside & ~own, "unknown-household", "subject")
        elsewhere = apart & ~lost & ~unknown & subject.is_not_null()
        told = lambda row: {"got": row["village"], "home": homes.get(row["subject"], row["subject"])}  # noqa: E731
        findings.where(deeds, elsewhere, "other-village", "village", told)
    of_village = rules.those(lambda item: item.subject is Subject.VILLAGE)
    of_household = rules.those(lambda item: item.subject is Subject.HOUSEHOLD)
    who = partial(_facts, got="subject", item="item")
    is_village = pl.Series((number >= 0) & (number < len(codes))) & present(home)
    findings.where(deeds, of_village & ~is_village, "item-of-village", "subject", who)
    findings.where(deeds, of_household & is_village, "item-of-household", "subject", who)


def _homes(codes: Sequence[str], households: pl.DataFrame) -> dict[str, str]:
    """The village of each subject: first the villages, each its own, then the households."""
    homes = dict(zip(codes, codes, strict=True))
    for household, village in zip(households["household"].to_list(), households["village"].to_list(), strict=True):
        if household is not None and village is not None:
            homes.setdefault(household, village)
    return homes


def _check_days(findings: Findings, deeds: pl.DataFrame, period: Period) -> None:
    day, recorded = deeds["date"], deeds["recorded"]
    span = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    outside = (day < period.start) | (day > period.end)
    findings.where(deeds, outside, "outside-period", "date", lambda row: {"got": row["date"], **span})
    both = partial(_facts, got="date", recorded="recorded")
    findings.where(deeds, day > recorded, "recorded-before", "recorded", both)
    approved, decided = deeds["approved"], deeds["decided"]
    known = partial(_facts, got="approved", recorded="recorded")
    findings.where(deeds, recorded > approved, "approved-before", "approved", known)
    known = partial(_facts, got="decided", recorded="recorded")
    findings.where(deeds, recorded > decided, "decided-before", "decided", known)
    known = partial(_facts, got="decided", approved="approved")
    findings.where(deeds, (approved > decided) & (recorded <= decided), "decided-early", "decided", known)
    findings.where(deeds, ~_among(deeds["status"], STATUSES), "unknown-status", "status")


def _facts(row: Row, **columns: str) -> Row:
    """Facts that are cells of the row; quantities as people write them."""
    return {fact: as_decimal(row[column]) if column == "quantity" else row[column] for fact, column in columns.items()}


def _check_amounts(findings: Findings, deeds: pl.DataFrame, rules: Rules) -> None:
    quantity, marks = deeds["quantity"], deeds["marks"]
    amount = partial(_facts, got="quantity")
    named = rules.measured(Measure.NAMED)
    findings.where(deeds, (quantity < 0) & ~named, "negative", "quantity", amount)
    _check_named(findings, deeds, rules, named)
    findings.where(deeds, quantity > MOST, "too-large", "quantity", amount)
    for measure, column in _MEASURED.items():
        asked = rules.measured(measure)
        if asked.any():
            findings.where(deeds, asked & ~present(deeds[column]), f"needs-{measure.value}", column, rules.name)
    if deeds["grade"].null_count() < deeds.height:
        graded = deeds.select("grade", at=pl.Series(rules.at)).filter(rules.measured(Measure.GRADE))
        for grade, at in graded.drop_nulls().unique().sort("at", "grade").iter_rows():
            if grade not in (rule := rules.book.items[at]).grades:
                strange = pl.Series(rules.at == at) & (deeds["grade"] == grade)
                findings.where(deeds, strange, "unknown-grade", "grade", partial(_grade, rule))
    if marks.null_count() < marks.len():
        least = np.array([*(_least(item) for item in rules.book.items), 0])[rules.at]
        marked = rules.measured(Measure.MARKS)
        few = marked & (marks.list.len() < pl.Series(least))
        findings.where(deeds, few, "too-few-marks", "marks", lambda row: _marks(rules.rule(row), row))
        findings.where(deeds, marks.list.min() < 0, "negative", "marks", _lowest)


def _check_named(findings: Findings, deeds: pl.DataFrame, rules: Rules, named: pl.Series) -> None:
    """Points named case by case: within the rule's bounds, never 0, no finer than the book's points, with a reason."""
    if not named.any():
        return
    fine = QUANTITY_UNIT // min(rules.book.unit, QUANTITY_UNIT)
    bounds = [
        (_thousandths(item.named.least), _thousandths(item.named.most)) if item.named else (0, 0)
        for item in rules.book.items
    ]
    least, most = (pl.Series(np.array([*side, 0])[rules.at]) for side in zip(*bounds, strict=True))
    points = deeds["quantity"]
    outside = named & ((points < least) | (points > most) | (points == 0))
    findings.where(deeds, outside, "named-out-of-bounds", "quantity", lambda row: _bounds(rules.rule(row), row))
    findings.where(
        deeds,
        named & (points % fine != 0),
        "named-too-fine",
        "quantity",
        lambda row: {"got": as_decimal(row["quantity"]), "places": rules.book.places},
    )
    silent = deeds["note"].cast(pl.String).str.strip_chars().fill_null("") == ""
    findings.where(deeds, named & silent, "needs-note", "note", rules.name)


def _thousandths(value: Decimal) -> int:
    return int(value * QUANTITY_UNIT)


def _bounds(rule: Item, row: Row) -> Row:
    named = rule.named
    facts = {"least": f"{named.least:f}", "most": f"{named.most:f}"} if named else {}
    return {"got": as_decimal(row["quantity"]), **facts}


def _grade(rule: Item, row: Row) -> Row:
    return {"got": row["grade"], "choices": say("checking.and").join(rule.grades)}


def _least(rule: Item) -> int:
    """How many marks there must be so that one is left once the highest and lowest are out."""
    return max(rule.marks.at_least, 2 * rule.marks.leave_out + 1) if rule.marks else 1


def _marks(rule: Item, row: Row) -> Row:
    return {"got": len(row["marks"]), "least": _least(rule)}


def _lowest(row: Row) -> Row:
    return {"got": as_decimal(min(row["marks"]))}


def _check_company(findings: Findings, deeds: pl.DataFrame, households: pl.DataFrame, rules: Rules) -> None:
    """Who did it, where that matters, and which deed is put right."""
    member = deeds["member"]
    limits = [limit for book in books_in(rules.book) for limit in book.limits if limit.of is Of.MEMBER]
    shared = {code for limit in limits for code in limit.items}
    each = rules.those(lambda item: item.code in shared or Of.MEMBER in {item.of, *(limit.of for limit in item.limits)})
    if each.any():
        findings.where(deeds, each & ~present(member), "needs-member", "member", rules.name)
    mending = rules.those(lambda item: item.put_right)
    if mending.any():
        findings.where(deeds, mending & ~present(deeds["refers"]), "needs-refers", "refers", rules.name)
    if member.null_count() == member.len():
        return
    lists = households.filter(pl.col("members").list.len() > 0).select("household", "members")
    listed = pl.DataFrame({"subject": alike(lists["household"], deeds["subject"]), "member": lists["members"]})
    people = listed.explode("member")
    people = people.with_columns(alike(people["member"], member).alias("member"))
    named = deeds.select("subject", "member").with_row_index("at").filter(member.is_not_null())
    strangers = named.join(people, on=["subject", "member"], how="anti", maintain_order="left")
    have = dict(lists.iter_rows()) if strangers.height else {}
    for row, subject, name in strangers.iter_rows():
        if subject in have:
            members = say("checking.and").join(have[subject])
            findings.add(row, "unknown-member", "member", got=name, household=subject, members=members)
