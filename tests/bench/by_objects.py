"""Decides nothing of jifen's: the benchmark's forty rules with plain Python objects, a household at a time, one pass.

This is how an office's program is mostly written: an object for each deed, a dictionary for what has run up so far.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tests.bench import by_hand
from tests.bench.by_hand import CATEGORIES, RULES, outputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULE: Final = {rule.item: rule for rule in RULES}
COLUMNS: Final = (
    "deed", "village", "subject", "member", "item", "date", "quantity", "grade", "marks", "refers", "evidence", "status",
    "recorded_by", "approved_by",
)  # fmt: skip


@dataclass(slots=True)
class Deed:
    """A deed, or a base score, and what becomes of it."""

    deed: str
    village: str
    subject: str
    member: str | None
    item: str
    date: date
    quantity: int | None = None
    grade: str | None = None
    marks: list[int] | None = None
    refers: str | None = None
    evidence: str | None = None
    status: str = "approved"
    recorded_by: str | None = None
    approved_by: str | None = None
    kind: str = "deed"
    amount: int | None = None
    before: int | None = None
    after: int | None = None
    gross: int = 0
    limited: int = 0
    points: int = 0
    mends: Deed | None = None
    lifted: bool = False


def counts(deed: Deed, since: date | None, known: dict[str, Deed]) -> bool:
    """Whether a deed counts; finds what it puts right."""
    rule = RULE[deed.item]
    if deed.status != "approved" or since is None or deed.date < since:
        return False
    if (rule.two and "|" not in (deed.approved_by or "")) or (rule.photo and "photo" not in (deed.evidence or "")):
        return False
    if deed.item in by_hand.MENDS:
        items, days, _ = by_hand.MENDS[deed.item]
        other = known.get(deed.refers or "")
        if other is None or other.item not in items or not 0 <= (deed.date - other.date).days <= days:
            return False
        deed.mends, deed.kind, other.lifted = other, "put-right", True
    return True


def bases(village: str, household: str, since: date) -> Iterator[Deed]:
    """The base scores of a household."""
    yield Deed(
        f"base:P01:{household}:2025-01", village, household, None, "P01", max(since, date(2025, 1, 1)), kind="base"
    )
    for month in range(max(since.month, 1), 13):
        day = max(since, date(2025, month, 1))
        yield Deed(f"base:E01:{household}:2025-{month:02}", village, household, None, "E01", day, kind="base")


def worth(item: str, amount: int) -> int:
    """What a running amount is worth."""
    if item == "C06":
        return (amount * 6 + 2000) // 4000
    if item == "P05":
        return (0, 20, 50, 200)[bisect_right((10_000, 30_000, 100_000), amount)]
    if item == "P06":
        return amount // 100_000 * 10 if amount < 2_000_000 else 200 + (amount - 2_000_000) // 200_000 * 10
    each, points = {"P07": (4000, 10), "P09": (3000, 10), "V05": (50_000, -10)}[item]
    return amount // each * points


def gross_of(deed: Deed, before: int, nth: int) -> int:
    """The points of a deed before any limit; sets its amount."""
    item, quantity = deed.item, deed.quantity or 0
    if deed.kind == "base":
        return 250 if item == "E01" else 7000
    if deed.mends is not None:
        share = by_hand.MENDS[item][2]
        return (2 * -min(deed.mends.limited, 0) + share) // (2 * share)
    if item in by_hand.GRADES:
        return by_hand.GRADES[item][deed.grade or ""]
    if item == "P08":
        return quantity // 100
    if item in ("E07", "E10"):
        marks = sorted(deed.marks or ())[1:-1]
        total, count = sum(marks), len(marks)
        deed.amount = (2 * total + count) // (2 * count)
        if item == "E07":
            return (total * 20 + count * 1000) // (count * 2000)
        return (0, 10, 20)[bisect_right((6500, 8000), total // count)]
    deed.amount = 1
    if item in by_hand.LADDERS:
        ladder = by_hand.LADDERS[item]
        return ladder[min(nth, len(ladder)) - 1]
    if item in by_hand.BY_QUANTITY or item in by_hand.BY_READING:
        deed.amount = quantity
    if item in by_hand.BANDS:
        return max((points for at, points in by_hand.BANDS[item] if quantity >= at), default=0)
    if item == "E01":
        return quantity // 1000 * -50
    if item == "E08":
        return quantity // 5000 * 5
    if item in by_hand.RUNNING:
        return worth(item, before + quantity) - worth(item, before)
    return RULE[item].fixed


class Household:
    """What has run up so far, by limit and window."""

    def __init__(self) -> None:
        self.sums: dict[Any, int] = defaultdict(int)

    def kept(self, key: Any, points: int, bound: int) -> int:
        """What fits under a bound; the sum runs on with all of it."""
        before = self.sums[key]
        after = self.sums[key] = before + points
        return min(after, bound) - min(before, bound)

    def net(self, key: Any, points: int, floor: int, ceiling: int) -> int:
        """What bounds on both sides leave."""
        before = self.sums[key]
        after = self.sums[key] = before + points
        return min(max(after, floor), ceiling) - min(max(before, floor), ceiling)

    def score(self, deed: Deed) -> None:
        """One row, in its order, through all levels."""
        rule, month = RULE[deed.item], deed.date.month - 1
        key = (deed.item, deed.member if rule.of_member else None, month // rule.months if rule.months else 0)
        nth = self.sums["nth", key] = self.sums["nth", key] + (deed.kind != "base")
        before = self.sums["amount", key]
        deed.gross = gross_of(deed, before, nth)
        if deed.item in by_hand.RUNNING:
            after = self.sums["amount", key] = before + (deed.amount or 0)
            deed.before, deed.after = before, after
        points = deed.limited = self.of_item(deed, key, nth)
        if rule.shared is not None:
            months, gives, drop = by_hand.SHARED[rule.shared]
            cell = (rule.shared, month // months)
            left = self.kept(cell, points, gives)
            points = left if not drop else points if self.sums[cell] <= gives else 0
        letter = deed.item[0]
        given = deed.gross >= 0 and deed.kind != "put-right"
        if letter in by_hand.CEILING:
            points = self.kept(letter, points, by_hand.CEILING[letter])
        elif given and letter in by_hand.GIVES:
            points = self.kept(letter, points, by_hand.GIVES[letter])
        elif not given and letter in by_hand.TAKES:
            points = -self.kept((letter, "takes"), -points, by_hand.TAKES[letter])
        deed.points = points if letter == "V" else self.net("total", points, 0, 2**62)

    def of_item(self, deed: Deed, key: Any, nth: int) -> int:
        """What the item's own limit leaves."""
        rule, points = RULE[deed.item], deed.gross
        if rule.times is not None:
            return points if nth <= rule.times else 0
        if rule.floor is not None:
            return self.net(key, points, rule.floor, 2**62 if rule.ceiling is None else rule.ceiling)
        if points > 0 and rule.gives is not None:
            left = self.kept(key, points, rule.gives)
            return left if not rule.drop else points if self.sums[key] <= rule.gives else 0
        if points < 0 and rule.takes is not None:
            return -self.kept((key, "takes"), -points, rule.takes)
        return points


