"""Decides whether everybody gave the same answers: every award, every column that says something, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from tests.bench.by_openfisca import ITEMS

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS: Final = (
    "deed", "village", "subject", "member", "category", "item", "clause", "kind", "date", "amount", "before", "after",
    "gross", "points", "grade", "refers", "recorded_by", "approved_by",
)  # fmt: skip


def awards(file: Path) -> pl.DataFrame:
    """A file of awards, by deed, texts as texts."""
    plain = pl.read_parquet(file, columns=list(COLUMNS)).with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    return plain.select(COLUMNS).sort("deed")


def same_awards(jifen: Path, other: Path) -> int:
    """How many awards are the same. Raises `SystemExit` where one differs, is missing, or is too many."""
    files = sorted(path.name for path in (jifen / "awards").iterdir())
    if files != sorted(path.name for path in (other / "awards").iterdir()):
        raise SystemExit(f"{other}: other files")
    count = 0
    for name in files:
        want = awards(jifen / "awards" / name)
        if not awards(other / "awards" / name).cast(want.schema).equals(want):
            raise SystemExit(f"{other}: answers differ in {name}")
        count += want.height
    return count


def same_sums(jifen: Path, other: Path) -> int:
    """The same for what OpenFisca can say: points of a household from an item, after the item's own limit."""
    whose = [pl.col("subject").cast(pl.String).alias("household"), pl.col("item").cast(pl.String)]
    gross = pl.scan_parquet(jifen / "awards" / "*.parquet").select("deed", *whose, points="gross")
    gross = gross.filter(pl.col("item").is_in(ITEMS))
    cuts = pl.scan_parquet(jifen / "cuts" / "*.parquet").filter(pl.col("level").cast(pl.String) == "item")
    items = gross.select("deed", "item")
    cuts = cuts.select("deed", pl.col("subject").cast(pl.String).alias("household"), points="change")
    both = pl.concat(
        [gross.select("household", "item", "points"), cuts.join(items, on="deed").select("household", "item", "points")]
    )
    want = both.group_by("household", "item").agg(pl.col("points").sum()).filter(pl.col("points") != 0)
    have = pl.scan_parquet(other / "awards" / "*.parquet").filter(pl.col("points") != 0)
    frames = [each.sort("household", "item").collect() for each in (want, have)]
    if not frames[1].cast(frames[0].schema).equals(frames[0]):
        raise SystemExit(f"{other}: answers differ")
    return frames[0].height
