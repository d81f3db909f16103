"""Decides what the folder of a settlement holds, and that it appears whole or not at all.

The frames as Parquet, the rules with the words that explain them (so that an explanation needs neither the town's
package nor today's rules), what the plugins write, and ``settlement.json`` with what it was made from. No clock and no
path of this machine gets in: the same settlement gives the same bytes.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import asdict, frozen

from jifen import __version__
from jifen.folders import files_in, whole_folder, write_json
from jifen.period import Period
from jifen.problems import Place, Problem, Refused
from jifen.rules_kept import rules_as_json, rules_from_json
from jifen.settlement import OUTPUT, RowCount, Settlement
from jifen.stores import Store, local, sha256
from jifen.words import language, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.deployment import Approved
    from jifen.inputs import Inputs
    from jifen.model import RuleBook
    from jifen.registry import Registry

MANIFEST: Final = "settlement.json"
RULES: Final = "rules.json"
LAYOUT: Final = 1
"""The layout of the folder; a change that an older program cannot read raises it."""


@frozen(eq=False)
class Kept:
    """A settlement as it was read back: frames, villages (`jifen.frames.VILLAGES`), manifest and words."""

    settlement: Settlement
    villages: pl.DataFrame
    manifest: dict[str, Any]
    words: Mapping[str, Mapping[str, str]]

    def say(self, key: str) -> str:
        """The words of a code as they were when it was settled, in the language in force."""
        return self.words.get(language(), {}).get(key) or say(key)


def keep(
    settlement: Settlement, inputs: Inputs, folder: str | Path, registry: Registry, *, force: bool = False
) -> dict[str, Any]:
    """Writes a settlement into a folder, or to an address, whole or not at all, and returns its manifest.

    `force` replaces an earlier settlement. Raises `Refused` where something is there already; whatever a writer raises
    comes through, and nothing is left.
    """
    check_free(folder, force=force)
    with whole_folder(folder, last=MANIFEST) as fresh:
        write_frames(settlement, inputs, fresh, {})
        write_for_people(settlement, inputs, fresh, registry)
        return finish(settlement, inputs, fresh, registry, {})


def write_frames(settlement: Settlement, inputs: Inputs, fresh: Path, outputs: Mapping[str, str]) -> None:
    """The frames that are not among `outputs` already, and the rules with their words."""
    for name, frame in {**settlement.frames(), "villages": inputs.villages}.items():
        if files_of(name, outputs) == [f"{name}.parquet"]:
            frame.write_parquet(fresh / f"{name}.parquet", compression="zstd", compression_level=3)
    write_json(fresh / RULES, rules_as_json(settlement))


def write_for_people(settlement: Settlement, inputs: Inputs, fresh: Path, registry: Registry) -> None:
    """What the plugins write: workbook, report. Whatever a writer raises comes through, with its name."""
    for writer in registry.writers:
        try:
            writer.write(settlement, inputs, fresh)
        except Exception as fault:
            fault.add_note(writer.name)
            raise


def finish(
    settlement: Settlement, inputs: Inputs, fresh: Path, registry: Registry, outputs: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest, written last; `outputs` are files whose SHA-256 is known."""
    others = [file for file in files_in(fresh) if file.relative_to(fresh).as_posix() not in outputs]
    digests = {**outputs, **{file.relative_to(fresh).as_posix(): sha256(file) for file in others}}
    found = {**manifest(settlement, inputs, registry), "outputs": dict(sorted(digests.items()))}
    write_json(fresh / MANIFEST, found)
    return found


def check_free(where: str | Path, *, force: bool) -> None:
    """Raises `Refused` unless nothing is in the folder or at the address, or an earlier settlement may be replaced."""
    folder = local(where)
    if folder is None:
        there = Store.of(where).names()
        free, earlier = not there, MANIFEST in there
    else:
        free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
        earlier = (folder / MANIFEST).is_file()
    if not free and not (force and earlier):
        code = "keeping.earlier" if earlier else "keeping.not-a-settlement"
        raise Refused([Problem(code, Place(file=str(where)))])


