"""Decides what the page of the frames says: every frame with its columns, types, what may be empty, and its key."""

from __future__ import annotations

from jifen import frames
from jifen.frames import Column, Frame
from jifen.reference.docstrings import constants_described, module_described
from jifen.reference.markdown import page, paragraphs, sentence, table


def frames_page() -> str:
    """The page, frames in the order of the code."""
    words = constants_described(frames.__name__)
    blocks = [paragraphs(module_described(frames.__name__))]
    for name, frame in vars(frames).items():
        if isinstance(frame, Frame):
            blocks += _frame(name, frame, words.get(name, ""))
    return page("Frames", *blocks)


def _frame(name: str, frame: Frame, words: str) -> list[str]:
    key = ", ".join(f"`{column}`" for column in frame.key)
    about = sentence(f"`jifen.frames.{name}`", words, f"Key: {key}" if key else "No key: rows may repeat")
    rows = [_column(column) for column in frame.columns]
    return [f"## {frame.name}", paragraphs(about), table(["column", "type", "empty", "meaning"], rows)]


def _column(column: Column) -> list[str]:
    return [f"`{column.name}`", str(column.dtype), "may be" if column.null else "", column.meaning]
