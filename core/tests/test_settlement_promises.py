"""Promises about whole settlements: rows' order, batches and other villages change nothing; every row is accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from jifen import parts
from jifen.flow import settle
from jifen.household import settle_household
from jifen.inputs import Inputs
from jifen.period import Period
from jifen.problems import Refused
from jifen.program import Program
from polars.testing import assert_frame_equal

from core.tests import some_villages as town
from core.tests.scheme import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.settlement import Settlement

YEAR = Period.parse("2025")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Three villages of 20 households with 40 deeds each, with every kind of window and limit."""
    folder: Path = tmp_path_factory.mktemp("three")
    town.write(folder, 3, 20, 40)
    villages, households, deeds = (
        pl.read_parquet(folder / f"{name}.parquet") for name in ("villages", "households", "deeds")
    )
    return Inputs(villages, households, deeds)


def of(villages: pl.DataFrame, households: pl.DataFrame, deeds: pl.DataFrame) -> Inputs:
    return Inputs(villages, households, deeds)


def settled(inputs: Inputs) -> Settlement:
    return settle(town.rules(), REGISTRY, inputs, YEAR, town="test")


def same(one: Settlement, other: Settlement) -> None:
    for name, frame in one.frames().items():
        assert_frame_equal(frame, other.frames()[name])


def test_shuffled_rows_give_the_same_settlement(three: Inputs) -> None:
    shuffled = of(*(frame.sample(fraction=1, shuffle=True, seed=7) for frame in frames(three)))
    same(settled(three), settled(shuffled))


def frames(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return inputs.villages, inputs.households, inputs.deeds


def test_villages_one_by_one_give_the_same_settlement_as_all_in_one_batch(
    three: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = settled(three)
    monkeypatch.setattr(parts, "BATCH", 1)
    same(whole, settled(three))


def test_another_village_changes_nothing_in_this_one(three: Inputs) -> None:
    whole = settled(three)
    for village in three.villages["village"]:
        alone = settled(of(*(frame.filter(pl.col("village") == village) for frame in frames(three))))
        for name in ("awards", "cuts", "refused", "standings", "category_points"):
            assert_frame_equal(alone.frames()[name], whole.frames()[name].filter(pl.col("village") == village))


def test_every_row_is_accounted_for(three: Inputs) -> None:
    rows = settled(three).rows
    assert rows.adds_up
    assert rows.rows_in == three.deeds.height
    assert min(rows.awarded, rows.refused, rows.cancelled) > 0


def test_totals_are_the_sums_of_the_awards(three: Inputs) -> None:
    done = settled(three)
    by_awards = done.awards.group_by(pl.col("subject").alias("household")).agg(pl.col("points").sum())
    both = done.standings.join(by_awards, on="household", how="left")
    assert both.filter(pl.col("total") != pl.col("points").fill_null(0)).is_empty()


def test_progress_tells_every_village(three: Inputs) -> None:
    told: list[tuple[int, int]] = []
    settle(town.rules(), REGISTRY, three, YEAR, progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (3, 3)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("subject", "nobody", "的户号或村代码不存在"),
        ("item", "Z", "的事项不在积分细则中"),
        ("subject", "V000", "把户的事项记在村上"),
        ("quantity", -1, "的数量是负数"),
    ],
)
def test_deeds_that_cannot_be_scored_are_refused_not_dropped(
    three: Inputs, column: str, value: object, words: str
) -> None:
    first = pl.int_range(pl.len()) == 0
    bad = three.deeds.with_columns(pl.when(first).then(pl.lit(value)).otherwise(pl.col(column)).alias(column))
    with pytest.raises(Refused, match=words):
        settled(Inputs(three.villages, three.households, bad.cast({"quantity": pl.Int64})))


def test_points_are_whole_numbers_of_the_smallest_unit(three: Inputs) -> None:
    done = settled(three)
    assert done.book.unit == 10
    assert done.awards.schema["points"] == pl.Int64


def test_one_household_by_itself_has_the_awards_that_it_has_in_its_village(three: Inputs) -> None:
    whole, program = settled(three), Program.of(town.rules(), {})
    for who in three.households["household"][:5]:
        deeds = three.deeds.filter(pl.col("subject") == who)
        alone = settle_household(program, YEAR, who[:4], who, deeds)
        assert_frame_equal(alone.awards, whole.awards.filter(pl.col("subject") == who))
        assert_frame_equal(alone.cuts, whole.cuts.filter(pl.col("subject") == who))
