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
    ExecutorOffer,
    Offer,
    Reader,
    RewardPolicy,
    Town,
    VillageAggregation,
    Writer,
)
from jifen.problems import Problem
from jifen.words import say

__all__ = ["PluginReport", "Registry"]

T = TypeVar("T", bound=Offer)

_PREFIX: Final = f"{hooks.PROJECT}_"


@frozen(eq=False, slots=False)
class Registry:
    """The offers of all plugins. A hook is called when something of its kind is first asked for.

    Lookups raise `Refused` for a name that nobody offers, that two distributions offer, or whose plugin failed.
    """

    _plugins: tuple[_Plugin, ...] = ()
    _given: tuple[Offered, ...] = ()

    @classmethod
    def load(cls, path: Sequence[str] | None = None) -> Registry:
        """The plugins that are installed (on `path`, or `sys.path`). Raises nothing: failures are in `report`."""
        return cls(plugins=tuple(_register(imported) for imported in load(path)))

    @classmethod
    def of(cls, *offers: Offer) -> Registry:
        """These offers and no others, for tests and tools that need no installed plugin."""
        return cls(given=(_made(*offers),))

    def beside(self, *offers: Offer) -> Registry:
        """The same plugins and these offers beside them; a name that is offered already is withdrawn, as always."""
        return Registry(self._plugins, (*self._given, _made(*offers)))

    def _gather(self, kinds: Iterable[str]) -> Gathered:
        return gather((*self._given, *(plugin.offered(kinds) for plugin in self._plugins)))

    @cached_property
    def _all(self) -> Gathered:
        return self._gather(OFFERS)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """By name. Calls this kind of hook only, so that `--help` is quick; a plugin's other failures do not count."""
        return self._gather(("commands",)).every("commands", Command)

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

    @property
    def executors(self) -> tuple[ExecutorOffer, ...]:
        """All that are offered, by name."""
        return self._all.every("executors", ExecutorOffer)

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


def _made(*offers: Offer) -> Offered:
    """Offers that no plugin makes."""
    kinds = {offer: kind for kind, offer in OFFERS.items()}
    return Offered(None, tuple((kinds[type(offer)], offer) for offer in offers))


@frozen(eq=False)
class _Plugin:
    """A plugin whose hooks are registered, in a plugin manager of its own: its faults cannot reach another's."""

    imported: Imported
    manager: pluggy.PluginManager
    problems: tuple[Problem, ...]
    answers: dict[str, Offered] = field(factory=dict)
    """By kind: no hook is called twice."""

    def offered(self, kinds: Iterable[str]) -> Offered:
        """What its hooks of these kinds return, with what is wrong about it."""
        found = self.imported.found
        if self.problems:
            return Offered(found, problems=self.problems)
        for kind in kinds:
            if kind not in self.answers:
                self.answers[kind] = self._call(kind)
        answers = [self.answers[kind] for kind in kinds]
        return Offered(
            found,
            tuple(offer for answer in answers for offer in answer.offers),
            tuple(problem for answer in answers for problem in answer.problems),
        )

    def _call(self, kind: str) -> Offered:
        found, hook = self.imported.found, _PREFIX + kind
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        results, failures = attempt(caller, "plugins.hook-failed", self.imported.home, hook=hook)
        if results is None:
            return Offered(found, problems=failures)
        # pluggy leaves out None, so a hook that forgot its `return` shows in the count.
        results = [*results, *[None] * (len(caller.get_hookimpls()) - len(results))]
        return Offered(
            found,
            tuple((kind, offer) for result in results for offer in _usable(kind, result)),
            tuple(problem for result in results for problem in _wrong(found, kind, result)),
        )


def _register(imported: Imported) -> _Plugin:
    """Hand each marked function to pluggy by itself, so that every one that does not fit is named."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    problems = list(imported.problems)
    plugin = imported.plugin
    for name in dir(plugin) if plugin is not None else ():
        options = manager.parse_hookimpl_opts(plugin, name)
        function = inspect.getattr_static(plugin, name, None)
        if options is None:
            if name.startswith(_PREFIX) and getattr(function, "__module__", "") == imported.found.module:
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


def _usable(kind: str, result: object) -> Iterator[Offer]:
    """The offers of what a hook returned."""
    for each in result if isinstance(result, Sequence) else ():
        if isinstance(each, OFFERS[kind]) and _is_name(each.name):
            yield each


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip())


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
        elif not _is_name(each.name):
            yield Problem("plugins.no-name-of", facts={**facts, "found": repr(each.name), "place": place})
        elif kind in NAMESPACED and not each.name.startswith(f"{found.entry}."):
            what = say(f"plugins.kind.{kind}")
            yield Problem("plugins.namespace", facts={"kind": what, "name": each.name, "entry": found.entry})
