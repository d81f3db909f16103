"""Decides which deeds can be settled: whose, by which rule, when, and with what that rule needs to measure them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from jifen import frames
from jifen.findings import Findings, as_decimal
from jifen.model import Measure, Of, Subject
from jifen.register_checks import by_name, coded, empty_cells, repeated
from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jifen.model import Item, RuleBook
    from jifen.period import Period

STATUSES = ("approved", "pending", "rejected", "cancelled")
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
    items = {item.code: item for item in book.items}
    deeds = coded(deeds, "item", by_name((name, item.code) for item in book.items for name in item.name.values()))
    deeds = coded(deeds, "village", by_name(villages.select("name", "village").iter_rows()), villages)
    deeds = _completed(deeds, all_households)
    empty_cells(findings, deeds, frames.DEEDS)
    repeated(findings, deeds, "deed", "duplicate-deed")
    _check_item(findings, deeds, items)
    _check_subject(findings, deeds, villages, households, all_households, items)
    _check_days(findings, deeds, period)
    _check_amounts(findings, deeds, items)
    _check_company(findings, deeds, households, book)
    return deeds, findings


def _completed(deeds: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """A deed without a village is its household's village's; one without a subject is the village's own."""
    if deeds["village"].null_count():
        homes = households.select(pl.col("household", "village").cast(pl.String)).drop_nulls().unique("household")
        home = pl.col("subject").cast(pl.String).replace_strict(
            homes["household"], homes["village"], default=None, return_dtype=pl.String
        )
        deeds = deeds.with_columns(pl.coalesce(pl.col("village").cast(pl.String), home))
    if deeds["subject"].null_count():
        deeds = deeds.with_columns(pl.coalesce(pl.col("subject").cast(pl.String), pl.col("village").cast(pl.String)))
    return deeds


def _among(column: pl.Series, values: Iterable[str]) -> pl.Series:
    """Where the cell is one of the values; empty where the cell is."""
    return column.is_in(pl.Series(list(values), dtype=pl.String).cast(column.dtype, strict=False).drop_nulls().implode())


def _check_item(findings: Findings, deeds: pl.DataFrame, items: dict[str, Item]) -> None:
    unknown = ~_among(deeds["item"], items)
    if unknown.any():
        names = {name: item.code for item in items.values() for name in item.name.values()} | {code: code for code in items}

        def near(row: dict[str, object]) -> dict[str, object]:
            best = get_close_matches(str(row["item"]), names, n=1, cutoff=0.5)
            hint = say("checking.nearest", code=names[best[0]], name=_name(items[names[best[0]]])) if best else ""
            return {"got": row["item"], "hint": hint}

        findings.where(deeds, unknown, "unknown-item", "item", near)
    only_base = [code for code, item in items.items() if item.base and not _takes_deeds(item)]
    findings.where(deeds, _among(deeds["item"], only_base), "item-takes-no-deeds", "item")


def _takes_deeds(item: Item) -> bool:
    return item.points is not None or bool(
        item.rates or item.tiers or item.ladder or item.grades or item.bands or item.put_right or item.veto
    )


def _name(item: Item) -> str:
    return item.name.get("zh_CN") or next(iter(item.name.values()), "")


def _check_subject(
    findings: Findings,
    deeds: pl.DataFrame,
    villages: pl.DataFrame,
    households: pl.DataFrame,
    all_households: pl.DataFrame,
    items: dict[str, Item],
) -> None:
    village, subject = deeds["village"].cast(pl.String), deeds["subject"].cast(pl.String)
    codes = villages["village"].cast(pl.String)
    findings.where(deeds, ~village.is_in(codes.implode()), "unknown-village", "village")
    homes = households.select(household=pl.col("household").cast(pl.String), home=pl.col("village").cast(pl.String))
    homes = pl.concat([homes, pl.DataFrame({"household": codes, "home": codes})]).unique("household")
    home = pl.DataFrame({"household": subject}).join(homes, on="household", how="left", maintain_order="left")["home"]
    lost = home.is_null() & subject.is_not_null()
    if lost.any():
        aside = subject.is_in(all_households["household"].cast(pl.String).drop_nulls().implode())
        findings.where(deeds, lost & aside, "household-set-aside", "subject")
        findings.where(deeds, lost & ~aside & (subject != village), "unknown-household", "subject")
    elsewhere = (home != village) & village.is_in(codes.implode())
    if elsewhere.any():
        at = dict(homes.iter_rows())
        findings.where(
            deeds, elsewhere, "other-village", "village", lambda row: {"got": row["village"], "home": at[str(row["subject"])]}
        )
    of_village = [code for code, item in items.items() if item.subject is Subject.VILLAGE]
    is_village = subject.is_in(codes.implode())
    for_village = _among(deeds["item"], of_village)
    for_household = _among(deeds["item"], items.keys() - set(of_village))
    findings.where(deeds, for_village & ~is_village, "item-of-village", "subject", _item_and("subject"))
    findings.where(deeds, for_household & is_village, "item-of-household", "subject", _item_and("subject"))


