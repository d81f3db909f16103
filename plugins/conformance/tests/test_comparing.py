"""Decides that a difference is told by the first row that shows it, in words that fit a line."""

from __future__ import annotations

import polars as pl
from jifen_conformance.comparing import between, difference, few, ordered, short

ONE = pl.DataFrame({"village": ["V1", "V1"], "household": ["H1", "H2"], "points": [1, 2]})


def test_the_same_rows_do_not_differ_however_their_text_is_coded() -> None:
    coded = ONE.with_columns(pl.col("household").cast(pl.Enum(["H2", "H1"])))
    assert between(ONE, coded.with_columns(pl.col("household").cast(pl.String))) == ""
    assert difference({"standings": ONE}, {"standings": coded}) == ""


def test_a_changed_cell_is_told_with_its_row() -> None:
    other = ONE.with_columns(pl.Series("points", [1, 3]))
    told = "(village=V1, household=H2, points=2) and (village=V1, household=H2, points=3)"
    assert between(ONE, other) == told
    assert difference({"standings": ONE}, {"standings": other}) == f"standings: {told}"


def test_a_row_that_only_one_has_is_told() -> None:
    assert between(ONE, ONE[:1]) == "2 rows and 1 rows; only one has (village=V1, household=H2)"


def test_other_columns_and_other_types_are_told() -> None:
    assert between(ONE, ONE.drop("points")).startswith("columns ")
    assert between(ONE, ONE.with_columns(pl.col("points").cast(pl.Int32))).startswith("types ")


def test_rows_have_one_order_whatever_they_come_in() -> None:
    assert between(ordered(ONE), ordered(ONE.reverse())) == ""


def test_long_texts_and_lists_are_cut_short() -> None:
    assert few(["a", "b", "a"]) == "a; b"
    assert few("abcd") == "a; b; c; … 4 in all"
    assert len(short("x" * 1000)) < 400
