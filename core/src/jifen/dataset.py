"""Decides what a folder of data is: which files are read by whom, and that all that is wrong is told at once.

Parquet is read by the core itself, the frames of `jifen.frames` by name; every other kind by the plugin that offers a
reader for its ending. Only the folder's own files count, and those of tables that lie in a folder of their own; what an
office program leaves behind while a file is open, and hidden files, are not data.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve

from jifen import frames
from jifen.checking import admit
from jifen.inputs import Inputs, Reading, Source, counted
from jifen.known import as_known
from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from jifen.model import RuleBook
    from jifen.offers import Reader
    from jifen.period import Period
    from jifen.registry import Registry

PARQUET: Final = ".parquet"
_FRAMES: Final = {
    frame.name: frame
    for frame in (
        frames.VILLAGES,
        frames.HOUSEHOLDS,
        frames.DEEDS,
        frames.REQUESTS,
        frames.OPENINGS,
        frames.CORRECTIONS,
    )
}
_IN_PARTS: Final = ("households", "deeds", frames.CORRECTIONS.name)
"""Tables that may lie in a folder of their own, in several files."""
_LEFT_BEHIND: Final = ("~$", ".", "~lock")


def read_inputs(
    folder: Path,
    book: RuleBook,
    period: Period,
    registry: Registry,
    *,
    set_aside: bool = False,
    known_at: date | None = None,
) -> Inputs:
    """Everything in a folder that can be settled, with the SHA-256 of every file that was read, by its name.

    With `known_at` only what had been recorded by the end of that day, with the status that it had then.
    Raises `Refused` with all problems at once: a folder that is not there, holds nothing readable, or holds both
    Parquet and other tables; what a reader says about whole files; and every row that cannot be used, unless
    `set_aside`.
    """
    reading, digests = read_folder(folder, book, registry)
    if known_at is not None:
        reading = as_known(reading, known_at)
    inputs = evolve(admit(reading, book, period, digests), known_at=known_at)
    if inputs.set_aside and not set_aside:
        count = Problem("dataset.nothing-settled", facts={"count": len(inputs.set_aside)})
        raise Refused([*(problem for row in inputs.set_aside for problem in row.problems), count])
    return inputs


def read_folder(folder: Path, book: RuleBook, registry: Registry) -> tuple[Reading, dict[str, str]]:
    """What the readers bring of a folder, not yet looked at across tables, and the SHA-256 of every file by its name.

    Raises `Refused` for a folder that is not there, holds nothing readable, or holds both Parquet and other tables.
    """
    files = data_files(folder)
    readers = _readers(folder, files, registry)
    readings = [_read(folder, reader, those, book) for reader, those in readers]
    used = [file for _, those in readers for file in those]
    digests = {_name(folder, file): hashlib.sha256(file.read_bytes()).hexdigest() for file in used}
    return Reading.merged(readings), digests


def _read(folder: Path, reader: Reader | None, files: tuple[Path, ...], book: RuleBook) -> Reading:
    if reader is None:
        return read_parquet(folder, files)
    try:
        return reader.read(files, book)
    except Exception as fault:
        fault.add_note(reader.name)
        raise


def data_files(folder: Path) -> tuple[Path, ...]:
    """The files that are data, by name. Raises `Refused` where the folder is not there."""
    if not folder.is_dir():
        code = "dataset.not-a-folder" if folder.exists() else "dataset.no-folder"
        raise Refused([Problem(code, Place(file=str(folder)))])
    below = [folder / name for name in _IN_PARTS if (folder / name).is_dir()]
    found = [*folder.iterdir(), *(file for each in below for file in each.iterdir())]
    files = [file for file in found if file.is_file() and not file.name.startswith(_LEFT_BEHIND)]
    return tuple(sorted(files, key=lambda file: _name(folder, file)))


def _name(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def _readers(folder: Path, files: Sequence[Path], registry: Registry) -> list[tuple[Reader | None, tuple[Path, ...]]]:
    """Who reads which files; None is the core's own reader of Parquet."""
    by_suffix: dict[str, Reader | None] = {PARQUET: None}
    for offered in registry.readers:
        by_suffix.update(dict.fromkeys(offered.suffixes, offered))
    shares: dict[str, tuple[Reader | None, list[Path]]] = {}
    for file in files:
        suffix = file.suffix.lower()
        if suffix in by_suffix and (suffix == PARQUET or file.parent == folder):
            reader = by_suffix[suffix]
            shares.setdefault(reader.name if reader else "", (reader, []))[1].append(file)
    if not shares:
        facts = {"suffixes": " ".join(sorted(by_suffix)), "files": len(files)}
        raise Refused([Problem("dataset.nothing-readable", Place(file=str(folder)), facts)])
    # Entries of a correction are Parquet whatever else the office keeps.
    own = [file for file in shares.get("", (None, []))[1] if _table(folder, file) != frames.CORRECTIONS.name]
    if own and len(shares) > 1:
        other = next(those[0].name for name, (_, those) in shares.items() if name)
        facts = {"parquet": own[0].name, "other": other}
        raise Refused([Problem("dataset.both-kinds", Place(file=str(folder)), facts)])
    return [(reader, tuple(those)) for _, (reader, those) in sorted(shares.items())]


def _table(folder: Path, file: Path) -> str:
    """The table that a Parquet file is a part of."""
    return file.stem if file.parent == folder else file.parent.name


def read_parquet(folder: Path, files: Sequence[Path]) -> Reading:
    """``villages.parquet``, and ``households`` and ``deeds`` as one file each or as ``households/*``, ``deeds/*``.

    For a book with purses also ``requests.parquet`` and ``openings.parquet``; with entries that correct an earlier
    period ``corrections.parquet`` or ``corrections/*.parquet``. Columns are those of `jifen.frames`. A file with
    another name, or that is not Parquet, is a problem of the reading.
    """
    found: dict[str, list[pl.DataFrame]] = defaultdict(list)
    origins: dict[str, list[pl.DataFrame]] = defaultdict(list)
    sources: list[Source] = []
    problems: list[Problem] = []
    for file in files:
        name = _table(folder, file)
        if name not in _FRAMES:
            problems.append(Problem("dataset.unknown-table", Place(file=file.name), {"known": " ".join(_FRAMES)}))
            continue
        try:
            table = pl.read_parquet(file)
        except (pl.exceptions.PolarsError, OSError):
            problems.append(Problem("dataset.not-parquet", Place(file=_name(folder, file))))
            continue
        found[name].append(table)
        origins[name].append(counted(table.height, len(sources)))
        sources.append(Source(_name(folder, file)))
    return Reading(
        frames={name: pl.concat(parts, how="diagonal_relaxed") for name, parts in found.items()},
        problems=tuple(problems),
        rows_in=sum(part.height for part in found.get("deeds", ())),
        sources=tuple(sources),
        origins={name: pl.concat(parts) for name, parts in origins.items()},
    )
