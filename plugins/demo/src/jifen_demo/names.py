"""Decides what people and villages are called: invented names, drawn with weights from `invented.toml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl
import tomli
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

_MEN = 0.8
"""The share of men among householders."""

_STEP = 45
_COMMON = 24
"""Old families have one of so many most common surnames."""
Whole = npt.NDArray[np.int64]
Yes = npt.NDArray[np.bool_]


@cache
def invented() -> dict[str, Any]:
    """The tables of `invented.toml`."""
    return tomli.loads(files("jifen_demo").joinpath("invented.toml").read_text("utf-8"))


@cache
def _all_villages() -> tuple[str, ...]:
    words = invented()["villages"]
    heads, tails = words["heads"], words["tails"]
    # A step that has no divisor in common with their number meets every pair once, and neighbours are unlike.
    pairs = [head + tail for head in heads for tail in tails]
    mixed = [pairs[number * _STEP % len(pairs)] for number in range(len(pairs))]
    plain = dict.fromkeys([*words["first"], *mixed])
    return tuple(side + name + "村" for side in ("", *words["sides"]) for name in plain)


def village_names(count: int) -> tuple[str, ...]:
    """The first `count` village names, all different.

    Raises `Refused` (``demo.too-many-villages``) where there are not so many names.
    """
    names = _all_villages()
    if count > len(names):
        raise Refused([Problem("demo.too-many-villages", facts={"got": count, "most": len(names)})])
    return names[:count]


def pick(texts: Sequence[str | None], places: Whole) -> pl.Series:
    """The texts at the places; a place below 0 is an empty cell."""
    table = pl.Series([*texts, None], dtype=pl.String)
    return table.gather(np.where(places < 0, len(texts), places))


def weighted(rng: Generator, weights: npt.NDArray[np.float64] | Sequence[float], count: int) -> Whole:
    """`count` places, each as likely as its weight."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")
    return np.asarray(np.minimum(drawn, len(bounds) - 1), dtype=np.int64)


class Clans:
    """The surnames of one village: those of the country, with a few families that have always lived there."""

    def __init__(self, rng: Generator) -> None:
        """Draw which families are the old ones."""
        table = invented()["surnames"]
        self.surnames: list[str] = list(table)
        self.weights = np.array(list(table.values()), dtype=np.float64)
        self.weights[weighted(rng, self.weights[:_COMMON], 3)] += self.weights.sum() * np.array([0.25, 0.15, 0.1])

    def surname(self, rng: Generator, count: int) -> Whole:
        """Places in `surnames`."""
        return weighted(rng, self.weights, count)

    def people(self, rng: Generator, count: int) -> list[str]:
        """`count` different full names, for clerks and reviewers."""
        given = [*invented()["given"]["male"], *invented()["given"]["female"]]
        chosen = rng.permutation(len(given))[:count].astype(np.int64)
        return (pick(self.surnames, self.surname(rng, count)) + pick(given, chosen)).to_list()


def member_names(rng: Generator, clans: Clans, sizes: Whole) -> pl.Series:
    """The names of the members of households of these sizes, as lists; the first is the householder.

    The second is the spouse with a surname of their own; all others share the householder's. Within a household no
    given name comes twice, because members step through the list of given names from one starting point.
    """
    male, female = invented()["given"]["male"], invented()["given"]["female"]
    household = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(household)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    family = clans.surname(rng, len(sizes))[household]
    surname = np.where(place == 1, clans.surname(rng, len(household)), family)
    head_is_man = rng.random(len(sizes)) < _MEN
    is_man = np.where(
        place == 0,
        head_is_man[household],
        np.where(place == 1, ~head_is_man[household], rng.integers(0, 2, len(household)) == 1),
    )
    start = rng.integers(0, 10_000, len(sizes))[household]
    given = np.where(is_man, (start + 5 * place) % len(male), len(male) + (start + 5 * place) % len(female))
    full = pick(clans.surnames, surname) + pick([*male, *female], given.astype(np.int64))
    frame = pl.DataFrame({"household": household, "member": full})
    return frame.group_by("household", maintain_order=True).agg("member")["member"]
