"""Decides what an update of a made folder does: it refreshes what belongs to the template, and nothing of its users.

A file of the template is written only where it still is as the template made it: what someone changed by hand is left
and told. `pyproject.toml` has parts of both (`jifen_new.parts`).
"""

from __future__ import annotations

import shutil
import subprocess
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.document import Document
from jifen.problems import Problem, Refused

from jifen_new import answers, parts
from jifen_new.making import TEMPLATES, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_new.answers import Answers
    from jifen_new.making import Rendered


class Fate(StrEnum):
    """What became of a file; the value is the end of a key of the catalogue."""

    REFRESHED = "refreshed"
    ADDED = "added"
    SAME = "same"
    OWN = "own"
    CHANGED_BY_HAND = "changed-by-hand"
    REMOVED_BY_HAND = "removed-by-hand"


WRITTEN: Final = frozenset({Fate.REFRESHED, Fate.ADDED})
_SHOWN: Final = 5
"""Of the files that are not committed, so many are named."""


@frozen
class Step:
    """A file of the folder, what becomes of it, and its new text; `changed` names parts of a `pyproject.toml`."""

    path: str
    fate: Fate
    text: str = ""
    changed: tuple[str, ...] = ()


@frozen
class Updated:
    """What an update did, and whether git can show it."""

    known: Answers
    steps: tuple[Step, ...]
    in_git: bool


def update(folder: Path, templates: Path = TEMPLATES) -> Updated:
    """Brings a folder up to date, with the answers that were given when it was made.

    Raises `Refused`, before anything is written, where the folder was not made by a template, where git has changes in
    it that are not committed, and where its `pyproject.toml` is not TOML.
    """
    if not folder.is_dir():
        raise Refused([Problem("new.no-folder", facts={"folder": folder})])
    known = answers.read(folder)
    in_git = _committed(folder)
    with TemporaryDirectory(prefix="jifen-new-") as aside:
        rendered = render(known.project, Path(aside) / "made", known.replies, templates)
    steps = tuple(_steps(folder, known, rendered))
    for step in steps:
        if step.fate in WRITTEN:
            target = folder / step.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, "utf-8", newline="\n")
    return Updated(known, steps, in_git)


def _committed(folder: Path) -> bool:
    """Whether git keeps the folder. Raises `Refused` where something in it is not committed."""
    changes = _git(folder, "status", "--porcelain", "--", ".")
    if changes is None:
        return False
    if files := [line[3:] for line in changes]:
        shown = [*files[:_SHOWN], *(["…"] if len(files) > _SHOWN else [])]
        facts = {"folder": folder, "files": ", ".join(shown), "count": len(files)}
        raise Refused([Problem("new.uncommitted", facts=facts)])
    return bool(_git(folder, "ls-files", "--", answers.FILE))  # a folder that git was told to ignore has none


def _git(folder: Path, *command: str) -> list[str] | None:
    """The lines that git answers; None where there is no git, or no repository around the folder."""
    git = shutil.which("git")
    if git is None:
        return None
    asked = [git, "-C", str(folder), "-c", "core.quotepath=off", *command]
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603 - git itself, with a path that is one argument
    return None if done.returncode else done.stdout.splitlines()


def _steps(folder: Path, known: Answers, rendered: Rendered) -> Iterator[Step]:
    for path, text in rendered.texts.items():
        target = folder / path
        if path in rendered.own:
            if target.is_file():
                yield Step(path, Fate.OWN)
        elif path == answers.FILE:
            yield Step(path, Fate.SAME if _read(target) == text else Fate.REFRESHED, text)
        elif not target.is_file():
            yield Step(path, Fate.REMOVED_BY_HAND if path in known.files else Fate.ADDED, text)
        elif path == parts.FILE:
            Document.read(target)  # its refusal names the line
            merged, changed = parts.refreshed(_read(target), text)
            yield Step(path, Fate.REFRESHED if changed else Fate.SAME, merged, changed)
        else:
            yield _whole(path, _read(target), text, known.files.get(path))


def _whole(path: str, mine: str, text: str, made: str | None) -> Step:
    """A file that is the template's as a whole; `made` is the digest of what the template made last."""
    if mine == text:
        return Step(path, Fate.SAME)
    return Step(path, Fate.REFRESHED if answers.digest(mine) == made else Fate.CHANGED_BY_HAND, text)


def _read(path: Path) -> str:
    """A file's text; one in another encoding is then simply not what the template made."""
    return path.read_text("utf-8-sig", errors="replace")
