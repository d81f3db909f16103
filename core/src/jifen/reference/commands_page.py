"""Decides what the page of the command line says: every command's help, as the command prints it in English."""

from __future__ import annotations

import os
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Final

from rich.console import Console

from jifen.commands.app import COMMANDS, build
from jifen.reference.markdown import code, page, paragraphs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cyclopts import App

_ABOUT = (
    "Exit statuses: 0 done, 1 refused or found wrong, 2 the arguments were not understood, 130 stopped. "
    "The program speaks Chinese; `JIFEN_LANG=en` switches to English."
)
_COLUMNS: Final = 110


def commands_page(offered: Collection[str]) -> str:
    """The page: the whole, then the core's commands and the plugins' that are named, with the commands of commands."""
    with _in_english():
        app = build()
        for name in [name for name in app if not name.startswith("-") and name not in (*COMMANDS, *offered)]:
            del app[name]
        blocks = [block for names in [(), *_names(app)] for block in _command(app, names)]
    return page("The command line", paragraphs(_ABOUT), *blocks)


def _names(app: App, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in app:
        if not name.startswith("-"):
            yield (*before, name)
            yield from _names(app[name], (*before, name))


def _command(app: App, names: tuple[str, ...]) -> Iterator[str]:
    printed = StringIO()
    app.help_print(list(names), console=Console(file=printed, width=_COLUMNS, color_system=None))
    lines = [line.rstrip() for line in printed.getvalue().strip().splitlines()]
    yield f"## {' '.join(('jifen', *names))}"
    yield code("\n".join(lines), "text")


@contextmanager
def _in_english() -> Iterator[None]:
    """The library asks for words while it prints, so the language is set around it and put back."""
    before = os.environ.get("JIFEN_LANG")
    os.environ["JIFEN_LANG"] = "en"
    try:
        yield
    finally:
        if before is None:
            del os.environ["JIFEN_LANG"]
        else:
            os.environ["JIFEN_LANG"] = before
