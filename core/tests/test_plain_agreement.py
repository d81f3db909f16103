"""Promises that the settlement agrees with the plain second implementation, to the last unit, for any book and deeds."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jifen.base import windows
from jifen.frames import QUANTITY_UNIT
from jifen.model import (
    AtChange,
    Base,
    BookCategory,
    Item,
    Limit,
    Marks,
    Measure,
    Of,
    Partial,
    PutRight,
    Rate,
    RuleBook,
    SharedLimit,
    Step,
    Total,
    Window,
)
from jifen.period import Period
from jifen.succession import following

from core.tests import plain, scheme

if TYPE_CHECKING:
    from jifen.settlement import Settlement

POINTS = st.integers(-60, 60).map(lambda n: Decimal(n) / 10)
MORE = st.integers(1, 90).map(lambda n: Decimal(n) / 10)
PERS = st.sampled_from(list(Window))
RUNS = st.sampled_from([per for per in Window if per is not Window.DEED])
DAYS = st.integers(0, 364).map(lambda n: date(2025, 1, 1) + timedelta(days=n))


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    kind = draw(st.sampled_from(["times", "gives", "takes", "both", "net", "drop"]))
    facts: dict[str, Any] = {"per": draw(RUNS), "of": draw(st.sampled_from(list(Of)))}
    if kind == "times":
        facts["times"] = draw(st.integers(1, 4))
    if kind in ("gives", "both", "drop"):
        facts["gives"] = draw(MORE)
    if kind in ("takes", "both"):
        facts["takes"] = draw(MORE)
    if kind == "net":
        facts["floor"], facts["ceiling"] = -draw(MORE), draw(MORE)
    if kind == "drop":
        facts["partial"] = Partial.DROP
    return Limit(**facts)


@st.composite
def an_item(draw: st.DrawFn, code: str) -> Item:
    form = draw(
        st.sampled_from(["fixed", "each", "part", "rates", "tiers", "ladder", "grades", "bands", "marks", "base"])
    )
    facts: dict[str, Any] = {
        "category": draw(st.sampled_from([scheme.CATEGORY, scheme.OTHER])),
        "limits": tuple(draw(st.lists(limits(), max_size=2))),
        "of": draw(st.sampled_from(list(Of))),
        "per": draw(PERS),
    }
    if form == "fixed":
        facts["points"] = draw(POINTS)
    elif form in ("each", "part"):
        facts |= {"points": draw(POINTS), "each": draw(MORE), "measure": Measure.QUANTITY, "whole": form == "each"}
    elif form == "rates":
        facts |= {
            "measure": Measure.QUANTITY,
            "rates": (Rate(draw(MORE), draw(MORE), draw(MORE)), Rate(draw(MORE), draw(MORE))),
        }
    elif form == "tiers":
        first, second = draw(MORE), draw(MORE)
        facts |= {
            "measure": Measure.QUANTITY,
            "tiers": (Step(first, draw(POINTS)), Step(first + second, draw(POINTS))),
        }
    elif form == "ladder":
        facts["ladder"] = tuple(draw(st.lists(POINTS, min_size=1, max_size=3)))
    elif form == "grades":
        facts |= {"measure": Measure.GRADE, "grades": {"优": draw(POINTS), "差": draw(POINTS)}}
    elif form == "bands":
        facts |= {"measure": Measure.READING, "bands": (Step(Decimal(8), draw(POINTS)), Step(Decimal(3), draw(POINTS)))}
    elif form == "marks":
        facts |= {"measure": Measure.MARKS, "marks": Marks(3, 1), "points": draw(MORE)}
    else:
        facts |= {"base": Base(draw(MORE), draw(st.sampled_from([Window.MONTH, Window.QUARTER, Window.YEAR])))}
        facts |= {"measure": Measure.QUANTITY, "each": Decimal(1), "points": -draw(MORE)}
    return scheme.item(code, **facts)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    items = [draw(an_item(code)) for code in ("A", "B", "C")]
    mend = scheme.item("P", put_right=PutRight(("A", "B", "C"), draw(st.sampled_from(["1/2", "1/3", "1"]))))
    limit = draw(limits())
    shared = SharedLimit(
        "s", ("A", "B"), limit.per, "第二条", {}, limit.times, limit.gives, limit.takes, limit.floor, limit.ceiling,
        limit.of, limit.partial,
    )  # fmt: skip
    return scheme.book(
        *items,
        mend,
        categories=(
            BookCategory(scheme.CATEGORY, limits=tuple(draw(st.lists(limits(), max_size=1)))),
            BookCategory(scheme.OTHER),
        ),
        limits=draw(st.sampled_from([(), (shared,)])),
        total=Total(tuple(draw(st.lists(limits(), max_size=1)))),
    )


@st.composite
def deed_lists(draw: st.DrawFn, book: RuleBook) -> list[dict[str, Any]]:
    deeds: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 25))):
        item = draw(st.sampled_from(book.items[:3]))
        row: dict[str, Any] = {
            "deed": f"d{number:02}",
            "subject": draw(st.sampled_from(["H1", "H2"])),
            "item": item.code,
            "date": draw(DAYS),
            "kind": "deed",
            "member": draw(st.sampled_from([None, "王芳", "李明"])),
        }
        if item.measure in (Measure.QUANTITY, Measure.READING):
            row["quantity"] = draw(st.integers(0, 12000).map(lambda n: Decimal(n) / 1000))
        if item.measure is Measure.GRADE:
            row["grade"] = draw(st.sampled_from(sorted(item.grades)))
        if item.measure is Measure.MARKS:
            row["marks"] = draw(st.lists(st.integers(0, 100).map(lambda n: Decimal(n) / 10), min_size=3, max_size=6))
        deeds.append(row)
    for number, other in enumerate(deeds[: draw(st.integers(0, 4))]):
        day = min(other["date"] + timedelta(days=draw(st.integers(0, 90))), date(2025, 12, 31))
        same = {"subject": other["subject"], "item": "P", "date": day, "kind": "put-right", "refers": other["deed"]}
        deeds.append({"deed": f"p{number}", "member": None, **same})
    return deeds


def base_deeds(books: list[RuleBook]) -> list[dict[str, Any]]:
    """Who takes part has each window's base by the rules of its first day; a base that is new, from its first day."""
    found = []
    for at, book in enumerate(books):
        for item in book.items:
            if item.base is None:
                continue
            known = any(each.code == item.code and each.base for before in books[:at] for each in before.items)
            for name, start, end in windows(item.base.per, Period.parse("2025")):
                day = start if known else max(start, book.valid_from)
                if book.valid_from <= day <= min(end, book.valid_to):
                    row = {"item": item.code, "date": day, "kind": "base", "book": at}
                    found += [{"deed": f"base:{item.code}:{who}:{name}", "subject": who, **row} for who in ("H1", "H2")]
    return found


