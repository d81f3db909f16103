"""Decides how far the towns have come and what the district's assessment makes of it (R24 to R26).

Targets and points are those of jifen-pudong: a village takes part from the day on which its first household agreed.
What the register does not know lies in the folder ``district`` of the office, which is one that ``jifen district``
takes: of its four tables the kinds of the villages, the recognitions of the towns and the days on which villages began
before the office did are read, and ``assessment.toml`` and ``rollout.toml``. Without the tables no village is of a kind
and no town recognised; without the books the samples stand, and are marked as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import frozen
from django.db.models import Min, Q
from jifen.document import package_folder
from jifen.model import Status
from jifen.problems import Problem, Refused
from jifen.rulebook import read_book
from jifen.words import title

from jifen_office import rules
from jifen_office.project.folder import DISTRICT, OfficeFolder
from jifen_office.register.models import Town, Village

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from jifen.model import RuleBook
    from jifen_pudong.district.given import Given
    from jifen_pudong.district.rollout import Rollout

_PACKAGE: Final = "jifen_pudong.district"


@frozen
class Target:
    """One target of a town: how many villages it wants, how many take part."""

    words: str
    until: date
    wanted: int
    joined: int
    due: bool

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.joined >= self.wanted


@frozen
class Standing:
    """A town in the assessment; points in the book's smallest unit, each with its reason in words and depth."""

    town: Town
    rank: int
    points: int
    targets: tuple[Target, ...]
    reasons: tuple[tuple[str, int], ...]


@frozen
class Assessed:
    """The towns by place, and the book; `sample` where its values are not the district's own."""

    book: RuleBook
    standings: tuple[Standing, ...]
    sample: bool


def assessed(day: date) -> Assessed:
    """The assessment of the towns on a day, in the language in force.

    Raises `Refused` where jifen-pudong is not installed, and for every fault of the district's own files.
    """
    try:
        from jifen_pudong.district.frames import PARTICIPATION, TOWNS, VILLAGES
        from jifen_pudong.district.given import Given
        from jifen_pudong.district.rollout import read_rollout
        from jifen_pudong.district.states import states
        from jifen_pudong.district.telling import lines, missing_names
        from jifen_pudong.district.towns import assess_towns
    except ImportError as missing:
        raise Refused([Problem("commands.missing-plugin", facts={"distribution": "jifen-pudong"})]) from missing
    book = read_book(_own("assessment.toml"), rules.registry())
    rollout = read_rollout(_own("rollout.toml"), book)
    towns = {town.code: town for town in Town.objects.filter(villages__isnull=False).distinct().order_by("code")}
    handed_in = _handed_in(rollout)
    given = Given(
        TOWNS.make({"town": town.code, "name": town.name} for town in towns.values()),
        VILLAGES.make(_villages(handed_in.villages)),
        PARTICIPATION.make(_participation(handed_in.participation)),
        handed_in.recognitions.filter(pl.col("town").is_in(list(towns))),
    )
    found = states(given, rollout, day)
    settlement, inputs = assess_towns(book, rules.registry(), given, rollout, found, day)
    scores = {
        row["village"]: row
        for row in settlement.village_scores.with_columns(pl.col("village").cast(pl.String)).to_dicts()
    }
    names = {target.code: title(target.name) for target in rollout.targets}
    told = missing_names(given, found)
    standings = [
        Standing(
            town,
            int(scores[code]["rank"]),
            int(scores[code]["points"]),
            tuple(_target(row, names) for row in found.filter(pl.col("town") == code).to_dicts() if row["villages"]),
            tuple(lines(settlement, inputs.villages, code, told)),
        )
        for code, town in towns.items()
    ]
    standings.sort(key=lambda each: (each.rank, each.town.code))
    return Assessed(book, tuple(standings), book.marked is not Status.APPROVED)


def _folder() -> Path:
    return OfficeFolder.here().path / DISTRICT


def _own(name: str) -> Any:
    """The district's own file, else the sample of jifen-pudong."""
    own = _folder() / name
    return own if own.is_file() else package_folder(_PACKAGE) / name


def _handed_in(rollout: Rollout) -> Given:
    """The district's own tables; empty ones where it has laid none there."""
    from jifen_pudong.district.frames import PARTICIPATION, RECOGNITIONS, TOWNS, VILLAGES
    from jifen_pudong.district.given import Given
    from jifen_pudong.district.reading import read_given, table_files

    folder = _folder()
    if folder.is_dir() and table_files(folder):
        return read_given(folder, rollout)
    return Given(TOWNS.empty(), VILLAGES.empty(), PARTICIPATION.empty(), RECOGNITIONS.empty())


def _villages(handed_in: pl.DataFrame) -> list[dict[str, object]]:
    kinds = dict(handed_in.select("village", "kinds").iter_rows())
    return [
        {
            "town": each.town.code,
            "village": each.code,
            "name": each.name,
            "kinds": kinds.get(each.code, []),
            "groups": each.groups,
        }
        for each in Village.objects.select_related("town").order_by("code")
    ]


def _participation(handed_in: pl.DataFrame) -> list[dict[str, object]]:
    """The villages that have begun: with the day of the first household's agreement, or the earlier one handed in."""
    before = {row["village"]: row for row in handed_in.to_dicts()}
    agreed = Min("households__consent", filter=Q(households__erased=None))
    found: list[dict[str, object]] = []
    for each in Village.objects.annotate(first=agreed).order_by("code"):
        known = before.get(each.code)
        if known is not None and (each.first is None or known["since"] < each.first):
            found.append(known)
        elif each.first is not None:
            document = each.resolution or each.town_approval or each.name
            pilots = len(each.pilot_groups) or None
            row = {"village": each.code, "since": each.first, "document": document, "pilot_groups": pilots}
            found.append(row)
    return found


def _target(row: dict[str, Any], names: dict[str, str]) -> Target:
    return Target(names.get(row["target"], row["target"]), row["date"], row["wanted"], row["joined"], row["due"])
