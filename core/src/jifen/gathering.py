"""Decides which offers are in force once those of all plugins lie side by side, and why the others are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final, Literal, TypeVar

from attrs import frozen

from jifen.loader import Found
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
from jifen.problems import Problem, Refused
from jifen.words import say

T = TypeVar("T")

OFFERS: Final[Mapping[str, type[Offer]]] = {
    "eligibility": EligibilityRule,
    "categories": Category,
    "village_aggregations": VillageAggregation,
    "reward_policies": RewardPolicy,
    "towns": Town,
    "commands": Command,
    "readers": Reader,
    "writers": Writer,
    "executors": ExecutorOffer,
}
"""Kind, which is the hook's name after its prefix, and the class of what is offered."""

NAMESPACED: Final = frozenset({"eligibility", "categories", "village_aggregations", "reward_policies"})
"""The kinds that rule books name, as ``entry-point.name``; the others have plain names."""


@frozen
class Offered:
    """What one plugin offers and what is wrong with it; `found` is None for offers that no plugin made."""

    found: Found | None
    offers: tuple[tuple[str, Offer], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def distribution(self) -> str:
        """Name and version, for messages."""
        return f"{self.found.distribution} {self.found.version}" if self.found else "Registry.of"


@frozen
class PluginReport:
    """One plugin: where it comes from, whether it works, what is wrong, and what it offers that is in force."""

    entry: str
    distribution: str
    version: str
    module: str
    status: Literal["ok", "failed"]
    problems: tuple[Problem, ...]
    offers: tuple[tuple[str, str], ...]
    """(kind, name), where a kind is the name of a hook without its prefix."""

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "entry": self.entry,
            "distribution": self.distribution,
            "version": self.version,
            "module": self.module,
            "status": self.status,
            "problems": [problem.as_json() for problem in self.problems],
            "offers": [{"kind": kind, "name": name} for kind, name in self.offers],
        }


@frozen
class Gathered:
    """The offers in force by kind and name, those withheld with their reasons, and a report of each plugin."""

    in_force: Mapping[tuple[str, str], Offer]
    withheld: Mapping[tuple[str, str], tuple[PluginReport, ...]]
    broken: tuple[PluginReport, ...]
    """Plugins nothing of which is in force."""
    reports: tuple[PluginReport, ...]

    def every(self, kind: str, offer: type[T]) -> tuple[T, ...]:
        """The offers of a kind, by name."""
        names = sorted(name for of, name in self.in_force if of == kind)
        return tuple(each for name in names if isinstance(each := self.in_force[kind, name], offer))

    def one(self, kind: str, name: str, offer: type[T]) -> T:
        """The offer of a name. Raises `Refused` with the reason why it is not there."""
        found = self.in_force.get((kind, name))
        if not isinstance(found, offer):
            raise Refused(self._reasons(kind, name))
        return found

    def _reasons(self, kind: str, name: str) -> Iterator[Problem]:
        what = say(f"plugins.kind.{kind}")
        failed = self.withheld.get((kind, name)) or [each for each in self.broken if _belongs(name, kind, each)]
        for each in failed:
            reason = say("plugins.then").join(str(problem) for problem in each.problems)
            plugin = {"entry": each.entry, "distribution": each.distribution, "version": each.version}
            yield Problem("plugins.needs-failed", facts={"kind": what, "name": name, **plugin, "reason": reason})
        if failed:
            return
        known = sorted(known for of, known in self.in_force if of == kind)
        facts: dict[str, object] = {"kind": what, "name": name, "known": say("plugins.join").join(known)}
        if near := get_close_matches(name, known, n=1):
            yield Problem("plugins.unknown-near", facts={**facts, "near": near[0]})
        else:
            yield Problem("plugins.unknown" if known else "plugins.unknown-none", facts=facts)
        if self.broken:
            names = say("plugins.join").join(each.entry for each in self.broken)
            yield Problem("plugins.also-failed", facts={"entries": names})


def _belongs(name: str, kind: str, report: PluginReport) -> bool:
    """Whether a plugin that failed before it could offer anything is the one that would have offered the name."""
    if kind in NAMESPACED:
        return name.partition(".")[0] == report.entry
    return name == report.entry or report.distribution.endswith(f"-{name}")


def gather(plugins: Iterable[Offered]) -> Gathered:
    """Lay the offers side by side: a plugin with a problem offers nothing, a name that is offered twice is withdrawn.

    What a failed plugin would have offered counts as offered: its name must not fall to another plugin.
    """
    plugins = tuple(plugins)
    claims: dict[tuple[str, str], list[Offered]] = defaultdict(list)
    for plugin in plugins:
        for kind, offer in plugin.offers:
            claims[kind, offer.name].append(plugin)
    in_force: dict[tuple[str, str], Offer] = {}
    withheld: dict[tuple[str, str], dict[str, PluginReport]] = defaultdict(dict)
    reports: list[PluginReport] = []
    for plugin in plugins:
        good = {
            (kind, offer.name): offer
            for kind, offer in plugin.offers
            if not plugin.problems and len(claims[kind, offer.name]) == 1
        }
        in_force |= good
        report = _report(plugin, (*plugin.problems, *_twice(plugin, claims)), tuple(sorted(good)))
        reports.append(report)
        for kind, offer in plugin.offers:
            if (kind, offer.name) not in good:
                withheld[kind, offer.name][report.distribution] = report
    return Gathered(
        in_force,
        {key: tuple(those.values()) for key, those in withheld.items()},
        broken=tuple(report for plugin, report in zip(plugins, reports, strict=True) if plugin.problems),
        reports=tuple(report for plugin, report in zip(plugins, reports, strict=True) if plugin.found is not None),
    )


def _twice(plugin: Offered, claims: Mapping[tuple[str, str], list[Offered]]) -> Iterator[Problem]:
    """Every name of a plugin that is offered more than once, with all who offer it."""
    for kind, name in sorted({(kind, offer.name) for kind, offer in plugin.offers}):
        if len(claims[kind, name]) > 1:
            names = say("plugins.join").join(claimant.distribution for claimant in claims[kind, name])
            facts = {"kind": say(f"plugins.kind.{kind}"), "name": name, "distributions": names}
            yield Problem("plugins.twice", facts=facts)


def _report(plugin: Offered, problems: tuple[Problem, ...], offers: tuple[tuple[str, str], ...]) -> PluginReport:
    found = plugin.found
    return PluginReport(
        entry=found.entry if found else "",
        distribution=found.distribution if found else plugin.distribution,
        version=found.version if found else "",
        module=found.module if found else "",
        status="failed" if problems else "ok",
        problems=problems,
        offers=offers,
    )
