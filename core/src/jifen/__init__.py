"""The points system of rural governance (乡村治理积分制): what plugins and programs may import.

Names are loaded when they are first used, so that `import jifen` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jifen.hooks import API, hookimpl
    from jifen.library import settle
    from jifen.model import Item, RuleBook
    from jifen.offers import (
        Category,
        Command,
        EligibilityRule,
        ExecutorOffer,
        Reader,
        RewardPolicy,
        RewardView,
        Town,
        VillageAggregation,
        VillageView,
        Writer,
    )
    from jifen.problems import Place, Problem, Refused
    from jifen.words import add_catalogue, add_words, say

_HOMES = {
    "hooks": ("API", "hookimpl"),
    "library": ("settle",),
    "model": ("Item", "RuleBook"),
    "offers": (
        "Category",
        "Command",
        "EligibilityRule",
        "ExecutorOffer",
        "Reader",
        "RewardPolicy",
        "RewardView",
        "Town",
        "VillageAggregation",
        "VillageView",
        "Writer",
    ),
    "problems": ("Place", "Problem", "Refused"),
    "words": ("add_catalogue", "add_words", "say"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "API",
    "Category",
    "Command",
    "EligibilityRule",
    "ExecutorOffer",
    "Item",
    "Place",
    "Problem",
    "Reader",
    "Refused",
    "RewardPolicy",
    "RewardView",
    "RuleBook",
    "Town",
    "VillageAggregation",
    "VillageView",
    "Writer",
    "add_catalogue",
    "add_words",
    "hookimpl",
    "say",
    "settle",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'jifen' has no attribute {name!r}")
    value = getattr(import_module(f"jifen.{_HOME[name]}"), name)
    globals()[name] = value
    return value
