"""Self-contained HTML pages that open without a network and print on A4: a settlement's report, the board of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.hooks import hookimpl
from jifen.words import add_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.comparison import Comparison
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.offers import Writer
    from jifen.settlement import Settlement
    from jifen.whatif.by import By

add_catalogue("jifen_report")


@hookimpl
def jifen_writers() -> tuple[Writer, ...]:
    """``report``: writes ``report.html`` (R23, R24)."""
    from jifen.offers import Writer

    return (Writer("report", write),)


def write(settlement: Settlement, inputs: Inputs, folder: Path) -> None:
    """Writes ``report.html`` into the folder; the same settlement gives the same bytes."""
    from jifen_report.report import report

    (folder / "report.html").write_bytes(report(settlement, inputs).encode("utf-8"))


def board(book: RuleBook) -> str:
    """The notice board of a rule book as one HTML page: what earns, what costs, how much, how often (R11, R27)."""
    from jifen_report.noticeboard import board as page

    return page(book)


def write_comparison(found: Comparison, by: By | None, file: Path) -> None:
    """Writes what two rule books make of one period as one HTML page of at most two sheets (R2, R16)."""
    from jifen_report.comparison_page import comparison_page

    file.write_text(comparison_page(found, by), "utf-8", newline="\n")
