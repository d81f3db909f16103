"""Builders of small frames for these tests: a home that takes part unless a test says otherwise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
from attrs import evolve, field, frozen
from jifen import frames
from jifen.model import Grade, Item, Names, Part, RuleBook, Status, Subject
from jifen.offers import RewardView, VillageView

Row = dict[str, object]


def household(number: str, **changes: object) -> Row:
    home: Row = {
        "household": number,
        "village": "V1",
        "group": "第1组",
        "name": "王小明",
        "site": "home",
        "registered": True,
        "homestead": True,
        "living": 2,
        "consent": date(2025, 1, 5),
    }
    return home | changes


def village(code: object = "V1", **changes: object) -> Row:
    row: Row = {
        "village": code,
        "name": code,
        "groups": 4,
        "resolution": "村决〔2024〕1号",
        "resolution_date": date(2024, 12, 20),
    }
    return row | changes


def households(*rows: Row) -> pl.DataFrame:
    return frames.HOUSEHOLDS.make(rows)


def villages(*rows: Row) -> pl.DataFrame:
    return frames.VILLAGES.make(rows or [village()])


def taking_part(book: pl.DataFrame, *away: str) -> pl.DataFrame:
    return frames.PARTICIPANTS.make(
        {"household": number, "village": code, "participates": number not in away}
        for number, code in book.select("household", "village").iter_rows()
    )


def standing(number: str, total: int, **changes: object) -> Row:
    row: Row = {
        "village": "V1",
        "household": number,
        "given": total,
        "taken": 0,
        "total": total,
        "grade": None,
        "rank": 1,
        "barred": False,
    }
    return row | changes


def standings(*rows: Row) -> pl.DataFrame:
    """STANDINGS with the ranks of their totals, ties sharing the place, as the core gives them."""
    frame = frames.STANDINGS.make(rows)
    if not frame.height:
        return frame
    return frame.with_columns(pl.col("total").rank("min", descending=True).over("village").cast(pl.Int64).alias("rank"))


def award(deed: str, points: int, **changes: object) -> Row:
    row: Row = {
        "deed": deed,
        "village": "V1",
        "subject": "V1",
        "category": "pudong.key-tasks",
        "item": "K01",
        "clause": "第八条",
        "kind": "deed",
        "date": date(2025, 3, 1),
        "gross": points,
        "points": points,
    }
    return row | changes


def named(text: str) -> Names:
    return {"zh_CN": text}


BOOK = RuleBook(
    name="test-2025",
    title=named("试验细则"),
    valid_from=date(2025, 1, 1),
    valid_to=date(2025, 12, 31),
    status=Status.DRAFT,
    eligibility=Part("pudong.three-presences"),
    village=Part("pudong.three-part"),
    rewards=Part("pudong.honours-and-exchange"),
    categories=(),
    items=(
        Item("K01", "pudong.key-tasks", named("活动"), "第八条", subject=Subject.VILLAGE, points=Decimal(1)),
        Item("X01", "pudong.deductions", named("违法用地"), "第九条", subject=Subject.VILLAGE, points=Decimal(-1)),
        Item("E01", "pudong.bottom-line", named("露天焚烧"), "第七条", points=Decimal(-10)),
    ),
    places=1,
    grades=(Grade("top", named("优"), above=Decimal(100)), Grade("low", named("一般"))),
)


@frozen
class Town:
    """The frames that a village view or a reward view is made of."""

    homes: pl.DataFrame
    standing: pl.DataFrame
    away: tuple[str, ...] = ()
    places: pl.DataFrame = field(factory=villages)
    awards: pl.DataFrame = field(factory=frames.AWARDS.empty)
    scores: pl.DataFrame = field(factory=frames.VILLAGE_SCORES.empty)

    def village_view(self) -> VillageView:
        participants = taking_part(self.homes, *self.away)
        return VillageView(BOOK, self.places, self.homes, participants, self.standing, self.awards)

    def reward_view(self) -> RewardView:
        participants = taking_part(self.homes, *self.away)
        return RewardView(BOOK, self.homes, participants, self.standing, self.scores, self.awards)

    def shuffled(self, seed: int) -> Town:
        """The same rows in another order."""

        def mixed(frame: pl.DataFrame) -> pl.DataFrame:
            return frame.sample(fraction=1, shuffle=True, seed=seed) if frame.height else frame

        return evolve(
            self,
            homes=mixed(self.homes),
            standing=mixed(self.standing),
            places=mixed(self.places),
            awards=mixed(self.awards),
            scores=mixed(self.scores),
        )
