"""Decides what a village's layer makes of the town's book: rules restated, switched off, and of its own (R15).

A layer does what the book's `[below]` lets it do and nothing else; what goes beyond is refused with both places. The
result is one book: a rule of one village stands beside the town's and says where it holds, so that all villages are
still settled in one pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from jifen.book_checks import check_references, check_vetoes
from jifen.compose import restated as merged
from jifen.convert import as_toml, convert, missing
from jifen.digest import digest
from jifen.document import Document, Faults
from jifen.item_checks import check_item
from jifen.layer_checks import Bounds
from jifen.layers import Below
from jifen.model import Approval, Item, VillageLayer
from jifen.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from jifen.locate import Path
    from jifen.model import RuleBook
    from jifen.problems import Problem

BESIDE: Final = "villages.toml"
"""The file of layers in a folder of data, for villages that have just decided and are not in the town's package yet."""


@frozen
class LayerTable:
    """One village's layer as it is written: which book it refines, the assembly's resolution, and its rules."""

    village: str
    """Code of the village."""
    rules: str
    """Name of the rule book that it refines."""
    approval: Approval
    """The resolution of the villagers' representative assembly."""
    items: tuple[dict[str, Any], ...] = field(factory=tuple)
    """Rules: the code of one of the town's with what changes (or `off = true`), or a whole rule of its own."""


@frozen
class LayerFile:
    """The keys of a file of village layers."""

    villages: tuple[LayerTable, ...]
    """One table for each village and rule book."""


@frozen
class Layers:
    """The layers of one file, and the file."""

    tables: tuple[LayerTable, ...]
    """One for each village and rule book."""
    document: Document = field(repr=False)
    """Where they are written."""


def read_layers(document: Document) -> Layers:
    """The layers of a file. Raises `Refused` with file and line for all that does not fit."""
    faults = Faults(document)
    read = convert(document.data, LayerFile, (), faults)
    faults.settle()
    return Layers(read.villages if read else (), document)


def check_named(files: Iterable[Layers], books: Collection[str]) -> list[Problem]:
    """The layers that refine a rule book which the town does not have."""
    problems: list[Problem] = []
    for file in files:
        faults = Faults(file.document)
        for position, table in enumerate(file.tables):
            if table.rules not in books:
                known = ", ".join(books)
                faults.add("layers.no-book", ("villages", position, "rules"), rules=table.rules, known=known)
        problems += faults.problems
    return problems


def with_layers(book: RuleBook, written: Document, *files: Layers) -> RuleBook:
    """The book with the layers that refine it, and the digest of the whole.

    `written` is the book's own file, `files` are those of the layers. Raises `Refused` with every place where a layer
    goes beyond what the book allows, and where a village has two.
    """
    items, layers = list(book.items), list(book.layers)
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for file in files:
        faults = Faults(file.document)
        bounds = Bounds(book.below or Below(), written, book.approval, faults)
        for position, table in enumerate(file.tables):
            if table.rules != book.name:
                continue
            path: Path = ("villages", position)
            here = (*path, "village")
            first = seen.setdefault(table.village, faults.told(here))
            if first != faults.told(here):
                faults.add("layers.twice", here, village=table.village, rules=book.name, first=first)
                continue
            dates = {"date": table.approval.date, "first": book.valid_from}
            if table.approval.date > book.valid_from:
                faults.add("rulebook.approved-late", (*path, "approval", "date"), **dates)
            layer = _Layer(book, table, path, faults, bounds)
            layer.apply(items)
            layers.append(VillageLayer(table.village, table.approval, tuple(layer.codes)))
        problems += faults.in_order()
    if problems:
        raise Refused(problems)
    if len(layers) == len(book.layers):
        return book
    made = evolve(book, items=tuple(items), layers=tuple(layers))
    return evolve(made, digest=digest(made))


@frozen(eq=False)
class _Layer:
    book: RuleBook
    table: LayerTable
    path: Path
    faults: Faults
    bounds: Bounds
    codes: list[str] = field(factory=list)

    def apply(self, items: list[Item]) -> None:
        """Puts the village's rules into the town's list."""
        town = self.book.items_in()
        own: list[tuple[Item, Path]] = []
        restated: list[tuple[Item, Path]] = []
        for keys, path in self._written():
            code = keys["code"]
            above = town.get(code)
            if above is not None:
                at = next(n for n, item in enumerate(items) if item.code == code and not item.only_in)
                items[at] = evolve(items[at], not_in=(*items[at].not_in, self.table.village))
            if above is not None and "off" in keys:
                if keys["off"] is not True or set(keys) - {"code", "off"}:
                    self.faults.add("layers.off-alone", (*path, "off"), code=code)
                self.bounds.off(above, path)
                continue
            made = self._made(keys if above is None else merged(as_toml(above), keys), path)
            if made is None:
                continue
            items.append(evolve(made, only_in=(self.table.village,)))
            if above is None:
                own.append((made, path))
            else:
                restated.append((made, path))
                self.bounds.change(above, made, path)
        self.bounds.own(own)
        self._agree([*restated, *own], items)

    def _written(self) -> Iterator[tuple[dict[str, Any], Path]]:
        """What the village writes, each code once."""
        for position, keys in enumerate(self.table.items):
            path = (*self.path, "items", position)
            code = keys.get("code")
            if not isinstance(code, str):
                missing("code", path, self.faults)
            elif code in self.codes:
                self.faults.add("rulebook.repeated", (*path, "code"), what=code)
            else:
                self.codes.append(code)
                yield keys, path

    def _made(self, keys: dict[str, Any], path: Path) -> Item | None:
        made = convert(keys, Item, path, self.faults)
        if made is not None:
            check_item(made, keys, path, self.book.places, self.faults)
        return made

    def _agree(self, mine: Sequence[tuple[Item, Path]], items: Sequence[Item]) -> None:
        """That what the village wrote names rules and grades that there are, as a book's own items must."""
        paths = {item.code: path for item, path in mine}
        held = [(item, paths.get(item.code, self.path)) for item in items if item.holds_in(self.table.village)]
        known = {item.code for item in items if self.table.village in item.only_in or not item.only_in}
        check_references(known, held, self.faults)
        check_vetoes(mine, self.book.grades, self.faults)
