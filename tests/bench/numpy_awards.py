"""Decides nothing of jifen's: how the columns of the program written by hand in NumPy become awards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tests.bench import by_hand
from tests.bench.by_hand import CATEGORIES, RULES

if TYPE_CHECKING:
    from tests.bench.by_numpy import Column

CODES: Final = [rule.item for rule in RULES]
AT: Final = {code: number for number, code in enumerate(CODES)}
NOTHING: Final = np.iinfo(np.int64).min
"""Stands for an empty cell."""
DEED, BASE, RIGHT = range(3)


def optional(name: str, values: Column) -> pl.Series:
    """A column whose cells without a value are empty."""
    return pl.Series(name, values).set(pl.Series(values == NOTHING), None)


def table(
    columns: pl.DataFrame, names: pl.Series, subject: Column, day: Column, item: Column, kind: Column, mended: Column,
    amount: Column, x: Column, gross: Column, points: Column,
) -> pl.DataFrame:  # fmt: skip
    """The awards, with a row for each veto that takes the total."""
    base = pl.Series(kind == BASE)
    code = pl.Series("item", CODES, dtype=pl.Enum(CODES))[item]
    whose = names[subject].alias("subject")
    cell = pl.Series("date", day.astype(np.int32)).cast(pl.Date)
    # A base score's window is that of its day; who joins within a window has the whole window's.
    first = pl.when(code == "P01").then(pl.lit("2025-01")).otherwise(cell.dt.strftime("%Y-%m"))
    plain = ("member", "grade", "refers", "recorded_by", "approved_by")
    labels = {
        letter: pl.Series([CATEGORIES[code[0]][n] for code in CODES]) for n, letter in enumerate(("category", "clause"))
    }
    step = np.where(x == NOTHING, NOTHING, x - np.where(amount == NOTHING, 0, amount))
    awards = pl.DataFrame({"deed": columns["deed"], "subject": whose, "item": code, "date": cell}).select(
        pl.when(base).then(pl.format("base:{}:{}:{}", "item", "subject", first)).otherwise("deed").alias("deed"),
        pl.col("subject").str.head(6).alias("village"),
        "subject",
        *(pl.when(base).then(None).otherwise(columns[name]).alias(name) for name in plain[:1]),
        labels["category"][item].alias("category"),
        "item",
        labels["clause"][item].alias("clause"),
        pl.Series("kind", ["deed", "base", "put-right"])[kind],
        "date",
        optional("amount", amount),
        optional("before", step),
        optional("after", x),
        pl.Series("gross", gross),
        pl.Series("points", points),
        *(pl.when(base).then(None).otherwise(columns[name]).alias(name) for name in plain[1:]),
    )
    return with_vetoes(awards, subject, item, kind, mended, points)


def with_vetoes(
    awards: pl.DataFrame, subject: Column, item: Column, kind: Column, mended: Column, points: Column
) -> pl.DataFrame:
    """The awards with what a veto takes of the total, right behind the deed that caused it."""
    total = np.bincount(subject, points, minlength=int(subject.max()) + 1).astype(np.int64)
    lifted = np.zeros(subject.size, dtype=np.bool_)
    lifted[mended[kind == RIGHT]] = True
    acts = np.flatnonzero(item == AT["B05"])
    most = np.where(lifted[acts], by_hand.LIFTED, 0)
    acts, most = (each[np.lexsort((acts, most))] for each in (acts, most))
    _, first = np.unique(subject[acts], return_index=True)
    acts, most = acts[first], most[first]
    surplus = total[subject[acts]] - most
    acts, surplus = acts[surplus > 0], surplus[surplus > 0]
    if not acts.size:
        return awards
    rows = awards[acts].with_columns(
        pl.concat_str(pl.lit("veto:"), "deed").alias("deed"),
        pl.lit("veto").alias("kind"),
        *(pl.lit(None, dtype=pl.Int64).alias(name) for name in ("amount", "before", "after")),
        pl.Series("gross", -surplus),
        pl.Series("points", -surplus),
    )
    order = np.argsort(np.concatenate([np.arange(awards.height) * 2, acts * 2 + 1]), kind="stable")
    both: pl.DataFrame = pl.concat([awards, rows])[order]
    return both
