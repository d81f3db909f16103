"""Decides what the benchmark settles: an invented district straight in packed form, village by village, fixed seed.

A village is a function of the seed and its number, so a larger district begins with the villages of a smaller one.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from jifen import frames
from jifen.folders import write_json
from jifen.packing import LAYOUT, MANIFEST, ORDER, WHOLE, PackedVillage
from jifen.stores import sha256

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TOWN: Final = "bench"
PERIOD: Final = "2025"
HOUSEHOLDS: Final = 800
DEEDS: Final = 60
"""A household's deeds in the year."""
OF_VILLAGE: Final = 24
"""A village's own deeds in the year."""
SEED: Final = 2025
MEMBERS: Final = ("王芳", "李强", "王小明")

COMMON: Final = ("E01", "E02", "E03", "E04", "E06", "E08", "E09", "C03", "C04", "C06", "P04", "P05", "P07", "P09")
RARE: Final = ("E05", "E07", "E10", "C01", "C05", "C07", "L01", "L03", "L05", "L07", "L08", "P02", "P06", "P08", "B03")
MENDING: Final = {"L06": ("E05", "L03", "L05"), "B02": ("B01", "B05")}
VERY_RARE: Final = ("B01", "B02", "B04", "B05")
CODES: Final = (*COMMON, *RARE, "L06", *VERY_RARE)
WEIGHTS: Final = np.array([5.0] * len(COMMON) + [1.8] * len(RARE) + [2.5] + [0.05] * len(VERY_RARE))
VILLAGE_CODES: Final = ("V01", "V02", "V03", "V05", "V06")
AMOUNTS: Final = {
    "E01": (1_000, 4_000, 1_000),
    "E02": (60_000, 100_000, 500),
    "E08": (500, 20_000, 100),
    "E09": (40_000, 100_000, 500),
    "C06": (500, 8_000, 100),
    "P05": (500, 12_000, 500),
    "P06": (50_000, 900_000, 1_000),
    "P07": (500, 8_000, 500),
    "P08": (100, 10_100, 100),
    "P09": (500, 5_000, 500),
    "V02": (60_000, 100_000, 500),
    "V05": (1_000, 60_000, 1_000),
}
"""Least, most and step of an item's quantities, in thousandths."""
GRADED: Final = ("E03", "E06", "C05", "L08", "V03")
GRADES: Final = np.array(["优", "良", "合格", "差"])
STATES: Final = np.array(["approved", "pending", "cancelled", "rejected"])
OF_MEMBER: Final = ("L01", "P02", "P09")
PHOTO: Final = ("E04", "C01")
TWO: Final = ("E06", "C01", "P02", "B03")


