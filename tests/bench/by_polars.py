"""Decides nothing of jifen's: the benchmark's forty rules written by hand in Polars, sorted once, then running sums."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from tests.bench import by_hand
from tests.bench.by_hand import CATEGORIES, RULES, outputs

if TYPE_CHECKING:
    from pathlib import Path

ITEM, M = pl.col("item"), pl.col("m")
G, P1, P2, P3 = pl.col("gross"), pl.col("p1"), pl.col("p2"), pl.col("p3")
Q, X, NTH = pl.col("quantity"), pl.col("x"), pl.col("nth")
WINDOW = ("subject", "item", "who", "cell")
TABLE = pl.DataFrame(RULES, schema=list(by_hand.Rule._fields), orient="row", infer_schema_length=None)
LABELS = pl.DataFrame(
    [(rule.item, rule.item[0], *CATEGORIES[rule.item[0]]) for rule in RULES],
    schema=["item", "letter", "category", "clause"],
    orient="row",
)


def kept(total: pl.Expr, points: pl.Expr, bound: pl.Expr | int) -> pl.Expr:
    """What fits under a bound of the running sum."""
    bound = pl.lit(bound) if isinstance(bound, int) else bound
    return pl.min_horizontal(total, bound) - pl.min_horizontal(total - points, bound)


def counted(deeds: pl.DataFrame, since: pl.DataFrame) -> pl.DataFrame:
    """The deeds that count; `mends` is the deed that one puts right."""
    there = (
        deeds.filter(pl.col("status") == "approved")
        .join(TABLE.select("item", "two", "photo"), on="item")
        .join(since.select(subject="household", since="since"), on="subject", how="left")
        .filter(
            ((pl.col("subject") == pl.col("village")) | (pl.col("date") >= pl.col("since")))
            & (~pl.col("two") | pl.col("approved_by").str.contains("|", literal=True))
            & (~pl.col("photo") | pl.col("evidence").str.contains("photo").fill_null(value=False))
        )
    )
    mending = there.filter(ITEM.is_in(list(by_hand.MENDS)))
    other = there.filter(ITEM.is_in([code for codes, *_ in by_hand.MENDS.values() for code in codes]))
    days = (pl.col("date") - pl.col("date_of")).dt.total_days()
    right = [
        ITEM.eq(code) & pl.col("item_of").is_in(codes) & (days <= most)
        for code, (codes, most, _) in by_hand.MENDS.items()
    ]
    mends = (
        mending.join(
            other.select(refers="deed", subject="subject", date_of="date", item_of="item"), on=["refers", "subject"]
        )
        .filter((days >= 0) & pl.any_horizontal(right))
        .select("deed", mends="refers")
    )
    joined = there.join(mends, on="deed", how="left")
    return joined.filter(~ITEM.is_in(list(by_hand.MENDS)) | pl.col("mends").is_not_null())


def base_rows(since: pl.DataFrame) -> pl.DataFrame:
    """The base scores."""
    windows = pl.DataFrame(
        [("P01", 7000, date(2025, 1, 1), date(2026, 1, 1))]
        + [("E01", 250, date(2025, m, 1), date(2025 + m // 12, m % 12 + 1, 1)) for m in range(1, 13)],
        schema=["item", "base", "first", "end"],
        orient="row",
    )
    return (
        since.join(windows, how="cross")
        .filter(pl.col("since") < pl.col("end"))
        .select(
            pl.format("base:{}:{}:{}", "item", "household", pl.col("first").dt.strftime("%Y-%m")).alias("deed"),
            "village",
            pl.col("household").alias("subject"),
            "item",
            pl.max_horizontal("since", "first").alias("date"),
            pl.col("base").cast(pl.Int64),
        )
    )


def bands(steps: tuple[tuple[int, int], ...], value: pl.Expr) -> pl.Expr:
    """Points of the highest threshold that is reached."""
    found: pl.Expr = pl.lit(0)
    for at, points in steps:
        found = pl.when(value >= at).then(points).otherwise(found)
    return found


def gross() -> pl.Expr:
    """Points before any limit."""
    total, count = pl.col("total"), pl.col("kept")

    def rates(x: pl.Expr) -> pl.Expr:
        return pl.when(x < 2_000_000).then(x // 100_000 * 10).otherwise(200 + (x - 2_000_000) // 200_000 * 10)

    tiers = ((10_000, 20), (30_000, 50), (100_000, 200))
    found = {
        "E01": Q // 1000 * -50,
        "E07": (total * 20 + count * 1000) // (count * 2000),
        "E08": Q // 5000 * 5,
        "E10": bands(((6500, 10), (8000, 20)), total // count),
        "C06": (X * 6 + 2000) // 4000 - ((X - Q) * 6 + 2000) // 4000,
        "P05": bands(tiers, X) - bands(tiers, X - Q),
        "P06": rates(X) - rates(X - Q),
        "P07": (X // 4000 - (X - Q) // 4000) * 10,
        "P08": Q // 100,
        "P09": (X // 3000 - (X - Q) // 3000) * 10,
        "V05": (X // 50_000 - (X - Q) // 50_000) * -10,
        **{code: bands(steps, Q) for code, steps in by_hand.BANDS.items()},
        **{
            code: pl.col("grade").replace_strict(grades, default=0, return_dtype=pl.Int64)
            for code, grades in by_hand.GRADES.items()
        },
        **{code: bands(tuple(enumerate(ladder, 1)), NTH) for code, ladder in by_hand.LADDERS.items()},
    }
    points = pl.col("fixed")
    for code, expression in found.items():
        points = pl.when(ITEM.eq(code)).then(expression).otherwise(points)
    return pl.when(pl.col("base").is_not_null()).then("base").otherwise(points).cast(pl.Int64)


def of_item() -> pl.Expr:
    """What an item's own limit leaves."""
    up, down, net = pl.col("up"), pl.col("down"), pl.col("net")
    high = pl.col("ceiling").fill_null(2**40)
    return (
        pl.when(pl.col("times").is_not_null()).then(pl.when(NTH.le(pl.col("times"))).then(G).otherwise(0))
        .when(pl.col("floor").is_not_null())
        .then(net.clip("floor", high) - (net - G).clip("floor", high))
        .when((G > 0) & pl.col("drop")).then(pl.when(up <= pl.col("gives")).then(G).otherwise(0))
        .when((G > 0) & pl.col("gives").is_not_null()).then(kept(up, G, pl.col("gives")))
        .when((G < 0) & pl.col("takes").is_not_null()).then(-kept(down, -G, pl.col("takes")))
        .otherwise(G)
    )  # fmt: skip


