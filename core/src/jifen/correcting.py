"""Decides how a settlement that was kept is corrected: today's data, the rules of then, and only what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jifen.correction import Correction, correct
from jifen.correction_kept import read_corrections
from jifen.dataset import read_inputs
from jifen.flow import settle
from jifen.in_force import books_in
from jifen.keeping import read_settlement
from jifen.problems import Place, Problem, Refused
from jifen.settling import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from jifen.model import RuleBook
    from jifen.registry import Registry


def correct_folder(
    registry: Registry,
    old: Path,
    data: Path,
    *,
    after: Sequence[Path] = (),
    on: date | None = None,
    set_aside: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Correction:
    """The correction of the settlement in the folder `old`, from the data of its period as they are today (R22).

    `after` are the folders of the corrections that were made of it before, in their order; `on` is the day of the
    entries, see `jifen.correction.correct`. Raises `Refused` for folders that are none or do not belong together, where
    the installed rules are not those of then, where `on` lies within the period, and as `settle_folder` does.
    """
    kept = read_settlement(old)
    earlier = read_corrections(after, old)
    town, period = kept.settlement.town, kept.settlement.period
    if on is not None and on <= period.end:
        facts = {"on": on, "period": period.name, "end": period.end}
        raise Refused([Problem("correct.within-period", facts=facts)])
    book = rules_of(registry, town, data, period)
    _check_rules(kept.manifest, book, old, registry)
    inputs = read_inputs(data, book, period, registry, set_aside=set_aside)
    now = settle(book, registry, inputs, period, town=town, progress=progress)
    return correct(kept, now, inputs, on=on, earlier=earlier)


def _check_rules(manifest: dict[str, Any], book: RuleBook, old: Path, registry: Registry) -> None:
    """A change of rules does not work backwards (R16): only the rules of then correct what they gave."""
    rules, town = manifest["rules"], manifest["town"]
    before = [each["digest"] for each in (*rules["earlier"], rules)]
    if before == [each.digest for each in books_in(book)]:
        return
    ours = next((each for each in registry.report if ("towns", town) in each.offers), None)
    name = ours.distribution if ours else "–"
    version = manifest["versions"].get(name)
    facts = {
        "old": rules["digest"][:12],
        "new": book.digest[:12],
        "package": f"{name}=={version}" if version else name,
        "installed": ours.version if ours else "–",
    }
    raise Refused([Problem("correct.other-rules", Place(file=str(old)), facts)])
