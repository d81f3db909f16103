"""Reads the workbooks and tables that a town office keeps for jifen, and writes the settlement as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jifen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jifen.comparison import Comparison
    from jifen.correction import Correction
    from jifen.inputs import Inputs, Reading
    from jifen.model import RuleBook
    from jifen.settlement import Settlement
    from jifen.whatif.by import By

jifen.add_catalogue("jifen_workbook")


def _read(files: tuple[Path, ...], book: RuleBook) -> Reading:
    from jifen_workbook.reading import read

    return read(files, book)


def _write(settlement: Settlement, inputs: Inputs, folder: Path) -> None:
    from jifen_workbook.writing import write

    write(settlement, inputs, folder)


def write_correction(correction: Correction, folder: Path) -> None:
    """``correction.xlsx`` in the folder of a correction, for the office."""
    from jifen_workbook.corrections import write_correction

    write_correction(correction, folder)


@jifen.hookimpl
def jifen_readers() -> Sequence[jifen.Reader]:
    """Workbooks and comma-separated tables."""
    return [jifen.Reader("workbook", (".xlsx", ".csv"), _read)]


@jifen.hookimpl
def jifen_writers() -> Sequence[jifen.Writer]:
    """The settlement as one workbook for the office."""
    return [jifen.Writer("workbook", _write)]


def write_comparison(found: Comparison, by: By | None, file: Path) -> None:
    """Writes what two rule books make of one period as one workbook, for the office (R2, R16)."""
    from jifen_workbook.compared import write_comparison as write

    write(found, by, file)
