"""Folders made from the templates, and templates of a later version, for the tests beside this module."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from jifen_new.making import TEMPLATES, make
from jifen_new.naming import Kind, Project

if TYPE_CHECKING:
    from pathlib import Path

TOWN: Final = Project(Kind.TOWN, "lian-hua")
CATEGORY: Final = Project(Kind.CATEGORY, "water-saving")
BOTH: Final = (TOWN, CATEGORY)
GIT: Final = ("git", "-c", "user.name=clerk", "-c", "user.email=clerk@example.org", "-c", "core.autocrlf=false")


def made(project: Project, folder: Path, **replies: str | int) -> Path:
    """The project's folder, made with these answers and defaults for the rest."""
    make(project, folder, replies)
    return folder


def package(folder: Path) -> Path:
    """The one package in a made folder."""
    (found,) = (folder / "src").iterdir()
    return found


def files(folder: Path) -> dict[str, str]:
    """The text of every file, by path; what git keeps for itself is left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def later(aside: Path) -> Path:
    """The templates as a later version might have them: every file of a town and of a category says so."""
    templates = aside / "templates"
    shutil.copytree(TEMPLATES, templates)
    for path in templates.rglob("*.jinja"):
        if ".copier-answers" not in path.name:
            text = path.read_text("utf-8").replace("hatchling>=1.27", "hatchling>=1.30")
            text = text.replace('"jifen{{ core }}"', '"jifen>=0.1.5,<0.3"')
            path.write_text(text + "# later\n", "utf-8")
    return templates


def git(folder: Path, *arguments: str) -> None:
    subprocess.run([*GIT, "-C", str(folder), *arguments], check=True, capture_output=True)


def committed(folder: Path) -> None:
    """Puts a folder under git with everything committed."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "made")
