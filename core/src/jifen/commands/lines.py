"""Decides how text is set in lines of a terminal, where a Chinese character is two columns wide."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEVER_FIRST: Final = frozenset("，。；：、）》”’」』！？…%")
_NEVER_LAST: Final = frozenset("（《“‘「『")


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
        for piece in _pieces(paragraph):
            if line.strip() and width(line) + width(piece.rstrip()) > columns:
                yield line.rstrip()
                line = indent
                if piece.isspace():
                    continue
            line += piece
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """What stays together on a line: a word, spaces, or a wide character with its punctuation."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if before.isspace() or after.isspace():
        return before.isspace() != after.isspace()
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return max(_columns(before), _columns(after)) > 1
