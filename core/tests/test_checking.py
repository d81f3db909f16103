"""Every reader's rows pass the same checks: all problems of all rows at once, names made codes, nothing lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import polars as pl
import pytest
from jifen import frames
from jifen.checking import admit
from jifen.inputs import ORIGIN, Reading, SetAside, Source
from jifen.model import Base, Limit, Marks, Measure, Of, PutRight, RuleBook, Subject, Window
from jifen.period import Period
from jifen.problems import Place, Problem, Refused

from core.tests.scheme import book, item

YEAR = Period.parse("2025")
BOOK: RuleBook = book(
    item("A", points=Decimal(1), name={"zh_CN": "清洁日", "en": "Clean-up"}),
    item("Q", measure=Measure.QUANTITY, points=Decimal(1)),
    item("M", measure=Measure.MARKS, marks=Marks(at_least=2, leave_out=1), points=Decimal(1)),
    item("R", measure=Measure.READING),
    item("P", points=Decimal(1), limits=(Limit(per=Window.YEAR, times=3, of=Of.MEMBER),)),
    item("B", base=Base(Decimal(25), Window.MONTH)),
    item("W", put_right=PutRight(("A",))),
    item("V", points=Decimal(1), subject=Subject.VILLAGE),
    item("G", measure=Measure.GRADE, grades={"good": Decimal(1)}),
)


def villages(**facts: Any) -> pl.DataFrame:
    return frames.VILLAGES.make(
        [{"village": "V1", "name": "柳溪村", "groups": 3}, {"village": "V2", "name": "东村", "groups": 3, **facts}]
    )


def household(number: str, **facts: Any) -> dict[str, Any]:
    return {
        "household": number,
        "village": "V1",
        "group": "1",
        "name": "王小明",
        "site": "home",
        "registered": True,
        "homestead": True,
        "living": 2,
        "members": ["王小明"],
        **facts,
    }


def deed(number: str, **facts: Any) -> dict[str, Any]:
    day = date(2025, 3, 4)
    plain = {"deed": number, "village": "V1", "subject": "H1", "item": "A", "date": day, "recorded": day}
    return {**plain, "status": "approved", **facts}


def table(frame: frames.Frame, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A frame as a reader brings it: unchecked."""
    full = [{name: row.get(name) for name in frame.names} for row in rows]
    return pl.DataFrame(full, schema=frame.schema, orient="row")


def reading(*deeds: dict[str, Any], households: list[dict[str, Any]] | None = None, **more: Any) -> Reading:
    homes = households or [household("H1"), household("H2", village="V2", members=None)]
    given = {
        "villages": villages(),
        "households": table(frames.HOUSEHOLDS, homes),
        "deeds": table(frames.DEEDS, list(deeds)),
    }
    return Reading(frames=given, rows_in=len(deeds), **more)


def codes(found: Reading) -> list[tuple[str, int, str | None, str]]:
    """Table, row, column and code of every problem."""
    return [
        (row.frame, row.row, problem.place.column, problem.code.removeprefix("checking."))
        for row in admit(found, BOOK, YEAR).set_aside
        for problem in row.problems
    ]


@pytest.mark.parametrize(
    ("facts", "column", "code"),
    [
        ({"village": "V9"}, "village", "unknown-village"),
        ({"village": "V2"}, "village", "other-village"),
        ({"village": None, "subject": "H9"}, "subject", "unknown-household"),
        ({"subject": "H9"}, "subject", "unknown-household"),
        ({"item": "Z"}, "item", "unknown-item"),
        ({"item": "B"}, "item", "item-takes-no-deeds"),
        ({"item": "V"}, "subject", "item-of-village"),
        ({"subject": "V1"}, "subject", "item-of-household"),
        ({"date": date(2024, 12, 31)}, "date", "outside-period"),
        ({"date": date(2026, 1, 1), "recorded": date(2026, 1, 1)}, "date", "outside-period"),
        ({"recorded": date(2025, 3, 3)}, "recorded", "recorded-before"),
        ({"status": "done"}, "status", "unknown-status"),
        ({"date": None}, "date", "empty-cell"),
        ({"item": "Q"}, "quantity", "needs-quantity"),
        ({"item": "Q", "quantity": -1}, "quantity", "negative"),
        ({"item": "Q", "quantity": 10**15}, "quantity", "too-large"),
        ({"item": "R"}, "quantity", "needs-reading"),
        ({"item": "G"}, "grade", "needs-grade"),
        ({"item": "G", "grade": "bad"}, "grade", "unknown-grade"),
        ({"item": "M"}, "marks", "needs-marks"),
        ({"item": "M", "marks": [8000, 9000]}, "marks", "too-few-marks"),
        ({"item": "M", "marks": [8000, 9000, -1]}, "marks", "negative"),
        ({"item": "P"}, "member", "needs-member"),
        ({"member": "李四"}, "member", "unknown-member"),
        ({"item": "W"}, "refers", "needs-refers"),
    ],
)
@pytest.mark.parametrize("coded", [False, True])
def test_a_row_that_cannot_be_settled_is_set_aside_with_its_column(
    facts: dict[str, Any], column: str, code: str, *, coded: bool
) -> None:
    found = reading(deed("D1"), deed("D2", **facts))
    if coded:
        text = pl.col("deed", "village", "subject", "item", "grade", "member", "status")
        found.frames["deeds"] = found.frames["deeds"].with_columns(text.cast(pl.Categorical))
    assert codes(found) == [("deeds", 2, column, code)]
    assert admit(found, BOOK, YEAR).deeds["deed"].to_list() == ["D1"]


