"""Decides how the pages of docs/reference are set: headings, wrapped paragraphs and lists, small tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jifen.commands.lines import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDE: Final = 118
"""Columns of a line of a page."""
MADE: Final = "<!-- Generated from the code by `python -m jifen.reference`: change the docstring, not this page. -->"


def page(title: str, *blocks: str) -> str:
    """A whole page: what it is made by, its title and its blocks."""
    return "\n\n".join((MADE, f"# {title}", *(block for block in blocks if block))) + "\n"


def paragraphs(text: str) -> str:
    """Paragraphs, each folded; lists in docstrings stay what they are."""
    return "\n\n".join("\n".join(folded(part, WIDE)) for part in text.split("\n\n") if part)


def bullet(text: str, indent: str = "") -> str:
    """An entry of a list, folded under itself."""
    return "\n".join(folded(f"{indent}- {text}", WIDE, f"{indent}  "))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table for short cells."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)


def code(text: str, language: str = "") -> str:
    """A block of code."""
    return f"```{language}\n{text.strip()}\n```"


def anchor(heading: str) -> str:
    """The link to a heading of the same page, as the usual renderers make it."""
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def sentence(*parts: str) -> str:
    """Parts that are there, each ended with a stop, in one line."""
    return " ".join(part if part.endswith((".", ":", "…")) else f"{part}." for part in parts if part)
