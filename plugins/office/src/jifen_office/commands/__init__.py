"""Decides which commands an office has; each is a module of its own, loaded when it is called."""

from __future__ import annotations

from typing import Final

from cyclopts import App
from jifen.commands.app import page_options

COMMANDS: Final = ("init", "serve", "check", "backup", "restore", "export", "daily", "demo")
"""In the order of the help page."""

office = App(**page_options("office", "office.help"))
for _number, _name in enumerate(COMMANDS):
    office.command(f"jifen_office.commands.{_name}:{_name}", name=_name, help=f"office.{_name}.help", sort_key=_number)