def settled_rows(deeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for deed in deeds:
        row = {**deed, "village": "V1", "recorded": deed["date"], "status": "approved"}
        if "quantity" in row:
            row["quantity"] = int(row["quantity"] * QUANTITY_UNIT)
        if "marks" in row:
            row["marks"] = [int(mark * QUANTITY_UNIT) for mark in row["marks"]]
        rows.append(row)
    return rows


def agree(settlement: Settlement, want: dict[str, Decimal]) -> None:
    assert scheme.points(settlement) == want
    cut = sum(settlement.cuts["change"].to_list())
    assert sum(settlement.awards["gross"].to_list()) + cut == settlement.awards["points"].sum()
    assert settlement.standings["total"].sum() == settlement.awards["points"].sum()
    assert settlement.category_points["points"].sum() == settlement.awards["points"].sum()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_the_settlement_agrees_with_the_plain_reading(data: st.DataObject) -> None:
    book = data.draw(books())
    deeds = [{**deed, "book": 0} for deed in data.draw(deed_lists(book))]
    want = plain.score([book], deepcopy(deeds) + base_deeds([book]))
    agree(scheme.settled(book, *settled_rows(data.draw(st.permutations(deeds)))), want)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_rules_that_change_within_the_period_agree_with_the_plain_reading(data: st.DataObject) -> None:
    starts = [
        date(2025, 1, 1),
        *sorted(data.draw(st.sets(DAYS.filter(lambda day: day.month > 1), min_size=1, max_size=2))),
    ]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), date(2025, 12, 31)]
    chain: list[RuleBook] = []
    deeds: list[dict[str, Any]] = []
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        drawn = data.draw(books())
        based = any(item.base for item in drawn.items)
        change = AtChange.CARRY if based else data.draw(st.sampled_from([None, *AtChange]))
        chain.append(evolve(drawn, name=f"b{at}", valid_from=start, valid_to=end, at_change=change))
        for deed in data.draw(deed_lists(drawn)):
            inside: dict[str, Any] = {"date": min(max(deed["date"], start), end), "book": at}
            names: dict[str, Any] = {key: f"{at}{deed[key]}" for key in ("deed", "refers") if key in deed}
            deeds.append({**deed, **inside, **names})
    # Something of the last rules puts right what was done under the first.
    wrong = [deed for deed in deeds if deed["book"] == 0 and deed["kind"] == "deed"]
    mended = {deed["refers"] for deed in deeds if deed["kind"] == "put-right"}
    for deed in wrong[:2]:
        if deed["deed"] not in mended:
            late = {"deed": f"z{deed['deed']}", "item": "P", "date": date(2025, 12, 31), "refers": deed["deed"]}
            deeds.append(
                {**late, "subject": deed["subject"], "kind": "put-right", "member": None, "book": len(chain) - 1}
            )
    want = plain.score(chain, deepcopy(deeds) + base_deeds(chain))
    agree(scheme.settled(following(chain), *settled_rows(data.draw(st.permutations(deeds)))), want)
