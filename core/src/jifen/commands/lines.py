"""Decides how text is set in lines of a terminal, where a Chinese character is two columns wide."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDE: Final = r"⺀-鿿豈-﫿＀-￯"
_PIECE: Final = re.compile(rf"\s+|[（《“「]*(?:[{_WIDE}]|[^\s{_WIDE}（《“「]+)[，。；：、）》”」！？…]*|\S")
"""What stays together on a line: a word, or one character with the punctuation that may not begin or end a line."""


def width(text: str) -> int:
    """How many columns a text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """The text with spaces up to so many columns."""
    return text + " " * max(columns - width(text), 0)


def folded(text: str, columns: int, indent: str = "") -> Iterator[str]:
    """The text in lines of at most so many columns (a longer word stands alone), those after the first indented."""
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _PIECE.findall(paragraph):
            if line.strip() and width(line) + width(piece.rstrip()) > columns:
                yield line.rstrip()
                line = indent
                if piece.isspace():
                    continue
            line += piece
        yield line.rstrip()
