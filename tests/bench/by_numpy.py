"""Decides nothing of jifen's: the benchmark's forty rules written by hand in NumPy, on columns of whole villages.

One stable sort brings together the rows of all items' windows at once, since an item's schedule and limit have the same;
Polars reads, writes, and turns texts into numbers and back.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from tests.bench import by_hand
from tests.bench.by_hand import CATEGORIES, RULES, outputs
from tests.bench.numpy_awards import AT, BASE, CODES, DEED, NOTHING, RIGHT, table

if TYPE_CHECKING:
    from pathlib import Path

    Column = Any  # an array of whole numbers or truths; NumPy's own types do not follow arithmetic this far

MONTHS: Final = np.array([rule.months for rule in RULES])
LETTERS: Final = list(CATEGORIES)
LETTER: Final = np.array([LETTERS.index(code[0]) for code in CODES])
NEVER: Final = 10**6
YEAR: Final = (date(2025, 1, 1) - date(1970, 1, 1)).days
STARTS: Final = [(date(2025, month, 1) - date(1970, 1, 1)).days for month in range(1, 13)] + [YEAR + 365]


class Runs:
    """Running sums of the rows that have the same key."""

    def __init__(self, key: Column) -> None:
        self.order = np.argsort(key, kind="stable")
        key = key[self.order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        self.first = np.repeat(starts, np.diff(starts, append=key.size))

    def after(self, values: Column) -> Column:
        """The sum up to and with each row."""
        values = values[self.order]
        total = np.cumsum(values)
        total -= (total - values)[self.first]
        back = np.empty_like(total)
        back[self.order] = total
        return back


def kept(after: Column, points: Column, bound: Any) -> Column:
    """What a bound of the running sum leaves."""
    return np.minimum(after, bound) - np.minimum(after - points, bound)


def numbers(texts: pl.Series, known: list[str]) -> Column:
    """The number of each text, -1 for none."""
    return texts.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()


def counted(deeds: pl.DataFrame, subject: Column, item: Column, day: Column, since: Column) -> tuple[Column, Column]:
    """Which deeds count, and the row that each one puts right (-1: none)."""
    two, photo = (np.array([getattr(rule, name) for rule in RULES])[item] for name in ("two", "photo"))
    good = (deeds["status"] == "approved").to_numpy() & (day >= since[subject])
    good[two] &= deeds["approved_by"].filter(pl.Series(two)).str.contains("|", literal=True).fill_null(False).to_numpy()
    good[photo] &= deeds["evidence"].filter(pl.Series(photo)).str.contains("photo").fill_null(False).to_numpy()
    refers = np.full(item.size, -1)
    for code, (codes, days, _) in by_hand.MENDS.items():
        mine = np.flatnonzero(item == AT[code])
        wanted = pl.DataFrame({"deed": deeds["refers"][mine]})
        rows = pl.DataFrame({"deed": deeds["deed"], "row": np.arange(item.size)})
        rows = rows.filter(pl.Series(np.isin(item, [AT[each] for each in codes])))
        other = wanted.join(rows, on="deed", how="left", maintain_order="left")["row"].fill_null(-1).to_numpy()
        late = day[mine] - day[other]
        right = (other >= 0) & good[other] & (subject[other] == subject[mine]) & (late >= 0) & (late <= days)
        good[mine] &= right
        refers[mine[good[mine]]] = other[good[mine]]
    return good, refers


def base_rows(since: Column) -> tuple[Column, Column, Column]:
    """Subject, day and item of the base scores."""
    parts = []
    for code, cells in (("E01", pairwise(STARTS)), ("P01", iter([(STARTS[0], STARTS[-1])]))):
        for start, end in cells:
            who = np.flatnonzero(since < end)
            who = who[since[who] >= 0]
            parts.append((who, np.maximum(since[who], start), np.full(who.size, AT[code])))
    who, day, item = (np.concatenate(each) for each in zip(*parts, strict=True))
    return who, day, item


def points_of(code: str, mine: Column, quantity: Column, x: Column, nth: Column, deeds: dict[str, Any]) -> Column:
    """Points of an item's deeds before any limit."""
    q, after = quantity[mine], x[mine]
    before = after - q
    if code in by_hand.LADDERS:
        ladder = np.array(by_hand.LADDERS[code])
        return ladder[np.minimum(nth[mine], ladder.size) - 1]
    if code in by_hand.GRADES:
        grades = by_hand.GRADES[code]
        return np.array(list(grades.values()))[numbers(deeds["grade"][mine], list(grades))]
    if code in by_hand.BANDS:
        at, worths = zip(*by_hand.BANDS[code], strict=True)
        return np.array([0, *worths])[np.searchsorted(at, q, side="right")]
    if code in ("E07", "E10"):
        total, count = deeds["total"][mine], deeds["count"][mine]
        if code == "E07":
            return (total * 20 + count * 1000) // (count * 2000)
        return np.array([0, 10, 20])[np.searchsorted([6500, 8000], total // count, side="right")]
    if code == "E01":
        return q // 1000 * -50
    if code == "E08":
        return q // 5000 * 5
    if code == "C06":
        return (after * 6 + 2000) // 4000 - (before * 6 + 2000) // 4000
    if code == "P05":
        worth = np.array([0, 20, 50, 200])
        return np.subtract(
            *(worth[np.searchsorted([10_000, 30_000, 100_000], a, side="right")] for a in (after, before))
        )
    if code == "P06":
        first, then = (np.where(a < 2_000_000, a // 100_000 * 10, 200 + (a - 2_000_000) // 200_000 * 10)
                       for a in (before, after))  # fmt: skip
        return then - first
    if code == "P08":
        return q // 100
    if code in ("P07", "P09", "V05"):
        each, points = {"P07": (4000, 10), "P09": (3000, 10), "V05": (50_000, -10)}[code]
        return (after // each - before // each) * points
    return RULES[AT[code]].fixed


def limited(code: str, gross: Column, nth: Column, runs: Column, first: Column) -> Column:
    """What an item's own limit leaves; `runs` and `first` are the running sums of what is given and taken."""
    rule = RULES[AT[code]]
    if rule.times is not None:
        return np.where(nth <= rule.times, gross, 0)
    if rule.floor is not None:
        net = first
        high = rule.ceiling if rule.ceiling is not None else 2**40
        return np.clip(net, rule.floor, high) - np.clip(net - gross, rule.floor, high)
    up = gross > 0
    if rule.drop:
        return np.where(up & (runs > (rule.gives or 0)), 0, gross)
    if rule.gives is not None:
        gross = np.where(up, kept(runs, gross, rule.gives), gross)
    if rule.takes is not None:
        down = runs - first
        gross = np.where(up, gross, -kept(down, np.where(up, 0, -gross), rule.takes))
    return gross


def middle(marks: pl.Series) -> tuple[Column, Column]:
    """Sum and number of each one's marks without the highest and the lowest."""
    count = marks.list.len().cast(pl.Int64).to_numpy()
    starts = np.cumsum(count) - count
    flat = marks.explode().to_numpy()
    most, least = (extreme.reduceat(flat, starts) for extreme in (np.maximum, np.minimum))
    return np.add.reduceat(flat, starts) - most - least, count - 2


def settle_share(deeds: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """The awards of some whole villages."""
    villages = homes["village"].unique(maintain_order=True).to_list()
    names = pl.concat([homes["household"], pl.Series(villages)]).sort()
    is_home = ~names.is_in(villages).to_numpy()
    take_part = (
        (homes["site"] == "home") & homes["registered"] & homes["homestead"] & (homes["living"] > 0)
        & homes["consent"].is_not_null()
    ).to_numpy()  # fmt: skip
    consent = homes["consent"].to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    since = np.full(len(names), -1)
    since[is_home] = np.where(take_part, consent, NEVER)
    subject, item = numbers(deeds["subject"], names.to_list()), numbers(deeds["item"], CODES)
    day = deeds["date"].to_physical().cast(pl.Int64).to_numpy()
    good, refers = counted(deeds, subject, item, day, since)
    row = np.flatnonzero(good)
    place = np.full(good.size + 1, -1)
    place[row] = np.arange(row.size)
    whose, when, what = base_rows(since)
    bases = whose.size
    subject, day, item = (np.concatenate(both) for both in ((whose, subject[row]), (when, day[row]), (what, item[row])))
    kind = np.concatenate([np.full(bases, BASE), np.where(refers[row] >= 0, RIGHT, DEED)])
    row = np.concatenate([np.full(bases, -1), row])
    order = np.argsort(subject * 1000 + day - YEAR, kind="stable")
    to = np.empty_like(order)
    to[order] = np.arange(order.size)
    mended = np.full(order.size, -1)
    mended[bases:] = np.where(refers[row[bases:]] >= 0, place[refers[row[bases:]]] + bases, -1)
    subject, day, item, kind, row, mended = (each[order] for each in (subject, day, item, kind, row, mended))
    mended[mended >= 0] = to[mended[mended >= 0]]
    return scored(deeds, names, is_home, subject, day, item, kind, row, mended)


def scored(
    deeds: pl.DataFrame, names: pl.Series, is_home: Column, subject: Column, day: Column, item: Column, kind: Column,
    row: Column, mended: Column,
) -> pl.DataFrame:  # fmt: skip
    """All rows in order, scored."""
    size = subject.size
    columns = deeds[np.maximum(row, 0)]
    is_deed = kind != BASE
    quantity = np.where(is_deed, columns["quantity"].fill_null(0).to_numpy(), 0)
    amount = np.where(np.isin(item, [AT[code] for code in by_hand.BY_QUANTITY]), quantity, 1) * is_deed
    month = np.searchsorted(STARTS, day, side="right") - 1
    cell = month // np.maximum(MONTHS[item], 1) * (MONTHS[item] > 0)
    of_member = np.array([rule.of_member for rule in RULES])[item]
    members = columns["member"].drop_nulls().unique().sort().to_list()
    who = np.where(of_member, numbers(columns["member"], members) + 1, 0)
    runs = Runs(((subject * len(CODES) + item) * 12 + cell) * (len(members) + 1) + who)
    x, nth = runs.after(amount), runs.after(is_deed.astype(np.int64))
    by_item = np.argsort(item.astype(np.uint16), kind="stable")
    edges = np.searchsorted(item[by_item], np.arange(len(CODES) + 1))
    places = {code: by_item[low:high] for code, (low, high) in zip(CODES, pairwise(edges.tolist()), strict=True)}
    marked = np.concatenate([places["E07"], places["E10"]])
    facts: dict[str, Any] = {
        "grade": columns["grade"],
        "total": np.zeros(size, np.int64),
        "count": np.ones(size, np.int64),
    }
    if marked.size:
        facts["total"][marked], facts["count"][marked] = middle(columns["marks"][marked])
    gross = np.zeros(size, dtype=np.int64)
    for code, mine in places.items():
        own = mine[kind[mine] == DEED]
        if own.size:
            gross[own] = points_of(code, own, quantity, x, nth, facts)
    gross[kind == BASE] = np.where(item[kind == BASE] == AT["E01"], 250, 7000)
    given, net = runs.after(np.maximum(gross, 0)), runs.after(gross)
    points = gross.copy()
    for code, mine in places.items():
        if mine.size:
            points[mine] = limited(code, gross[mine], nth[mine], given[mine], net[mine])
    right = np.flatnonzero(kind == RIGHT)
    half = np.where(item[right] == AT["L06"], 2, 1)
    gross[right] = points[right] = (2 * -np.minimum(points[mended[right]], 0) + half) // (2 * half)
    side = np.where((gross < 0) | (kind == RIGHT), -1, 1)
    shared_limits(places, subject, month, points)
    category_limits(subject, item, side, points)
    after = Runs(subject).after(points)
    points = np.where(is_home[subject], np.maximum(after, 0) - np.maximum(after - points, 0), points)
    count_once = np.isin(item, [AT[c] for c in (*by_hand.GRADES, "P08")]) | (kind != DEED)
    amount = np.where(np.isin(item, [AT[c] for c in by_hand.BY_READING]), quantity, amount)
    amount[marked] = (2 * facts["total"][marked] + facts["count"][marked]) // (2 * facts["count"][marked])
    amount = np.where(count_once, NOTHING, amount)
    running = np.isin(item, [AT[code] for code in by_hand.RUNNING])
    x = np.where(running, x, NOTHING)
    return table(columns, names, subject, day, item, kind, mended, amount, x, gross, points)


def shared_limits(places: dict[str, Column], subject: Column, month: Column, points: Column) -> None:
    """The limits on several items together."""
    for name, (months, gives, drop) in by_hand.SHARED.items():
        mine = np.sort(np.concatenate([places[rule.item] for rule in RULES if rule.shared == name]))
        given = Runs(subject[mine] * 12 + month[mine] // months).after(points[mine])
        points[mine] = np.where(given <= gives, points[mine], 0) if drop else kept(given, points[mine], gives)


def category_limits(subject: Column, item: Column, side: Column, points: Column) -> None:
    """The limits of categories, all in one sort."""
    letter = LETTER[item]
    runs = Runs(subject * len(LETTERS) + letter)
    up = np.where(side > 0, points, 0)
    given, taken, net = runs.after(up), runs.after(up - points), runs.after(points)
    high = 2**40
    gives, takes, ceiling = (
        np.array([of.get(each, high) for each in LETTERS])[letter]
        for of in (by_hand.GIVES, by_hand.TAKES, by_hand.CEILING)
    )
    with_ceiling = ceiling < high
    points[:] = np.where(
        with_ceiling,
        kept(net, points, ceiling),
        np.where(side > 0, kept(given, points, gives), -kept(taken, -points, takes)),
    )


def settle(pack: Path, out: Path) -> None:
    """Reads the packed dataset and writes the awards."""
    for share, file in outputs(pack, out):
        homes, deeds = (pl.concat([pl.read_parquet(each) for each in share[name]]) for name in ("households", "deeds"))
        settle_share(deeds, homes).write_parquet(file, compression="zstd", compression_level=3)
