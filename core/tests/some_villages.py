"""Decides which rules and deeds of a few villages tests settle: eight rules with windows, limits and sequences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from jifen.frames import DEEDS, HOUSEHOLDS, VILLAGES
from jifen.model import BookCategory, Limit, Measure, SharedLimit, Step, Total, Window

from core.tests.scheme import CATEGORY, OTHER, book, item

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.model import RuleBook

D = Decimal
MONTH, YEAR = Window.MONTH, Window.YEAR


def rules() -> RuleBook:
    """Points have one decimal."""
    return book(
        item("A", points=D(12), limits=(Limit(per=MONTH, times=4),)),
        item("B", points=D(1), each=D(4), measure=Measure.QUANTITY, per=YEAR, limits=(Limit(per=YEAR, gives=D(40)),)),
        item("C", category=OTHER, ladder=(D(-8), D(-15), D(-20)), per=YEAR),
        item(
            "D",
            measure=Measure.GRADE,
            grades={"优": D(5), "良": D(3), "合格": D(1), "差": D(0)},
            limits=(Limit(per=Window.TWO_MONTHS, times=1),),
        ),
        item(
            "E",
            measure=Measure.READING,
            bands=(Step(D(80), D(3)), Step(D(75), D(1))),
            limits=(Limit(per=MONTH, gives=D(10)),),
        ),
        item("F", category=OTHER, points=D("0.6")),
        item("G", category=OTHER, points=D("0.5")),
        item("H", category=OTHER, points=D(-3)),
        limits=(SharedLimit("help", ("F", "G"), MONTH, "第三条", gives=D(1)),),
        categories=(
            BookCategory(CATEGORY, limits=(Limit(per=YEAR, gives=D(300)),)),
            BookCategory(OTHER, limits=(Limit(per=YEAR, gives=D(8), takes=D(50)),)),
        ),
        total=Total((Limit(per=YEAR, floor=D(0)),)),
    )


def write(folder: Path, villages: int, households: int, deeds: int, seed: int = 2025) -> int:
    """Writes villages, households and deeds as Parquet, sorted as `jifen` keeps them; returns the number of deeds."""
    random = np.random.Generator(np.random.PCG64(seed))
    folder.mkdir(parents=True, exist_ok=True)
    homes = villages * households
    village = [f"V{number:03}" for number in range(villages)]
    VILLAGES.make({"village": code, "name": f"{code}村", "groups": 10} for code in village).write_parquet(
        folder / "villages.parquet"
    )
    home = pl.DataFrame(
        {"household": [f"V{n // households:03}-{n % households:04}" for n in range(homes)]}
    ).with_columns(
        pl.col("household").str.head(4).alias("village"),
        pl.lit("1组").alias("group"),
        pl.lit("王芳").alias("name"),
        pl.lit("home").alias("site"),
        pl.lit(value=True).alias("registered"),
        pl.lit(value=True).alias("homestead"),
        pl.lit(2, dtype=pl.Int64).alias("living"),
    )
    missing = [pl.lit(None, dtype=c.dtype).alias(c.name) for c in HOUSEHOLDS.columns if c.name not in home.columns]
    HOUSEHOLDS.complete(home.with_columns(missing)).write_parquet(folder / "households.parquet")
    size = homes * deeds
    subject = np.repeat(np.arange(homes), deeds)
    day = random.integers(0, 365, size)
    order = np.lexsort((day, subject))
    frame = pl.DataFrame(
        {
            "home": subject,
            "day": day[order],
            "item": np.array(list("ABCDEFGH"))[random.choice(8, size, p=[0.25, 0.2, 0.03, 0.1, 0.17, 0.1, 0.1, 0.05])],
            "amount": random.integers(500, 8000, size),
            "reading": random.integers(60_000, 100_000, size),
            "mark": np.array(["优", "良", "合格", "差"])[random.integers(0, 4, size)],
            "state": np.array(["approved", "pending", "cancelled"])[random.choice(3, size, p=[0.94, 0.03, 0.03])],
        }
    ).with_row_index("n")
    on = pl.lit(date(2025, 1, 1)) + pl.duration(days="day")
    table = frame.select(
        pl.format("D{}", pl.col("n").cast(pl.String).str.zfill(8)).alias("deed"),
        home["village"].gather(subject).alias("village"),
        home["household"].gather(subject).alias("subject"),
        "item",
        on.alias("date"),
        on.alias("recorded"),
        pl.when(pl.col("item") == "B").then("amount").when(pl.col("item") == "E").then("reading").alias("quantity"),
        pl.when(pl.col("item") == "D").then("mark").alias("grade"),
        pl.col("state").alias("status"),
        pl.lit("张丽").alias("recorded_by"),
        pl.lit("赵强").alias("approved_by"),
    )
    missing = [pl.lit(None, dtype=c.dtype).alias(c.name) for c in DEEDS.columns if c.name not in table.columns]
    DEEDS.complete(table.with_columns(missing)).write_parquet(folder / "deeds.parquet", compression="zstd")
    return size
