"""Makes the folder of a new town or of a new category from templates, and brings it up to date later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jifen

if TYPE_CHECKING:
    from jifen.offers import Command

__all__ = ["jifen_commands"]

jifen.add_catalogue("jifen_new")


@jifen.hookimpl
def jifen_commands() -> list[Command]:
    """`jifen new`."""
    from jifen.offers import Command

    return [Command(name="new", help="new.help", target="jifen_new.command:app")]
