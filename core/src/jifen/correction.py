"""Decides what a correction is: the awards that a settled period would give otherwise now, and why (R22).

Nothing old is changed. A correction is a list of entries, each of which says what an award was, what it would be and
for which reason; the old settlement, its earlier corrections and this one add up to a settlement made from scratch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import frozen

from jifen.announced import announced
from jifen.frames import AWARDS, CORRECTIONS, REFUSED
from jifen.reasons import with_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from jifen.inputs import Inputs
    from jifen.keeping import Kept
    from jifen.settlement import Settlement

KEY: Final = ("subject", "item", "deed", "nth")
"""What makes two awards the same one; a record that went to another household or item is one gone and one new."""


@frozen(eq=False)
class Earlier:
    """A correction that was made before: its entries, what became of the awards, and the SHA-256 of its manifest."""

    corrections: pl.DataFrame
    awards: pl.DataFrame
    refused: pl.DataFrame
    digest: str


@frozen(eq=False)
class Correction:
    """A correction of `kept`: CORRECTIONS and ANNOUNCED, and what became of the awards behind them.

    `awards` (AWARDS) are those of the entries as they are now, `refused` (REFUSED) those that count no more. `now` is
    the period settled again from `inputs`; `number` counts the corrections of one settlement.
    """

    kept: Kept
    earlier: tuple[Earlier, ...]
    now: Settlement
    inputs: Inputs
    on: date
    corrections: pl.DataFrame
    announced: pl.DataFrame
    awards: pl.DataFrame
    refused: pl.DataFrame

    @property
    def number(self) -> int:
        """1 for the first correction of a settlement."""
        return len(self.earlier) + 1

    def totals(self) -> pl.DataFrame:
        """subject, village, old, change: what each subject had after the earlier corrections, and what is added."""
        mine = self.corrections.group_by("subject", "village").agg(pl.col("change").sum(), pl.len().alias("entries"))
        had = _baseline(self.kept.settlement, self.earlier)[0]
        old = had.group_by("subject").agg(pl.col("points").sum().alias("old"))
        found = mine.join(old, on="subject", how="left").with_columns(pl.col("old").fill_null(0))
        return found.select("subject", "village", "old", "change", "entries").sort("village", "subject")


def correct(
    kept: Kept, now: Settlement, inputs: Inputs, *, on: date | None = None, earlier: Sequence[Earlier] = ()
) -> Correction:
    """What is new in `now` against the settlement that was kept and its earlier corrections.

    `now` is the same period settled again by the same rules from `inputs`. `on` is the day of the entries; without it
    the last day on which anything was recorded or decided, and the day after the period at the earliest.
    """
    awards, refused = _baseline(kept.settlement, earlier)
    day = last_day(inputs, now.period.end) if on is None else on
    changed = with_reasons(_changed(awards, _plain(now.awards)), (awards, refused), now, kept.settlement)
    label = now.period.name if not earlier else f"{now.period.name}.{len(earlier) + 1}"
    entries = _entries(changed, label, now, day)
    touched = entries.select("deed", "subject", "item").unique()
    there = _plain(now.awards).join(touched, on=["deed", "subject", "item"], how="semi", maintain_order="left")
    out = now.refused.with_columns(pl.col("deed").cast(pl.String)).join(
        touched.select("deed").unique(), on="deed", how="semi", maintain_order="left"
    )
    return Correction(
        kept,
        tuple(earlier),
        now,
        inputs,
        day,
        entries,
        announced(kept.settlement, now),
        AWARDS.check(there.select(AWARDS.names), "awards"),
        REFUSED.check(out, "refused"),
    )


def last_day(inputs: Inputs, end: date) -> date:
    """The last day on which a record says that something happened, after the end of the period at the earliest."""
    days = inputs.deeds.select(pl.max_horizontal(pl.col("recorded", "approved", "decided").max())).item()
    after = end + timedelta(days=1)
    return after if days is None else max(days, after)


def _plain(awards: pl.DataFrame) -> pl.DataFrame:
    """AWARDS with texts as text, and ``nth`` to tell rows of one deed apart."""
    coded = [name for name, dtype in AWARDS.schema.items() if dtype == pl.String]
    plain = awards.with_columns(pl.col(coded).cast(pl.String))
    return plain.with_columns(pl.int_range(pl.len()).over("subject", "item", "deed").alias("nth"))


def _baseline(old: Settlement, earlier: Sequence[Earlier]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """AWARDS (with ``nth``) and REFUSED as the settlement and its earlier corrections leave them."""
    awards, refused = _plain(old.awards), old.refused.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    for each in earlier:
        gone = each.corrections.select("subject", "item", "deed").unique()
        awards = pl.concat(
            [awards.join(gone, on=["subject", "item", "deed"], how="anti", maintain_order="left"), _plain(each.awards)]
        )
        out = each.refused.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        refused = pl.concat([refused.join(gone, on="deed", how="anti", maintain_order="left"), out])
    return awards, refused


def _changed(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The awards whose points differ or that are on one side only; columns of the old one have ``_old`` behind them."""
    both = new.join(old, on=list(KEY), how="full", suffix="_old", coalesce=True)
    return both.filter(pl.col("points").ne_missing(pl.col("points_old")))


def _entries(changed: pl.DataFrame, label: str, now: Settlement, on: date) -> pl.DataFrame:
    """CORRECTIONS in order of village, subject, day and deed; what is gone before what is new."""
    either = [
        pl.coalesce(name, f"{name}_old").alias(name)
        for name in ("village", "member", "category", "clause", "kind", "date", "recorded_by", "approved_by")
    ]
    homes = now.participants.select(
        pl.col("household").cast(pl.String).alias("subject"), pl.col("village").alias("home")
    )
    rows = (
        changed.with_columns(*either, pl.col("points_old").alias("old"), pl.col("points").alias("new"))
        .join(homes.with_columns(pl.col("home").cast(pl.String)), on="subject", how="left")
        # A household that moved has its entries where it is now.
        .with_columns(pl.coalesce("home", "village").alias("village"))
        .sort("village", "subject", "date", "deed", "item", "nth", pl.col("new").is_not_null())
    )
    again = pl.int_range(pl.len()).over("deed")
    name = pl.concat_str(pl.lit(f"correct:{label}:"), "deed")
    rows = rows.with_columns(
        pl.when(again == 0)
        .then(name)
        .otherwise(pl.concat_str(name, pl.lit(":"), (again + 1).cast(pl.String)))
        .alias("entry"),
        pl.lit(now.period.name).alias("period"),
        (pl.col("new").fill_null(0) - pl.col("old").fill_null(0)).alias("change"),
        pl.lit(now.book.places).cast(pl.Int64).alias("places"),
        pl.lit(on).alias("on"),
    )
    return CORRECTIONS.check(rows.select(CORRECTIONS.names), "corrections")
