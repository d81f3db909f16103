"""Reads the workbooks and tables that a town office keeps for jifen, and writes the settlement as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jifen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jifen.inputs import Inputs, Reading
    from jifen.model import RuleBook
    from jifen.settlement import Settlement

jifen.add_catalogue("jifen_workbook")


def _read(files: tuple[Path, ...], book: RuleBook) -> Reading:
    from jifen_workbook.reading import read

    return read(files, book)


def _write(settlement: Settlement, inputs: Inputs, folder: Path) -> None:
    from jifen_workbook.writing import write

    write(settlement, inputs, folder)


@jifen.hookimpl
def jifen_readers() -> Sequence[jifen.Reader]:
    """Workbooks and comma-separated tables."""
    return [jifen.Reader("workbook", (".xlsx", ".csv"), _read)]


@jifen.hookimpl
def jifen_writers() -> Sequence[jifen.Writer]:
    """The settlement as one workbook for the office."""
    return [jifen.Writer("workbook", _write)]
