"""Decides what is asked before something is made, on a terminal only, and what is taken where nobody answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jifen.commands.printing import line
from jifen.words import say

from jifen_new.naming import Kind, Project, wrong_title, wrong_year

if TYPE_CHECKING:
    from collections.abc import Mapping


def defaults(project: Project) -> dict[str, str | int]:
    """An answer to every question of the template, in the order of asking; the rules are for the coming year."""
    if project.kind is Kind.TOWN:
        year = datetime.now().astimezone().year + 1
        return {"title": f"{project.name}镇", "english": project.english, "year": year}
    title = say("new.sample-title", name=project.name)
    return {"title": title, "english": project.english, "owner": say("new.owner")}


def ask(project: Project, replies: Mapping[str, str | int]) -> dict[str, str | int]:
    """Asks what `replies` leave open. Raises `KeyboardInterrupt` where someone gives up, by Ctrl-C or Ctrl-D."""
    line(say("new.asking"))
    return {
        key: replies[key] if key in replies else _reply(say(f"new.ask.{project.kind.value}.{key}"), default)
        for key, default in defaults(project).items()
    }


def _reply(question: str, default: str | int) -> str | int:
    """What was answered, once it can be used; an empty line is the default."""
    while True:
        try:
            told = input(say("new.prompt", question=question, default=default)).strip()
        except EOFError:
            raise KeyboardInterrupt from None
        if not told:
            return default
        reply = int(told) if isinstance(default, int) and told.isdecimal() else told
        wrong = say("new.no-year", got=told) if isinstance(default, int) and isinstance(reply, str) else why(reply)
        if not wrong:
            return reply
        line(wrong)


def why(reply: str | int) -> str:
    """Why a reply cannot be used, in words; empty where it can."""
    return wrong_year(reply) if isinstance(reply, int) else wrong_title(reply)
