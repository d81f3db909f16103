"""Decides which files docs/reference has, what each is made from, and whether those on disk are still the code's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen.reference.commands_page import commands_page
from jifen.reference.errors_page import errors_page
from jifen.reference.files import FILES, written
from jifen.reference.frames_page import frames_page
from jifen.reference.hooks_page import hooks_page
from jifen.reference.markdown import bullet, page, paragraphs
from jifen.reference.repository import Kept
from jifen.reference.rulebook_page import rulebook_page
from jifen.reference.town_page import town_page

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "README.md"
_ABOUT = (
    "What the code says about itself, written by `python -m jifen.reference docs/reference`. Someone who writes a "
    "rule book begins with the rule book's page, someone who writes a plugin with the hooks and the frames."
)
_SCHEMAS = (
    "JSON Schemas for editors: the first line `#:schema FILE` of a TOML file names its schema. They know the plugins "
    "of this repository; `jifen rules schema` writes those that know the installed ones."
)


def reference(folder: Path) -> dict[str, str]:
    """Every file of the folder by name, made anew; pages that others keep there are in the index too.

    The folder is the repository's ``docs/reference``; the forms of rules are those of ``domain.md`` beside it.
    """
    kept = Kept.of(folder.parents[1])
    made = {
        "rulebook.md": rulebook_page(kept.registry, (folder.parent / "domain.md").read_text("utf-8")),
        "town.md": town_page(),
        "hooks.md": hooks_page(),
        "frames.md": frames_page(),
        "errors.md": errors_page(kept.packages),
        "cli.md": commands_page(kept.commands),
    }
    schemas = {f"{name}.schema.json": written(make(kept.registry)) for name, make in FILES.items()}
    others = {file.name: file.read_text("utf-8") for file in sorted(folder.glob("*.md")) if file.name not in made}
    others.pop(INDEX, None)
    return {**made, **schemas, INDEX: _index({**made, **others}, list(schemas))}


def differing(folder: Path) -> list[str]:
    """The names of the files that are not what the code says, or that nothing makes any more."""
    made = reference(folder)
    gone = [file.name for file in folder.glob("*.schema.json") if file.name not in made]
    kept = {name: (folder / name).read_text("utf-8") if (folder / name).is_file() else None for name in made}
    return [name for name, text in made.items() if kept[name] != text] + gone


def _index(pages: dict[str, str], schemas: list[str]) -> str:
    entries = [bullet(f"[{_title(text)}]({name})") for name, text in pages.items()]
    files = [bullet(f"[{name}]({name})") for name in schemas]
    return page("Reference", paragraphs(_ABOUT), "\n".join(entries), paragraphs(_SCHEMAS), "\n".join(files))


def _title(text: str) -> str:
    return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))
