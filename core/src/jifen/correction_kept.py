"""Decides what the folder of a correction holds: its entries, what was announced, the awards behind them, a manifest.

It appears whole or not at all, beside the settlement, which is not touched. Neither clock nor path gets in.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from jifen import keeping
from jifen.correction import Correction, Earlier
from jifen.folders import files_in, whole_folder, write_json
from jifen.frames import ANNOUNCED, AWARDS, CORRECTIONS, REFUSED
from jifen.problems import Place, Problem, Refused
from jifen.stores import sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from jifen.registry import Registry

    Write = Callable[[Correction, Path], None]

MANIFEST: Final = "correction.json"
LAYOUT: Final = 1
"""The layout of the folder; a change that an older program cannot read raises it."""
_FRAMES: Final = {"corrections": CORRECTIONS, "announced": ANNOUNCED, "awards": AWARDS, "refused": REFUSED}


def check_free(folder: Path) -> None:
    """Raises `Refused` unless the folder is not there or empty: a correction replaces nothing."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise Refused([Problem("correct.not-free", Place(file=str(folder)))])


def keep_correction(
    correction: Correction, old: Path, folder: Path, registry: Registry, writers: Iterable[Write] = ()
) -> dict[str, Any]:
    """Writes a correction of the settlement in the folder `old`, and returns its manifest.

    `writers` add what is for people. Raises `Refused` where something is there already; whatever a writer raises comes
    through, and nothing is left.
    """
    check_free(folder)
    with whole_folder(folder) as fresh:
        for name in _FRAMES:
            table: pl.DataFrame = getattr(correction, name)
            table.write_parquet(fresh / f"{name}.parquet", compression="zstd", compression_level=3)
        for write in writers:
            write(correction, fresh)
        outputs = {file.relative_to(fresh).as_posix(): sha256(file) for file in files_in(fresh)}
        found = {**_manifest(correction, old, registry), "outputs": outputs}
        write_json(fresh / MANIFEST, found)
    return found


def _manifest(correction: Correction, old: Path, registry: Registry) -> dict[str, Any]:
    entries = correction.corrections
    return {
        **keeping.manifest(correction.now, correction.inputs, registry),
        "layout": LAYOUT,
        "corrects": {
            "settlement": sha256(old / keeping.MANIFEST),
            "after": [each.digest for each in correction.earlier],
        },
        "number": correction.number,
        "on": str(correction.on),
        "entries": {
            "rows": entries.height,
            "subjects": entries["subject"].n_unique(),
            "points": int(entries["change"].sum()),
            "places": correction.now.book.places,
        },
        "announced": correction.announced.height,
    }


def read_corrections(folders: Sequence[Path], old: Path) -> tuple[Earlier, ...]:
    """The corrections of the settlement in the folder `old` from their folders, in their order.

    Raises `Refused` where there is none, where a file was changed since, and where one does not follow the other.
    """
    found: list[Earlier] = []
    settlement = sha256(old / keeping.MANIFEST) if folders else ""
    for folder in folders:
        try:
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Refused([Problem("correct.none-here", Place(file=str(folder)))]) from error
        if not isinstance(manifest, dict) or manifest.get("layout") != LAYOUT:
            raise Refused([Problem("keeping.other-layout", Place(file=str(folder)), {"want": LAYOUT})])
        if manifest["corrects"]["settlement"] != settlement:
            raise Refused([Problem("correct.of-another", Place(file=str(folder)))])
        if manifest["corrects"]["after"] != [each.digest for each in found]:
            facts = {"number": manifest["number"], "given": len(found)}
            raise Refused([Problem("correct.not-in-order", Place(file=str(folder)), facts)])
        found.append(_read(folder, manifest))
    return tuple(found)


def _read(folder: Path, manifest: dict[str, Any]) -> Earlier:
    files = {name: folder / f"{name}.parquet" for name in _FRAMES}
    changed = [
        file for file in files.values() if not file.is_file() or sha256(file) != manifest["outputs"].get(file.name)
    ]
    if changed:
        raise Refused([Problem("keeping.changed", Place(file=str(file))) for file in changed])
    tables = {name: _FRAMES[name].check(pl.read_parquet(file), name) for name, file in files.items()}
    return Earlier(tables["corrections"], tables["awards"], tables["refused"], sha256(folder / MANIFEST))
