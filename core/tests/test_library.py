"""Promises of `jifen.settle`: an analyst's tables are settled as they come, and what does not fit is said at once."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import jifen
import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.model import Marks, Measure, RuleBook, Window
from jifen.parts import program_of
from jifen.period import Period
from jifen.problems import Refused
from jifen.program import Program
from jifen.registry import Registry

from core.tests import scheme

BOOK = scheme.book(
    scheme.item("A", points=Decimal(2)),
    scheme.item("B", measure=Measure.QUANTITY, points=Decimal(1), each=Decimal(4)),
    scheme.item("C", measure=Measure.MARKS, points=Decimal(1), marks=Marks(2)),
)
HOMES = pl.DataFrame(
    {
        "household": ["H1", "H2"],
        "village": ["V1", "V1"],
        "group": ["1组", "2组"],
        "name": ["王芳", "李建国"],
        "site": ["home", "home"],
        "registered": [True, True],
        "homestead": [True, True],
        "living": [2, 3],
    }
)
DEEDS: dict[str, Any] = {
    "deed": ["d1", "d2", "d3"],
    "village": ["V1", "V1", "V1"],
    "subject": ["H1", "H1", "H2"],
    "item": ["A", "B", "C"],
    "date": ["2025-03-01", "2025-03-02", "2025-03-03"],
    "recorded": ["2025-03-01", "2025-03-05", "2025-03-03"],
    "quantity": [None, 8.5, None],
    "marks": [None, None, [8.5, 9.5]],
    "status": ["approved", "approved", "approved"],
}


class Arrow:
    """A table of another library: nothing but what hands out its columns."""

    def __init__(self, table: pl.DataFrame) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def settled(deeds: object, homes: object = HOMES, **more: Any) -> dict[str, Decimal]:
    return scheme.points(jifen.settle(BOOK, homes, deeds, "2025", registry=scheme.REGISTRY, **more))


WANT = {"d1": Decimal(2), "d2": Decimal(2), "d3": Decimal(9)}


def test_tables_with_texts_for_days_and_numbers_as_people_write_them_are_settled() -> None:
    assert settled(pl.DataFrame(DEEDS)) == WANT
    assert settled(pl.LazyFrame(DEEDS)) == WANT


def test_arrow_tables_are_taken_as_they_come() -> None:
    assert settled(Arrow(pl.DataFrame(DEEDS)), Arrow(HOMES)) == WANT


def test_whole_numbers_are_thousandths_as_in_the_frames() -> None:
    frame = pl.DataFrame(DEEDS).with_columns(
        quantity=pl.Series([None, 8500, None]), marks=pl.Series([None, None, [8500, 9500]])
    )
    assert settled(frame) == WANT


def test_decimals_are_exact() -> None:
    frame = pl.DataFrame(DEEDS).with_columns(pl.Series("quantity", [None, Decimal("11.999"), None]))
    assert settled(frame)["d2"] == 2


def test_what_was_known_on_a_day_can_be_settled() -> None:
    assert settled(pl.DataFrame(DEEDS), known_at=date(2025, 3, 4)) == {"d1": WANT["d1"], "d3": WANT["d3"]}


def test_a_settlement_from_tables_takes_new_records() -> None:
    done = jifen.settle(BOOK, HOMES, pl.DataFrame(DEEDS).head(2), "2025", registry=scheme.REGISTRY)
    rows = (
        pl.DataFrame(DEEDS)
        .tail(1)
        .with_columns(pl.col("date", "recorded").str.to_date(), marks=pl.Series([[8500, 9500]]))
    )
    assert scheme.points(done.update(rows.with_columns(pl.col("quantity").cast(pl.Int64)))) == WANT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": [None, 8.50001, None]}, "frames.wrong-type"),
        ({"date": ["2025-03-01", "soon", "2025-03-03"]}, "frames.wrong-type"),
        ({"colour": ["red"] * 3}, "frames.surplus-column"),
        ({"item": ["A", "B", "Z"]}, "checking.unknown-item"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_column(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        settled(pl.DataFrame({**DEEDS, **change}))
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_missing_column_and_no_table_at_all_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        settled(pl.DataFrame(DEEDS).drop("status", "item"))
    assert [problem.facts["column"] for problem in refused.value.problems] == ["item", "status"]
    with pytest.raises(Refused) as other:
        settled([1, 2, 3])
    assert [problem.code for problem in other.value.problems] == ["frames.not-a-frame"]


def test_rows_that_cannot_be_used_can_be_left_out() -> None:
    frame = pl.DataFrame({**DEEDS, "item": ["A", "B", "Z"]})
    done = jifen.settle(BOOK, HOMES, frame, "2025", set_aside=True, registry=scheme.REGISTRY)
    assert done.origin is not None
    assert [row.row for row in done.origin.inputs.set_aside] == [3]
    assert done.rows.set_aside == 1


def test_importing_jifen_loads_nothing_heavy_and_nothing_of_its_own() -> None:
    code = "import sys, jifen; print(*sorted(name for name in sys.modules if name.startswith('jifen')), 'polars' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jifen", "False"]


def test_the_frames_say_which_columns_can_be_left_out() -> None:
    needed = [column.name for column in frames.DEEDS.columns if not column.null]
    assert needed == ["deed", "village", "subject", "item", "date", "recorded", "status"]


def test_a_book_is_compiled_once_for_all_settlements_by_it() -> None:
    def compiled(rules: RuleBook, registry: Registry) -> Program:
        origin = jifen.settle(rules, HOMES, pl.DataFrame(DEEDS), "2025", registry=registry).origin
        assert origin is not None
        return origin.program

    first = compiled(BOOK, scheme.REGISTRY)
    assert compiled(BOOK, scheme.REGISTRY) is first
    assert compiled(evolve(BOOK, name="other"), scheme.REGISTRY) is not first
    assert compiled(BOOK, scheme.REGISTRY.beside()) is not first


def test_a_period_that_cuts_a_window_is_refused_for_a_compiled_book_too() -> None:
    book = scheme.book(scheme.item("A", points=Decimal(2), per=Window.YEAR))
    program_of(book, scheme.REGISTRY, Period.parse("2025"))
    with pytest.raises(Refused) as refused:
        program_of(book, scheme.REGISTRY, Period.parse("2025-Q1"))
    assert [problem.code for problem in refused.value.problems] == ["settle.window-longer"]
