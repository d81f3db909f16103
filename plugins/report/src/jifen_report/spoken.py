"""Decides by which names a page calls things: villages, categories and codes by words, people masked (R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen
from jifen.masking import masked
from jifen.words import knows, say, title

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.model import RuleBook


@frozen
class Person:
    """A household as it may be posted: masked name of the householder, and the villager group."""

    name: str
    group: str


@frozen(eq=False)
class Spoken:
    """The names of one settlement. Households' numbers go in and never come out."""

    villages: dict[str, str]
    people: dict[str, Person]
    categories: dict[str, str]
    items: dict[str, str]

    @classmethod
    def of(cls, book: RuleBook, inputs: Inputs) -> Spoken:
        """From the rule book and the registers of villages and households."""
        villages = inputs.villages.select(pl.col("village", "name").cast(pl.String))
        houses = inputs.households.select(pl.col("household", "group", "name").cast(pl.String))
        houses = houses.with_columns(masked(houses["name"]))
        return cls(
            dict(villages.iter_rows()),
            {number: Person(name, group) for number, group, name in houses.iter_rows()},
            {each.name: title(each.title) if each.title else say(each.name) for each in book.categories},
            {item.code: title(item.name) for item in book.items},
        )

    def village(self, code: str) -> str:
        """A village's name."""
        return self.villages.get(code, code)

    def person(self, household: str) -> Person:
        """A household, masked; one that is not in the register has no name and no group."""
        return self.people.get(household, Person("＊", ""))

    def code(self, code: str) -> str:
        """What a code of a frame stands for: an item's name, or the catalogue's words."""
        if code in self.items:
            return self.items[code]
        return say(code) if knows(code) else code

    def category(self, name: str) -> str:
        """A category's title."""
        return self.categories.get(name, name)
