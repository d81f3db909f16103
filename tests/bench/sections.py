"""Decides what is measured, section by section; each gives a table of figures for the JSON."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tests.bench import data
from tests.bench.measuring import rounds, run, same, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DISTRICT: Final = 360
"""Villages of a district."""
PEERS: Final = ("duckdb", "polars", "numpy")
PROCESSES: Final = "jifen:processes:2"


def packed(work: Path, villages: int) -> tuple[Path, int]:
    """A packed dataset of so many villages, made once; and its deeds."""
    folder, noted = work / f"pack-{villages}", work / f"pack-{villages}.deeds"
    if not noted.exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"making {villages} villages", flush=True)
        noted.write_text(str(data.write(folder, villages)), "utf-8")
    return folder, int(noted.read_text("utf-8"))


def district(work: Path, villages: int = DISTRICT) -> dict[str, Any]:
    """Everybody on one district: all answers compared, then medians."""
    pack, deeds = packed(work, villages)
    names = ("jifen", PROCESSES, *PEERS)
    outs = {name: work / f"out-{name.replace(':', '-')}" for name in names}
    for name, out in outs.items():
        run(name, pack, out)
    awards = {name: same(outs["jifen"], outs[name]) for name in names[1:]}["duckdb"]
    for name in names[1:]:
        shutil.rmtree(outs[name])
    kept = outs["jifen"].rename(work / "settled")
    others: dict[str, Any] = {name: partial(run, name, pack, out) for name, out in outs.items()}
    others |= {"read": partial(run, "read", pack, work / "none"), "write": partial(run, "write", kept, work / "again")}
    found = {
        "villages": villages,
        "households": villages * data.HOUSEHOLDS,
        "deeds": deeds,
        "awards": awards,
        "input_bytes": size_of(pack),
        "output_bytes": size_of(kept),
        "engines": rounds(others),
    }
    for folder in (kept, work / "again", *outs.values()):
        shutil.rmtree(folder, ignore_errors=True)
    return found


def objects(work: Path, villages: int = DISTRICT) -> dict[str, Any]:
    """Plain objects and OpenFisca at 1/100 and 1/10 of the size, beside `jifen` on the same."""
    return {"sizes": list(_objects(work, villages))}


def _objects(work: Path, villages: int) -> Iterator[dict[str, Any]]:
    for part in (100, 10):
        pack, deeds = packed(work, max(villages // part, 1))
        outs = {name: work / f"small-{name}" for name in ("jifen", "objects", "openfisca")}
        for name, out in outs.items():
            run(name, pack, out)
        awards, sums = (same(outs["jifen"], outs[name]) for name in ("objects", "openfisca"))
        engines = rounds({name: partial(run, name, pack, out) for name, out in outs.items()})
        for out in outs.values():
            shutil.rmtree(out, ignore_errors=True)
        yield {"villages": max(villages // part, 1), "deeds": deeds, "awards": awards, "sums": sums, "engines": engines}


def growth(work: Path, villages: int = DISTRICT) -> dict[str, Any]:
    """A tenth, the whole, and three times a district. The largest is deleted afterwards."""
    sizes = []
    for many in (max(villages // 10, 1), villages, villages * 3):
        pack, deeds = packed(work, many)
        out = work / "grown"
        figures = rounds({name: partial(run, name, pack, out) for name in ("jifen", PROCESSES)})
        sizes.append({"villages": many, "deeds": deeds, "engines": figures})
        shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(work / f"pack-{villages * 3}")
    (work / f"pack-{villages * 3}.deeds").unlink()
    return {"sizes": sizes}


def executors(work: Path, villages: int = DISTRICT) -> dict[str, Any]:
    """The same district by each executor; one core is held by `taskset` and one thread for columns."""
    pack, deeds = packed(work, villages)
    out = work / "executed"
    figures = rounds(
        {
            "local on one core": partial(run, "jifen", pack, out, one_core=True),
            "local": partial(run, "jifen", pack, out),
            "processes:2": partial(run, PROCESSES, pack, out),
            "dask": partial(run, "jifen:dask", pack, out),
        }
    )
    shutil.rmtree(out, ignore_errors=True)
    return {"villages": villages, "deeds": deeds, "engines": figures}


def nation(work: Path, villages: int) -> dict[str, Any]:
    """One simulated run of very many villages, made in passing: input, one settlement, its figures; then deleted."""
    pack, deeds = packed(work, villages)
    out = work / "nation"
    figures = run(PROCESSES, pack, out)
    found = {"villages": villages, "households": villages * data.HOUSEHOLDS, "deeds": deeds, "engine": figures}
    found |= {"input_bytes": size_of(pack), "output_bytes": size_of(out)}
    for folder in (out, pack):
        shutil.rmtree(folder)
    (work / f"pack-{villages}.deeds").unlink()
    return found
