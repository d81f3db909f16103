"""Decides how a template becomes a folder: rendered aside, then put in its place, whole or not at all."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import yaml
from attrs import frozen
from jifen import __version__ as core
from jifen.problems import Problem, Refused
from packaging.version import Version

from jifen_new.answers import FILE, digest, remember
from jifen_new.asking import defaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen_new.naming import Project

TEMPLATES: Final = Path(__file__).with_name("templates")


@frozen
class Rendered:
    """A template, filled in: text by path within the folder, which of them are its users' own, and the answers."""

    texts: Mapping[str, str]
    own: frozenset[str]


def refuse_folder(folder: Path) -> None:
    """Raises `Refused` where something stands already: nothing that exists is ever written over."""
    if folder.exists() and not folder.is_dir():
        raise Refused([Problem("new.not-a-folder", facts={"folder": folder})])
    if folder.is_dir() and any(folder.iterdir()):
        raise Refused([Problem("new.not-empty", facts={"folder": folder})])


def make(project: Project, folder: Path, replies: Mapping[str, str | int], templates: Path = TEMPLATES) -> Rendered:
    """Makes the folder, whole or not at all. Raises `Refused` where there is something in it."""
    refuse_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".jifen-new-", dir=folder.parent) as aside:
        made = Path(aside) / "made"
        rendered = render(project, made, replies, templates)
        if folder.exists():
            for entry in sorted(made.iterdir()):
                entry.rename(folder / entry.name)
        else:
            made.rename(folder)
    return rendered


def render(project: Project, made: Path, replies: Mapping[str, str | int], templates: Path = TEMPLATES) -> Rendered:
    """Fills in the template in a new folder; what `replies` leave open takes its default."""
    from copier import Settings, run_copy

    template = templates / project.kind
    data = {**facts(project), **defaults(project), **replies}
    run_copy(str(template), made, data=data, settings=Settings(), defaults=True, quiet=True, skip_tasks=True)
    texts = {
        path.relative_to(made).as_posix(): path.read_text("utf-8")
        for path in sorted(made.rglob("*"))
        if path.is_file() and path.name != FILE
    }
    patterns = yaml.safe_load((template / "copier.yml").read_text("utf-8"))["_skip_if_exists"]
    own = frozenset(path for path in texts if any(PurePosixPath(path).match(pattern) for pattern in patterns))
    remember(made, {path: digest(text) for path, text in texts.items() if path not in own})
    return Rendered({**texts, FILE: (made / FILE).read_text("utf-8")}, own)


def facts(project: Project) -> dict[str, str]:
    """What a template can use beside the answers: the names of the project, and the versions of jifen that it needs."""
    names = {key: getattr(project, key) for key in ("name", "distribution", "package", "module", "prefix")}
    return {**names, "core": _range(Version(core))}


def _range(version: Version) -> str:
    """The versions of the core that what is made today can be expected to work with."""
    if version.major:
        return f">={version.major}.{version.minor},<{version.major + 1}"
    return f">=0.{version.minor},<0.{version.minor + 1}"
