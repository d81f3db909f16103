"""Decides nothing of jifen's: the benchmark's eight rules written by hand in Polars, sorted once, then running sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

FIXED = {"A": 120, "B": 0, "C": 0, "D": 0, "E": 0, "F": 6, "G": 5, "H": -30}
CATEGORY = {name: "test.all" if name in "ABDE" else "test.other" for name in FIXED}
GRADES = {"优": 50, "良": 30, "合格": 10, "差": 0}


def kept(total: pl.Expr, points: pl.Expr, bound: pl.Expr | int) -> pl.Expr:
    """What fits under a bound of the running sum."""
    bound = pl.lit(bound) if isinstance(bound, int) else bound
    return pl.min_horizontal(total, bound) - pl.min_horizontal(total - points, bound)


def settle(folder: Path, out: Path) -> None:
    """Reads deeds.parquet and writes the awards."""
    item, gross, quantity = pl.col("item"), pl.col("gross"), pl.col("quantity")
    deeds = (
        pl.read_parquet(folder / "deeds.parquet")
        .filter(pl.col("status") == "approved")
        .sort("village", "subject", "date", "deed")
        .with_columns(
            m=pl.col("date").dt.year().cast(pl.Int64) * 12 + pl.col("date").dt.month() - 1,
            category=item.replace_strict(CATEGORY),
            fixed=item.replace_strict(FIXED, return_dtype=pl.Int64),
            shared=item.is_in(["F", "G"]),
        )
        .with_columns(
            nth_year=pl.int_range(1, pl.len() + 1).over("subject", "item"),
            nth_month=pl.int_range(1, pl.len() + 1).over("subject", "item", "m"),
            nth_cell=pl.int_range(1, pl.len() + 1).over("subject", "item", pl.col("m") // 2),
            used=quantity.cum_sum().over("subject", "item"),
        )
    )
    deeds = deeds.with_columns(
        gross=pl.when(item == "B").then((pl.col("used") // 4000 - (pl.col("used") - quantity) // 4000) * 10)
        .when(item == "C").then(pl.when(pl.col("nth_year") == 1).then(-80)
                                .when(pl.col("nth_year") == 2).then(-150).otherwise(-200))
        .when(item == "D").then(pl.col("grade").replace_strict(GRADES, return_dtype=pl.Int64))
        .when(item == "E").then(pl.when(quantity >= 80000).then(30).when(quantity >= 75000).then(10).otherwise(0))
        .otherwise("fixed")
        .cast(pl.Int64)
    )  # fmt: skip
    deeds = deeds.with_columns(
        s_year=gross.cum_sum().over("subject", "item"), s_month=gross.cum_sum().over("subject", "item", "m")
    ).with_columns(
        p1=pl.when(item == "A").then(pl.when(pl.col("nth_month") <= 4).then(gross).otherwise(0))
        .when(item == "B").then(kept(pl.col("s_year"), gross, 400))
        .when(item == "D").then(pl.when(pl.col("nth_cell") <= 1).then(gross).otherwise(0))
        .when(item == "E").then(kept(pl.col("s_month"), gross, 100))
        .otherwise(gross)
    )  # fmt: skip
    p1, p2, p3 = pl.col("p1"), pl.col("p2"), pl.col("p3")
    deeds = (
        deeds.with_columns(s=p1.cum_sum().over("subject", "shared", "m"))
        .with_columns(p2=pl.when("shared").then(kept(pl.col("s"), p1, 10)).otherwise(p1))
        .with_columns(
            given=p2.clip(lower_bound=0).cum_sum().over("subject", "category"),
            taken=(-p2).clip(lower_bound=0).cum_sum().over("subject", "category"),
            most=pl.when(pl.col("category") == "test.all").then(3000).otherwise(80).cast(pl.Int64),
        )
        .with_columns(
            p3=pl.when(p2 > 0).then(kept(pl.col("given"), p2, pl.col("most")))
            .when((p2 < 0) & (pl.col("category") == "test.other")).then(-kept(pl.col("taken"), -p2, 500))
            .otherwise(p2)
        )
        .with_columns(t=p3.cum_sum().over("subject"))
    )  # fmt: skip
    runs = pl.when(item == "B").then("used").when(item == "C").then("nth_year")
    amount = pl.when(item.is_in(["B", "E"])).then(quantity).otherwise(1)
    deeds.select(
        "deed", "village", "subject", "member", "category", "item",
        pl.lit("第一条").alias("clause"), pl.lit("deed").alias("kind"), "date", amount.alias("amount"),
        pl.when(item.is_in(["B", "C"])).then(runs - amount).alias("before"), runs.alias("after"), "gross",
        (pl.col("t").clip(lower_bound=0) - (pl.col("t") - p3).clip(lower_bound=0)).alias("points"),
        "grade", "refers", "recorded_by", "approved_by",
    ).write_parquet(out, compression="zstd")  # fmt: skip
