"""Decides what a printed page says and how large it is, read from the PDF itself: by poppler, if it is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

A4: Final = (595, 842)
"""Width and height in points."""


@frozen
class Word:
    """A word and where it stands on its page, in points from the upper left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in whole points, as the file itself says."""
    boxes = re.findall(rb"/Type\s*/Page\b[^s].*?/MediaBox\s*\[([\d. -]+)\]", pdf, re.DOTALL)
    found = [[float(each) for each in box.split()] for box in boxes]
    return [(round(right - left), round(bottom - top)) for left, top, right, bottom in found]


def text_of(pdf: bytes) -> str:
    """All that is printed, cell by cell."""
    return _told(pdf, "-raw")


def words_of(pdf: bytes) -> list[list[Word]]:
    """The words of each page with their places."""
    pages = _told(pdf, "-bbox").split("<page ")[1:]
    line = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
    return [[Word(text, *(float(each) for each in box)) for *box, text in line.findall(page)] for page in pages]


def _told(pdf: bytes, how: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: what is printed cannot be read back")
    with tempfile.TemporaryDirectory(prefix="jifen-print-") as folder:
        file = Path(folder) / "printed.pdf"
        file.write_bytes(pdf)
        done = subprocess.run(["pdftotext", how, str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8")
