"""Decides what `jifen new` does and prints: a new town, a new category, or an update of a folder made earlier."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter
from jifen.commands.app import page_options
from jifen.commands.printing import as_json, line, put, table
from jifen.problems import Place, Problem, Refused
from jifen.words import say

from jifen_new.asking import ask, why
from jifen_new.naming import Kind, Project, wrong_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen_new.making import Rendered
    from jifen_new.updating import Updated

app: Final = App(**page_options("new", "new.help"))

Name = Annotated[str, Parameter(help="new.name")]
Title = Annotated[str | None, Parameter(help="new.title")]
Into = Annotated[Path | None, Parameter(help="new.into")]
Defaults = Annotated[bool, Parameter(("--defaults", "-y"), negative=(), help="new.defaults")]
Json = Annotated[bool, Parameter(negative=(), help="new.json")]


@app.command(help="new.town.help", sort_key=0)
def town(
    name: Name,
    /,
    *,
    title: Title = None,
    into: Into = None,
    year: Annotated[int | None, Parameter(help="new.year")] = None,
    defaults: Defaults = False,
    json: Json = False,
) -> None:
    """Makes a town's rule package. Raises `Refused`, before anything is written."""
    _make(Project(Kind.TOWN, name), into, {"title": title, "year": year}, plain=defaults or json, json=json)


@app.command(help="new.category.help", sort_key=1)
def category(
    name: Name,
    /,
    *,
    title: Title = None,
    into: Into = None,
    owner: Annotated[str | None, Parameter(help="new.owner-option")] = None,
    defaults: Defaults = False,
    json: Json = False,
) -> None:
    """Makes a plugin with a category of items. Raises `Refused`, before anything is written."""
    _make(Project(Kind.CATEGORY, name), into, {"title": title, "owner": owner}, plain=defaults or json, json=json)


@app.command(help="new.update.help", sort_key=2)
def update(folder: Annotated[Path, Parameter(help="new.folder")] = Path(), /, *, json: Json = False) -> None:
    """Brings a folder up to date. Raises `Refused`, before anything is written."""
    from jifen_new import updating

    done = updating.update(folder)
    if json:
        steps = [{"file": step.path, "fate": step.fate.value, "parts": [*step.changed]} for step in done.steps]
        as_json({"folder": str(folder), "git": done.in_git, "files": steps})
        return
    _tell_update(folder, done)


def _make(
    project: Project, into: Path | None, given: Mapping[str, str | int | None], *, plain: bool, json: bool
) -> None:
    from jifen_new.making import make, refuse_folder

    replies = {key: reply for key, reply in given.items() if reply is not None}
    problems = [wrong for wrong in (wrong_name(project), *map(_wrong, replies, replies.values())) if wrong]
    if problems:
        raise Refused(problems)
    folder = into or Path(project.distribution)
    refuse_folder(folder)
    asking = not plain and sys.stdin.isatty() and sys.stdout.isatty()
    made = make(project, folder, ask(project, replies) if asking else replies)
    if json:
        as_json({"folder": str(folder), "distribution": project.distribution, "files": sorted(made.texts)})
        return
    _tell_made(project, folder, made)


def _wrong(key: str, reply: str | int) -> Problem | None:
    wrong = why(reply)
    return Problem("new.answer-wrong", Place(path=f"--{key}"), {"why": wrong}) if wrong else None


def _tell_made(project: Project, folder: Path, made: Rendered) -> None:
    line(say(f"new.{project.kind.value}.made", name=project.name, folder=folder, count=len(made.texts)))
    put()
    table(
        [say("new.file"), say("new.who")],
        [[path, say(_who(path, made))] for path in sorted(made.texts)],
    )
    put()
    line(say("new.next"))
    package = folder / "src" / project.package
    put(f"  python -m pip install -e {_quoted(folder)}")
    put(f"  jifen rules check {_quoted(package / 'rules.toml')}" if project.kind is Kind.TOWN else "  jifen plugins")
    put(f"  jifen conformance {project.name}")


def _who(path: str, made: Rendered) -> str:
    """The key for who changes a file."""
    from jifen_new import answers, parts

    if path in made.own:
        return "new.yours"
    return {answers.FILE: "new.program", parts.FILE: "new.shared"}.get(path, "new.ours")


def _quoted(path: Path) -> str:
    """A path as one word of a command line; one that is only a name is shown to be a folder of this place."""
    import shlex

    return shlex.quote(str(path) if path.is_absolute() or path.parts[:1] == ("..",) else f"./{path.as_posix()}")


def _tell_update(folder: Path, done: Updated) -> None:
    from jifen_new.updating import WRITTEN, Fate

    shown = [step for step in done.steps if step.fate is not Fate.SAME]
    written = [step for step in shown if step.fate in WRITTEN]
    line(say("new.updated" if written else "new.up-to-date", folder=folder, count=len(written)))
    put()
    table(
        [say("new.file"), say("new.fate")],
        [
            [step.path, say(f"new.fates.{step.fate.value}") + (f" ({', '.join(step.changed)})" if step.changed else "")]
            for step in shown
        ],
    )
    put()
    if written:
        line(say("new.see-git" if done.in_git else "new.no-git"))
        line(say("new.again", name=done.known.project.name))
