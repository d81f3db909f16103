"""Decides what a town's package says of itself: its name and title, its rule files, its worked cases, its api level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
from attrs import field, frozen

from jifen.convert import convert
from jifen.document import Document, Faults, package_folder
from jifen.model import Names
from jifen.offers import Pause, Town
from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from jifen.locate import Path as TomlPath

FILE: Final = "town.toml"


@frozen
class Manifest:
    """The keys of ``town.toml``."""

    name: str
    """Short name of the town, as commands take it."""
    title: Names
    """What the town is called."""
    api: int
    """Level of the plugin interface that it was written for."""
    rules: tuple[str, ...]
    """Names of its rule book files, which lie beside this one."""
    cases: str | None = field(default=None)
    """Name of the file of its worked cases."""
    villages: str | None = None
    """The file with the layers of its villages."""
    pauses: tuple[Pause, ...] = ()
    """Days between two rule books on which no rules hold, as announced."""


def read_town(package: str) -> Town:
    """The town of a package, from the ``town.toml`` beside its ``__init__``; the package is found, not imported.

    Raises `Refused` where the package or its manifest is not there, and with file and line for all that is wrong in it.
    """
    return read_manifest(package_folder(package))


def read_manifest(folder: Path) -> Town:
    """The town whose ``town.toml`` lies in a folder. Raises `Refused` as `read_town` does."""
    path = folder / FILE
    if not path.is_file():
        raise Refused([Problem("manifest.none", Place(str(path)), {"file": FILE})])
    document = Document.read(path)
    faults = Faults(document)
    manifest = convert(document.data, Manifest, (), faults)
    if manifest is not None:
        _check(manifest, folder, faults)
    faults.settle()
    if manifest is None:
        raise AssertionError("a manifest that does not fit has faults")
    return Town(folder=folder, **{name: getattr(manifest, name) for name in attrs.fields_dict(Manifest)})


def _check(manifest: Manifest, folder: Path, faults: Faults) -> None:
    if not manifest.rules:
        faults.add("rulebook.empty-list", ("rules",))
    for position, name in enumerate(manifest.rules):
        _check_file(folder, name, ("rules", position), faults)
        if name in manifest.rules[:position]:
            faults.add("rulebook.repeated", ("rules", position), what=name)
    for key, file in (("cases", manifest.cases), ("villages", manifest.villages)):
        if file is not None:
            _check_file(folder, file, (key,), faults)
    for position, pause in enumerate(manifest.pauses):
        if pause.first > pause.last:
            faults.add("rulebook.dates-reversed", ("pauses", position, "last"), first=pause.first, last=pause.last)
    if manifest.api < 1:
        faults.add("rulebook.want-positive", ("api",), got=manifest.api)


def _check_file(folder: Path, name: str, path: TomlPath, faults: Faults) -> None:
    if Path(name).name != name:
        faults.add("manifest.not-a-file-name", path, got=name)
    elif not (folder / name).is_file():
        faults.add("manifest.no-file", path, file=name)
