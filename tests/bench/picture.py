"""Decides how the figures look as a picture: a dot for each program, on a scale where each step is ten times the last."""

from __future__ import annotations

from html import escape
from math import log10
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

WIDTH: Final = 760
LEFT: Final = 250
RIGHT: Final = 90
ROW: Final = 26
TOP: Final = 64
DECADES: Final = (-2, 2)
"""The scale goes from 0.01 to 100 seconds."""
OURS: Final = "#0b6e4f"
OTHERS: Final = "#8a8f98"
NAMES: Final = {
    "read": "reading the input alone",
    "write": "writing the output alone",
    "jifen:processes:2": "jifen, two processes",
    "jifen": "jifen, one process",
    "numpy": "NumPy by hand",
    "polars": "Polars by hand",
    "duckdb": "DuckDB SQL by hand",
    "openfisca": "OpenFisca, 7 of the 40 rules",
    "objects": "plain Python objects",
}


def rows(found: dict[str, Any]) -> list[tuple[str, float]]:
    """Name and seconds for a million deeds, in the order of `NAMES`."""
    seconds = {}
    if "objects" in found:
        largest = found["objects"]["sizes"][-1]
        for name in ("objects", "openfisca"):
            seconds[name] = largest["engines"][name]["seconds"] / largest["deeds"]
    if "district" in found:
        district = found["district"]
        seconds |= {name: each["seconds"] / district["deeds"] for name, each in district["engines"].items()}
    return [(name, seconds[name] * 1e6) for name in NAMES if name in seconds]


def write(found: dict[str, Any], file: Path) -> None:
    """The picture as SVG."""
    shown = rows(found)
    height = TOP + ROW * len(shown) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="16" y="26" font-size="16" font-weight="bold">Seconds to settle a million deeds</text>',
        '<text x="16" y="46" fill="#555">forty rules, 2 cores; further left is faster; each line is ten times the last</text>',
    ]
    bottom = TOP + ROW * len(shown)
    for decade in range(DECADES[0], DECADES[1] + 1):
        x = _x(10.0**decade)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#d5d8dc"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle" fill="#555">{10.0**decade:g} s</text>')
    for number, (name, value) in enumerate(shown):
        y = TOP + ROW * number + ROW / 2
        colour = OURS if name.startswith("jifen") else OTHERS
        parts.append(f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(NAMES[name])}</text>')
        parts.append(f'<circle cx="{_x(value):.1f}" cy="{y}" r="6" fill="{colour}"/>')
        parts.append(f'<text x="{_x(value) + 12:.1f}" y="{y + 4}">{value:.2f}</text>')
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def _x(seconds: float) -> float:
    share = (log10(seconds) - DECADES[0]) / (DECADES[1] - DECADES[0])
    return LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT)
