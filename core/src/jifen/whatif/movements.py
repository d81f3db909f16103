"""Decides how households, items and villages move from one book to the other: outer joins of two settlements.

Points of both sides are brought to the finer unit of the two books, so that nothing is rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jifen.whatif import columns

if TYPE_CHECKING:
    from jifen.model import RuleBook
    from jifen.whatif.sides import Side

NOTHING = 0


def scale(book: RuleBook, places: int) -> int:
    """How many of the unit with so many decimals make one of the book's own."""
    return int(10 ** (places - book.places))


def texts(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The columns as plain text: two settlements code theirs each in its own way."""
    return frame.with_columns(pl.col(*names).cast(pl.String))


def households(before: Side, after: Side, places: int) -> pl.DataFrame:
    """`columns.HOUSEHOLDS`, by village and household."""
    register = texts(before.inputs.households, "household", "village", "group", "kind").select(
        "household", "village", "group", "kind"
    )
    both = _standings(before, "before", places).join(
        _standings(after, "after", places), on="household", how="full", coalesce=True
    )
    for name, side in (("before", before), ("after", after)):
        both = both.join(_money(side, name), on="household", how="left")
    change = pl.col("after").fill_null(NOTHING) - pl.col("before").fill_null(NOTHING)
    return (
        both.join(register, on="household", how="left")
        .with_columns(
            pl.col("before_money", "after_money").fill_null(NOTHING), change=change, step=_step(before.book, after.book)
        )
        .sort("village", "household")
        .select(columns.HOUSEHOLDS.names)
    )


def _standings(side: Side, name: str, places: int) -> pl.DataFrame:
    return texts(side.settlement.standings, "household", "grade").select(
        "household",
        (pl.col("total") * scale(side.book, places)).alias(name),
        *(pl.col(each).alias(f"{name}_{each}") for each in ("grade", "rank", "barred")),
    )


def _money(side: Side, name: str) -> pl.DataFrame:
    """Fen for each household: rewards, and what the goods cost that it was granted."""
    rewards = side.settlement.rewards.select(pl.col("subject").cast(pl.String).alias("household"), "money")
    goods = side.settlement.exchanges.select(pl.col("household").cast(pl.String), "money")
    both = pl.concat([rewards, goods]).drop_nulls()
    return both.group_by("household").agg(pl.col("money").sum().alias(f"{name}_money"))


def _step(before: RuleBook, after: RuleBook) -> pl.Expr:
    """Grades gained or lost; a grade that the second book does not have is neither above nor below its grades."""
    level = {grade.code: -at for at, grade in enumerate(after.grades)}
    none = -len(after.grades)
    gone = {grade.code: None for grade in before.grades if grade.code not in level}

    def of(side: str) -> pl.Expr:
        grade = pl.col(f"{side}_grade").fill_null("")
        known = {"": none, **level, **gone}
        return grade.replace_strict(list(known), list(known.values()), return_dtype=pl.Int64)

    moved = of("after") - of("before")
    return pl.when(pl.col("before").is_null() | pl.col("after").is_null()).then(None).otherwise(moved)


def items(before: Side, after: Side, places: int) -> pl.DataFrame:
    """`columns.ITEMS`, by village, subject, category and item."""
    keys = ["village", "subject", "category", "item"]
    both = _points(before, "before", places).join(_points(after, "after", places), on=keys, how="full", coalesce=True)
    return (
        both.with_columns(pl.col("before", "after").fill_null(NOTHING))
        .filter((pl.col("before") != NOTHING) | (pl.col("after") != NOTHING))
        .with_columns(change=pl.col("after") - pl.col("before"))
        .sort(keys)
        .select(columns.ITEMS.names)
    )


def _points(side: Side, name: str, places: int) -> pl.DataFrame:
    keys = ["village", "subject", "category", "item"]
    summed = side.settlement.awards.group_by(keys).agg(pl.col("points").sum().alias(name))
    return texts(summed, *keys).with_columns(pl.col(name) * scale(side.book, places))


def rules(items: pl.DataFrame) -> pl.DataFrame:
    """`columns.RULES`: each rule whose points differ, the one that moves most points first."""
    more, less = pl.col("change").clip(lower_bound=0), pl.col("change").clip(upper_bound=0)
    return (
        items.group_by("category", "item")
        .agg(
            pl.col("before", "after", "change").sum(),
            winners=(pl.col("change") > 0).sum().cast(pl.Int64),
            losers=(pl.col("change") < 0).sum().cast(pl.Int64),
            gained=more.sum(),
            lost=less.sum(),
        )
        .filter((pl.col("winners") > 0) | (pl.col("losers") > 0))
        .with_columns(moved=pl.col("gained") - pl.col("lost"))
        .sort("moved", "category", "item", descending=[True, False, False])
        .select(columns.RULES.names)
    )


def through(items: pl.DataFrame, most: int) -> pl.DataFrame:
    """subject, item, change: through which rules each subject moves.

    Of a subject that wins the rules that give it most come first, of one that loses those that cost it most; at most
    `most` of them, and those that work the other way last.
    """
    moved = items.group_by("subject", "item").agg(pl.col("change").sum()).filter(pl.col("change") != NOTHING)
    way = pl.col("change").sum().over("subject").sign()
    ordered = moved.with_columns(size=pl.when(way == 0).then(pl.col("change").abs()).otherwise(pl.col("change") * way))
    ordered = ordered.sort("subject", "size", "item", descending=[False, True, False])
    return ordered.group_by("subject", maintain_order=True).head(most).select("subject", "item", "change")


def categories(items: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    """`columns.CATEGORIES`: every category with points, in the books' order."""
    at = {name: number for number, name in enumerate(order)}
    return (
        items.group_by("category")
        .agg(pl.col("before", "after", "change").sum())
        .sort(pl.col("category").replace_strict(at, return_dtype=pl.Int64))
        .select(columns.CATEGORIES.names)
    )


def grades(before: Side, after: Side, households: pl.DataFrame) -> pl.DataFrame:
    """`columns.GRADES`: how many households go from which grade to which; those who take part under both books.

    In the order of the books' grades; a household without a grade comes last.
    """
    both = households.filter(pl.col("before").is_not_null() & pl.col("after").is_not_null())
    order = [
        pl.col(f"{name}_grade").replace_strict(
            {grade.code: at for at, grade in enumerate(side.book.grades)}, default=None, return_dtype=pl.Int64
        )
        for name, side in (("before", before), ("after", after))
        if side.book.grades
    ]
    counted = both.group_by("before_grade", "after_grade").agg(households=pl.len().cast(pl.Int64))
    return counted.sort(*order, nulls_last=True).select(columns.GRADES.names) if order else counted


def villages(before: Side, after: Side, households: pl.DataFrame, places: int) -> pl.DataFrame:
    """`columns.VILLAGES`, by the rank that they have under the second book."""
    both = _scores(before, "before", places).join(
        _scores(after, "after", places), on="village", how="full", coalesce=True
    )
    places_moved = households.group_by("village").agg(
        rank_up=(pl.col("after_rank") < pl.col("before_rank")).sum().cast(pl.Int64),
        rank_down=(pl.col("after_rank") > pl.col("before_rank")).sum().cast(pl.Int64),
    )
    return (
        both.join(places_moved, on="village", how="left")
        .with_columns(pl.col("rank_up", "rank_down").fill_null(NOTHING), change=pl.col("after") - pl.col("before"))
        .sort("after_rank", "village")
        .select(columns.VILLAGES.names)
    )


def _scores(side: Side, name: str, places: int) -> pl.DataFrame:
    return texts(side.settlement.village_scores, "village").select(
        "village", (pl.col("points") * scale(side.book, places)).alias(name), pl.col("rank").alias(f"{name}_rank")
    )
