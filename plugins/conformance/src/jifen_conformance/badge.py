"""Decides what a badge is: a small SVG of our own with the count of checks, which takes the place of no other file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from jifen import __version__
from jifen.commands.lines import width
from jifen.problems import Problem, Refused
from jifen.words import say

if TYPE_CHECKING:
    from jifen_conformance.running import Report

SIGN: Final = "<!-- jifen-conformance badge -->"
_GOOD, _BAD, _LABEL = "#2e7d32", "#b3261e", "#555555"
_LETTER, _PAD, _HEIGHT = 7, 10, 20
"""Pixels: of half a Chinese character, beside a text, and of the badge."""


def badge(report: Report) -> str:
    """The badge of a report, as SVG."""
    passed, run = report.counts()
    label, value = (
        say("conformance.label"),
        say("conformance.value", passed=passed, run=run, version=_short(__version__)),
    )
    left, right = (width(text) * _LETTER + 2 * _PAD for text in (label, value))
    color, title = _GOOD if report.good else _BAD, escape(f"{label}: {value}")
    texts = "".join(
        f'<text x="{middle}" y="14" fill="#fff" text-anchor="middle">{escape(text)}</text>'
        for middle, text in ((left // 2, label), (left + right // 2, value))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img">\n{SIGN}\n'
        f"<title>{title}</title>\n"
        f'<rect width="{left + right}" height="{_HEIGHT}" rx="3" fill="{_LABEL}"/>\n'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z" fill="{color}"/>\n'
        f'<g font-family="Noto Sans CJK SC,Microsoft YaHei,Verdana,sans-serif" font-size="12">{texts}</g>\n</svg>\n'
    )


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])


def write_badge(report: Report, file: Path) -> None:
    """Writes the badge. Raises `Refused` (``conformance.not-a-badge``) where a file is there that is none."""
    check_badge(file)
    file.write_text(badge(report), "utf-8")


def check_badge(file: Path) -> None:
    """Raises `Refused` where the file is there and is no badge of ours."""
    if file.exists() and not (file.is_file() and SIGN.encode() in file.read_bytes()):
        raise Refused([Problem("conformance.not-a-badge", facts={"file": file})])
