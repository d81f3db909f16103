"""Decides what a made folder remembers of its making: the answers given, and what each file was when it was made.

It stands in `.copier-answers.yml`. Keys that begin with ``_`` are the program's own, the others are answers.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import yaml
from attrs import frozen
from jifen.problems import Place, Problem, Refused

from jifen_new.asking import why
from jifen_new.naming import NAME, Kind, Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE: Final = ".copier-answers.yml"
_DIGITS: Final = 16


@frozen
class Answers:
    """What was made, what was answered, and the digest of each file of the template as it was made, by its path."""

    project: Project
    replies: Mapping[str, str | int]
    files: Mapping[str, str]


def read(folder: Path) -> Answers:
    """The answers of a folder. Raises `Refused` where it was not made by a template, or its answers do not hold."""
    path = folder / FILE
    if not path.is_file():
        raise Refused([Problem("new.no-answers", facts={"folder": folder, "file": FILE})])
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(path), None if mark is None else mark.line + 1)
        raise Refused([Problem("new.answers-unreadable", place)]) from error
    found = _structured(data)
    if found is None:
        raise Refused([Problem("new.answers-wrong", Place(str(path)))])
    wrong = {key: told for key, reply in found.replies.items() if (told := why(reply))}
    if wrong:
        raise Refused(Problem("new.answer-wrong", Place(str(path), path=key), {"why": wrong[key]}) for key in wrong)
    return found


def _structured(data: Any) -> Answers | None:
    if not isinstance(data, dict) or data.get("_template") not in set(Kind):
        return None
    name, files = data.get("_name"), data.get("_files", {})
    replies = {key: value for key, value in data.items() if not str(key).startswith("_")}
    if not isinstance(name, str) or not NAME.fullmatch(name) or not isinstance(files, dict):
        return None
    if not all(isinstance(value, str) or type(value) is int for value in replies.values()):
        return None
    return Answers(Project(Kind(data["_template"]), name), replies, {str(key): str(files[key]) for key in files})


def digest(text: str) -> str:
    """What tells a file that someone changed from one that is as it was made; line endings do not count."""
    return sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:_DIGITS]


def remember(folder: Path, files: Mapping[str, str]) -> None:
    """Adds the digests of the files to the answers that the template wrote."""
    path = folder / FILE
    told = path.read_text("utf-8") + yaml.safe_dump({"_files": dict(files)}, allow_unicode=True, sort_keys=True)
    path.write_text(told, "utf-8", newline="\n")
