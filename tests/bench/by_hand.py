"""Decides what all programs written by hand share: the rules' limits as a table, and what they read and write.

It is the rule book of the benchmark's town, copied by hand into numbers: points in tenths, quantities in thousandths.
`months` is the window of an item's running amount and of its own limit: no item of this book needs two.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from jifen.packing import ORDER, read_pack
from jifen.parts import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator


class Rule(NamedTuple):
    """What the programs look up by item; 0 months: amounts do not run on."""

    item: str
    fixed: int = 0
    months: int = 0
    of_member: bool = False
    times: int | None = None
    gives: int | None = None
    takes: int | None = None
    floor: int | None = None
    ceiling: int | None = None
    drop: bool = False
    shared: str | None = None
    two: bool = False
    photo: bool = False


RULES: Final = (
    Rule("E01", months=1, floor=0),
    Rule("E02", months=2, times=1),
    Rule("E03", months=3, times=1),
    Rule("E04", 20, months=1, times=4, photo=True),
    Rule("E05", months=12),
    Rule("E06", months=6, times=1, two=True),
    Rule("E07", months=6, times=1),
    Rule("E08", months=1, gives=40),
    Rule("E09", months=1, times=1),
    Rule("E10"),
    Rule("C01", 100, months=12, times=2, two=True, photo=True),
    Rule("C03", 6, shared="help"),
    Rule("C04", 5, shared="help"),
    Rule("C05", months=12, gives=100, drop=True),
    Rule("C06", months=1, gives=50),
    Rule("C07", 10, months=12, gives=80),
    Rule("L01", 10, months=12, of_member=True, times=3),
    Rule("L03", months=12),
    Rule("L05", months=6),
    Rule("L06"),
    Rule("L07", -30, months=3, takes=120),
    Rule("L08", months=6, gives=60, takes=40),
    Rule("P01"),
    Rule("P02", 300, months=12, of_member=True, times=1, two=True),
    Rule("P04", 20, months=12, times=6),
    Rule("P05", months=12),
    Rule("P06", months=12, gives=250, shared="work"),
    Rule("P07", months=12, gives=200, shared="work"),
    Rule("P08", months=3, floor=-150, ceiling=200),
    Rule("P09", months=1, of_member=True, gives=40),
    Rule("B01"),
    Rule("B02"),
    Rule("B03", months=12, two=True),
    Rule("B04", -300),
    Rule("B05"),
    Rule("V01", 5, months=1, times=2),
    Rule("V02", months=6, times=1),
    Rule("V03", months=3, times=1),
    Rule("V05", months=12),
    Rule("V06", months=12),
)
CATEGORIES: Final = {
    "E": ("bench.environment", "第二条"),
    "C": ("bench.customs", "第三条"),
    "L": ("bench.law", "第四条"),
    "P": ("bench.part", "第五条"),
    "B": ("bench.line", "第六条"),
    "V": ("bench.village", "第七条"),
}
"""Name and clause of the category by the first letter of an item."""
GIVES: Final = {"C": 250, "L": 300, "P": 8000}
TAKES: Final = {"L": 600}
CEILING: Final = {"E": 3500}
"""Limits of a category in the year."""
SHARED: Final = {"help": (1, 10, False), "work": (6, 150, True)}
"""Shared limits: months, gives, whether the straddling deed is dropped."""
RUNNING: Final = ("E05", "C06", "L03", "L05", "P05", "P06", "P07", "P09", "B03", "V05", "V06")
"""Items whose amounts run on in their window."""
BY_QUANTITY: Final = ("E01", "E08", "C06", "P05", "P06", "P07", "P09", "V05")
BY_READING: Final = ("E02", "E09", "V02")
LADDERS: Final = {
    "E05": (-80, -150, -200),
    "L03": (-50, -100),
    "L05": (-20, -40, -60),
    "B03": (-100, -200),
    "V06": (-30, -50),
}
GRADES: Final = {
    "E03": {"优": 50, "良": 30, "合格": 10, "差": 0},
    "E06": {"优": 100, "良": 60, "合格": 30, "差": 0},
    "C05": {"优": 100, "良": 50, "合格": 20, "差": 0},
    "L08": {"优": 20, "良": 10, "合格": 0, "差": -20},
    "V03": {"优": 30, "良": 20, "合格": 10, "差": 0},
}
BANDS: Final = {
    "E02": ((75_000, 10), (80_000, 30)),
    "E09": ((60_000, 10), (90_000, 20)),
    "V02": ((80_000, 20), (90_000, 30)),
}
MENDS: Final = {"L06": (("E05", "L03", "L05"), 30, 2), "B02": (("B01", "B05"), 90, 1)}
"""What puts right: items, days, and into how many shares the deduction is divided."""
LIFTED: Final = 6000
"""What is left of a total that a veto sets to 0, once the act is put right."""


def shares(pack: Path) -> Iterator[dict[str, list[Path]]]:
    """The files of whole villages, about as many deeds together as `jifen` takes for a task."""
    packed = read_pack(pack)
    found: dict[str, list[Path]] = {name: [] for name in ORDER}
    deeds = 0
    for village in packed.villages:
        for name in ORDER:
            found[name].append(Path(packed.store.file(village.file(name))))
        deeds += village.deeds
        if deeds >= BATCH:
            yield found
            found, deeds = {name: [] for name in ORDER}, 0
    if found["deeds"]:
        yield found


def outputs(pack: Path, out: Path) -> Iterator[tuple[dict[str, list[Path]], Path]]:
    """The shares and the file into which the awards of each are written."""
    (out / "awards").mkdir(parents=True)
    for number, share in enumerate(shares(pack)):
        yield share, out / "awards" / f"{number:05}.parquet"
