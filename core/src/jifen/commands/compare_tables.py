"""Decides how a comparison looks on a terminal: tables that a clerk reads from the whole to the single household."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from jifen.commands.compare_layout import FEN, NOBODY, decimal, heads, money, section, signed
from jifen.commands.printing import day, line, mark, put, table
from jifen.whatif.movements import through
from jifen.whatif.naming import Names
from jifen.words import say, title

if TYPE_CHECKING:
    from jifen.comparison import Comparison
    from jifen.model import RuleBook
    from jifen.whatif.by import By

MOST_RULES: Final = 12
MOST_PEOPLE: Final = 5
MOST_REASONS: Final = 2


def show(found: Comparison, by: By | None) -> None:
    """Everything that differs; a comparison without a difference says so and nothing more."""
    names = Names.of(found)
    mark(found.marked.marked)
    _books(found)
    put()
    if found.same:
        line(say("compare.same" if found.before.book.digest == found.after.book.digest else "compare.same-points"))
        return
    _whole(found)
    _unread(found, names)
    _categories(found, names)
    _rules(found, names)
    _grades(found, names)
    _near(found, names)
    _villages(found, names)
    _rewards(found, names)
    if by is not None:
        _split(found, by)
    _people(found, names)


def _books(found: Comparison) -> None:
    line(say("compare.title.whole", period=found.period.name))
    for side, book in (("before", found.before.book), ("after", found.after.book)):
        line(_book(side, book))
    line(say("compare.as-if", start=day(found.period.start), end=day(found.period.end)))


def _book(side: str, book: RuleBook) -> str:
    status = say(f"commands.status.{book.marked.value}")
    return say(f"compare.book.{side}", title=title(book.title), name=book.name, status=status)


def _whole(found: Comparison) -> None:
    whole, places = found.whole, found.places
    sides = [found.households["before"], found.households["after"]]
    parts = [len(side.drop_nulls()) for side in sides]
    sums = [found.total("before"), found.total("after")]
    paid = [int(found.households[f"{side}_money"].sum()) for side in ("before", "after")]
    rows = [
        [say("compare.sum.households"), str(parts[0]), str(parts[1]), signed(parts[1] - parts[0], 0)],
        [say("compare.sum.points"), *(decimal(each, places) for each in sums), signed(sums[1] - sums[0], places)],
    ]
    if any(paid):
        told = [*(decimal(each, FEN) for each in paid), signed(paid[1] - paid[0], FEN)]
        rows.append([say("compare.sum.money"), *told])
    caps = [side.ceilings.get("") for side in (found.before, found.after)]
    if any(cap is not None for cap in caps):
        change = NOBODY if None in caps else signed((caps[1] or 0) - (caps[0] or 0), FEN)
        rows.append([say("compare.sum.ceiling"), *(money(cap) for cap in caps), change])
    table(heads("what", "before", "after", "change"), rows, right=(1, 2, 3))
    put()
    points = {name: signed(whole[name], places) for name in ("gained", "lost", "change", "mean")}
    counts = {name: whole[name] for name in ("households", "winners", "losers", "unchanged")}
    line(say("compare.winners", **counts, **points))
    line(say("compare.steps", better=whole["better"], worse=whole["worse"]))


def _unread(found: Comparison, names: Names) -> None:
    for side, villages in found.village_rules:
        line(say(f"compare.village-rules.{side}", villages=names.some_villages(villages)))
    for row in found.unread.iter_rows(named=True):
        facts = {"item": names.items.get(row["item"], names.rewards.get(row["item"], row["item"])), "rows": row["rows"]}
        line(say(f"compare.unread.{row['side']}", code=row["item"], reason=names.reason(row["reason"]), **facts))


def _categories(found: Comparison, names: Names) -> None:
    places = found.places
    section(
        "categories",
        heads("category", "before", "after", "change"),
        (
            [
                names.categories.get(row["category"], row["category"]),
                decimal(row["before"], places),
                decimal(row["after"], places),
                signed(row["change"], places),
            ]
            for row in found.categories.iter_rows(named=True)
        ),
    )


def _rules(found: Comparison, names: Names) -> None:
    """The names stand last, where a terminal folds them."""
    places, rules = found.places, found.rules
    section(
        "rules",
        heads("change", "before", "after", "winners", "losers", "rule"),
        (
            [
                signed(row["change"], places),
                decimal(row["before"], places),
                decimal(row["after"], places),
                str(row["winners"]),
                str(row["losers"]),
                say("compare.rule", name=names.items.get(row["item"], row["item"]), code=row["item"]),
            ]
            for row in rules.head(MOST_RULES).iter_rows(named=True)
        ),
        right=range(5),
    )
    if rules.height > MOST_RULES:
        line(say("compare.more-rules", count=rules.height - MOST_RULES))


def grade_codes(found: Comparison) -> tuple[list[str | None], list[str | None]]:
    """The grades of both books, highest first; None where some household has none."""
    sides: list[list[str | None]] = []
    for name, side in (("before_grade", found.before), ("after_grade", found.after)):
        codes: list[str | None] = [grade.code for grade in side.book.grades]
        sides.append([*codes, None] if found.grades[name].null_count() else codes)
    return sides[0], sides[1]


def _grades(found: Comparison, names: Names) -> None:
    if not (found.before.book.grades or found.after.book.grades):
        return
    rows, columns = grade_codes(found)
    counts = {(before, after): count for before, after, count in found.grades.iter_rows()}
    section(
        "grades",
        [say("compare.head.from-to"), *(names.grade(code) for code in columns), say("compare.head.sum")],
        (
            [
                names.grade(before),
                *(str(counts.get((before, after), 0)) for after in columns),
                str(sum(counts.get((before, after), 0) for after in columns)),
            ]
            for before in rows
        ),
    )


def _near(found: Comparison, names: Names) -> None:
    rows = (
        [names.grade(row["grade"]), str(row["below"]), str(row["above"])] for row in found.near.iter_rows(named=True)
    )
    section("near", heads("grade", "below", "above"), rows, distance=decimal(found.distance, found.places))


def _villages(found: Comparison, names: Names) -> None:
    places = found.places
    section(
        "villages",
        heads("village", "before", "after", "change", "before-rank", "after-rank", "rank-up", "rank-down"),
        (
            [
                names.villages.get(row["village"], row["village"]),
                decimal(row["before"], places),
                decimal(row["after"], places),
                signed(row["change"], places),
                *(str(row[name]) for name in ("before_rank", "after_rank", "rank_up", "rank_down")),
            ]
            for row in found.villages.iter_rows(named=True)
        ),
    )


def _rewards(found: Comparison, names: Names) -> None:
    """The names stand last, where a terminal folds them."""
    columns = ("before", "after", "new", "gone", "before-money", "after-money", "after-ceiling", "reward")
    section(
        "rewards",
        heads(*columns),
        (
            [
                *(str(row[name]) for name in ("before", "after", "new", "gone")),
                *(money(row[name] or None) for name in ("before_money", "after_money")),
                money(row["after_ceiling"]),
                names.rewards.get(row["code"], row["code"]),
            ]
            for row in found.rewards.iter_rows(named=True)
        ),
        right=range(7),
    )


def _split(found: Comparison, by: By) -> None:
    places = found.places
    section(
        f"by-{by.value}",
        heads("part", "households", "winners", "losers", "unchanged", "gained", "lost", "mean", "better", "worse"),
        (
            [
                row["part"] or say("compare.no-kind"),
                *(str(row[name]) for name in ("households", "winners", "losers", "unchanged")),
                *(signed(row[name], places) for name in ("gained", "lost", "mean")),
                *(str(row[name]) for name in ("better", "worse")),
            ]
            for row in found.split(by).iter_rows(named=True)
        ),
    )


def furthest(found: Comparison, *, down: bool) -> pl.DataFrame:
    """The households that win most, or that lose most; then by number, so that the list is always the same."""
    moved = found.households.filter(pl.col("change") < 0 if down else pl.col("change") > 0)
    return moved.sort("change", "household", descending=[not down, False]).head(MOST_PEOPLE)


def _people(found: Comparison, names: Names) -> None:
    why: dict[str, list[str]] = {}
    for household, item, change in through(found.items, MOST_REASONS).iter_rows():
        why.setdefault(household, []).append(f"{names.items.get(item, item)} {signed(change, found.places)}")
    for key, down in (("most", False), ("least", True)):
        section(
            key,
            heads("village", "household", "change", "before", "after", "why"),
            (
                [
                    names.villages.get(row["village"], row["village"]),
                    names.people[row["household"]][0],
                    signed(row["change"], found.places),
                    *(
                        NOBODY if row[each] is None else decimal(row[each], found.places)
                        for each in ("before", "after")
                    ),
                    say("compare.comma").join(why.get(row["household"], [])),
                ]
                for row in furthest(found, down=down).iter_rows(named=True)
            ),
            right=range(2, 5),
        )
