"""Decides what a check looks at: the offer under test, the rule books around it, small invented data to try it on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.period import Period

from jifen_conformance.check import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from jifen.model import RuleBook
    from jifen.offers import Offer, Town
    from jifen.problems import Problem
    from jifen.registry import PluginReport, Registry
    from jifen.settlement import Settlement

VILLAGES: Final = 2
HOUSEHOLDS: Final = 12
DEEDS: Final = 10
SEED: Final = 20230601

FUNCTIONS: Final[Mapping[type, str]] = {
    EligibilityRule: "decide",
    Category: "scorer",
    VillageAggregation: "aggregate",
    RewardPolicy: "reward",
}
"""The one function of each object that a rule book names."""


@frozen(eq=False, slots=False)
class Target:
    """The offer under test with what it is tried in.

    `books` are a town's own rule books; for any other offer, one neutral book that composes nothing but it. `problems`
    are why a town's books could not be read. `capabilities` is what the offer evidently has or has declared. Of a
    plugin as it is installed (`Kind.PLUGIN`) there is only the `report`.
    """

    kind: Kind
    name: str
    _offer: Offer | None
    registry: Registry
    books: tuple[RuleBook, ...] = ()
    problems: tuple[Problem, ...] = ()
    report: PluginReport | None = None
    """The plugin that brings it; None for an offer that no plugin made."""
    town: Town | None = None
    capabilities: frozenset[str] = field(factory=frozenset)
    expected_failures: Mapping[str, str] = field(factory=dict)
    """Code to reason, as ``conformance.toml`` declares them."""
    options: Mapping[str, Any] | None = None
    """The options that it was asked to be tried with, as TOML would have them."""
    made_by: str = ""
    """``module:function`` that makes this target in another process, for one that no installed plugin brings."""

    @classmethod
    def of(
        cls,
        name: str,
        registry: Registry,
        options: Mapping[str, Any] | None = None,
        capabilities: Iterable[str] = (),
    ) -> Target:
        """The one town, object or plugin of a name; `options` as TOML would have them, in place of the declared ones.

        Raises `Refused` as `jifen_conformance.finding.find` does, and where the name stands for several offers.
        """
        from jifen_conformance.finding import find_one

        return find_one(name, registry, options, capabilities)

    @property
    def offer(self) -> Offer:
        """The offer. Raises `LookupError` for a plugin, of which there is only the report."""
        if self._offer is None:
            raise LookupError(f"{self.name} is a plugin: its offers are targets of their own")
        return self._offer

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """Each book with invented data of its first full period, settled once; checks share it, none may change it."""
        return tuple(Trial(self, book, period_of(book)) for book in self.books)

    @property
    def function(self) -> Callable[..., Any] | None:
        """The offer's own function, where it has one."""
        found: Callable[..., Any] | None = getattr(self._offer, FUNCTIONS.get(type(self._offer), ""), None)
        return found

    @cached_property
    def home(self) -> Path | None:
        """The folder or file of the plugin's own code: whose deeds the checks of purity look at."""
        from jifen_conformance.homes import home_of

        return home_of(self.report.module if self.report else "", self.function)

    def settle(self, book: RuleBook, inputs: Inputs, period: Period) -> Settlement:
        """Settles any inputs by a book of the target. Raises `Refused` as `jifen.flow.settle` does."""
        return settle(book, self.registry, inputs, period, town=self.town.name if self.town else "")


@frozen(eq=False, slots=False)
class Trial:
    """One book tried on invented data."""

    target: Target
    book: RuleBook
    period: Period

    @cached_property
    def inputs(self) -> Inputs:
        """A small invented town; the same for every check."""
        from jifen_demo import invent

        made = invent(
            self.book,
            period=self.period,
            villages=VILLAGES,
            households=HOUSEHOLDS,
            deeds_per_household=DEEDS,
            seed=SEED,
        )
        return evolve(made, rows_in=0)

    @cached_property
    def settlement(self) -> Settlement:
        """The inputs, settled."""
        return self.target.settle(self.book, self.inputs, self.period)

    def again(self, **changed: Any) -> Settlement:
        """Settles the inputs with some of their frames exchanged: ``trial.again(deeds=…)``."""
        return self.target.settle(self.book, evolve(self.inputs, **changed), self.period)


def period_of(book: RuleBook) -> Period:
    """The longest period that lies in the book's dates: a year, else a half-year, a quarter, a month."""
    for name in _periods(book):
        period = Period.parse(name)
        if book.valid_from <= period.start and period.end <= book.valid_to:
            return period
    raise ValueError(f"{book.name} does not hold for one whole month")


def _periods(book: RuleBook) -> Iterator[str]:
    years = range(book.valid_from.year, book.valid_to.year + 1)
    yield from (f"{year:04}" for year in years)
    yield from (f"{year:04}-H{half}" for year in years for half in (1, 2))
    yield from (f"{year:04}-Q{quarter}" for year in years for quarter in (1, 2, 3, 4))
    yield from (f"{year:04}-{month:02}" for year in years for month in range(1, 13))
