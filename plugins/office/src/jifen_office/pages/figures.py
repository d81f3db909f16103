"""Decides how a bar is drawn: SVG in percent of its width with words of its own, always in a table's cell.

Parts differ by lightness and pattern besides colour, and the numbers stand beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from collections.abc import Sequence

_FINENESS: Final = 10_000
_GROUND: Final = SafeString('<rect class="ground" width="100%" height="100%"/>')


def percent(part: int, whole: int) -> str:
    """A part of a whole in percent with two decimals, from integers alone."""
    size = min(_FINENESS, max(0, part) * _FINENESS // whole) if whole > 0 else 0
    return f"{size // 100}.{size % 100:02d}%"


def share(part: int, whole: int) -> str:
    """A part of a whole in full percent, rounded half up; a dash of nothing."""
    return f"{(200 * part + whole) // (2 * whole)}%" if whole > 0 else "–"


def bar_of(parts: Sequence[tuple[int, str]], most: int, told: str) -> SafeString:
    """Parts side by side on a ground of `most`; (length, class) each. `told` says in words what is drawn."""
    begins, at = [], 0
    for value, style in parts:
        begins.append((style, percent(at, most), percent(value, most)))
        at += max(0, value)
    pieces = format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="100%"/>', begins)
    if not told:
        return format_html('<svg class="bar" aria-hidden="true" focusable="false">{}{}</svg>', _GROUND, pieces)
    return format_html(
        '<svg class="bar" role="img" focusable="false"><title>{}</title>{}{}</svg>', told, _GROUND, pieces
    )
