"""Decides what the district has handed in: its towns, villages, participation, recognitions, as checked frames."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl
from attrs import field, frozen

if TYPE_CHECKING:
    from datetime import date


@frozen(eq=False, slots=False)
class Given:
    """Frames as in `jifen_pudong.district.frames`, with the SHA-256 of each file that was read."""

    towns: pl.DataFrame
    villages: pl.DataFrame
    participation: pl.DataFrame
    recognitions: pl.DataFrame
    digests: dict[str, str] = field(factory=dict)

    @cached_property
    def town_names(self) -> dict[str, str]:
        """Names of the towns by code, in the order of the codes."""
        return dict(self.towns.select("town", "name").iter_rows())

    @cached_property
    def village_names(self) -> dict[str, str]:
        """Names of the villages by code."""
        return dict(self.villages.select("village", "name").iter_rows())

    @cached_property
    def town_of(self) -> dict[str, str]:
        """The town of each village."""
        return dict(self.villages.select("village", "town").iter_rows())

    @cached_property
    def _by_town(self) -> dict[str, list[tuple[str, list[str]]]]:
        found: dict[str, list[tuple[str, list[str]]]] = {town: [] for town in self.towns["town"]}
        for town, village, kinds in self.villages.select("town", "village", "kinds").iter_rows():
            found[town].append((village, kinds))
        return found

    @cached_property
    def _began(self) -> list[tuple[str, date, bool]]:
        """Village, first day, and whether it is a pilot of some of the groups."""
        groups = dict(self.villages.select("village", "groups").iter_rows())
        return [
            (village, since, pilot is not None and pilot < groups[village])
            for village, since, pilot in self.participation.select("village", "since", "pilot_groups").iter_rows()
        ]

    def villages_of(self, town: str) -> list[tuple[str, list[str]]]:
        """Code and kinds of each village of a town, in the order of the codes."""
        return self._by_town[town]

    def joined(self, day: date, *, pilots: bool = True) -> frozenset[str]:
        """The villages that take part at the end of a day."""
        return frozenset(village for village, since, pilot in self._began if since <= day and (pilots or not pilot))

    def piloting(self, day: date) -> frozenset[str]:
        """Those of them that pilot in some of their groups only (R5)."""
        return frozenset(village for village, since, pilot in self._began if since <= day and pilot)

    def first_day(self) -> date | None:
        """The day on which the first village began."""
        return min((since for _, since, _ in self._began), default=None)
