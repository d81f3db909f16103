"""Decides what a village's layer makes of the town's book: rules restated, switched off, and of its own (R15).

A layer does what the book's `[below]` lets it do and nothing else; what goes beyond is refused with both places. The
result is one book: a rule of one village stands beside the town's and says where it holds, so that all villages are
still settled in one pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from jifen.compose import restated
from jifen.convert import as_toml, convert, missing
from jifen.digest import digest
from jifen.document import Document, Faults
from jifen.item_checks import check_item
from jifen.layer_checks import Bounds
from jifen.model import Approval, Item, VillageLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen.locate import Path
    from jifen.model import RuleBook


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


def read_layers(document: Document) -> tuple[LayerTable, ...]:
    """The layers of a file. Raises `Refused` with file and line for all that does not fit."""
    faults = Faults(document)
    read = convert(document.data, LayerFile, (), faults)
    faults.settle()
    return read.villages if read else ()


def with_layers(book: RuleBook, written: Document, tables: Sequence[LayerTable], document: Document | None) -> RuleBook:
    """The book with the layers that refine it, and the digest of the whole.

    `written` is the book's own file, `document` that of the layers. Raises `Refused` with every place where a layer
    goes beyond what the book allows.
    """
    if document is None:
        return book
    faults = Faults(document)
    items, layers = list(book.items), list(book.layers)
    for position, table in enumerate(tables):
        if table.rules != book.name:
            continue
        path: Path = ("villages", position)
        if any(layer.village == table.village for layer in layers):
            faults.add("layers.twice", (*path, "village"), village=table.village, rules=book.name)
        if table.approval.date > book.valid_from:
            faults.add(
                "rulebook.approved-late", (*path, "approval", "date"), date=table.approval.date, first=book.valid_from
            )
        layer = _Layer(book, table, path, faults, Bounds(book, written, faults))
        layer.apply(items)
        layers.append(VillageLayer(table.village, table.approval, tuple(layer.codes)))
    faults.settle()
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
        for position, keys in enumerate(self.table.items):
            path = (*self.path, "items", position)
            code = keys.get("code")
            if not isinstance(code, str):
                missing("code", path, self.faults)
                continue
            if code in self.codes:
                self.faults.add("rulebook.repeated", (*path, "code"), what=code)
                continue
            self.codes.append(code)
            if code not in town:
                made = self._made(keys, path)
                if made is not None:
                    own.append((made, path))
                    items.append(evolve(made, only_in=(self.table.village,)))
                continue
            at = next(n for n, item in enumerate(items) if item.code == code and not item.only_in)
            items[at] = evolve(items[at], not_in=(*items[at].not_in, self.table.village))
            if "off" in keys:
                self.bounds.off(code, keys, path)
                continue
            made = self._made(restated(as_toml(town[code]), keys), path)
            if made is not None:
                self.bounds.change(town[code], made, path)
                items.append(evolve(made, only_in=(self.table.village,)))
        self.bounds.own(own)

    def _made(self, keys: dict[str, Any], path: Path) -> Item | None:
        made = convert(keys, Item, path, self.faults)
        if made is not None:
            check_item(made, keys, path, self.book.places, self.faults)
        return made
