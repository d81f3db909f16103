"""Decides what `--out` holds: frames, a workbook, a page, and what it was made from; all or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from jifen.folders import whole_folder
from jifen.problems import Place, Problem, Refused

from jifen_pudong.district.frames import GIVEN, WRITTEN
from jifen_pudong.district.page import page
from jifen_pudong.district.sheets import write_book

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    from jifen.settlement import Settlement

    from jifen_pudong.district.judging import Judged

MANIFEST: Final = "district.json"
PAGE: Final = "district.html"
BOOK: Final = "district.xlsx"


def check_free(folder: Path, *, force: bool) -> None:
    """Raises `Refused` unless the folder is not there, is empty, or holds an assessment that may be replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    earlier = (folder / MANIFEST).is_file()
    if not (force and earlier):
        code = "district.earlier" if earlier else "keeping.not-a-settlement"
        raise Refused([Problem(code, Place(file=str(folder)))])


def write(judged: Judged, folder: Path, *, force: bool) -> None:
    """Writes the folder; the same data and day give the same frames, page and manifest."""
    check_free(folder, force=force)
    with whole_folder(folder) as fresh:
        for name, frame in frames_of(judged).items():
            frame.write_parquet(fresh / f"{name}.parquet", compression="zstd", compression_level=3)
        (fresh / PAGE).write_text(page(judged), "utf-8", newline="\n")
        write_book(judged, fresh / BOOK)
        text = json.dumps(_manifest(judged), ensure_ascii=False, indent=1, sort_keys=True)
        (fresh / MANIFEST).write_text(text + "\n", "utf-8", newline="\n")


def frames_of(judged: Judged) -> dict[str, pl.DataFrame]:
    """What is written, by name: the declared frames, and of each assessment the awards and the cuts that explain it."""
    given = {frame.name: getattr(judged.given, frame.name) for frame in GIVEN}
    made = {"targets": judged.states}
    for frame in WRITTEN:
        if frame.name not in given and frame.name not in made:
            made[frame.name] = getattr(judged, frame.name)
    for kind, settlement in (("town", judged.towns), ("village", judged.villages)):
        made |= {f"{kind}_awards": settlement.awards, f"{kind}_cuts": settlement.cuts}
    return {**given, **made}


def _manifest(judged: Judged) -> dict[str, Any]:
    return {
        "as_of": str(judged.as_of),
        "inputs": dict(sorted(judged.given.digests.items())),
        "rules": {kind: _rules(each) for kind, each in (("towns", judged.towns), ("villages", judged.villages))},
        "settlements_after": judged.later,
    }


def _rules(settlement: Settlement) -> dict[str, str]:
    book = settlement.book
    return {"name": book.name, "status": book.marked.value, "digest": book.digest}
