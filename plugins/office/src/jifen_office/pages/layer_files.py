"""Decides how a village's own rules come into force: handed in by its clerk, checked, approved by its town (R15).

What waits is a file of the village in the office's folder of layers; what the town approved is another, and all of
these make the one file that `jifen_office.rules` reads. A file that the rule book does not allow is refused both times.
"""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen
from jifen.document import Document
from jifen.layering import BESIDE, read_layers
from jifen.problems import Place, Problem, Refused
from jifen.rulebook import books_of

from jifen_office import rules
from jifen_office.project.folder import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen.model import RuleBook, VillageLayer

    from jifen_office.register.models import Town, Village

WAITING: Final = "waiting"
APPROVED: Final = "approved"


@frozen
class Waiting:
    """A village's layer that waits: the book as it would be with it, the layer in it, and the digest of its text."""

    village: Village
    book: RuleBook
    layer: VillageLayer
    digest: str


def hand_in(village: Village, text: str, name: str) -> bool:
    """Keeps a village's layer until the town decides; another one takes the place of one that waits.

    Raises `Refused` with file and line for all that the town's book does not allow, and for rules of another village.
    """
    file = _file(village, WAITING)
    _check(village, text, name)
    write_whole(file, text.encode())
    return True


def waiting(town: Town) -> list[Waiting]:
    """What waits in a town, by village; a file that the book allows no more is left out."""
    found = []
    for village in town.villages.order_by("code"):
        file = _file(village, WAITING)
        if not file.is_file():
            continue
        try:
            text = file.read_text("utf-8")
            books = _check(village, text, file.name)
        except Refused:
            continue
        refined = {table.rules for table in read_layers(Document.read(file)).tables}
        found += [
            Waiting(village, book, layer, _digest(text))
            for book in books
            for layer in book.layers
            if layer.village == village.code and book.name in refined
        ]
    return found


def approve(village: Village, seen: str) -> bool:
    """Puts what waits into force; where nothing waits any more, nothing happens.

    Raises `Refused` as `hand_in`, and where what waits is not what was `seen` (the digest): ``pages.layer-changed``.
    """
    file = _file(village, WAITING)
    if file.is_file():
        text = _seen(village, file, seen)
        _check(village, text, file.name)
        town = village.town.code
        write_whole(_file(village, APPROVED), text.encode())
        write_whole(rules.layers_folder(town) / BESIDE, _joined(_approved(town)).encode())
        file.unlink()
    return True


def send_back(village: Village, seen: str) -> bool:
    """Takes away what waits; the village hands in another one. Raises `Refused` where it is not what was `seen`."""
    file = _file(village, WAITING)
    if file.is_file():
        _seen(village, file, seen)
        file.unlink(missing_ok=True)
    return True


def _seen(village: Village, file: Path, seen: str) -> str:
    """The text that waits. Raises `Refused` where another one was handed in since somebody looked at it."""
    text = file.read_text("utf-8")
    if _digest(text) != seen:
        raise Refused([Problem("pages.layer-changed", facts={"village": village.name})])
    return text


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _check(village: Village, text: str, name: str) -> tuple[RuleBook, ...]:
    """The town's books with this layer in place of the village's own of before."""
    others = [each for each in _approved(village.town.code) if each.name != f"{village.code}.toml"]
    with tempfile.TemporaryDirectory(prefix="jifen-layer-") as made:
        folder = Path(made)
        try:
            _own(village, text, folder / "alone.toml")
            # What is handed in stands first, so that its lines keep their numbers.
            (folder / BESIDE).write_text(text + "\n" + _joined(others), "utf-8")
            return books_of(rules.registry().town(village.town.code), rules.registry(), folder)
        except Refused as refused:
            raise Refused(_renamed(problem, folder, name) for problem in refused.problems) from refused


def _own(village: Village, text: str, file: Path) -> None:
    """Raises `Refused` where the text is no layer, or one of another village."""
    file.write_text(text, "utf-8")
    named = {table.village for table in read_layers(Document.read(file)).tables}
    if named != {village.code}:
        facts = {"village": village.code, "got": ", ".join(sorted(named))}
        raise Refused([Problem("pages.other-village", facts=facts)])


def _renamed(problem: Problem, folder: Path, name: str) -> Problem:
    """The problem with the name of the file as the clerk knows it."""
    file = problem.place.file or ""
    own = file.startswith(str(folder))
    return evolve(problem, place=evolve(problem.place, file=name)) if own else evolve(problem, place=_short(problem))


def _short(problem: Problem) -> Place:
    return evolve(problem.place, file=Path(problem.place.file).name) if problem.place.file else problem.place


def _approved(town: str) -> list[Path]:
    return sorted((rules.layers_folder(town) / APPROVED).glob("*.toml"))


def _joined(files: Iterable[Path]) -> str:
    return "\n".join(file.read_text("utf-8") for file in files)


def _file(village: Village, state: str) -> Path:
    return rules.layers_folder(village.town.code) / state / f"{village.code}.toml"
