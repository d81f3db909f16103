"""Decides whether the parts of a book agree with each other: dates, approval, names, shared limits, grades, vetoes."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from jifen.exactness import Numbers
from jifen.limit_checks import check_limits
from jifen.model import Status, Subject, VetoEffect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from jifen.document import Faults
    from jifen.locate import Path
    from jifen.model import Approval, BookCategory, Grade, Item, Ranking, SharedLimit
    from jifen.offers import Category

MOST_PLACES = 6


def check_places(places: int | None, faults: Faults) -> int | None:
    """The book's places where they can be used."""
    if places is not None and not 0 <= places <= MOST_PLACES:
        faults.add("rulebook.bad-places", ("places",), got=places, most=MOST_PLACES)
        return None
    return places


def check_dates(head: Mapping[str, Any], faults: Faults) -> None:
    """The dates in which the book holds, and its approval, which must not be younger (R15, R16)."""
    first: date | None = head.get("valid_from")
    last: date | None = head.get("valid_to")
    approval: Approval | None = head.get("approval")
    if first and last and first > last:
        faults.add("rulebook.dates-reversed", ("valid_to",), first=first, last=last)
    approved = head.get("status") is Status.APPROVED
    if approved and "approval" not in faults.document.data:
        faults.add("rulebook.no-approval", ("status",))
    if approved and approval and first and approval.date > first:
        faults.add("rulebook.approved-late", ("approval", "date"), date=approval.date, first=first)


def check_names(
    categories: Sequence[BookCategory],
    ranking: Ranking | None,
    items: Iterable[tuple[Item, Path]],
    faults: Faults,
    *,
    complete: bool,
) -> None:
    """That no category stands twice, and that items and the ranking name only categories that the book composes.

    Where a category is not to be had (`complete` is False), its name may be misspelled: then nothing is said of items.
    """
    names = [category.name for category in categories]
    for position, name in enumerate(names):
        if name in names[:position]:
            faults.add("rulebook.repeated", ("categories", position, "name"), what=name)
    known = ", ".join(dict.fromkeys(names))
    for item, path in items:
        if complete and item.category not in names:
            faults.add("rulebook.not-composed", (*path, "category"), name=item.category, known=known)
    for position, name in enumerate(ranking.ties if ranking else ()):
        if name not in names:
            faults.add("rulebook.not-composed", ("ranking", "ties", position), name=name, known=known)


def check_references(codes: set[str], items: Iterable[tuple[Item, Path]], faults: Faults) -> None:
    """That items which put others right name items that there are, and that a lifting of a veto can come about."""
    items = list(items)
    mended: set[str] = set()
    for item, path in items:
        for position, code in enumerate(item.put_right.items if item.put_right else ()):
            mended.add(code)
            if code not in codes:
                faults.add("rulebook.unknown-item", (*path, "put_right", "items", position), code=code)
    for item, path in items:
        if item.veto is None or item.code in mended:
            continue
        for key in ("lifted_total", "lifted_grade"):
            if getattr(item.veto, key) is not None:
                faults.add("rulebook.never-lifted", (*path, "veto", key), code=item.code)


def check_shared(
    limits: Sequence[SharedLimit], codes: set[str], items: Mapping[str, Item], places: int | None, faults: Faults
) -> None:
    """Limits on several items together: codes once, items that there are, all of one kind of subject."""
    seen: dict[str, int] = {}
    for position, limit in enumerate(limits):
        path = ("limits", position)
        if limit.code in seen:
            first = faults.told(("limits", seen[limit.code], "code"))
            faults.add("rulebook.repeated-code", (*path, "code"), code=limit.code, first=first)
        seen.setdefault(limit.code, position)
        if not limit.items:
            faults.add("rulebook.empty-list", (*path, "items"))
        for place, code in enumerate(limit.items):
            if code not in codes:
                faults.add("rulebook.unknown-item", (*path, "items", place), code=code)
            elif code in limit.items[:place]:
                faults.add("rulebook.repeated", (*path, "items", place), what=code)
        subjects = {items[code].subject for code in limit.items if code in items}
        if len(subjects) > 1:
            faults.add("rulebook.mixed-subjects", (*path, "items"))
    named = [items[code] for limit in limits for code in limit.items if code in items]
    household = all(item.subject is Subject.HOUSEHOLD for item in named)
    check_limits(limits, ("limits",), Numbers(places, faults), faults, members=household)


