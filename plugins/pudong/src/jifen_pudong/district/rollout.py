"""Decides what the district's rollout says: kinds of village, dated targets, recognitions, criteria (R25, R27).

It is data, a TOML file beside this module or one of that name in the district's folder.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from attrs import NOTHING, field, fields, frozen
from jifen.convert import convert, missing, unknown
from jifen.document import Document, Faults
from jifen.model import Measure, Names, Subject

from jifen_pudong.shares import share_of

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.model import RuleBook

WAYS: Final = ("kinds", "at_least", "share")
LEAST_GROUPS: Final = 2


@frozen
class VillageKind:
    """A kind of village that a target can speak of."""

    code: str
    name: Names


@frozen
class Target:
    """What is to be reached by the end of a day, in each town: every village of some kinds, so many, or a share."""

    code: str
    date: date
    name: Names
    clause: str
    item: str
    """Item of the assessment book; its deed counts the villages that are missing."""
    kinds: tuple[str, ...] = ()
    """Every village that is of one of these kinds."""
    at_least: int | None = None
    """So many villages; a town with fewer: all of them."""
    share: str | None = None
    """So large a share of the villages and over."""


@frozen
class RecognitionKind:
    """A recognition of a town, and the item of the assessment book that it is a deed of (R26)."""

    kind: str
    name: Names
    item: str


@frozen
class Pilots:
    """Whether a village that pilots in some of its groups counts as taking part, and how many it needs (R5)."""

    count: bool
    least_groups: int
    clause: str


@frozen
class Candidates:
    """Criteria for a model case, all of which a town must meet; those that are not written are not asked (R27)."""

    clause: str
    villages: str | None = None
    """Share of the villages that take part."""
    quarters: int | None = None
    """How many quarters were settled."""
    households: str | None = None
    """Share of the households that take part, in the latest settlement."""
    no_deductions: bool = False
    """Whether the assessment may not have taken a point."""


@frozen
class Rollout:
    """All of it."""

    title: Names
    pilots: Pilots
    kinds: tuple[VillageKind, ...]
    targets: tuple[Target, ...]
    candidates: Candidates
    recognitions: tuple[RecognitionKind, ...] = field(default=())


def read_rollout(path: Path, book: RuleBook) -> Rollout:
    """The rollout of a file, for the assessment book whose items it names.

    Raises `Refused` with every problem, each with its line.
    """
    document = Document.read(path)
    faults = Faults(document)
    kinds = get_type_hints(Rollout)
    made: dict[str, Any] = {}
    for part in fields(Rollout):
        if part.name in document.data:
            made[part.name] = convert(document.data[part.name], kinds[part.name], (part.name,), faults)
        elif part.default is NOTHING:
            missing(part.name, (), faults)
    for key in document.data:
        if key not in kinds:
            unknown(key, list(kinds), (), faults)
    faults.settle()
    rollout = Rollout(**made)
    _check(rollout, book, faults)
    faults.settle()
    return rollout


def _check(rollout: Rollout, book: RuleBook, faults: Faults) -> None:
    known = [kind.code for kind in rollout.kinds]
    _once([target.code for target in rollout.targets], "targets", "code", faults)
    _once(known, "kinds", "code", faults)
    _once([each.kind for each in rollout.recognitions], "recognitions", "kind", faults)
    for number, target in enumerate(rollout.targets):
        _check_target(target, number, known, faults)
        _check_item(target.item, ("targets", number, "item"), Measure.QUANTITY, book, faults)
        if not book.valid_from <= target.date <= book.valid_to:
            facts = {"first": book.valid_from, "last": book.valid_to}
            faults.add("district.target-outside", ("targets", number, "date"), **facts)
    for number, each in enumerate(rollout.recognitions):
        _check_item(each.item, ("recognitions", number, "item"), Measure.COUNT, book, faults)
    if rollout.pilots.least_groups < LEAST_GROUPS:
        got = rollout.pilots.least_groups
        faults.add("pudong.min-pilot-groups", ("pilots", "least_groups"), least=LEAST_GROUPS, got=got)
    for name in ("villages", "households"):
        text = getattr(rollout.candidates, name)
        if text is not None:
            _check_share(text, ("candidates", name), faults)


def _check_target(target: Target, number: int, known: list[str], faults: Faults) -> None:
    ways = [way for way in WAYS if getattr(target, way) not in (None, ())]
    if len(ways) != 1:
        faults.add("district.target-ways", ("targets", number), got=len(ways))
    for place, kind in enumerate(target.kinds):
        if kind not in known:
            facts = {"got": kind, "known": ", ".join(known)}
            faults.add("district.unknown-kind", ("targets", number, "kinds", place), **facts)
    if target.at_least is not None and target.at_least < 1:
        faults.add("district.at-least-one", ("targets", number, "at_least"), got=target.at_least)
    if target.share is not None:
        _check_share(target.share, ("targets", number, "share"), faults)


def _check_share(text: str, path: tuple[str | int, ...], faults: Faults) -> None:
    value = share_of(text)
    if value is None or not 0 < value <= 1:
        faults.add("pudong.not-a-share", path, got=text)


def _check_item(code: str, path: tuple[str | int, ...], measure: Measure, book: RuleBook, faults: Faults) -> None:
    """The item is the book's, is of towns, and counts what its deeds bring."""
    item = book.items_in().get(code)
    if item is None or item.subject is not Subject.TOWN or item.measure is not measure:
        faults.add("district.unfit-item", path, got=code, book=book.name, measure=measure.value)


def _once(codes: list[str], table: str, key: str, faults: Faults) -> None:
    for number, code in enumerate(codes):
        if code in codes[:number]:
            faults.add("district.code-twice", (table, number, key), got=code)
