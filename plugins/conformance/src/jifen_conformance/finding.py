"""Decides which targets a name stands for: a plugin as installed, its towns, and the objects that rule books name."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from jifen.loader import attempt
from jifen.offers import Category, EligibilityRule, RewardPolicy, Town, VillageAggregation
from jifen.problems import Problem, Refused
from jifen.rulebook import books_of

from jifen_conformance import checks as _every_check  # noqa: F401 - importing it registers the checks
from jifen_conformance.capabilities import ELSEWHERE, declared, evident
from jifen_conformance.check import Kind
from jifen_conformance.declared import FILE, Notes, read_declared
from jifen_conformance.neutral import NEUTRAL, neutral_book
from jifen_conformance.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jifen.model import RuleBook
    from jifen.offers import Check, Offer
    from jifen.registry import PluginReport, Registry

KINDS: Final[Mapping[type[Offer], Kind]] = {
    Town: Kind.TOWN,
    Category: Kind.CATEGORY,
    EligibilityRule: Kind.ELIGIBILITY,
    VillageAggregation: Kind.AGGREGATION,
    RewardPolicy: Kind.POLICY,
}
_LOOKUPS: Final[Mapping[str, Callable[[Registry, str], Offer]]] = {
    "towns": lambda registry, name: registry.town(name),
    "categories": lambda registry, name: registry.category(name),
    "eligibility": lambda registry, name: registry.eligibility(name),
    "village_aggregations": lambda registry, name: registry.aggregation(name),
    "reward_policies": lambda registry, name: registry.reward_policy(name),
}
"""Kinds as the registry's reports name them, and how the registry is asked for one."""


def find(
    name: str, registry: Registry, options: Mapping[str, Any] | None = None, capabilities: Iterable[str] = ()
) -> tuple[Target, ...]:
    """The targets of a town's name, of a plugin's entry point, or of an object as rule books name it.

    A town or an entry point stands for the plugin and for all that it offers. `options` are an object's own, as TOML
    would have them. Raises `Refused` for a name that nothing installed has (``conformance.unknown``), where what is
    declared does not fit, and where an object cannot be tried without options that nobody declared.
    """
    added = declared(capabilities)
    found: list[Target] = []
    for report in registry.report:
        whole = name == report.entry or ("towns", name) in report.offers
        if whole:
            notes = read_declared(report)
            found.append(_plugin(report, registry, notes))
            found += [_target(*key, registry, report, notes, options, added) for key in _checked(report)]
        else:
            mine = [key for key in _checked(report) if key[1] == name]
            found += [_target(*key, registry, report, read_declared(report), options, added) for key in mine]
    if not found:
        raise Refused([_unknown(name, registry)])
    return tuple(found)


def find_one(
    name: str, registry: Registry, options: Mapping[str, Any] | None = None, capabilities: Iterable[str] = ()
) -> Target:
    """The one town or object of a name. Raises `Refused` as `find` does, and (``conformance.several``) for several."""
    found = find(name, registry, options, capabilities)
    offers = [each for each in found if each.kind is not Kind.PLUGIN]
    named = [each for each in offers if each.name == name] or offers
    if len(named) > 1:
        names = ", ".join(each.name for each in named)
        raise Refused([Problem("conformance.several", facts={"name": name, "offers": names})])
    return next(iter(named or found))


def everything(registry: Registry) -> Iterator[str]:
    """The entry points of all plugins that bring something to check, or that failed, by name."""
    for report in registry.report:
        if report.problems or _checked(report):
            yield report.entry


