"""Decides what a problem is: a code, a place and the facts, as data, collected and told all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import asdict, field, frozen

from jifen.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@frozen(order=False)
class Place:
    """Where a problem is: file and line, or file, sheet, row and column, or the path of a key."""

    file: str | None = None
    line: int | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    path: str | None = None

    def __str__(self) -> str:
        """As people and editors read it: `file:line: path`, or `file, sheet, row, column` in the reader's language."""
        if self.row is not None or self.sheet is not None:
            parts = [self.file or ""]
            if self.sheet is not None:
                parts.append(say("place.sheet", sheet=self.sheet))
            if self.row is not None:
                parts.append(say("place.row", row=self.row))
            if self.column is not None:
                parts.append(say("place.column", column=self.column))
            return say("place.join").join(part for part in parts if part)
        head = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return ": ".join(part for part in (head, self.path) if part)


@frozen
class Problem:
    """One thing that is wrong. `code` is the key of its words in the catalogues; `facts` fill them in."""

    code: str
    place: Place = field(factory=Place)
    facts: Mapping[str, object] = field(factory=dict)

    def __str__(self) -> str:
        """`place: what is wrong; what would be right`, in the language in force."""
        words, place = say(self.code, **dict(self.facts)), str(self.place)
        if self.place.row is not None or self.place.sheet is not None:
            return place + say("place.colon", words=words)
        return f"{place}: {words}" if place else words

    def as_json(self) -> dict[str, object]:
        """For `--json`: code, place and facts beside the words."""
        place = {key: value for key, value in asdict(self.place).items() if value is not None}
        facts = {key: value if isinstance(value, int) else str(value) for key, value in self.facts.items()}
        return {"code": self.code, "place": place, "facts": facts, "message": str(self)}


class Refused(Exception):  # noqa: N818 - it is a refusal with reasons, not a fault of the program
    """Nothing was done, for these reasons. The command line prints each problem and exits with status 1."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems, in the order in which they were found."""
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """One problem a line."""
        return "\n".join(str(problem) for problem in self.problems)
