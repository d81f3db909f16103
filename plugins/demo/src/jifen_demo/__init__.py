"""Invents a plausible town's year from any rule book: households, deeds and village facts, from a fixed seed.

Everything in it is made up (虚构): names, addresses, deeds, dates and amounts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import jifen

if TYPE_CHECKING:
    from jifen.offers import Command

    from jifen_demo.columns import write_parquet
    from jifen_demo.invention import invent
    from jifen_demo.office import write_office

__all__ = ["invent", "jifen_commands", "write_office", "write_parquet"]

jifen.add_catalogue("jifen_demo")

_HOME = {"invent": "invention", "write_office": "office", "write_parquet": "columns"}


@jifen.hookimpl
def jifen_commands() -> list[Command]:
    """`jifen demo`."""
    from jifen.offers import Command

    return [Command(name="demo", help="demo.help", target="jifen_demo.command:demo")]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'jifen_demo' has no attribute {name!r}")
    return getattr(import_module(f"jifen_demo.{_HOME[name]}"), name)
