"""Decides what the page of the rule book says: every table with its keys, types, defaults, values and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.model import RuleBook
from jifen.reference.docstrings import flowing
from jifen.reference.files import offered
from jifen.reference.markdown import bullet, page, paragraphs, sentence
from jifen.reference.tables import tables_of, told, values_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.registry import Registry

_ABOUT = """\
A rule book is a TOML file, read strictly: a key that nobody asked for is a fault, a number in quotes is no number,
and every fault is told with its line. A name is a text, taken as Chinese, or `{ zh_CN = "…", en = "…" }`. Points and
amounts are exact: what is written as 0.1 is one tenth. An item with the code of a category's item restates it: it
writes `code` and the keys that change, or `code` and `off = true` to leave the item out.

`jifen rules schema --out rulebook.schema.json` writes the JSON Schema that knows the installed plugins; [the one
beside this page](rulebook.schema.json) knows those of this repository. With the first line `#:schema
./rulebook.schema.json` an editor for TOML completes the keys and marks what does not fit. The schema refuses nothing
that `jifen rules check` takes; the check says much more: it tells a date in quotes from a date, and which rules fit
together."""


def rulebook_page(registry: Registry, forms: str) -> str:
    """The page; `forms` is the Markdown that has the table of the forms of rules with their examples."""
    tables = tables_of(RuleBook)
    blocks = [paragraphs(flowing(_ABOUT)), "## Tables", *told(tables)]
    blocks += ["## Values", *values_told(tables)]
    blocks += ["## Sections of plugins", *_sections(registry)]
    return page("The rule book", *blocks, "## The forms of rules", *_forms(forms))


def _sections(registry: Registry) -> Iterator[str]:
    for section, offers in offered(registry).items():
        for offer in offers:
            yield f'### `[{section}]` with `use = "{offer.name}"`'
            about = sentence(offer.title.get("en", offer.name), "" if offer.options else "It has no options")
            yield paragraphs(about)
            if offer.options is not None:
                tables = tables_of(offer.options, section)
                yield from (*told(tables, "####"), *values_told(tables, "####"))


def _forms(text: str) -> Iterator[str]:
    """The rows of the table of forms: what it is called, an example in words, and how a rule book says it."""
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    yield "\n".join(bullet(f"{row[0]} ({row[1]}): {row[2]}") for row in rows if len(row) == 3 and "`" in row[2])  # noqa: PLR2004