def target_of(
    offer: Offer,
    registry: Registry,
    *,
    report: PluginReport | None = None,
    notes: Notes | None = None,
    options: Mapping[str, Any] | None = None,
    capabilities: Iterable[str] = (),
    made_by: str = "",
) -> Target:
    """One offer as a target, installed or not; `registry` must offer it. Raises `Refused` as `find` does."""
    notes = notes or Notes()
    said = notes.of(offer.name)
    asked = {*said.capabilities, *declared(capabilities)}
    excuses = {each.code: each.reason for each in said.expected_failures}
    problems: tuple[Problem, ...] = ()
    town = offer if isinstance(offer, Town) else None
    if town is not None:
        try:
            books = books_of(town, registry)
        except Refused as refused:
            books, problems = (), refused.problems
    else:
        books = () if options is not None or said.options is not None else _of_its_town(offer, registry, report)
        if not books:
            books = (neutral_book(offer, notes.options(offer, options), _beside(offer, registry, report)),)
            _check_options(offer, books[0], notes)
        registry = registry.beside(*NEUTRAL)
    return Target(
        KINDS[type(offer)],
        offer.name,
        offer,
        registry,
        books,
        problems,
        report,
        town,
        evident(offer, books) | asked | ({ELSEWHERE} if report or made_by else set()),
        excuses,
        options,
        made_by,
    )


def _target(
    kind: str,
    name: str,
    registry: Registry,
    report: PluginReport,
    notes: Notes,
    options: Mapping[str, Any] | None,
    capabilities: Iterable[str],
) -> Target:
    offer = _LOOKUPS[kind](registry, name)
    return target_of(offer, registry, report=report, notes=notes, options=options, capabilities=capabilities)


def _said(check: Check, book: RuleBook, options: object) -> list[tuple[str, str, dict[str, object]]]:
    return list(check(book, options))


def _check_options(offer: Offer, book: RuleBook, notes: Notes) -> None:
    """What the plugin itself has to say of the options. Raises `Refused` with each at its place."""
    if not isinstance(offer, EligibilityRule | VillageAggregation | RewardPolicy) or offer.check is None:
        return
    part = next(each for each in (book.eligibility, book.village, book.rewards) if each.use == offer.name)
    found, problems = attempt(partial(_said, offer.check, book, part.options), "conformance.raised", None)
    told = [Problem(code, notes.place(offer, path), facts) for path, code, facts in found or ()]
    if problems or told:
        raise Refused(
            [*problems, *told, Problem("conformance.needs-options", facts={"name": offer.name, "file": FILE})]
        )


def _plugin(report: PluginReport, registry: Registry, notes: Notes) -> Target:
    excuses = {each.code: each.reason for each in notes.of(report.entry).expected_failures}
    return Target(Kind.PLUGIN, report.entry, None, registry, report=report, expected_failures=excuses)


def _checked(report: PluginReport) -> list[tuple[str, str]]:
    return [key for key in report.offers if key[0] in _LOOKUPS]


def _of_its_town(offer: Offer, registry: Registry, report: PluginReport | None) -> tuple[RuleBook, ...]:
    """The books of a town of the same plugin that compose the offer: made for each other, they are tried together."""
    found: list[RuleBook] = []
    for kind, name in report.offers if report is not None else ():
        if kind == "towns":
            try:
                books = books_of(registry.town(name), registry)
            except Refused:
                continue  # the town is a target of its own and says why
            found += [book for book in books if offer.name in _composed(book)]
    return tuple(found)


def _composed(book: RuleBook) -> set[str]:
    parts = (book.eligibility, book.village, book.rewards)
    return {*(part.use for part in parts), *(category.name for category in book.categories)}


def _beside(offer: Offer, registry: Registry, report: PluginReport | None) -> list[Category]:
    """The categories of the same plugin, for which an aggregation or a policy may be made."""
    if report is None or not isinstance(offer, VillageAggregation | RewardPolicy):
        return []
    return [registry.category(name) for kind, name in report.offers if kind == "categories"]


def _unknown(name: str, registry: Registry) -> Problem:
    known = {report.entry for report in registry.report if report.problems or _checked(report)}
    offers = {offer for report in registry.report for _, offer in _checked(report)}
    near = get_close_matches(name, known | offers, 1)
    facts = {"name": name, "known": ", ".join(near or sorted(known)) or "–"}
    return Problem("conformance.unknown", facts=facts)
