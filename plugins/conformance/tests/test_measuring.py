"""Decides that time is judged as a ratio, by the best of three, so that a busy machine decides nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from jifen_conformance.measuring import best, seconds_to_import, within

if TYPE_CHECKING:
    from collections.abc import Callable


def clock(*seconds: float) -> tuple[Callable[[], float], list[float]]:
    left = list(seconds)
    return lambda: left.pop(0), left


def test_what_is_within_the_bound_is_measured_once() -> None:
    taken, left = clock(18, 99, 99)
    assert within(10, 2, taken) == (True, 9)
    assert len(left) == 2


def test_a_slow_moment_is_forgotten() -> None:
    assert within(10, 1, clock(30, 25, 8)[0]) == (True, 8)
    assert within(10, 1, clock(30, 20, 25)[0]) == (False, 20)
    assert best(clock(3, 1, 2)[0]) == 1


def test_a_module_that_cannot_be_imported_is_told() -> None:
    with pytest.raises(RuntimeError, match="No module named 'jifen_reed'"):
        seconds_to_import("jifen_reed", sys.path)
