"""Decides how a help page looks: the library's panels in plain lines, every word from the catalogues."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jifen.commands.lines import folded, padded, width
from jifen.words import knows, say

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

_PLACEHOLDER: Final = re.compile(r"\[?\b[A-Z][A-Z-]+\b\]?")
_WIDEST_LABEL: Final = 26


class Page:
    """The library's formatter: descriptions, titles and placeholders are catalogue keys and become words here."""

    def __call__(self, console: Console, _options: ConsoleOptions, panel: HelpPanel) -> None:
        """One panel: its title, and a line or more for each entry."""
        entries = [(_label(entry), _about(entry)) for entry in panel.entries]
        if not entries:
            return
        column = min(max(width(label) for label, _ in entries), _WIDEST_LABEL) + 4
        lines = [f"{say(plain(panel.title))}{say('help.colon')}"]
        for label, about in entries:
            head = padded(f"  {label}", column)
            if width(label) > _WIDEST_LABEL:
                lines.append(head)
                head = " " * column
            lines += folded(head + about, console.width, " " * column)
        _print(console, lines)

    def render_usage(self, console: Console, _options: ConsoleOptions, usage: Any) -> None:
        """The first line."""
        words = plain(usage).removeprefix("Usage:").strip()
        if words:
            head = say("help.usage") + say("help.colon")
            _print(console, list(folded(head + placeholders(words), console.width, " " * width(head))))

    def render_description(self, console: Console, _options: ConsoleOptions, description: Any) -> None:
        """What the command does."""
        key = plain(description)
        if key:
            _print(console, list(folded(say(key), console.width)))


def plain(renderable: Any) -> str:
    """The text of what the library would print."""
    if renderable is None:
        return ""
    inner = getattr(renderable, "primary_renderable", renderable)
    return str(getattr(inner, "plain", inner)).strip()


def _print(console: Console, lines: list[str]) -> None:
    console.print("\n".join(lines), "", sep="\n", highlight=False, markup=False, emoji=False, soft_wrap=True)


def _label(entry: HelpEntry) -> str:
    return ", ".join(placeholders(label) for label in entry.display_labels_with_metavar)


def _about(entry: HelpEntry) -> str:
    about = say(plain(entry.description))
    if entry.required:
        about += say("help.required")
    elif entry.default not in (None, "", "False"):
        about += say("help.default", value=entry.default)
    return about


def placeholders(text: str) -> str:
    """``DIR`` and the like in words, where the catalogue has them."""

    def word(found: re.Match[str]) -> str:
        key = f"help.value.{found[0].strip('[]').lower()}"
        if not knows(key):
            return found[0]
        return found[0].replace(found[0].strip("[]"), say(key))

    return _PLACEHOLDER.sub(word, text)
