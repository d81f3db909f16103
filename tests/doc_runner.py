"""Decides how a page of the documentation is carried out: its files written, its changes made, its commands run.

A fence ``console`` holds commands after ``$`` and what they print; a line that is only … stands for lines left out. A fence
with ``title="PATH"`` is a file to write, or for ``diff`` a change to one. Everything happens in one fresh folder, with a
Python environment of its own that sees the packages of this one.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Final

from attrs import frozen

LEFT_OUT: Final = "…"
FENCE: Final = re.compile(
    r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
PROGRAMS: Final = frozenset({"jifen", "python"})


@frozen
class Fence:
    """One fenced block: what it is, the file it is for, and the line of the page on which it begins."""

    kind: str
    title: str
    text: str
    line: int


def fences(page: str) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    return [
        Fence(found["kind"], found["title"] or "", found["text"], page.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(page)
    ]


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """Each command of a console with the lines that are quoted as its output."""
    told: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            told.append((line.removeprefix("$ "), []))
        else:
            told[-1][1].append(line.rstrip())
    return told


def missing(quoted: list[str], printed: list[str]) -> list[str]:
    """The quoted lines that were not printed: each run between two marks of omission stands together, in order."""
    at, gap = 0, False
    for omitted, group in groupby(quoted, key=lambda line: line == LEFT_OUT):
        run = list(group)
        if omitted:
            gap = True
            continue
        starts = range(at, len(printed) - len(run) + 1) if gap else [at]
        found = next((start for start in starts if printed[start : start + len(run)] == run), None)
        if found is None:
            return run
        at, gap = found + len(run), False
    return [] if gap or at == len(printed) else [f"(not quoted, nor marked as left out) {printed[at]}"]


def environment_in(folder: Path) -> Path:
    """A fresh Python environment: what this one has can be imported there, and more can be installed beside it.

    An installer comes into it only where this environment has none that can be imported, for that takes seconds.
    """
    venv.create(folder, with_pip=find_spec("pip") is None, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    parent = sysconfig.get_path("purelib")
    (site / "parent.pth").write_text(f"import site; site.addsitedir({parent!r})\n", "utf-8")
    return folder


@frozen
class Place:
    """A folder in which a page is carried out, and the environment beside it; its name is left out of what is printed."""

    folder: Path
    environment: Path

    @classmethod
    def make(cls, folder: Path, pattern: Path) -> Place:
        """A fresh folder, and a copy of a fresh environment."""
        environment = Path(shutil.copytree(pattern, folder / "environment", symlinks=True))
        (folder / "work").mkdir()
        return cls(folder / "work", environment)

    def run(self, command: str) -> list[str]:
        """What a command prints, on both streams, in lines."""
        program, *arguments = shlex.split(command)
        if program not in PROGRAMS:
            raise AssertionError(f"a page runs {sorted(PROGRAMS)} only: {command}")
        python = str(self.environment / "bin" / "python")
        start = [python, "-m", "jifen"] if program == "jifen" else [python]
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COV_")},
            "JIFEN_LANG": "en",
            "PYTHONDONTWRITEBYTECODE": "1",
            # What a page installs needs nothing but what is there already.
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        done = subprocess.run(
            [*start, *arguments], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
        here = f"{self.folder.resolve()}{os.sep}"
        return [line.rstrip().replace(here, "") for line in (done.stdout + done.stderr).splitlines()]

    def write(self, fence: Fence) -> None:
        """Writes the file of a fence, or makes its change; every old line must be there, and only once."""
        path = self.folder / fence.title
        if fence.kind != "diff":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fence.text, "utf-8")
            return
        lines = fence.text.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        text = path.read_text("utf-8")
        if text.count(old) != 1:
            raise AssertionError(f"line {fence.line}: {fence.title} has this {text.count(old)} times:\n{old}")
        path.write_text(text.replace(old, new), "utf-8")


def carry_out(page: Path, place: Place) -> list[str]:
    """Carries a page out from top to bottom; what did not come out as the page says, with its line."""
    wrong: list[str] = []
    for fence in fences(page.read_text("utf-8")):
        if fence.title:
            place.write(fence)
        elif fence.kind == "console":
            for command, quoted in sessions(fence.text):
                printed = place.run(command)
                lost = missing(quoted, printed)
                if lost:
                    shown = "\n".join(printed)
                    wrong.append(f"{page.name}:{fence.line}: $ {command}\nnot printed: {lost}\nprinted:\n{shown}\n")
    return wrong


def main() -> None:
    """Carries out the pages that are named, in a temporary folder, and prints what differs."""
    import tempfile

    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            place = Place.make(Path(folder), environment_in(Path(folder) / "pattern"))
            sys.stdout.write("\n".join(carry_out(Path(name), place)) + "\n")


if __name__ == "__main__":
    main()
