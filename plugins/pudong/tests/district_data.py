"""Five invented towns as a district hands them in, and how tests write and spoil them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from jifen.registry import Registry
from jifen_pudong.district.judging import judge

if TYPE_CHECKING:
    from pathlib import Path

    from jifen_pudong.district.judging import Judged

RURAL, BEAUTIFUL, INTACT = "乡村振兴示范村", "美丽乡村示范村", "村庄形态基本完整"

TOWNS: Final = {"A": "芦汀镇", "B": "桑洲镇", "C": "檀溪镇", "D": "雁埠镇", "E": "橘浦镇"}

KINDS: Final = {
    # Luting: seven villages, so that half of them are four.
    "A1": f"{RURAL}、{INTACT}", "A2": BEAUTIFUL, "A3": INTACT, "A4": "", "A5": "", "A6": "", "A7": "",
    # Sangzhou: seven as well.
    "B1": f"{RURAL}、{INTACT}", "B2": "", "B3": "", "B4": "", "B5": INTACT, "B6": "", "B7": "",
    # Tanxi: four, all of them largely intact, and no demonstration village.
    "C1": INTACT, "C2": INTACT, "C3": INTACT, "C4": INTACT,
    # Yanbu: twelve, all largely intact; the first six are demonstration villages of one kind or the other.
    **{f"D{number}": f"{RURAL if number % 2 else BEAUTIFUL}、{INTACT}" for number in range(1, 7)},
    **{f"D{number}": INTACT for number in range(7, 13)},
    # Jupu: one village.
    "E1": BEAUTIFUL,
}  # fmt: skip

BEGAN: Final = {
    "A1": "2023-12-31",  # the day of the date: in time
    "A2": "2023-06-01",
    "A3": "2024-12-31",
    "A4": "2024-12-31",
    "B1": "2024-01-01",  # the day after: not in time
    "B2": "2023-10-01",
    "B3": "2024-07-01",
    "B4": "2025-01-01",  # the day after
    "B5": "2026-01-01",  # the day after
    "C1": "2024-02-01",
    "C2": "2024-12-31",
    "C3": "2025-12-31",
    "E1": "2023-11-15",
}

PILOT: Final = {"E1": "2"}

RECOGNISED: Final = (
    ("A", "上海市示范基地", "2024-05-10", "沪农〔2024〕示例1号"),
    ("A", "上海市示范基地", "2025-03-01", "沪农〔2025〕示例1号"),
    ("C", "全国典型案例", "2025-06-01", "农函〔2025〕示例1号"),
    ("C", "上海市示范基地", "2025-07-01", "沪农〔2025〕示例2号"),
    ("E", "全国典型案例", "2024-03-01", "农函〔2024〕示例1号"),
    ("E", "全国典型案例", "2024-09-01", "农函〔2024〕示例2号"),
    ("E", "全国典型案例", "2025-03-01", "农函〔2025〕示例2号"),
)


def write(folder: Path) -> Path:
    """The five towns as csv, headers as an office writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    put(folder, "镇", "镇代码,镇", *(f"{code},{name}" for code, name in TOWNS.items()))
    put(
        folder,
        "行政村",
        "镇,行政村代码,行政村,村庄类型,村民小组数",
        *(f"{TOWNS[code[0]]},{code},{name(code)},{kinds},5" for code, kinds in KINDS.items()),
    )
    put(
        folder,
        "参加情况",
        "行政村代码,开始日期,文件,试点小组数",
        *(
            f"{code},{day},示例〔{day[:4]}〕{at}号,{PILOT.get(code, '')}"
            for at, (code, day) in enumerate(BEGAN.items())
        ),
    )
    put(folder, "示范典型", "镇,类别,日期,文件", *(f"{TOWNS[row[0]]},{','.join(row[1:])}" for row in RECOGNISED))
    return folder


def name(village: str) -> str:
    """The name of an invented village: the towns' first characters, numbered."""
    return f"{TOWNS[village[0]][:-1]}{'一二三四五六七八九十甲乙'[int(village[1:]) - 1]}村"


def put(folder: Path, table: str, *lines: str) -> None:
    """One table as csv."""
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", "utf-8")


def change(folder: Path, table: str, old: str, new: str) -> None:
    """One change to a table; what is changed must be there once."""
    path = folder / f"{table}.csv"
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text)
    path.write_text(text.replace(old, new), "utf-8")


@cache
def installed() -> Registry:
    """What is installed, loaded once."""
    return Registry.load()


def judged(folder: Path, as_of: str) -> Judged:
    """The assessment on a day."""
    return judge(folder, date.fromisoformat(as_of), installed())


def points(found: Judged) -> dict[str, int]:
    """Points of each town in tenths, as the sample book keeps them."""
    return dict(found.assessment.sort("town").select("town", "points").iter_rows())
