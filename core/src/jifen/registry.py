"""Decides what can be asked for by name: the offers of all plugins, typed; the only module that knows pluggy.

Nothing overrides anything: of a name that is offered twice neither offer is used, and what failed is never left out in
silence: whoever asks for it is refused with the reason.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from types import ModuleType
from typing import Final, TypeVar

import pluggy
from attrs import field, frozen

from jifen import hooks
from jifen.gathering import NAMESPACED, OFFERS, Gathered, Offered, PluginReport, gather
from jifen.loader import Found, Imported, attempt, load
from jifen.offers import (
    Category,
    Command,
    EligibilityRule,
    Offer,
    Reader,
    RewardPolicy,
    Town,
    VillageAggregation,
    Writer,
)
from jifen.problems import Problem, Refused
from jifen.words import say

__all__ = ["PluginReport", "Registry"]

T = TypeVar("T", bound=Offer)

_PREFIX: Final = f"{hooks.PROJECT}_"


@frozen(eq=False, slots=False)
class Registry:
    """The offers of all plugins. A hook is called when something of its kind is first asked for.

    Lookups raise `Refused` for a name that nobody offers, that two distributions offer, or whose plugin failed.
    """

    _ask: Callable[[Iterable[str]], tuple[Offered, ...]] = field(repr=False)

    @classmethod
    def load(cls, path: Sequence[str] | None = None) -> Registry:
        """The plugins that are installed (on `path`, or `sys.path`). Raises nothing: failures are in `report`."""
        plugins = tuple(_register(imported) for imported in load(path))
        return cls(lambda kinds: tuple(plugin.offered(kinds) for plugin in plugins))

    @classmethod
    def of(cls, *offers: Offer) -> Registry:
        """These offers and no others, for tests and tools that need no installed plugin."""
        given = Offered(
            None, tuple((kind, offer) for offer in offers for kind in OFFERS if type(offer) is OFFERS[kind])
        )
        return cls(lambda _: (given,))

    @cached_property
    def _all(self) -> Gathered:
        return gather(self._ask(OFFERS))

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """By name. Only this kind of hook is called, so that `--help` is quick; other failures of a plugin do not count."""
        return gather(self._ask(("commands",))).every("commands", Command)

    @property
    def report(self) -> tuple[PluginReport, ...]:
        """Every plugin, whether it works and why not, by name of distribution and entry point."""
        return self._all.reports

    @property
    def eligibility_rules(self) -> tuple[EligibilityRule, ...]:
        """All that are offered, by name."""
        return self._all.every("eligibility", EligibilityRule)

    @property
    def categories(self) -> tuple[Category, ...]:
        """All that are offered, by name."""
        return self._all.every("categories", Category)

    @property
    def aggregations(self) -> tuple[VillageAggregation, ...]:
        """All that are offered, by name."""
        return self._all.every("village_aggregations", VillageAggregation)

    @property
    def reward_policies(self) -> tuple[RewardPolicy, ...]:
        """All that are offered, by name."""
        return self._all.every("reward_policies", RewardPolicy)

    @property
    def towns(self) -> tuple[Town, ...]:
        """All that are offered, by name."""
        return self._all.every("towns", Town)

    @property
    def readers(self) -> tuple[Reader, ...]:
        """All that are offered, by name."""
        return self._all.every("readers", Reader)

    @property
    def writers(self) -> tuple[Writer, ...]:
        """All that are offered, by name."""
        return self._all.every("writers", Writer)

    def eligibility(self, name: str) -> EligibilityRule:
        """The eligibility rule of this name. Raises `Refused`."""
        return self._all.one("eligibility", name, EligibilityRule)

    def category(self, name: str) -> Category:
        """The category of this name. Raises `Refused`."""
        return self._all.one("categories", name, Category)

    def aggregation(self, name: str) -> VillageAggregation:
        """The village aggregation of this name. Raises `Refused`."""
        return self._all.one("village_aggregations", name, VillageAggregation)

    def reward_policy(self, name: str) -> RewardPolicy:
        """The reward policy of this name. Raises `Refused`."""
        return self._all.one("reward_policies", name, RewardPolicy)

    def town(self, name: str) -> Town:
        """The town of this name. Raises `Refused`."""
        return self._all.one("towns", name, Town)


@frozen
class _Plugin:
    """A plugin whose hooks are registered, in a plugin manager of its own: its faults cannot reach another's."""

    imported: Imported
    manager: pluggy.PluginManager
    problems: tuple[Problem, ...]

    def offered(self, kinds: Iterable[str]) -> Offered:
        """What its hooks of these kinds return, with what is wrong about it."""
        offers: list[tuple[str, Offer]] = []
        problems = [*self.problems]
        for kind in kinds if not self.problems else ():
            hook = _PREFIX + kind
            caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
            if not caller.get_hookimpls():
                continue
            results, failures = attempt(caller, "plugins.hook-failed", self.imported.home, hook=hook)
            problems += failures
            if results is not None:
                # pluggy leaves out None, so a hook that forgot its `return` shows in the count.
                results += [None] * (len(caller.get_hookimpls()) - len(results))
                for result in results:
                    problems += _wrong(self.imported.found, kind, result)
                    if not isinstance(result, Sequence):
                        continue
                    offers += [(kind, offer) for offer in result if isinstance(offer, OFFERS[kind])]
        return Offered(self.imported.found, tuple(offers), tuple(problems))


