"""What had been recorded by a day: every settlement of a month is repeated, byte for byte, from the data of later."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from jifen import frames
from jifen.dataset import read_inputs
from jifen.flow import settle
from jifen.inputs import Reading, Source, counted
from jifen.keeping import keep
from jifen.known import as_known
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry

from core.tests.history import BOOK, DAYS, FIRST, HOUSEHOLDS, PERIOD, Story, Wish, invented
from core.tests.scheme import REGISTRY, deed, inputs

if TYPE_CHECKING:
    from pathlib import Path

SPAN = Period.parse(PERIOD)


def told(stories: list[Story], wishes: list[Wish], day: date) -> dict[str, pl.DataFrame]:
    """The tables of an office as they stood at the end of a day."""
    register = inputs([], HOUSEHOLDS)
    deeds = [row for story in stories if (row := story.by(day)) is not None]
    requests = [row for wish in wishes if (row := wish.by(day)) is not None]
    return {
        "villages": register.villages,
        "households": register.households,
        "deeds": frames.DEEDS.make(deeds),
        "requests": frames.REQUESTS.make(requests),
    }


def settled(tables: dict[str, pl.DataFrame], folder: Path, known_at: date | None = None) -> dict[str, bytes]:
    """The files of a settlement of the tables."""
    data = folder / "data"
    data.mkdir(parents=True)
    for name, table in tables.items():
        table.write_parquet(data / f"{name}.parquet")
    read = read_inputs(data, BOOK, SPAN, REGISTRY, known_at=known_at)
    keep(settle(BOOK, REGISTRY, read, SPAN, town="test"), read, folder / "out", REGISTRY)
    return {file.name: file.read_bytes() for file in (folder / "out").iterdir()}


def test_every_day_of_a_month_is_repeated_byte_for_byte_from_the_data_of_later(tmp_path: Path) -> None:
    stories, wishes = invented(Random(2025))
    days = [FIRST + timedelta(days=at) for at in range(DAYS + 35)]
    final = told(stories, wishes, days[-1])
    different = set()
    for day in days:
        then = settled(told(stories, wishes, day), tmp_path / f"then-{day}")
        again = settled(final, tmp_path / f"again-{day}", known_at=day)
        made, repeated = json.loads(then.pop("settlement.json")), json.loads(again.pop("settlement.json"))
        assert again == then, day
        assert repeated.pop("known_at") == str(day)
        assert made.pop("known_at") is None
        assert {**repeated, "inputs": None} == {**made, "inputs": None}
        different.add((then["awards.parquet"], then["refused.parquet"], then["exchanges.parquet"]))
    assert len(different) > DAYS // 2  # the days do differ


def then(*rows: dict[str, Any], day: str, **more: Any) -> pl.DataFrame:
    """DEEDS as they were known at the end of a day."""
    return as_known(Reading({"deeds": frames.DEEDS.make(rows)}, **more), date.fromisoformat(day)).frames["deeds"]


def days(**named: str) -> dict[str, Any]:
    return {name: date.fromisoformat(f"2025-{day}") for name, day in named.items()}


@pytest.mark.parametrize(
    ("row", "was"),
    [
        (deed("d", "03-01", **days(decided="03-06")), "pending"),
        (deed("d", "03-01", **days(approved="03-06")), "pending"),
        (deed("d", "03-01", **days(decided="03-05")), "approved"),
        (deed("d", "03-01"), "approved"),
        (deed("d", "03-01", status="rejected", **days(decided="03-06")), "pending"),
        (deed("d", "03-01", status="rejected"), "rejected"),
        (deed("d", "03-01", status="rejected", **days(approved="03-02", decided="03-06")), "approved"),
        (deed("d", "03-01", status="cancelled", **days(decided="03-06")), "approved"),
        (deed("d", "03-01", status="cancelled", **days(approved="03-05", decided="03-09")), "approved"),
        (deed("d", "03-01", status="cancelled", **days(approved="03-06", decided="03-09")), "pending"),
        (deed("d", "03-01", status="cancelled", **days(decided="03-05")), "cancelled"),
        (deed("d", "03-01", status="cancelled"), "cancelled"),
        (deed("d", "03-01", status="pending"), "pending"),
    ],
)
def test_a_status_of_later_was_another_one_before(row: dict[str, Any], was: str) -> None:
    known = then(row, day="2025-03-05")
    assert known["status"].to_list() == [was]
    for column in ("approved", "decided"):
        assert all(on is None or on <= date(2025, 3, 5) for on in known[column])


def test_nobody_had_approved_what_was_still_pending() -> None:
    row = deed("d", "03-01", approved_by="赵强", **days(decided="03-06"))
    assert then(row, day="2025-03-05")["approved_by"].to_list() == [None]
    assert then(row, day="2025-03-06")["approved_by"].to_list() == ["赵强"]


def test_a_row_recorded_later_is_gone_with_what_was_found_in_it_and_the_others_keep_their_place(
    tmp_path: Path,
) -> None:
    late = {**deed("d2", "03-01", "no such item"), **days(recorded="04-02")}
    data = inputs([deed("d1", "03-01", "clean"), late, deed("d3", "03-09", "clean", subject="H9")])
    for name in ("villages", "households", "deeds"):
        getattr(data, name).write_parquet(tmp_path / f"{name}.parquet")
    read = read_inputs(tmp_path, BOOK, SPAN, Registry.of(), set_aside=True, known_at=date(2025, 4, 1))
    assert [(row.row, [each.code for each in row.problems]) for row in read.set_aside] == [
        (3, ["checking.unknown-household"])
    ]
    assert (read.rows_in, read.deeds["deed"].to_list()) == (2, ["d1"])
    assert read.known_at == date(2025, 4, 1)


def test_what_was_cleaned_in_a_row_of_later_is_not_counted() -> None:
    rows = [deed("d1", "03-01"), {**deed("d2", "03-01"), **days(recorded="04-02")}]
    reading = Reading(
        {"deeds": frames.DEEDS.make(rows)},
        cleaned={"spaces": 2, "wide": 1},
        cleaned_in=((0, 4, "spaces"), (0, 5, "spaces"), (0, 5, "wide")),
        sources=(Source("deeds.csv"),),
        origins={"deeds": counted(2, 0, first=4)},
    )
    known = as_known(reading, date(2025, 4, 1))
    assert (known.cleaned, known.cleaned_in) == ({"spaces": 1}, ((0, 4, "spaces"),))


def test_tables_without_days_of_decision_are_read_as_ever(tmp_path: Path) -> None:
    data = inputs([deed("d1", "03-01", "clean"), deed("d2", "03-09", "clean", status="cancelled")])
    for name in ("villages", "households"):
        getattr(data, name).write_parquet(tmp_path / f"{name}.parquet")
    data.deeds.drop("approved", "decided").write_parquet(tmp_path / "deeds.parquet")
    read = read_inputs(tmp_path, BOOK, SPAN, Registry.of(), known_at=date(2025, 3, 9))
    assert read.deeds["status"].to_list() == ["approved", "cancelled"]
    assert read.deeds["decided"].null_count() == 2


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        (days(approved="03-01"), ["approved-before"]),
        (days(decided="03-01"), ["decided-before"]),
        (days(approved="03-04", decided="03-03"), ["decided-early"]),
        (days(approved="03-02", decided="03-02"), []),
        ({**days(recorded="02-28"), **days(decided="02-27")}, ["recorded-before", "decided-before"]),
    ],
)
def test_days_stand_in_order_done_recorded_approved_decided(
    changes: dict[str, Any], codes: list[str], tmp_path: Path
) -> None:
    data = inputs([{**deed("d1", "03-02", "clean"), **changes}])
    for name in ("villages", "households", "deeds"):
        getattr(data, name).write_parquet(tmp_path / f"{name}.parquet")
    if not codes:
        assert read_inputs(tmp_path, BOOK, SPAN, Registry.of()).deeds.height == 1
        return
    with pytest.raises(Refused) as refused:
        read_inputs(tmp_path, BOOK, SPAN, Registry.of())
    found = [problem.code.removeprefix("checking.") for problem in refused.value.problems[:-1]]
    assert found == codes


def test_a_request_is_not_withdrawn_before_it_was_made(tmp_path: Path) -> None:
    data = inputs([])
    for name in ("villages", "households", "deeds"):
        getattr(data, name).write_parquet(tmp_path / f"{name}.parquet")
    asked = {"request": "x1", "village": "V1", "household": "H1", "good": "soap", "pieces": 1, "status": "cancelled"}
    row = {**asked, **days(date="03-05", decided="03-04")}
    frames.REQUESTS.make([row]).write_parquet(tmp_path / "requests.parquet")
    with pytest.raises(Refused) as refused:
        read_inputs(tmp_path, BOOK, SPAN, Registry.of())
    assert refused.value.problems[0].code == "checking.withdrawn-before"
