"""Decides what an invented district is: 24 towns, 360 villages, when each began, and settlements by quarter.

The towns settle by a small sample book of their own (`district_rules.toml`); everything comes from the seed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import tomli
from attrs import frozen
from jifen.document import package_folder
from jifen.flow import settle
from jifen.keeping import keep
from jifen.period import Period
from jifen.registry import Registry
from jifen.rulebook import read_book
from numpy.random import PCG64, Generator, SeedSequence

from jifen_demo.invention import invent
from jifen_demo.names import village_names, weighted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen.model import RuleBook

AS_OF: Final = date(2025, 9, 30)
"""The day for which the invented district has something to show."""
QUARTERS: Final = ("2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3")
KINDS: Final = ("乡村振兴示范村", "美丽乡村示范村", "村庄形态基本完整")
_SHARES: Final = (0.09, 0.12, 0.42)
_FIRST: Final = date(2023, 7, 1)
_YEAR, _HURRY = 365, 60
_PILOT: Final = 0.08
_HOUSEHOLDS: Final = 10
_DEEDS: Final = (3, 12)
"""From so few deeds a household in a quarter to so many."""
_RECOGNISED: Final = {
    5: (("上海市示范基地", "2024-05-16"), ("全国典型案例", "2025-06-12")),
    8: (("全国典型案例", "2024-11-08"),),
    12: (("上海市示范基地", "2024-12-03"),),
    19: (("上海市示范基地", "2025-04-22"),),
}
"""Kind and day, by the number of the town."""


@frozen
class Village:
    """One invented village as the district has it."""

    code: str
    name: str
    kinds: tuple[str, ...]
    groups: int
    since: date | None
    pilot: int | None
    document: str


@frozen
class Town:
    """One invented town with its villages; `from_quarter` is the first of `QUARTERS` that it settled."""

    code: str
    name: str
    villages: tuple[Village, ...]
    from_quarter: int
    recognised: tuple[tuple[str, str], ...] = ()
    """Kind and day of each recognition."""


@cache
def _places() -> dict[str, Any]:
    return tomli.loads(files("jifen_demo").joinpath("district_places.toml").read_text("utf-8"))


def invent_district(seed: int = 2025) -> tuple[Town, ...]:
    """The towns with their villages; in a town those that began first come first."""
    places = _places()
    names = iter(village_names(sum(places["sizes"])))
    return tuple(
        _town(Generator(PCG64(SeedSequence([seed, number]))), number, f"{head}镇", [next(names) for _ in range(size)])
        for number, (head, size) in enumerate(zip(places["towns"], places["sizes"], strict=True), 1)
    )


def _town(rng: Generator, number: int, name: str, villages: list[str]) -> Town:
    """A town: some hurry, some do not; demonstration villages mostly begin first."""
    code, pace = f"T{number:02d}", float(rng.uniform(0.25, 1.0))
    found: list[tuple[date | None, str, tuple[str, ...]]] = []
    for village in villages:
        kinds = tuple(kind for kind, share in zip(KINDS, _SHARES, strict=True) if rng.random() < share)
        first = any(kind != KINDS[2] for kind in kinds)
        days = int(rng.integers(0, int((_YEAR if first else 3 * _YEAR) * (1.25 - pace) + _HURRY)))
        since = _FIRST + timedelta(days=days) if rng.random() < (0.9 if first else 0.35 + 0.6 * pace) else None
        found.append((since, village, kinds))
    found.sort(key=lambda each: each[0] or date.max)
    made = tuple(
        _village(rng, f"{code}-{at:02d}", name, village, kinds, since)
        for at, (since, village, kinds) in enumerate(found, 1)
    )
    return Town(
        code, name, made, int(weighted(rng, (0.55, 0.2, 0.1, 0.05, 0.05, 0.05), 1)[0]), _RECOGNISED.get(number, ())
    )


def _village(rng: Generator, code: str, town: str, name: str, kinds: tuple[str, ...], since: date | None) -> Village:
    groups = int(rng.integers(5, 22))
    pilot = int(rng.integers(2, 5)) if since is not None and rng.random() < _PILOT else None
    document = "" if since is None else f"{town}治理办〔{since.year}〕示例{int(rng.integers(1, 60))}号"
    return Village(code, name, kinds, groups, since, pilot, document)


def write_district(
    towns: tuple[Town, ...], folder: Path, seed: int = 2025, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """The four tables as csv, and the kept settlements; how many rows, and how many settlements, each has.

    `progress` is told how many settlements are done, out of how many. Raises `Refused` where jifen-pudong is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {name: _write(folder, name, rows) for name, rows in _tables(towns).items()}
    registry = Registry.load()
    book = read_book(package_folder("jifen_demo") / "district_rules.toml", registry)
    todo = [(town, Period.parse(name)) for town in towns for name in QUARTERS[town.from_quarter :]]
    todo = [(town, period) for town, period in todo if _joined(town, period)]
    for done, (town, period) in enumerate(todo, 1):
        _settle(book, registry, town, period, folder, seed)
        if progress is not None:
            progress(done, len(todo))
    return {**written, "settlements": len(todo)}


def _tables(towns: tuple[Town, ...]) -> dict[str, list[list[str]]]:
    villages = [(town, village) for town in towns for village in town.villages]
    return {
        "镇": [["镇代码", "镇"], *([town.code, town.name] for town in towns)],
        "行政村": [
            ["镇", "行政村代码", "行政村", "村庄类型", "村民小组数"],
            *([town.name, each.code, each.name, "、".join(each.kinds), str(each.groups)] for town, each in villages),
        ],
        "参加情况": [
            ["行政村代码", "开始日期", "文件", "试点小组数"],
            *(
                [each.code, each.since.isoformat(), each.document, str(each.pilot or "")]
                for _, each in villages
                if each.since is not None
            ),
        ],
        "示范典型": [
            ["镇", "类别", "日期", "文件"],
            *(
                [town.name, kind, day, f"虚构〔{day[:4]}〕{town.code}号"]
                for town in towns
                for kind, day in town.recognised
            ),
        ],
    }


def _write(folder: Path, name: str, rows: list[list[str]]) -> int:
    """As Excel opens it: UTF-8 with a mark, and the line ends of Windows."""
    text = "\r\n".join(",".join(row) for row in rows) + "\r\n"
    (folder / f"{name}.csv").write_bytes(text.encode("utf-8-sig"))
    return len(rows) - 1


def _joined(town: Town, period: Period) -> list[Village]:
    """The villages that took part when the period began."""
    return [village for village in town.villages if village.since is not None and village.since <= period.start]


def _settle(book: RuleBook, registry: Registry, town: Town, period: Period, folder: Path, seed: int) -> None:
    villages = _joined(town, period)
    # Towns differ, and most get busier from quarter to quarter, for all that a quarter can fall back.
    at = QUARTERS.index(period.name)
    rng = Generator(PCG64(SeedSequence([seed, int(town.code[1:]), at])))
    deeds = min(_DEEDS[1], _DEEDS[0] + at + int(rng.integers(0, 3)) + int(town.code[1:]) % 4)
    inputs = invent(
        book,
        period=period,
        households=_HOUSEHOLDS,
        deeds_per_household=deeds,
        seed=seed + int(town.code[1:]),
        places=[(village.code, village.name) for village in villages],
    )
    settlement = settle(book, registry, inputs, period, town=town.code)
    # Without the writers: the district reads the frames; a workbook and a page for each would take most of the time.
    keep(settlement, inputs, folder / "settlements" / town.code / period.name, Registry.of())
