"""Decides on which line of a TOML text each table, key and list element stands.

A scanner of ours over text that `tomli` has accepted: `tomli` says what a document holds, but not where. A path is the
tuple of keys and list positions that lead to a value, as in ``("items", 3, "limits", 0, "per")``.
"""

from __future__ import annotations

from bisect import bisect_right

import tomli
from attrs import field, frozen

Path = tuple[str | int, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@frozen
class Lines:
    """Line numbers, from 1 on, by path."""

    known: dict[Path, int] = field(factory=dict)

    @classmethod
    def of(cls, text: str) -> Lines:
        """The lines of a text that is valid TOML."""
        return cls(_Scanner(text).scan())

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it that is written; 1 for the document itself."""
        while path and path not in self.known:
            path = path[:-1]
        return self.known.get(path, 1)


class _Scanner:
    """One walk over the text; `at` is the next character, `known` what was seen so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.known: dict[Path, int] = {}
        self.last: dict[Path, int] = {}  # array of tables → position of its last table
        self.breaks = [place for place, letter in enumerate(text) if letter == "\n"]

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._next_statement():
            if self.text.startswith("[[", self.at):
                table = self._header(2)
            elif self.text[self.at] == "[":
                table = self._header(1)
            else:
                self._pair(table)
        return self.known

    def _see(self, path: Path, place: int) -> None:
        self.known.setdefault(path, bisect_right(self.breaks, place - 1) + 1)

    def _next_statement(self) -> bool:
        """Skips blanks, line ends, commas and comments; whether anything is left."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in " \t\r\n,\ufeff":
                self.at += 1
            else:
                return True
        return False

    def _blanks(self) -> None:
        while self.text[self.at] in " \t":
            self.at += 1

    def _header(self, brackets: int) -> Path:
        start = self.at
        self.at += brackets
        self._blanks()
        keys = self._keys()
        self.at = self.text.index("]", self.at) + brackets
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            self._see(path, start)
            if brackets == 2 and position == len(keys) - 1:  # noqa: PLR2004 - [[ opens one more table of the array
                self.last[path] = self.last.get(path, -1) + 1
            if path in self.last:
                path = (*path, self.last[path])
        self._see(path, start)
        return path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._see(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._blanks()
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            start = self.at
            if self.text[start] in "\"'":
                self._string()
                keys.append(next(iter(tomli.loads(f"{self.text[start : self.at]} = 0"))))
            else:
                while self.text[self.at] in _BARE:
                    self.at += 1
                keys.append(self.text[start : self.at])
            self._blanks()
            if self.text[self.at] != ".":
                return keys
            self.at += 1
            self._blanks()

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self.at += 1
            position = 0
            while self._next_statement() and self.text[self.at] != "]":
                self._see((*path, position), self.at)
                self._value((*path, position))
                position += 1
            self.at += 1
        elif opening == "{":
            self.at += 1
            while self._next_statement() and self.text[self.at] != "}":
                self._pair(path)
            self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\r\n#":
                self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(mark)
        while len(mark) == 3 and self.text.startswith(quote, self.at):  # noqa: PLR2004 - up to two quotes may end a text
            self.at += 1
