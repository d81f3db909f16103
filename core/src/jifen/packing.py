"""Decides what a packed dataset is: a period's data by village, sorted, with a list of its files and their checksums.

Each village has a file of households and one of deeds, so that villages can be settled anywhere without the others.
The rows are those that can be settled under the town's rules: all checks that look across villages are made here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import frozen

from jifen import frames
from jifen.folders import files_in, whole_folder, write_json
from jifen.problems import Place, Problem, Refused
from jifen.stores import Store, local, sha256

if TYPE_CHECKING:
    from jifen.inputs import Inputs

MANIFEST: Final = "pack.json"
LAYOUT: Final = 1
"""The layout of the folder; a change that an older program cannot read raises it."""
ORDER: Final = {"households": ("household",), "deeds": ("subject", "date", "deed")}
"""The tables that are stored by village, and how the rows of a village are sorted."""
_TABLES: Final = {"households": frames.HOUSEHOLDS, "deeds": frames.DEEDS}
WHOLE: Final = ("villages", "requests", "openings", "corrections")
"""The tables that are small and stay whole."""


@frozen
class PackedVillage:
    """One village of a packed dataset: its code, its place in the list, and how much there is of it."""

    village: str
    number: int
    households: int
    deeds: int

    def file(self, table: str) -> str:
        """Where the rows of a table are, below the folder."""
        return f"{table}/{self.number:05}.parquet"


@frozen
class Packed:
    """A packed dataset: where it is, for which town and period it was made, its villages in order, its checksums."""

    store: Store
    town: str
    period: str
    villages: tuple[PackedVillage, ...]
    digests: dict[str, str]
    cleaned: dict[str, int]

    def table(self, name: str) -> pl.DataFrame:
        """A table that is whole. Raises `Refused` where its file was changed since it was packed."""
        return self.store.tables([f"{name}.parquet"], self.digests)[0]

    def rows(self, name: str, villages: tuple[PackedVillage, ...]) -> pl.DataFrame:
        """The rows of a table that is stored by village, in order of village and `ORDER`.

        Raises `Refused` with every file that was changed since it was packed.
        """
        found = self.store.tables([village.file(name) for village in villages], self.digests)
        return pl.concat(found) if found else _TABLES[name].empty()


def pack(inputs: Inputs, town: str, period: str, where: str | Path) -> Packed:
    """Writes the rows of `inputs` into a folder or to an address, whole or not at all.

    Raises `Refused` (``packing.exists``) where something is there already.
    """
    folder = local(where)
    if Store.of(where).names() if folder is None else folder.exists():
        raise Refused([Problem("packing.exists", Place(file=str(where)))])
    villages = inputs.villages.sort("village")
    codes = villages["village"].cast(pl.String).to_list()
    listed: list[dict[str, Any]] = []
    with whole_folder(where, last=MANIFEST) as fresh:
        for name in WHOLE:
            table = villages if name == "villages" else getattr(inputs, name)
            table.write_parquet(fresh / f"{name}.parquet", compression="zstd")
        for name in ORDER:
            (fresh / name).mkdir()
        parts = {name: _by_village(getattr(inputs, name), keys) for name, keys in ORDER.items()}
        for number, code in enumerate(codes):
            counts = {}
            for name in ORDER:
                rows = parts[name].get(code, getattr(inputs, name).clear())
                rows.write_parquet(fresh / PackedVillage(code, number, 0, 0).file(name), compression="zstd")
                counts[name] = rows.height
            listed.append({"village": code, **counts})
        manifest = {
            "layout": LAYOUT,
            "town": town,
            "period": period,
            "villages": listed,
            "sorted_by": {name: list(keys) for name, keys in ORDER.items()},
            "made_from": dict(sorted(inputs.digests.items())),
            "cleaned": dict(sorted(inputs.cleaned.items())),
            "files": {file.relative_to(fresh).as_posix(): sha256(file) for file in files_in(fresh)},
        }
        write_json(fresh / MANIFEST, manifest)
    return read_pack(where)


def _by_village(table: pl.DataFrame, keys: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """The rows of each village, sorted; texts are plain, so that every file stands for itself."""
    parts = frames.plain(table).sort("village", *keys).partition_by("village", as_dict=True, maintain_order=True)
    return {str(village): rows for (village,), rows in parts.items()}


def is_pack(where: str | Path) -> bool:
    """Whether a folder is a packed dataset; what an address leads to can be nothing else."""
    folder = local(where)
    return folder is None or (folder / MANIFEST).is_file()


def read_pack(where: str | Path) -> Packed:
    """A packed dataset by its folder or address; the files themselves are looked at when they are read.

    Raises `Refused` where it has another layout or is no packed dataset.
    """
    store = Store.of(where)
    try:
        found = json.loads(store.read(MANIFEST))
    except (OSError, ValueError) as error:
        raise Refused([Problem("packing.none-here", Place(file=str(where)))]) from error
    if not isinstance(found, dict) or found.get("layout") != LAYOUT:
        raise Refused([Problem("packing.other-layout", Place(file=str(where)), {"want": LAYOUT})])
    villages = tuple(
        PackedVillage(each["village"], number, each["households"], each["deeds"])
        for number, each in enumerate(found["villages"])
    )
    return Packed(store, found["town"], found["period"], villages, found["files"], found["cleaned"])
