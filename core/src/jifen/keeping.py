"""Decides what the folder of a settlement holds, and that it appears whole or not at all.

The frames as Parquet, the rules with the words that explain them (so that an explanation needs neither the town's
package nor today's rules), what the plugins write, and ``settlement.json`` with what it was made from. No clock and no
path of this machine gets in: the same settlement gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import frozen

from jifen import __version__
from jifen.period import Period
from jifen.problems import Place, Problem, Refused
from jifen.rules_kept import rules_as_json, rules_from_json
from jifen.settlement import OUTPUT, RowCount, Settlement
from jifen.words import language, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jifen.inputs import Inputs
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
    settlement: Settlement, inputs: Inputs, folder: Path, registry: Registry, *, force: bool = False
) -> dict[str, Any]:
    """Writes a settlement into a folder that appears whole or not at all, and returns its manifest.

    `force` replaces an earlier settlement. Raises `Refused` where something is there already; whatever a writer raises
    comes through, and nothing is left.
    """
    check_free(folder, force=force)
    with _whole(folder) as fresh:
        for name, frame in {**settlement.frames(), "villages": inputs.villages}.items():
            frame.write_parquet(fresh / f"{name}.parquet", compression="zstd", compression_level=3)
        _write_json(fresh / RULES, rules_as_json(settlement))
        for writer in registry.writers:
            try:
                writer.write(settlement, inputs, fresh)
            except Exception as fault:
                fault.add_note(writer.name)
                raise
        outputs = {file.relative_to(fresh).as_posix(): _sha256(file) for file in _files(fresh)}
        found = {**manifest(settlement, inputs, registry), "outputs": outputs}
        _write_json(fresh / MANIFEST, found)
    return found


def check_free(folder: Path, *, force: bool) -> None:
    """Raises `Refused` unless the folder is not there, is empty, or is an earlier settlement that may be replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    earlier = (folder / MANIFEST).is_file()
    if force and earlier:
        return
    code = "keeping.earlier" if earlier else "keeping.not-a-settlement"
    raise Refused([Problem(code, Place(file=str(folder)))])


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
            "approval": approval and {"body": approval.body, "document": approval.document, "date": str(approval.date)},
        },
        "versions": {"jifen": __version__, "polars": pl.__version__, **_plugins(settlement, inputs, registry)},
        "inputs": dict(sorted(inputs.digests.items())),
        "rows": {
            "in": rows.rows_in,
            "awarded": rows.awarded,
            "refused": rows.refused,
            "cancelled": rows.cancelled,
            "set_aside": rows.set_aside,
        },
        "set_aside": {
            frame: sum(row.frame == frame for row in inputs.set_aside)
            for frame in ("villages", "households", "deeds", "requests")
        },
        "cleaned": dict(sorted(inputs.cleaned.items())),
    }


def _plugins(settlement: Settlement, inputs: Inputs, registry: Registry) -> dict[str, str]:
    """Distribution and version of every plugin that had a hand in it."""
    book = settlement.book
    suffixes = {Path(name).suffix.lower() for name in inputs.digests}
    used = {
        ("towns", settlement.town),
        ("eligibility", book.eligibility.use),
        ("village_aggregations", book.village.use),
        ("reward_policies", book.rewards.use),
        *(("categories", category.name) for category in book.categories),
        *(("readers", reader.name) for reader in registry.readers if suffixes & set(reader.suffixes)),
        *(("writers", writer.name) for writer in registry.writers),
    }
    return {report.distribution: report.version for report in registry.report if used & set(report.offers)}


def read_settlement(folder: Path) -> Kept:
    """A settlement from its folder.

    Raises `Refused` where there is none, where it has another layout, and where a file was changed since.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        rules = json.loads((folder / RULES).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused([Problem("keeping.none-here", Place(file=str(folder)))]) from error
    if not isinstance(found, dict) or found.get("layout") != LAYOUT:
        raise Refused([Problem("keeping.other-layout", Place(file=str(folder)), {"want": LAYOUT})])
    changed = [
        name
        for name in (RULES, *(f"{frame}.parquet" for frame in (*OUTPUT, "villages")))
        if not (folder / name).is_file() or _sha256(folder / name) != found["outputs"].get(name)
    ]
    if changed:
        raise Refused([Problem("keeping.changed", Place(file=str(folder / name))) for name in changed])
    rows = found["rows"]
    settlement = Settlement(
        town=found["town"],
        book=rules_from_json(rules),
        period=Period.parse(found["period"]["name"]),
        rows=RowCount(rows["in"], rows["awarded"], rows["refused"], rows["cancelled"], rows["set_aside"]),
        **{name: frame.check(pl.read_parquet(folder / f"{name}.parquet"), name) for name, frame in OUTPUT.items()},
    )
    return Kept(settlement, pl.read_parquet(folder / "villages.parquet"), found, rules["words"])


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A fresh folder that takes the place of `folder` once all of it is on the disk; else it is gone again."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh = beside / "new"
        fresh.mkdir()
        yield fresh
        for file in (*_files(fresh), fresh):
            _sync(file)
        if folder.exists():
            folder.rename(beside / "old")
        try:
            fresh.rename(folder)
        except BaseException:
            if (beside / "old").exists():
                (beside / "old").rename(folder)
            raise
        _sync(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _sync(path: Path) -> None:
    """Onto the disk; folders only where the system can open them."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_json(file: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    file.write_text(text + "\n", "utf-8", newline="\n")
