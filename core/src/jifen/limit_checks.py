"""Decides whether limits bound anything, and whether their bounds can be met and kept exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.model import Of, Partial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.document import Faults
    from jifen.exactness import Numbers
    from jifen.locate import Path
    from jifen.model import Limit, SharedLimit


def check_limits(
    limits: Sequence[Limit | SharedLimit], path: Path, numbers: Numbers, faults: Faults, *, members: bool
) -> None:
    """Adds every fault of the limits at a path; `members` says whether they may run for each member."""
    for position, limit in enumerate(limits):
        here = (*path, position)
        if all(bound is None for bound in (limit.times, limit.gives, limit.takes, limit.floor, limit.ceiling)):
            faults.add("rulebook.limit-unbounded", here)
        if limit.times is not None:
            numbers.count(limit.times, (*here, "times"))
        _check_bounds(limit, here, numbers, faults)
        if limit.of is Of.MEMBER and not members:
            faults.add("rulebook.no-members-here", (*here, "of"))


def _check_bounds(limit: Limit | SharedLimit, here: Path, numbers: Numbers, faults: Faults) -> None:
    for key in ("gives", "takes"):
        bound = getattr(limit, key)
        if bound is not None:
            numbers.points(bound, (*here, key), positive=True)
    for key in ("floor", "ceiling"):
        bound = getattr(limit, key)
        if bound is not None:
            numbers.points(bound, (*here, key))
    # A window begins with 0, so bounds of the net sum that leave 0 out would give or take without any deed.
    if limit.floor is not None and limit.floor > 0:
        faults.add("rulebook.floor-above-zero", (*here, "floor"), floor=limit.floor)
    if limit.ceiling is not None and limit.ceiling < 0:
        faults.add("rulebook.ceiling-below-zero", (*here, "ceiling"), ceiling=limit.ceiling)
    # Only what is given can be dropped whole: what is taken may be put right in part.
    if limit.partial is Partial.DROP and limit.gives is None:
        faults.add("rulebook.drop-without-gives", (*here, "partial"))
    elif limit.partial is Partial.DROP and limit.takes is not None:
        faults.add("rulebook.drop-with-takes", (*here, "partial"))