def _register(imported: Imported) -> _Plugin:
    """Hand each marked function to pluggy by itself, so that every one that does not fit is named."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    problems = list(imported.problems)
    plugin = imported.plugin
    for name in dir(plugin) if plugin is not None else ():
        options = manager.parse_hookimpl_opts(plugin, name)
        function = inspect.getattr_static(plugin, name)
        if options is None:
            if (
                name.startswith(_PREFIX)
                and inspect.isfunction(function)
                and function.__module__ == imported.found.module
            ):
                problems.append(Problem("plugins.marker", facts={"hook": name, "signature": _nearest(name)}))
            continue
        hook = options.get("specname") or name
        if not hasattr(manager.hook, hook):
            if not options.get("optionalhook"):
                problems.append(Problem("plugins.no-hook", facts={"hook": hook, "signature": _nearest(hook)}))
            continue
        if any(options.get(order) for order in ("wrapper", "hookwrapper", "tryfirst", "trylast")):
            problems.append(Problem("plugins.order", facts={"hook": hook}))
            continue
        alone = ModuleType(f"{imported.found.entry}:{name}")
        setattr(alone, name, function)
        try:
            manager.register(alone, alone.__name__)
        except pluggy.PluginValidationError:
            facts = {"hook": hook, "found": f"{hook}{_arguments(function)}", "signature": _nearest(hook)}
            problems.append(Problem("plugins.signature", facts=facts))
    return _Plugin(imported, manager, tuple(problems))


def _nearest(name: str) -> str:
    """The hook that is most like the name, with its signature as a plugin must write it."""
    hook = get_close_matches(name, [_PREFIX + kind for kind in OFFERS], n=1, cutoff=0.0)[0]
    return hook + _arguments(getattr(hooks, hook))


def _arguments(function: Callable[..., object]) -> str:
    return str(inspect.signature(function)).replace("'", "")


def _wrong(found: Found, kind: str, result: object) -> Iterator[Problem]:
    """What is wrong about what a hook returned, before anyone else's offers are looked at."""
    offer = OFFERS[kind]
    facts: Mapping[str, object] = {"hook": _PREFIX + kind, "offer": offer.__name__}
    if not isinstance(result, Sequence) or isinstance(result, str | bytes):
        yield Problem("plugins.no-sequence", facts={**facts, "found": type(result).__name__})
        return
    for place, each in enumerate(result, 1):
        if not isinstance(each, offer):
            yield Problem("plugins.no-offer", facts={**facts, "found": type(each).__name__, "place": place})
        elif not isinstance(each.name, str) or not each.name:
            yield Problem("plugins.no-name-of", facts={**facts, "found": repr(each.name), "place": place})
        elif kind in NAMESPACED and not each.name.startswith(f"{found.entry}."):
            what = say(f"plugins.kind.{kind}")
            yield Problem("plugins.namespace", facts={"kind": what, "name": each.name, "entry": found.entry})
