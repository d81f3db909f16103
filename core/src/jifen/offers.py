"""Decides what a plugin can offer: frozen objects that name themselves and hold one pure function each.

A function must be pure: same input, same output, whatever the row order; no clock, network, file or global state.
Frames are declared in `jifen.frames`. Names are namespaced by plugin (``pudong.three-presences``).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import polars as pl

    from jifen.inputs import Inputs, Reading
    from jifen.model import Item, Names, RuleBook
    from jifen.settlement import Settlement

    Check = Callable[[RuleBook, Any], Iterable[tuple[str, str, dict[str, object]]]]
    """Book, options → (path below the section, key of the words, facts) for what the options may not say."""


@frozen
class EligibilityRule:
    """Who takes part and on what ground (R2 to R5): HOUSEHOLDS, VILLAGES, options → PARTICIPANTS, a row a household."""

    name: str
    title: Names
    decide: Callable[[pl.DataFrame, pl.DataFrame, Any], pl.DataFrame]
    options: type | None = None
    check: Check | None = None


@frozen
class Category:
    """Items that belong together (R6 to R10, R13, R14).

    The items are data; the core's algebra scores them. `scorer` is only for what data cannot say: DEEDS of its items
    (approved, of participants, ordered by date and deed) and the items → GROSS; limits are the core's all the same.
    """

    name: str
    title: Names
    items: tuple[Item, ...] = ()
    scorer: Callable[[pl.DataFrame, tuple[Item, ...]], pl.DataFrame] | None = None


@frozen
class VillageView:
    """What a village aggregation may look at: whole villages, all of their rows."""

    book: RuleBook
    villages: pl.DataFrame
    households: pl.DataFrame
    participants: pl.DataFrame
    standings: pl.DataFrame
    awards: pl.DataFrame
    """AWARDS of the subject village only."""


@frozen
class VillageAggregation:
    """How a village's score comes about (R12 to R14): VillageView, options → VILLAGE_PARTS."""

    name: str
    title: Names
    aggregate: Callable[[VillageView, Any], pl.DataFrame]
    options: type | None = None
    check: Check | None = None


@frozen
class RewardView:
    """What a reward policy may look at: the whole town once its villages are scored."""

    book: RuleBook
    households: pl.DataFrame
    participants: pl.DataFrame
    standings: pl.DataFrame
    village_scores: pl.DataFrame
    awards: pl.DataFrame
    """AWARDS that a penalty may rest on: what took points before any limit, and vetoes."""


@frozen
class RewardPolicy:
    """What points lead to (R17 to R19): RewardView, options → REWARDS. Proposals are never applied."""

    name: str
    title: Names
    reward: Callable[[RewardView, Any], pl.DataFrame]
    options: type | None = None
    check: Check | None = None


@frozen
class Pause:
    """Days between two rule books on which nothing is scored, with the reason that the town gives for it."""

    first: date
    last: date
    reason: str


@frozen
class Town:
    """A town's rule package: its manifest and where its rule books lie."""

    name: str
    title: Names
    folder: Path
    rules: tuple[str, ...]
    cases: str | None = None
    api: int = 1
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
    help: str
    target: str


@frozen
class Reader:
    """An input: the file endings it reads, and files → Reading (frames, problems, counts of what was cleaned)."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[tuple[Path, ...], RuleBook], Reading]


@frozen
class Writer:
    """An output: what it writes into the folder of a settlement."""

    name: str
    write: Callable[[Settlement, Inputs, Path], None]


Offer = EligibilityRule | Category | VillageAggregation | RewardPolicy | Town | Command | Reader | Writer
