"""Decides how a TOML file is read for people to correct: its data, and for every path its place in the file."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import tomli
from attrs import field, frozen

from jifen.locate import Lines
from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jifen.locate import Path


def package_folder(package: str) -> FilePath:
    """The folder of an installed package, where its data lies; the package is found, not imported.

    Raises `Refused` where it is not there.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise Refused([Problem("manifest.no-package", facts={"package": package})])
    return FilePath(next(iter(spec.submodule_search_locations)))


@frozen
class Document:
    """A TOML file: its name as people gave it, its data (fractions as `Decimal`), and where everything stands."""

    file: str
    data: dict[str, Any]
    lines: Lines = field(repr=False)

    @classmethod
    def read(cls, path: FilePath) -> Document:
        """Reads a file.

        Raises `Refused` where it cannot be opened, is not UTF-8, or is not TOML (with the line).
        """
        file = str(path)
        try:
            # utf-8-sig: Windows Notepad likes to begin a file with a mark that TOML does not know
            text = path.read_bytes().decode("utf-8-sig")
            return cls(file, tomli.loads(text, parse_float=Decimal), Lines.of(text))
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise Refused([Problem("rulebook.unreadable", Place(file), {"detail": detail})]) from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise Refused([Problem("rulebook.not-utf8", Place(file, line))]) from error
        except tomli.TOMLDecodeError as error:
            facts = {"column": error.colno, "detail": error.msg}
            raise Refused([Problem("rulebook.bad-toml", Place(file, error.lineno), facts)]) from error
        except RecursionError as error:
            raise Refused([Problem("rulebook.too-deep", Place(file))]) from error

    def place(self, path: Path = ()) -> Place:
        """The place of a path; what is not written has the line of what is around it."""
        return Place(self.file, self.lines.line(path), path=self.told(path) or None)

    def told(self, path: Path) -> str:
        """A path as people read it: ``items[3] (A04).limits[0].per``."""
        told, here = "", self.data
        for part in path:
            here = _step(here, part)
            if isinstance(part, int):
                named = here if isinstance(here, dict) else {}
                code = named.get("code", named.get("name"))
                told += f"[{part}]" + (f" ({code})" if isinstance(code, str) else "")
            else:
                told += ("." if told else "") + (part if re.fullmatch(r"[\w-]+", part) else f'"{part}"')
        return told


def _step(here: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return here[part] if isinstance(here, list) and part < len(here) else None
    return here.get(part) if isinstance(here, dict) else None


class Faults:
    """The problems of one file, collected by path and handed over in the order of its lines."""

    def __init__(self, document: Document) -> None:
        """Begin with none."""
        self.document = document
        self.problems: list[Problem] = []

    def add(self, code: str, path: Path, /, **facts: object) -> None:
        """One thing that is wrong at a path."""
        self.problems.append(Problem(code, self.document.place(path), facts))

    def told(self, path: Path) -> str:
        """A path with its line, as a fact for the words of another problem."""
        return str(self.document.place(path))

    def take(self, problems: Iterable[Problem], path: Path) -> None:
        """Problems that others found, at the place in this file that led to them."""
        self.problems += [Problem(each.code, self.document.place(path), each.facts) for each in problems]

    def settle(self) -> None:
        """Raises `Refused` with all of them where there are any."""
        if self.problems:
            raise Refused(self.in_order())

    def in_order(self) -> list[Problem]:
        """The problems as their lines follow one another in the file."""
        return sorted(self.problems, key=lambda problem: problem.place.line or 0)
