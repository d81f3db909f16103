"""Decides which distributions docs/reference is about: those that the repository keeps, whatever else is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import tomli
from attrs import frozen

from jifen.registry import Registry
from jifen.words import packages

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.offers import Offer

KEPT: Final = ("core", "plugins/*", "towns/*", "contrib/*")
"""Where a repository has its distributions."""


@frozen
class Kept:
    """What the repository's own plugins offer, and which of its packages have a catalogue."""

    registry: Registry
    packages: tuple[str, ...]
    commands: tuple[str, ...]

    @classmethod
    def of(cls, root: Path) -> Kept:
        """What is installed of the distributions below a repository's root."""
        projects = (file for folder in KEPT for file in root.glob(f"{folder}/pyproject.toml"))
        names = {tomli.loads(file.read_text("utf-8"))["project"]["name"] for file in projects}
        installed = Registry.load()
        mine = [plugin for plugin in installed.report if plugin.distribution in names]
        offered = {name for plugin in mine for _, name in plugin.offers}
        offers: tuple[Offer, ...] = (
            *installed.eligibility_rules,
            *installed.categories,
            *installed.aggregations,
            *installed.reward_policies,
            *installed.commands,
        )
        registry = Registry.of(*(offer for offer in offers if offer.name in offered))
        modules = {"jifen", *(plugin.module for plugin in mine)}
        told = tuple(package for package in packages() if package in modules)
        return cls(registry, told, tuple(command.name for command in registry.commands))