def check_grades(grades: Sequence[Grade], places: int | None, faults: Faults) -> None:
    """Grades from the best down, each with one threshold below the one before; only the last may have none."""
    numbers = Numbers(places, faults)
    for position, grade in enumerate(grades):
        path: Path = ("grades", position)
        if grade.above is not None and grade.at_least is not None:
            faults.add("rulebook.two-thresholds", (*path, "at_least"))
        for key in ("above", "at_least"):
            value: Decimal | None = getattr(grade, key)
            if value is not None:
                numbers.points(value, (*path, key))
        if grade.above is None and grade.at_least is None and position < len(grades) - 1:
            faults.add("rulebook.no-threshold", path)
    for earlier, later in combinations(range(len(grades)), 2):
        if grades[earlier].code == grades[later].code:
            first = faults.told(("grades", earlier, "code"))
            faults.add("rulebook.repeated-code", ("grades", later, "code"), code=grades[later].code, first=first)
    for position, (better, worse) in enumerate(pairwise(grades), start=1):
        high, low = _threshold(better), _threshold(worse)
        if high is not None and low is not None and low >= high:
            key = "above" if worse.above is not None else "at_least"
            faults.add("rulebook.unreachable-grade", ("grades", position, key), code=worse.code, better=better.code)


def _threshold(grade: Grade) -> tuple[Decimal, bool] | None:
    """More than 100 lies above at least 100, so that both may stand in one book."""
    if grade.above is not None:
        return grade.above, True
    return None if grade.at_least is None else (grade.at_least, False)


def check_vetoes(items: Iterable[tuple[Item, Path]], grades: Sequence[Grade], faults: Faults) -> None:
    """That vetoes name effects once and grades that there are."""
    codes = [grade.code for grade in grades]
    for item, path in items:
        if item.veto is None:
            continue
        here = (*path, "veto")
        for position, effect in enumerate(item.veto.effects):
            if effect in item.veto.effects[:position]:
                faults.add("rulebook.repeated", (*here, "effects", position), what=effect)
            if effect is VetoEffect.LOWEST_GRADE and not codes:
                faults.add("rulebook.no-grades", (*here, "effects", position))
        lifted = item.veto.lifted_grade
        if lifted is not None and lifted not in codes:
            faults.add("rulebook.unknown-grade", (*here, "lifted_grade"), code=lifted, known=", ".join(codes))


def check_limits_of(head: Mapping[str, Any], places: int | None, faults: Faults) -> None:
    """The limits of categories and of the total, which never run for each member."""
    numbers = Numbers(places, faults)
    for position, category in enumerate(head.get("categories", ())):
        check_limits(category.limits, ("categories", position, "limits"), numbers, faults, members=False)
    if "total" in head:
        check_limits(head["total"].limits, ("total", "limits"), numbers, faults, members=False)


def check_scorers(items: Iterable[tuple[Item, Path]], offered: Iterable[Category], faults: Faults) -> None:
    """That an item which a plugin scores belongs to a category with a scorer."""
    scored = {category.name for category in offered if category.scorer is not None}
    known = {category.name for category in offered}
    for item, path in items:
        if item.scored_by_plugin and item.category in known - scored:
            faults.add("rulebook.no-scorer", (*path, "scored_by_plugin"), category=item.category)


def check_subjects(items: Iterable[tuple[Item, Path]], faults: Faults) -> None:
    """That a book of towns is of towns alone: its units are the towns of a district (R26)."""
    found = list(items)
    if any(item.subject is Subject.TOWN for item, _ in found):
        for item, path in found:
            if item.subject is not Subject.TOWN:
                faults.add("rulebook.not-of-towns", (*path, "subject"), subject=item.subject.value)
