"""Decides which commands there are; the library reads the arguments, and every word comes from the catalogues.

Help texts are given to the library as catalogue keys; `page` puts them into words. A command is named by
``module:function`` and imported when it is called, a plugin's like the core's own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cyclopts import App, Group

from jifen import __version__
from jifen.commands.page import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.registry import Registry

COMMANDS: Final = {
    "settle": "jifen.commands.settle:settle",
    "pack": "jifen.commands.pack:pack",
    "explain": "jifen.commands.explain:explain",
    "correct": "jifen.commands.correct:correct",
    "compare": "jifen.commands.compare:compare",
    "rules": "jifen.commands.rules:app",
    "approve": "jifen.commands.approve:approve",
    "plugins": "jifen.commands.plugins:plugins",
    "doctor": "jifen.commands.doctor:doctor",
}
"""The core's own commands, in the order of the help page; a plugin cannot take their names."""


@cache
def registry() -> Registry:
    """What is installed; asked for once in a run."""
    from jifen.registry import Registry

    return Registry.load()


def page_options(name: str, help_key: str) -> dict[str, Any]:
    """How an app looks: used for the whole and for a command that has commands of its own."""
    return {
        "name": name,
        "help": help_key,
        "help_format": "plaintext",
        "help_formatter": Page(),
        "group_commands": Group("help.commands", sort_key=2),
        "group_parameters": Group("help.parameters", sort_key=1),
        "group_arguments": Group("help.arguments", sort_key=0),
    }


def build(first: str = "") -> App:
    """The app; plugins are only asked for commands where `first` is none of the core's."""
    app = App(
        version=__version__,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        exit_on_error=False,
        print_error=False,
        help_on_error=False,
        verbose=False,
        **page_options("jifen", "commands.help"),
    )
    for number, (name, target) in enumerate(COMMANDS.items()):
        app.command(target, name=name, help=f"commands.{name}.help", sort_key=number)
    app["--help"].help, app["--version"].help = "help.help", "help.version"
    app["--help"].sort_key = app["--version"].sort_key = len(COMMANDS) + 1
    if first not in COMMANDS:
        for offer in registry().commands:
            if offer.name not in COMMANDS:
                app.command(offer.target, name=offer.name, help=offer.help, sort_key=len(COMMANDS))
    return app


def run(tokens: Sequence[str]) -> int:
    """Run one command; a command returns its exit status, or None for 0."""
    first = tokens[0] if tokens else ""
    result = build(first)(list(tokens))
    return result if isinstance(result, int) else 0
