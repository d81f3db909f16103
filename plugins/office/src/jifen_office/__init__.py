"""The village office: a ledger that never loses a point, a fair process, and pages for everyone (R17 to R24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.hooks import hookimpl
from jifen.words import add_catalogue

if TYPE_CHECKING:
    from jifen.offers import Command

add_catalogue("jifen_office")


@hookimpl
def jifen_commands() -> tuple[Command, ...]:
    """``jifen office init|serve|check|backup|restore``."""
    from jifen.offers import Command

    return (Command("office", "office.help", "jifen_office.commands:office"),)
