"""Figures are written from integers, rounded once, half up."""

from __future__ import annotations

import pytest
from jifen_report.bars import Segment, bar, percent
from jifen_report.figures import decimals, half_up, share, written, yuan


@pytest.mark.parametrize(
    ("value", "places", "shown", "text"),
    [
        (12345, 1, None, "1,234.5"),
        (12340, 1, None, "1,234"),
        (12340, 1, 1, "1,234.0"),
        (-50, 1, None, "−5"),
        (0, 3, 1, "0"),
        (5, 3, None, "0.005"),
        (1250, 3, 1, "1.3"),
        (-1250, 3, 1, "−1.3"),
        (7, 0, None, "7"),
        (7, 0, 2, "7.00"),
        (-4, 3, 1, "0.0"),
    ],
)
def test_a_value_is_written(value: int, places: int, shown: int | None, text: str) -> None:
    assert written(value, places, shown) == text


def test_gains_can_carry_a_plus() -> None:
    assert written(120, 1, plus=True) == "+12"
    assert written(0, 1, plus=True) == "0"


def test_a_column_has_the_decimals_that_it_needs() -> None:
    assert decimals([100, 250, -1000], 2) == 1
    assert decimals([], 3) == 0
    assert decimals([0, 1], 3) == 3


def test_shares_and_money() -> None:
    assert share(1, 3) == "33.3%"
    assert share(2, 3) == "66.7%"
    assert share(0, 5) == "0%"
    assert share(1, 0) == "–"
    assert yuan(1234567) == "12,345.67"
    assert half_up(-5, 2) == -3


def test_bars_are_percent_of_the_axis() -> None:
    assert percent(1, 3) == "33.33%"
    assert percent(5, 0) == "0.00%"
    drawn = bar([Segment(60, "s0"), Segment(-20, "take")], -40, 60, "<b>")
    assert '<rect class="s0" x="40.00%" y="0" width="60.00%"' in drawn
    assert '<rect class="take" x="20.00%" y="0" width="20.00%"' in drawn
    assert "<title>&lt;b&gt;</title>" in drawn
