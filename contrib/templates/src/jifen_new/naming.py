"""Decides what a new town or category may be called: its name, which must still be free, and its titles."""

from __future__ import annotations

import re
from enum import StrEnum
from importlib.util import find_spec
from typing import Final

from attrs import frozen
from jifen.loader import discover
from jifen.problems import Problem
from jifen.words import say

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME: Final = 20
LONGEST_TITLE: Final = 30
"""So that no line that is made is too long, though a Chinese character is two columns wide."""
YEARS: Final = range(2020, 2100)
TOWN: Final = "town-"
"""How the distribution of a town goes on after `jifen-`; a category must not look like one."""


class Kind(StrEnum):
    """What can be made; each is the name of a template's folder."""

    TOWN = "town"
    CATEGORY = "category"


@frozen
class Project:
    """What is to be made, and the names that follow from its one name."""

    kind: Kind
    name: str

    @property
    def distribution(self) -> str:
        """What pip installs: ``jifen-town-lian-hua``, or ``jifen-lian-hua`` for a category."""
        return f"jifen-{TOWN if self.kind is Kind.TOWN else ''}{self.name}"

    @property
    def package(self) -> str:
        """What Python imports: ``jifen_town_lian_hua``."""
        return self.distribution.replace("-", "_")

    @property
    def module(self) -> str:
        """The name where no hyphen can stand: ``lian_hua``."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """How the codes of a category's items begin, unlike the one letter of the baseline: ``LH``."""
        parts = self.name.split("-")
        letters = "".join(part[0] for part in parts) if len(parts) > 1 else self.name[:2]
        return f"{letters}X".upper()[: max(2, len(parts))]

    @property
    def english(self) -> str:
        """A title in English until someone gives a better one: ``Lian Hua``."""
        return self.name.replace("-", " ").title()


def wrong_name(project: Project) -> Problem | None:
    """Why the name cannot be used, with what would be right; None for a good name that is still free."""
    name = project.name
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        right = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_NAME].rstrip("-")
        if NAME.fullmatch(right):
            return Problem("new.bad-name", facts={"name": name, "right": right, "most": LONGEST_NAME})
        return Problem("new.no-name", facts={"name": name})
    if project.kind is Kind.CATEGORY and name.startswith(TOWN):
        return Problem("new.like-a-town", facts={"name": name, "right": name.removeprefix(TOWN)})
    for found in discover():
        if found.entry == name or found.distribution == project.distribution:
            facts = {"name": name, "distribution": found.distribution, "version": found.version}
            return Problem("new.taken", facts=facts)
    if find_spec(project.package) is not None:
        return Problem("new.package-taken", facts={"name": name, "package": project.package})
    return None


def wrong_title(text: str) -> str:
    """Why a title cannot stand in TOML, Python and a page as it is, in words; empty for a good one."""
    if not text.strip():
        return say("new.title-empty")
    if len(text) > LONGEST_TITLE:
        return say("new.title-long", got=len(text), most=LONGEST_TITLE)
    bad = [letter for letter in text if letter in '"\\`<>{}' or not letter.isprintable()]
    return say("new.title-signs", signs=" ".join(dict.fromkeys(map(_shown, bad)))) if bad else ""


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else f"U+{ord(letter):04X}"


def wrong_year(year: int) -> str:
    """Why a rule book cannot be made for a year, in words; empty for a good one."""
    return "" if year in YEARS else say("new.year-out", got=year, first=YEARS[0], last=YEARS[-1])