def _item_and(column: str) -> Callable[[dict[str, object]], dict[str, object]]:
    return lambda row: {"got": row[column], "item": row["item"]}


def _check_days(findings: Findings, deeds: pl.DataFrame, period: Period) -> None:
    day, recorded = deeds["date"], deeds["recorded"]
    span = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    outside = (day < period.start) | (day > period.end)
    findings.where(deeds, outside, "outside-period", "date", lambda row: {"got": row["date"], **span})
    late = lambda row: {"got": row["date"], "recorded": row["recorded"]}  # noqa: E731
    findings.where(deeds, day > recorded, "recorded-before", "recorded", late)
    findings.where(deeds, ~_among(deeds["status"], STATUSES), "unknown-status", "status")


def _check_amounts(findings: Findings, deeds: pl.DataFrame, items: dict[str, Item]) -> None:
    item, quantity, marks = deeds["item"], deeds["quantity"], deeds["marks"]
    amount = lambda row: {"got": as_decimal(row["quantity"])}  # noqa: E731
    findings.where(deeds, quantity < 0, "negative", "quantity", amount)
    findings.where(deeds, quantity > MOST, "too-large", "quantity", amount)
    for measure, column in (
        (Measure.QUANTITY, "quantity"),
        (Measure.READING, "quantity"),
        (Measure.GRADE, "grade"),
        (Measure.MARKS, "marks"),
    ):
        codes = [code for code, rule in items.items() if rule.measure is measure]
        if codes:
            needs = _among(item, codes) & deeds[column].is_null()
            findings.where(deeds, needs, f"needs-{measure.value}", column, _named(items))
    for code, rule in items.items():
        if rule.measure is Measure.GRADE:
            strange = (item == code) & ~_among(deeds["grade"], rule.grades)
            choices = say("place.join").join(rule.grades)
            findings.where(
                deeds, strange, "unknown-grade", "grade", lambda row, choices=choices: {"got": row["grade"], "choices": choices}
            )
        if rule.measure is Measure.MARKS:
            least = max(rule.marks.at_least, 2 * rule.marks.leave_out + 1) if rule.marks else 1
            few = (item == code) & (marks.list.len() < least)
            findings.where(
                deeds, few, "too-few-marks", "marks", lambda row, least=least: {"got": len(row["marks"]), "least": least}
            )
    if marks.null_count() < marks.len():
        findings.where(deeds, marks.list.min() < 0, "negative", "marks", lambda row: {"got": as_decimal(min(row["marks"]))})


def _named(items: dict[str, Item]) -> Callable[[dict[str, object]], dict[str, object]]:
    return lambda row: {"item": row["item"], "name": _name(items[str(row["item"])])}


def _check_company(findings: Findings, deeds: pl.DataFrame, households: pl.DataFrame, book: RuleBook) -> None:
    """Who did it, where that matters, and which deed is put right."""
    item, member = deeds["item"], deeds["member"]
    shared = {code for limit in book.limits if limit.of is Of.MEMBER for code in limit.items}
    each = [
        rule.code
        for rule in book.items
        if rule.of is Of.MEMBER or rule.code in shared or any(limit.of is Of.MEMBER for limit in rule.limits)
    ]
    items = {rule.code: rule for rule in book.items}
    findings.where(deeds, _among(item, each) & member.is_null(), "needs-member", "member", _named(items))
    mending = [rule.code for rule in book.items if rule.put_right]
    findings.where(deeds, _among(item, mending) & deeds["refers"].is_null(), "needs-refers", "refers", _named(items))
    if member.null_count() == member.len():
        return
    lists = households.filter(pl.col("members").list.len() > 0)
    people = lists.select(subject=pl.col("household").cast(pl.String), member="members").explode("member")
    named = deeds.select(pl.col("subject", "member").cast(pl.String)).with_row_index("at").filter(
        pl.col("member").is_not_null() & pl.col("subject").is_in(lists["household"].cast(pl.String).implode())
    )
    strangers = named.join(people, on=["subject", "member"], how="anti", maintain_order="left")
    for at, subject, name in strangers.iter_rows():
        have = people.filter(pl.col("subject") == subject)["member"].to_list()
        findings.add(at, "unknown-member", "member", got=name, household=subject, members=say("place.join").join(have))