def settle_share(deeds: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """The awards of some whole villages."""
    since = homes.filter(
        (pl.col("site") == "home") & pl.col("registered") & pl.col("homestead") & (pl.col("living") > 0)
        & pl.col("consent").is_not_null()
    ).select("household", "village", since="consent")  # fmt: skip
    both = pl.concat([counted(deeds, since), base_rows(since)], how="diagonal")
    ord_ = pl.col("base").is_null().cast(pl.Int64)
    rows = (
        both.drop("two", "photo")
        .join(TABLE, on="item")
        .join(LABELS, on="item")
        .with_columns(ord=ord_, m=pl.col("date").dt.month().cast(pl.Int64) - 1)
        .sort("village", "subject", "date", "ord", "deed")
        .with_columns(
            cell=pl.when(pl.col("months") > 0).then(M // pl.col("months")).otherwise(0),
            who=pl.when("of_member").then(pl.col("member")).otherwise(pl.lit("")),
            step=pl.when(pl.col("ord") == 0).then(0).when(ITEM.is_in(by_hand.BY_QUANTITY)).then(Q).otherwise(1),
            middle=pl.when(ITEM.is_in(["E07", "E10"])).then(
                pl.col("marks").list.sort().list.slice(1, pl.col("marks").list.len() - 2)
            ),
        )
        .with_columns(
            x=pl.col("step").cum_sum().over(WINDOW),
            nth=pl.col("ord").cum_sum().over(WINDOW),
            total=pl.col("middle").list.sum(),
            kept=pl.col("middle").list.len().cast(pl.Int64),
        )
        .with_columns(gross=gross())
        .with_columns(
            net=G.cum_sum().over(WINDOW),
            up=G.clip(lower_bound=0).cum_sum().over(WINDOW),
            down=(-G).clip(lower_bound=0).cum_sum().over(WINDOW),
        )
        .with_columns(p1=of_item())
    )
    return upper(righted(rows))


def righted(rows: pl.DataFrame) -> pl.DataFrame:
    """Points of what puts right, of those that its deed has after the item's limit."""
    mended = rows.filter(ITEM.is_in([code for codes, *_ in by_hand.MENDS.values() for code in codes]))
    taken = mended.select(mends="deed", taken=(-P1).clip(lower_bound=0))
    share = pl.when(ITEM == "L06").then(2).otherwise(1).cast(pl.Int64)
    right = pl.col("mends").is_not_null()
    back = (2 * pl.col("taken") + share) // (2 * share)
    return (
        rows.join(taken, on="mends", how="left", maintain_order="left")
        .with_columns(gross=pl.when(right).then(back).otherwise(G), p1=pl.when(right).then(back).otherwise(P1))
        .with_columns(side=pl.when(right | (G < 0)).then(-1).otherwise(1))
    )


def upper(rows: pl.DataFrame) -> pl.DataFrame:
    """The limits above the items, the total, the vetoes."""
    letter, side, s, t = pl.col("letter"), pl.col("side"), pl.col("s"), pl.col("t")
    months = pl.when(pl.col("shared") == "work").then(6).otherwise(1)
    rows = (
        rows.with_columns(s=P1.clip(lower_bound=0).cum_sum().over("subject", "shared", M // months))
        .with_columns(
            p2=pl.when(pl.col("shared") == "help").then(kept(s, P1, 10))
            .when(pl.col("shared") == "work").then(pl.when(s <= 150).then(P1).otherwise(0))
            .otherwise(P1)
        )
        .with_columns(
            net2=P2.cum_sum().over("subject", "letter"),
            given=pl.when(side > 0).then(P2).otherwise(0).cum_sum().over("subject", "letter"),
            taken2=pl.when(side < 0).then(-P2).otherwise(0).cum_sum().over("subject", "letter"),
        )
        .with_columns(
            p3=pl.when(letter == "E").then(kept(pl.col("net2"), P2, 3500))
            .when(letter.is_in(list(by_hand.GIVES)) & (side > 0))
            .then(kept(pl.col("given"), P2, letter.replace_strict(by_hand.GIVES, default=0, return_dtype=pl.Int64)))
            .when((letter == "L") & (side < 0)).then(-kept(pl.col("taken2"), -P2, 600))
            .otherwise(P2)
        )
        .with_columns(t=P3.cum_sum().over("subject"))
        .with_columns(
            points=pl.when(letter == "V").then(P3).otherwise(t.clip(lower_bound=0) - (t - P3).clip(lower_bound=0)),
            kind=pl.when(pl.col("ord") == 0).then(pl.lit("base"))
            .when(pl.col("mends").is_not_null()).then(pl.lit("put-right")).otherwise(pl.lit("deed")),
        )
    )  # fmt: skip
    runs = ITEM.is_in(by_hand.RUNNING)
    count = pl.col("kept")
    amount = (
        pl.when((pl.col("kind") != "deed") | ITEM.is_in([*by_hand.GRADES, "P08"])).then(None)
        .when(ITEM.is_in([*by_hand.BY_QUANTITY, *by_hand.BY_READING])).then(Q)
        .when(count.is_not_null()).then((2 * pl.col("total") + count) // (2 * count))
        .otherwise(1)
    )  # fmt: skip
    awards = rows.select(
        "deed", "village", "subject", "member", "category", "item", "clause", "kind", "date",
        amount.cast(pl.Int64).alias("amount"), pl.when(runs).then(X - pl.col("step")).alias("before"),
        pl.when(runs).then(X).alias("after"), "gross", "points", "grade", "refers", "recorded_by", "approved_by", "ord",
    )  # fmt: skip
    lifted = rows.filter(pl.col("mends").is_not_null())["mends"]
    strikes = (
        awards.filter(ITEM == "B05")
        .with_columns(most=pl.when(pl.col("deed").is_in(lifted.implode())).then(by_hand.LIFTED).otherwise(0))
        .sort("subject", "most", "date", "deed")
        .unique("subject", keep="first", maintain_order=True)
        .join(awards.group_by("subject").agg(pl.col("points").sum().alias("sum")), on="subject")
        .with_columns(surplus=pl.col("sum") - pl.col("most"))
        .filter(pl.col("surplus") > 0)
        .with_columns(
            pl.concat_str(pl.lit("veto:"), "deed").alias("deed"),
            pl.lit("veto").alias("kind"),
            *(pl.lit(None, dtype=pl.Int64).alias(name) for name in ("amount", "before", "after")),
            gross=-pl.col("surplus"),
            points=-pl.col("surplus"),
            ord=pl.lit(2, dtype=pl.Int64),
        )
        .select(awards.columns)
    )
    return pl.concat([awards, strikes]).sort("village", "subject", "date", "ord", "deed").drop("ord")


def settle(pack: Path, out: Path) -> None:
    """Reads the packed dataset and writes the awards."""
    for share, file in outputs(pack, out):
        homes, deeds = (pl.concat([pl.read_parquet(each) for each in share[name]]) for name in ("households", "deeds"))
        settle_share(deeds, homes).write_parquet(file, compression="zstd", compression_level=3)
