from __future__ import annotations

import polars as pl
import pytest
from jifen import frames
from jifen.frames import Column, Frame
from jifen.problems import Refused

FRAME = Frame(
    "things",
    (
        Column("code", pl.String, "its code"),
        Column("points", pl.Int64, "its points"),
        Column("day", pl.Date, "its day", null=True),
    ),
    key=("code",),
)


def said(frame: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        FRAME.check(frame, "some plugin")
    return str(refused.value).splitlines()


def good() -> pl.DataFrame:
    return FRAME.make([{"code": "A", "points": 1}, {"code": "B", "points": 2}])


def test_a_frame_that_fits_comes_back_in_the_declared_order_of_columns() -> None:
    mixed = good().select("day", "points", "code")
    assert FRAME.check(mixed, "x").equals(good())
    assert FRAME.check(FRAME.empty(), "x").columns == ["code", "points", "day"]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["A", "B"])])
def test_text_may_be_coded(dtype: pl.DataType) -> None:
    FRAME.check(good().with_columns(pl.col("code").cast(dtype)), "x")


def test_what_is_no_frame_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said([1]) == ["some plugin: things：这里要交 Polars 数据表，却是 list"]
    assert said(good().lazy()) == ["some plugin: things：这里要交 Polars 数据表，却是 LazyFrame"]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(None) == ["some plugin: things: this should be a Polars data frame but is NoneType"]


def test_every_column_at_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = pl.DataFrame({"points": [1.0, 2.0], "day": [None, None], "extra": [1, 2]})
    assert said(bad) == [
        "some plugin: things：缺少列 code；请补上",
        "some plugin: things：多出列 extra；请删去",
        "some plugin: things：列 points 的类型是 Float64；应当是 Int64",
        "some plugin: things：列 day 的类型是 Null；应当是 Date",
    ]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(bad) == [
        "some plugin: things: the column code is missing; add it",
        "some plugin: things: the column extra is not wanted; leave it out",
        "some plugin: things: the column points is Float64; it should be Int64",
        "some plugin: things: the column day is Null; it should be Date",
    ]


def test_an_empty_cell_is_refused_only_where_none_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = good().with_columns(points=pl.lit(None, dtype=pl.Int64))
    assert said(bad) == ["some plugin: things：列 points 有 2 个空格；这一列不能空"]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(bad) == ["some plugin: things: the column points has 2 empty cells; it must have none"]
    assert good()["day"].null_count() == 2


def test_a_repeated_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = pl.concat([good(), good().head(1)])
    assert said(bad) == ["some plugin: things：code 与别的行重复的有 1 行；每行要不同"]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(bad) == ["some plugin: things: rows that repeat another's code: 1; each row must have its own"]


def test_columns_that_may_be_empty_can_be_left_out_and_are_completed() -> None:
    short = good().drop("day")
    assert FRAME.complete(short).equals(good())
    with pytest.raises(Refused):
        FRAME.complete(short.drop("points")).pipe(FRAME.check, "x")


@pytest.mark.parametrize("frame", frames.ALL, ids=lambda frame: frame.name)
def test_every_declared_frame_keeps_numbers_whole_and_says_what_each_column_is(frame: Frame) -> None:
    assert len(set(frame.names)) == len(frame.names)
    assert set(frame.key) <= set(frame.names)
    for column in frame.columns:
        assert column.meaning
        inner = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
        assert inner in (pl.String, pl.Int64, pl.Date, pl.Boolean), "no float touches a score"
    assert frame.check(frame.empty(), "x").height == 0
