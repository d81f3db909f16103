"""Decides what the codes of a comparison are called: the second book's names first, for it is the one to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen

from jifen.masking import masked
from jifen.words import knows, say, title

if TYPE_CHECKING:
    from jifen.comparison import Comparison


@frozen(eq=False)
class Names:
    """Names by code, in the language in force; a code that has no name stands for itself."""

    villages: dict[str, str]
    items: dict[str, str]
    categories: dict[str, str]
    grades: dict[str, str]
    rewards: dict[str, str]
    people: dict[str, tuple[str, str]]
    """Household → the householder's name as it may be posted (R23), and the villager group."""

    @classmethod
    def of(cls, found: Comparison) -> Names:
        """From both books, their rewards, and the registers."""
        books = (found.before.book, found.after.book)
        rewards: dict[str, str] = {}
        for side in (found.before, found.after):
            told = side.settlement.rewards.select(pl.col("code", "title").cast(pl.String)).unique("code", keep="first")
            rewards.update(told.iter_rows())
            goods = side.book.shop.goods if side.book.shop is not None else ()
            rewards.update({good.code: title(good.name) for good in goods})
        people = found.before.inputs.households.select(pl.col("household", "name", "group").cast(pl.String))
        return cls(
            villages=found.village_names,
            items={item.code: title(item.name) for book in books for item in book.items},
            categories={
                each.name: _category(each.name, title(each.title)) for book in books for each in book.categories
            },
            grades={grade.code: title(grade.name) for book in books for grade in book.grades},
            rewards=rewards,
            people={
                household: (name, group)
                for household, name, group in people.with_columns(masked(people["name"])).iter_rows()
            },
        )

    def grade(self, code: str | None) -> str:
        """A grade's name; words for no grade."""
        return say("compare.no-grade") if code is None else self.grades.get(code, code)

    def some_villages(self, codes: tuple[str, ...]) -> str:
        """Villages by name, in a row."""
        return say("compare.list").join(self.villages.get(code, code) for code in codes)

    def reason(self, code: str) -> str:
        """A reason in a few words where there are any, else its code."""
        key = f"compare.reason.{code.removeprefix('checking.')}"
        return say(key) if knows(key) else say("compare.reason.other", code=code)


def _category(name: str, told: str) -> str:
    return told or (say(name) if knows(name) else name)