def manifest(settlement: Settlement, inputs: Inputs, registry: Registry) -> dict[str, Any]:
    """What the settlement was made from, without the digests of what was written."""
    book, rows, period = settlement.book, settlement.rows, settlement.period
    approval = book.approval
    return {
        "layout": LAYOUT,
        "town": settlement.town,
        "period": {"name": period.name, "start": str(period.start), "end": str(period.end)},
        "rules": {
            "name": book.name,
            "valid_from": str(book.valid_from),
            "valid_to": str(book.valid_to),
            "status": book.marked.value,
            "digest": book.digest,
            "earlier": [_of_before(each) for each in book.earlier],
            "approval": approval and {"body": approval.body, "document": approval.document, "date": str(approval.date)},
        },
        "deployment": None if inputs.approved is None else [_of_approval(each) for each in inputs.approved],
        "versions": {"jifen": __version__, "polars": pl.__version__, **_plugins(settlement, inputs, registry)},
        "inputs": dict(sorted(inputs.digests.items())),
        "known_at": None if inputs.known_at is None else str(inputs.known_at),
        "rows": {
            "in": rows.rows_in,
            "awarded": rows.awarded,
            "refused": rows.refused,
            "cancelled": rows.cancelled,
            "set_aside": rows.set_aside,
        },
        "set_aside": {
            frame: sum(row.frame == frame for row in inputs.set_aside)
            for frame in ("villages", "households", "deeds", "requests", "corrections")
        },
        "cleaned": dict(sorted(inputs.cleaned.items())),
    }


def _of_approval(approved: Approved) -> dict[str, str | None]:
    """An approval under which the period was settled (R15)."""
    return {**asdict(approved), "date": str(approved.date)}


def _of_before(book: RuleBook) -> dict[str, str]:
    """A book that held in the first part of the period (R16)."""
    dates = {"valid_from": str(book.valid_from), "valid_to": str(book.valid_to)}
    return {"name": book.name, **dates, "status": book.marked.value, "digest": book.digest}


def _plugins(settlement: Settlement, inputs: Inputs, registry: Registry) -> dict[str, str]:
    """Distribution and version of every plugin that had a hand in it."""
    suffixes = {Path(name).suffix.lower() for name in inputs.digests}
    used = {
        *(("readers", reader.name) for reader in registry.readers if suffixes & set(reader.suffixes)),
        *(("writers", writer.name) for writer in registry.writers),
    }
    others = {report.distribution: report.version for report in registry.report if used & set(report.offers)}
    return {**others, **rules_plugins(settlement.town, settlement.book, registry)}


def rules_plugins(town: str, book: RuleBook, registry: Registry) -> dict[str, str]:
    """Distribution and version of every plugin that a town's rules are made of."""
    used = {
        ("towns", town),
        ("eligibility", book.eligibility.use),
        ("village_aggregations", book.village.use),
        ("reward_policies", book.rewards.use),
        *(("categories", category.name) for category in book.categories),
    }
    return {report.distribution: report.version for report in registry.report if used & set(report.offers)}


def read_settlement(where: str | Path) -> Kept:
    """A settlement from its folder or address.

    Raises `Refused` where there is none, where it has another layout, and where a file was changed since.
    """
    store = Store.of(where)
    try:
        found = json.loads(store.read(MANIFEST))
        rules = json.loads(store.read(RULES))
    except (OSError, ValueError) as error:
        raise Refused([Problem("keeping.none-here", Place(file=str(where)))]) from error
    if not isinstance(found, dict) or found.get("layout") != LAYOUT:
        raise Refused([Problem("keeping.other-layout", Place(file=str(where)), {"want": LAYOUT})])
    names = {frame: files_of(frame, found["outputs"]) for frame in (*OUTPUT, "villages")}
    every = [RULES, *(name for files in names.values() for name in files)]
    data = dict(zip(every, store.checked(every, found["outputs"], "keeping.changed"), strict=True))
    frames = {frame: joined([pl.read_parquet(BytesIO(data[name])) for name in files]) for frame, files in names.items()}
    rows = found["rows"]
    read: dict[str, Any] = {name: frame.check(frames[name], name) for name, frame in OUTPUT.items()}
    settlement = Settlement(
        town=found["town"],
        book=rules_from_json(rules),
        period=Period.parse(found["period"]["name"]),
        rows=RowCount(rows["in"], rows["awarded"], rows["refused"], rows["cancelled"], rows["set_aside"]),
        **read,
    )
    return Kept(settlement, frames["villages"], found, rules["words"])


def files_of(frame: str, outputs: Mapping[str, str]) -> list[str]:
    """The files of a frame: one, or those of a folder of its name where villages were settled as tasks."""
    parts = sorted(name for name in outputs if name.startswith(f"{frame}/"))
    return parts or [f"{frame}.parquet"]


def joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """A frame of those of its files."""
    # Texts are coded in some files and plain in others where only some have entries of an earlier period.
    return pl.concat(parts, how="vertical_relaxed")
