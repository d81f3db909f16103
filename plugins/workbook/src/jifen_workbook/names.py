"""Decides what the codes of a settlement are called, for people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import frozen
from jifen.words import knows, say, title

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.settlement import Settlement


@frozen(eq=False)
class Names:
    """What the codes of a settlement are called, for people."""

    villages: dict[str, str]
    households: dict[str, tuple[str, str]]
    """Household → its householder and its villager group."""
    items: dict[str, str]
    categories: dict[str, str]
    grades: dict[str, str]
    plugins: tuple[str, ...]
    unit: int

    @classmethod
    def of(cls, settlement: Settlement, inputs: Inputs) -> Names:
        """The names that this settlement's rule book and registers give."""
        book = settlement.book
        rows = inputs.households.select("household", "name", "group").iter_rows()
        uses = (book.eligibility.use, book.village.use, book.rewards.use)
        return cls(
            villages=dict(inputs.villages.select("village", "name").iter_rows()),
            households={household: (name, group) for household, name, group in rows},
            items={item.code: title(item.name) for item in book.items},
            categories={category.name: title(category.title) or category.name for category in book.categories},
            grades={grade.code: title(grade.name) for grade in book.grades},
            plugins=tuple(dict.fromkeys(use.partition(".")[0] for use in uses)),
            unit=book.unit,
        )

    def points(self, value: int | None) -> Decimal | None:
        """Points as an exact decimal number."""
        return None if value is None else Decimal(value) / self.unit

    @staticmethod
    def yuan(fen: int) -> Decimal:
        """Money as an exact decimal number of yuan."""
        return Decimal(fen) / 100

    def subject(self, code: str) -> str:
        """The householder or the village."""
        return self.households[code][0] if code in self.households else self.villages.get(code, "")

    def code(self, code: str | None) -> str:
        """A code of the rule book or of a plugin in words; the code itself where nobody has words for it."""
        if not code:
            return ""
        if code in self.items:
            return self.items[code]
        keys = (code, *(f"{plugin}.{code}" for plugin in self.plugins), f"workbook.code.{code}")
        return next((say(key) for key in keys if knows(key)), code)