def veto(rows: list[Deed]) -> None:
    """What a veto takes of the total, right behind the deed that caused it."""
    acts = [row for row in rows if row.item == "B05"]
    if acts:
        act = min(acts, key=lambda row: by_hand.LIFTED if row.lifted else 0)
        surplus = sum(row.points for row in rows) - (by_hand.LIFTED if act.lifted else 0)
        if surplus > 0:
            own = Deed(f"veto:{act.deed}", act.village, act.subject, act.member, act.item, act.date, kind="veto")
            own.recorded_by, own.approved_by = act.recorded_by, act.approved_by
            own.gross = own.points = -surplus
            rows.insert(rows.index(act) + 1, own)


def settle_share(deeds: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """The awards of some whole villages."""
    since: dict[str, date | None] = {
        row["household"]: row["consent"]
        if row["site"] == "home" and row["registered"] and row["homestead"] and row["living"] > 0
        else None
        for row in homes.iter_rows(named=True)
    }
    village_of = dict(homes.select("household", "village").iter_rows())
    read = (Deed(*row) for row in deeds.select(COLUMNS).iter_rows())
    by_subject = {subject: list(rows) for subject, rows in groupby(read, key=lambda deed: deed.subject)}
    done: list[Deed] = []
    for subject in sorted({*by_subject, *since}):
        first = since.get(subject, date.min)
        rows = [] if first is None or first == date.min else list(bases(village_of[subject], subject, first))
        known: dict[str, Deed] = {}
        for deed in by_subject.get(subject, ()):
            if counts(deed, first, known):
                known[deed.deed] = deed
                rows.append(deed)
        rows.sort(key=lambda row: (row.date, row.kind != "base"))
        household = Household()
        for row in rows:
            household.score(row)
        veto(rows)
        done += rows
    names = [
        name for name in Deed.__slots__ if name not in ("mends", "lifted", "marks", "evidence", "limited", "status")
    ]
    schema = dict.fromkeys(("amount", "before", "after", "gross", "points"), pl.Int64)
    frame = pl.DataFrame(
        {name: pl.Series([getattr(row, name) for row in done], dtype=schema.get(name)) for name in names}
    )
    letter = pl.col("item").str.head(1)
    return frame.with_columns(
        letter.replace_strict({key: name for key, (name, _) in CATEGORIES.items()}).alias("category"),
        letter.replace_strict({key: clause for key, (_, clause) in CATEGORIES.items()}).alias("clause"),
    ).drop("quantity")


def settle(pack: Path, out: Path) -> None:
    """Reads the packed dataset and writes the awards."""
    for share, file in outputs(pack, out):
        homes, deeds = (pl.concat([pl.read_parquet(each) for each in share[name]]) for name in ("households", "deeds"))
        settle_share(deeds, homes).write_parquet(file, compression="zstd", compression_level=3)
