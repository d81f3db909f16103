"""Promises of a settlement that takes in new records: the result is that of a settlement from scratch, row for row."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jifen import frames
from jifen.flow import settle
from jifen.inputs import Source, counted
from jifen.keeping import keep, read_settlement
from jifen.model import Measure
from jifen.period import Period
from jifen.problems import Refused
from jifen.settlement import OUTPUT

from core.tests import scheme
from core.tests.test_plain_agreement import books, deed_lists, settled_rows

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.settlement import Settlement


def same(one: Settlement, other: Settlement) -> None:
    assert one.rows == other.rows
    for name in OUTPUT:
        assert getattr(one, name).rows() == getattr(other, name).rows(), name


def usable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they pass the checks: each names a member."""
    return [{**row, "member": row.get("member") or "李明"} for row in rows]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_records_in_several_turns_give_what_all_of_them_give_at_once(data: st.DataObject) -> None:
    book = data.draw(books())
    rows = usable(settled_rows(data.draw(deed_lists(book))))
    turns = data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    done = scheme.settled(book, *[row for row, turn in zip(rows, turns, strict=True) if turn == 0])
    for turn in (1, 2):
        more = [row for row, when in zip(rows, turns, strict=True) if when == turn]
        # What puts right may come before what it refers to: then it counts once that has come, too.
        done = done.update(frames.DEEDS.make(more))
    same(done, scheme.settled(book, *rows))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_record_that_is_there_already_is_replaced(data: st.DataObject) -> None:
    book = data.draw(books())
    rows = usable(settled_rows(data.draw(deed_lists(book))))
    if not rows:
        return
    changed: list[dict[str, Any]] = deepcopy(rows)
    for row in changed[: data.draw(st.integers(1, len(rows)))]:
        row["status"] = data.draw(st.sampled_from(["cancelled", "pending", "approved"]))
        if row["item"] != "P":
            row["subject"] = data.draw(st.sampled_from(["H1", "H2"]))
    new = [row for row, old in zip(changed, rows, strict=True) if row != old]
    same(scheme.settled(book, *rows).update(frames.DEEDS.make(new)), scheme.settled(book, *changed))


def test_a_stranger_is_refused_and_the_settlement_stays() -> None:
    book = scheme.book(scheme.item("A", points=scheme.number(1)))
    done = scheme.settled(book, scheme.deed("d1", "02-01"))
    with pytest.raises(Refused) as refused:
        done.update(frames.DEEDS.make([scheme.deed("d2", "02-02", subject="H7")]))
    assert [problem.code for problem in refused.value.problems] == ["checking.unknown-household"]
    assert done.awards["deed"].to_list() == ["d1"]


def test_a_record_that_cannot_be_used_is_refused_with_its_row_and_column() -> None:
    finding = scheme.item("A", measure=Measure.GRADE, grades={"good": scheme.number(5)})
    done = scheme.settled(scheme.book(finding), scheme.deed("d1", "02-01", grade="good"))
    rows = [scheme.deed("d2", "02-02", grade="good"), scheme.deed("d3", "02-03", grade="splendid")]
    with pytest.raises(Refused) as refused:
        done.update(frames.DEEDS.make(rows))
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.row) == ("checking.unknown-grade", 2)


def test_where_the_old_records_stand_in_their_files_stays_known() -> None:
    book = scheme.book(scheme.item("A", points=scheme.number(1)))
    rows = [scheme.deed(f"d{number}", "02-01") for number in range(3)]
    given = evolve(scheme.inputs(rows), origins=counted(3, 0, first=2), sources=(Source("记录.xlsx"),))
    done = settle(book, scheme.REGISTRY, given, Period.parse("2025"))
    new = done.update(frames.DEEDS.make([scheme.deed("d1", "02-05"), scheme.deed("d9", "02-06")]))
    assert new.origin is not None
    assert new.origin.inputs.origins is not None
    found = zip(new.origin.inputs.deeds["deed"], new.origin.inputs.origins["row"], strict=True)
    assert dict(found) == {"d0": 2, "d2": 4, "d1": None, "d9": None}


def test_no_records_change_nothing() -> None:
    book = scheme.book(scheme.item("A", points=scheme.number(1)))
    done = scheme.settled(book, scheme.deed("d1", "02-01"))
    same(done.update(frames.DEEDS.empty()), done)


def test_a_settlement_that_was_read_from_a_folder_takes_no_records(tmp_path: Path) -> None:
    done = scheme.settled(scheme.book(scheme.item("A", points=scheme.number(1))), scheme.deed("d1", "02-01"))
    keep(done, scheme.inputs([]), tmp_path / "out", scheme.REGISTRY)
    with pytest.raises(Refused) as refused:
        read_settlement(tmp_path / "out").settlement.update(pl.DataFrame())
    assert [problem.code for problem in refused.value.problems] == ["settle.no-origin"]
