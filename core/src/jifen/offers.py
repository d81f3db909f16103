"""Decides what a plugin can offer: frozen objects that name themselves and hold one pure function each.

A function must be pure: same input, same output, whatever the row order; no clock, network, file or global state.
Frames are declared in `jifen.frames`. Names are namespaced by plugin (``pudong.three-presences``).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager
    from pathlib import Path

    import polars as pl

    from jifen.inputs import Inputs, Reading
    from jifen.layers import Baseline
    from jifen.model import Item, Names, RuleBook
    from jifen.settlement import Settlement

    Check = Callable[[RuleBook, Any], Iterable[tuple[str, str, dict[str, object]]]]
    """Book, options → (path below the section, key of the words, facts) for what the options may not say."""


@frozen
class EligibilityRule:
    """Who takes part and on what ground (R2 to R5): HOUSEHOLDS, VILLAGES, options → PARTICIPANTS, a row a household."""

    name: str
    """Name that rule books use, beginning with the plugin's entry point and a dot."""
    title: Names
    """What people call it."""
    decide: Callable[[pl.DataFrame, pl.DataFrame, Any], pl.DataFrame]
    """HOUSEHOLDS, VILLAGES, options → PARTICIPANTS."""
    options: type | None = None
    """Class of its options, from which the section's keys are read; without it there are none."""
    check: Check | None = None
    """Says what the options may not say, once the book is read."""


@frozen
class Category:
    """Items that belong together (R6 to R10, R13, R14).

    The items are data; the core's algebra scores them. `scorer` is only for what data cannot say, the items that say
    `scored_by_plugin = true`: their DEEDS (approved, of participants, ordered by date and deed) and the items → GROSS;
    limits are the core's all the same.
    """

    name: str
    """Name that rule books use, beginning with the plugin's entry point and a dot."""
    title: Names
    """What people call it."""
    items: tuple[Item, ...] = ()
    """What it brings; a rule book restates, switches off or takes each as it is."""
    scorer: Callable[[pl.DataFrame, tuple[Item, ...]], pl.DataFrame] | None = None
    """DEEDS of the items that it scores, these items → GROSS, in thousandths of a point."""
    baseline: Baseline | None = None
    """What the books that compose it may change and add; without it they may do as they like (R15)."""

    @classmethod
    def all_of(cls, package: str) -> tuple[Category, ...]:
        """The categories of an installed package: reads the ``items.toml`` that lies beside its ``__init__``.

        Raises `Refused` with file and line where an item is wrong.
        """
        from jifen.categories import categories_of

        return categories_of(package)


@frozen
class VillageView:
    """What a village aggregation may look at: whole villages, all of their rows."""

    book: RuleBook
    """The rule book."""
    villages: pl.DataFrame
    """VILLAGES."""
    households: pl.DataFrame
    """HOUSEHOLDS."""
    participants: pl.DataFrame
    """PARTICIPANTS."""
    standings: pl.DataFrame
    """STANDINGS."""
    awards: pl.DataFrame
    """AWARDS of the subject village only."""

    def by_item(self) -> pl.DataFrame:
        """village, category, item, clause and points: the sum of each item's awards, in the order of these texts."""
        import polars as pl

        return (
            self.awards.with_columns(pl.col("village", "category", "item", "clause").cast(pl.String))
            .group_by("village", "category", "item")
            .agg(pl.col("clause").min(), pl.col("points").sum())
            .sort("village", "category", "item")
        )


@frozen
class VillageAggregation:
    """How a village's score comes about (R12 to R14): VillageView, options → VILLAGE_PARTS."""

    name: str
    """Name that rule books use, beginning with the plugin's entry point and a dot."""
    title: Names
    """What people call it."""
    aggregate: Callable[[VillageView, Any], pl.DataFrame]
    """VillageView, options → VILLAGE_PARTS."""
    options: type | None = None
    """Class of its options, from which the section's keys are read; without it there are none."""
    check: Check | None = None
    """Says what the options may not say, once the book is read."""