def write(folder: Path, villages: int) -> int:
    """Writes a packed dataset of so many villages; returns the number of its deeds."""
    for name in ORDER:
        (folder / name).mkdir(parents=True)
    listed: list[dict[str, Any]] = []
    digests: dict[str, str] = {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for facts, files in pool.map(partial(_village, folder), range(villages), chunksize=4):
            listed.append(facts)
            digests |= files
    for name in WHOLE:
        table = getattr(frames, name.upper()).empty() if name != "villages" else _villages(villages)
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")
        digests[f"{name}.parquet"] = sha256(folder / f"{name}.parquet")
    manifest = {
        "layout": LAYOUT,
        "town": TOWN,
        "period": PERIOD,
        "villages": listed,
        "sorted_by": {name: list(keys) for name, keys in ORDER.items()},
        "made_from": {},
        "cleaned": {},
        "files": digests,
    }
    write_json(folder / MANIFEST, manifest)
    return sum(each["deeds"] for each in listed)


def _village(folder: Path, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Writes one village; what the list says of it, and the digests of its files."""
    code = f"V{number:05}"
    tables = {"households": households_of(code, number), "deeds": deeds_of(code, number)}
    digests = {}
    for name, table in tables.items():
        file = PackedVillage(code, number, 0, 0).file(name)
        table.write_parquet(folder / file, compression="zstd")
        digests[file] = sha256(folder / file)
    return {"village": code, **{name: table.height for name, table in tables.items()}}, digests


def _villages(count: int) -> pl.DataFrame:
    facts = {"groups": 10, "resolution": "村决〔2024〕1号", "resolution_date": date(2024, 12, 20)}
    return frames.VILLAGES.make({"village": f"V{n:05}", "name": f"测速{n}村", **facts} for n in range(count))


def households_of(village: str, number: int) -> pl.DataFrame:
    """The households of a village: one in fifty does not take part, one in ten joined within the year."""
    random = np.random.Generator(np.random.PCG64([SEED, number, 0]))
    lot = random.random((HOUSEHOLDS, 2))
    joined = random.integers(31, 181, HOUSEHOLDS)
    agreed = np.where(lot[:, 1] < 0.1, joined, 0)
    n = np.arange(HOUSEHOLDS)
    table = pl.DataFrame(
        {
            "household": [f"{village}-{each:04}" for each in n],
            "group": [f"{each % 10 + 1}组" for each in n],
            "living": np.where(lot[:, 0] < 0.02, 0, 3),
            "consent": agreed,
            "stars": n % 6,
        }
    ).with_columns(
        pl.lit(village).alias("village"),
        pl.lit(MEMBERS[0]).alias("name"),
        pl.lit("home").alias("site"),
        pl.lit(value=True).alias("registered"),
        pl.lit(value=True).alias("homestead"),
        pl.lit(list(MEMBERS)).alias("members"),
        (pl.lit(date(2025, 1, 1)) + pl.duration(days="consent")).alias("consent"),
        pl.lit("first").alias("star_review"),
    )
    return frames.HOUSEHOLDS.check(frames.HOUSEHOLDS.complete(table), "bench")


def deeds_of(village: str, number: int) -> pl.DataFrame:
    """The deeds of a village, sorted as `jifen.packing.ORDER` says."""
    random = np.random.Generator(np.random.PCG64([SEED, number, 1]))
    size = HOUSEHOLDS * DEEDS
    home = np.concatenate([np.full(OF_VILLAGE, -1), np.repeat(np.arange(HOUSEHOLDS), DEEDS)])
    day = random.integers(0, 365, home.size)
    order = np.lexsort((day, home))
    home, day = home[order], day[order]
    item = np.array(CODES)[random.choice(len(CODES), home.size, p=WEIGHTS / WEIGHTS.sum())]
    item[:OF_VILLAGE] = np.array(VILLAGE_CODES)[random.integers(0, len(VILLAGE_CODES), OF_VILLAGE)]
    refers = np.full(home.size, -1)
    for mender, mended in MENDING.items():
        _mend(home, item, refers, mender, mended)
    assert home.size == size + OF_VILLAGE
    return _table(village, random, home, day, item, refers)


def _mend(home: NDArray[Any], item: NDArray[Any], refers: NDArray[Any], mender: str, mended: tuple[str, ...]) -> None:
    """Each deed that puts right refers to the last one before it that can be; those without one are another item."""
    rows = np.arange(home.size)
    last = np.maximum.accumulate(np.where(np.isin(item, mended), rows, -1))
    mine = np.flatnonzero(item == mender)
    there = (last[mine] >= 0) & (home[np.maximum(last[mine], 0)] == home[mine])
    once = np.zeros(mine.size, dtype=np.bool_)
    once[np.unique(last[mine], return_index=True)[1]] = True
    refers[mine[there & once]] = last[mine[there & once]]
    item[mine[~(there & once)]] = "E09"


def _table(
    village: str, random: np.random.Generator, home: NDArray[Any], day: NDArray[Any], item: NDArray[Any],
    refers: NDArray[Any],
) -> pl.DataFrame:  # fmt: skip
    size = home.size
    quantity = np.full(size, -1)
    for code, (least, most, step) in AMOUNTS.items():
        mine = np.flatnonzero(item == code)
        quantity[mine] = random.integers(least // step, most // step, mine.size) * step
    minus = (item == "P08") & (random.random(size) < 0.4)
    marks = random.integers(10, 101, (size, 6)) * 100
    state = STATES[random.choice(4, size, p=[0.94, 0.03, 0.02, 0.01])]
    coded, shown = pl.col("item"), random.random((size, 2)) < 0.97
    deed = pl.format("{}-D{}", pl.lit(village), pl.col("n").cast(pl.String).str.zfill(6))
    on = pl.lit(date(2025, 1, 1)) + pl.duration(days="day")
    frame = pl.DataFrame(
        {
            "home": home,
            "day": day,
            "item": item,
            "refers": refers,
            "quantity": np.where(minus, -quantity, quantity),
            "grade": GRADES[random.integers(0, 4, size)],
            "marks": marks,
            "member": np.array(MEMBERS)[random.integers(0, 3, size)],
            "state": state,
            "shown": shown[:, 0],
            "two": shown[:, 1],
        }
    ).with_row_index("n")
    table = frame.select(
        deed=deed,
        village=pl.lit(village),
        subject=pl.when(pl.col("home") < 0)
        .then(pl.lit(village))
        .otherwise(pl.format("{}-{}", pl.lit(village), pl.col("home").cast(pl.String).str.zfill(4))),
        item=coded,
        date=on,
        recorded=on,
        quantity=pl.when(coded.is_in(list(AMOUNTS))).then("quantity"),
        grade=pl.when(coded.is_in(GRADED)).then("grade"),
        marks=pl.when(coded.is_in(["E07", "E10"])).then(pl.col("marks").arr.to_list()),
        member=pl.when(coded.is_in(OF_MEMBER)).then("member"),
        refers=pl.when(pl.col("refers") >= 0).then(
            pl.format("{}-D{}", pl.lit(village), pl.col("refers").cast(pl.String).str.zfill(6))
        ),
        evidence=pl.when(coded.is_in(PHOTO) & pl.col("shown")).then(pl.lit("photo")),
        status=pl.col("state"),
        approved=pl.when(pl.col("state") == "approved").then(on),
        decided=pl.when(pl.col("state") != "pending").then(on),
        recorded_by=pl.lit("张丽"),
        approved_by=pl.when(pl.col("state") == "approved").then(
            pl.when(coded.is_in(TWO) & pl.col("two")).then(pl.lit("赵强|孙丽")).otherwise(pl.lit("赵强"))
        ),
        note=pl.when(coded == "P08").then(pl.lit("村民代表会议记录")),
    )
    return frames.DEEDS.check(frames.DEEDS.complete(table), "bench")
