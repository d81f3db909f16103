"""Decides what the page of the other files says: a town's manifest, worked cases and layers, a plugin's items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen.case_file import CaseFile
from jifen.categories import Samples
from jifen.layering import LayerFile
from jifen.manifest import FILE, Manifest
from jifen.model import RuleBook
from jifen.reference.docstrings import module_described
from jifen.reference.markdown import page, paragraphs
from jifen.reference.tables import choices_of, tables_of, told, values_told

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABOUT: Final = (
    "Beside its rule books ([their page](rulebook.md)) a town's package has these files. They are read as strictly, "
    "and `jifen rules schema --of` writes the schema of each. The sample items of a plugin are such a file as well."
)

_BOOK: Final = tables_of(RuleBook)
_ELSEWHERE: Final[dict[type, str]] = dict.fromkeys((*_BOOK, *choices_of(_BOOK)), "rulebook.md")
"""What the page of the rule book tells."""


def town_page() -> str:
    """The page, a part for each file."""
    files = {
        f"The manifest, {FILE}": Manifest,
        "Worked cases": CaseFile,
        "Layers of villages": LayerFile,
        "Items of a plugin": Samples,
    }
    return page("The other files", paragraphs(_ABOUT), *(block for each in files.items() for block in _file(*each)))


def _file(heading: str, root: type) -> Iterator[str]:
    yield f"## {heading}"
    yield paragraphs(module_described(root.__module__))
    tables = tables_of(root)
    yield from told(tables, elsewhere=_ELSEWHERE)
    yield from values_told(kind for kind in tables if kind not in _ELSEWHERE)