def test_good_rows_come_through_untouched() -> None:
    rows = [
        deed("D1", item="Q", quantity=3500),
        deed("D2", item="M", marks=[8000, 9000, 7500]),
        deed("D3", item="P", member="王小明"),
        deed("D4", item="V", subject="V1"),
        deed("D5", village="V2", subject="H2", member="anybody"),
        deed("D6", item="W", refers="D1", status="cancelled"),
        deed("D7", item="G", grade="good"),
    ]
    found = admit(reading(*rows), BOOK, YEAR)
    assert found.set_aside == ()
    assert found.deeds.equals(table(frames.DEEDS, rows))
    assert found.rows_in == 7


def test_names_become_codes_and_what_goes_without_saying_is_filled_in() -> None:
    rows = [
        deed("D1", village="柳溪村", item="清洁日"),
        deed("D2", village=None, subject="H2", item="Clean-up"),
        deed("D3", village="东村", subject=None, item="V"),
    ]
    found = admit(reading(*rows, households=[household("H1"), household("H2", village="东村")]), BOOK, YEAR)
    assert found.set_aside == ()
    assert found.deeds.select("village", "subject", "item").rows() == [
        ("V1", "H1", "A"),
        ("V2", "H2", "A"),
        ("V2", "V2", "V"),
    ]
    assert found.households["village"].to_list() == ["V1", "V2"]


def test_a_name_that_two_villages_share_stands_for_neither() -> None:
    found = reading(deed("D1", village="柳溪村"))
    found.frames["villages"] = villages(name="柳溪村")
    assert codes(found) == [("deeds", 1, "village", "unknown-village")]


def test_both_rows_of_a_repeated_number_are_named_with_the_other() -> None:
    found = admit(reading(deed("D1"), deed("D2"), deed("D1")), BOOK, YEAR)
    facts = [(row.row, row.problems[0].code, row.problems[0].facts["other"]) for row in found.set_aside]
    assert [row for row, _, _ in facts] == [1, 3]
    assert {code for _, code, _ in facts} == {"checking.duplicate-deed"}
    assert "3" in str(facts[0][2])
    assert "1" in str(facts[1][2])


def test_a_household_that_is_set_aside_takes_its_deeds_along() -> None:
    homes = [household("H1"), household("H3", living=-1, site="farm", stars=6, star_review="twice", village="V9")]
    assert codes(reading(deed("D1", subject="H3"), households=homes)) == [
        ("households", 2, "village", "unknown-village"),
        ("households", 2, "living", "too-small"),
        ("households", 2, "stars", "stars"),
        ("households", 2, "site", "unknown-site"),
        ("households", 2, "star_review", "unknown-star-review"),
        ("deeds", 1, "subject", "household-set-aside"),
    ]


def test_a_cell_that_the_reader_named_gets_no_second_problem_but_the_row_gets_all_others() -> None:
    place = Place(file="a.xlsx", sheet="记录", row=7, column="数量 (H)")
    named = SetAside("deeds", "a.xlsx", "记录", 7, {"数量 (H)": "约5"}, (Problem("workbook.number-in-text", place),))
    found = reading(
        deed("D1", item="Q", date=date(2024, 1, 1)),
        set_aside=(named,),
        sources=(Source("a.xlsx", "记录", {"quantity": "数量 (H)", "date": "日期 (F)"}),),
        origins={"deeds": pl.DataFrame({"source": [0], "row": [7]}, schema=ORIGIN)},
    )
    (row,) = admit(found, BOOK, YEAR).set_aside
    assert [problem.code for problem in row.problems] == ["workbook.number-in-text", "checking.outside-period"]
    assert row.problems[1].place == attrs.evolve(place, column="日期 (F)")
    assert row.cells == {"数量 (H)": "约5"}


def test_cells_of_a_row_without_a_sheet_are_shown_as_they_were_understood() -> None:
    (row,) = admit(reading(deed("D1", subject="H9", quantity=3500, marks=[7500, 8000])), BOOK, YEAR).set_aside
    assert (row.file, row.sheet, row.row) == ("deeds", None, 1)
    assert row.cells["quantity"] == "3.5"
    assert row.cells["marks"] == "7.5;8"
    assert row.cells["date"] == "2025-03-04"


def test_whole_file_problems_missing_tables_and_wrong_columns_are_refused_at_once() -> None:
    bad = Reading(
        frames={"villages": villages(), "deeds": frames.DEEDS.empty().drop("status")},
        problems=(Problem("workbook.empty-file", Place(file="x.csv")),),
    )
    with pytest.raises(Refused) as refusal:
        admit(bad, BOOK, YEAR)
    assert [problem.code for problem in refusal.value.problems] == [
        "workbook.empty-file",
        "checking.no-households",
        "frames.missing-column",
    ]


def test_readings_merge_with_their_origins() -> None:
    sheet = reading(
        deed("D1"),
        sources=(Source("a.xlsx", "记录"),),
        origins={"deeds": pl.DataFrame({"source": [0], "row": [2]}, schema=ORIGIN)},
        cleaned={"spaces": 1},
    )
    parquet = Reading(frames={"deeds": table(frames.DEEDS, [deed("D2"), deed("D3", subject="H9")])}, rows_in=2)
    found = admit(Reading.merged([sheet, parquet]), BOOK, YEAR)
    assert found.deeds["deed"].to_list() == ["D1", "D2"]
    assert [(row.file, row.row) for row in found.set_aside] == [("deeds", 2)]
    assert found.rows_in == 3
    assert found.origins is not None
    assert found.origins["row"].to_list() == [2, 1]
    assert found.cleaned == {"spaces": 1}