@frozen
class RewardView:
    """What a reward policy may look at: the whole town once its villages are scored."""

    book: RuleBook
    """The rule book."""
    households: pl.DataFrame
    """HOUSEHOLDS."""
    participants: pl.DataFrame
    """PARTICIPANTS."""
    standings: pl.DataFrame
    """STANDINGS."""
    village_scores: pl.DataFrame
    """VILLAGE_SCORES."""
    awards: pl.DataFrame
    """AWARDS that a penalty may rest on: what took points before any limit, and vetoes."""


@frozen
class RewardPolicy:
    """What points lead to (R17 to R19): RewardView, options → REWARDS. Proposals are never applied."""

    name: str
    """Name that rule books use, beginning with the plugin's entry point and a dot."""
    title: Names
    """What people call it."""
    reward: Callable[[RewardView, Any], pl.DataFrame]
    """RewardView, options → REWARDS."""
    options: type | None = None
    """Class of its options, from which the section's keys are read; without it there are none."""
    check: Check | None = None
    """Says what the options may not say, once the book is read."""
    grounds: Callable[[Any], Collection[str]] | None = None
    """Options → codes of the items on which its proposals can rest; no other award is handed to it. Without it: all."""
    ceilings: Callable[[RewardView, Any], Mapping[str, int]] | None = None
    """RewardView, options → the most fen that each of its rewards may cost, by code; `""`: all of them together."""


@frozen
class Pause:
    """Days between two rule books on which nothing is scored, with the reason that the town gives for it."""

    first: date
    """First day."""
    last: date
    """Last day."""
    reason: str
    """Why, as the town announced it."""


@frozen
class Town:
    """A town's rule package: its manifest and where its rule books lie."""

    name: str
    """Name that commands take."""
    title: Names
    """What people call it."""
    folder: Path
    """Where its files lie."""
    rules: tuple[str, ...]
    """Names of its rule book files."""
    cases: str | None = None
    """Name of the file of its worked cases."""
    api: int = 1
    """Level of the plugin interface that it was written for."""
    villages: str | None = None
    """The file of the layers of its villages."""
    pauses: tuple[Pause, ...] = ()
    """Days on which it announces that no rules hold."""

    @classmethod
    def of(cls, package: str) -> Town:
        """The town of an installed package: reads the ``town.toml`` that lies beside its ``__init__``.

        Raises `Refused` with file and line where the manifest is wrong.
        """
        from jifen.manifest import read_town

        return read_town(package)


@frozen
class Command:
    """A command of the command line: its name, the catalogue key of its help, and ``module:function``."""

    name: str
    """Name on the command line."""
    help: str
    """Key of its help in the plugin's catalogue."""
    target: str
    """`module:function`, imported when the command is called."""


@frozen
class Reader:
    """An input: the file endings it reads, and files → Reading (frames, problems, counts of what was cleaned)."""

    name: str
    """Its name."""
    suffixes: tuple[str, ...]
    """File endings that it reads, each with its dot."""
    read: Callable[[tuple[Path, ...], RuleBook], Reading]
    """Files, rule book → Reading."""


@frozen
class Writer:
    """An output: what it writes into the folder of a settlement."""

    name: str
    """Its name."""
    write: Callable[[Settlement, Inputs, Path], None]
    """Settlement, inputs, folder: writes its files there."""


@frozen
class ExecutorOffer:
    """Somewhere else where villages are settled: what stands before the colon of ``--executor``, and what opens it."""

    name: str
    """Its name."""
    open: Callable[[str, Mapping[str, str]], AbstractContextManager[Executor]]
    """What follows the colon (an address, or nothing) and what must be installed there (distribution → version) → an
    executor that runs `jifen.village_task.settle_task`."""


Offer = (
    EligibilityRule | Category | VillageAggregation | RewardPolicy | Town | Command | Reader | Writer | ExecutorOffer
)
