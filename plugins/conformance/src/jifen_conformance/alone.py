"""Decides whether a distribution loads with nothing but what it requires: a program that runs in a fresh interpreter.

It is run by its path, so that nothing of jifen is there before everything else is hidden. Standard input: ``path`` and
``distribution`` as JSON. Standard output: the problems and the offers of the distribution's plugins, as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import sysconfig
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


LIBRARY = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))


def _norm(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(name: str) -> set[str]:
    """The distributions that one requires, itself among them, and what those require."""
    from packaging.requirements import Requirement

    found: set[tuple[str, str]] = set()
    todo = [(_norm(name), "")]
    while todo:
        each = todo.pop()
        if each in found:
            continue
        found.add(each)
        try:
            needs = [Requirement(text) for text in metadata.requires(each[0]) or ()]
        except metadata.PackageNotFoundError:
            continue
        for need in needs:
            if need.marker is None or need.marker.evaluate({"extra": each[1]}):
                todo += [(_norm(need.name), extra) for extra in ("", *need.extras)]
    return {name for name, _ in found}


def modules(names: Iterable[str]) -> set[str]:
    """The top modules of distributions, installed or editable."""
    return set(chain.from_iterable(_modules(name) for name in names))


def _modules(name: str) -> Iterator[str]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    yield from (distribution.read_text("top_level.txt") or "").split()
    yield from (point.value.partition(".")[0].partition(":")[0] for point in distribution.entry_points)
    for file in distribution.files or ():
        yield file.parts[0].partition(".")[0]
        if file.suffix == ".pth":
            for line in Path(str(distribution.locate_file(file))).read_text("utf-8").splitlines():
                if line.strip() and not line.startswith("import ") and Path(line.strip()).is_dir():
                    yield from (each.name.partition(".")[0] for each in Path(line.strip()).iterdir())


def _of_the_library(file: str) -> bool:
    """Whether a file lies in the standard library: some of its modules are in no list, as they are made at build."""
    return file.startswith(LIBRARY) and "site-packages" not in file


class Only:
    """In the place of all finders: finds the standard library and the modules that are allowed, nothing else."""

    def __init__(self, allowed: set[str]) -> None:
        """Keep the finders that were there."""
        self.allowed = allowed | sys.stdlib_module_names
        self.finders: list[Any] = list(sys.meta_path)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """As finders do; what is hidden is not found."""
        spec = next((spec for finder in self.finders if (spec := finder.find_spec(name, path, target))), None)
        seen = name.partition(".")[0] in self.allowed or (spec is not None and _of_the_library(spec.origin or ""))
        return spec if seen else None

    def find_distributions(self, context: Any) -> Any:
        """Metadata is not hidden."""
        found = (getattr(finder, "find_distributions", None) for finder in self.finders)
        return chain.from_iterable(find(context) for find in found if find is not None)

    def invalidate_caches(self) -> None:
        """As finders do."""


def main() -> None:
    """Hide, load, read the books of towns, and tell."""
    order = json.load(sys.stdin)
    sys.path[:] = order["path"]
    names = required(order["distribution"])
    sys.meta_path[:] = [Only(modules(names))]
    if "jifen" not in names:
        json.dump({"problems": [f"{order['distribution']} does not require jifen"], "offers": []}, sys.stdout)
        return
    from jifen.problems import Refused
    from jifen.registry import Registry
    from jifen.rulebook import books_of

    registry = Registry.load()
    problems: list[str] = []
    offers: list[tuple[str, str]] = []
    for report in registry.report:
        if report.distribution == order["distribution"]:
            problems += [str(problem) for problem in report.problems]
            offers += report.offers
    for kind, name in offers:
        try:
            if kind == "towns":
                books_of(registry.town(name), registry)
        except Refused as refused:
            problems += [str(problem) for problem in refused.problems]
    json.dump({"problems": problems, "offers": offers}, sys.stdout)


if __name__ == "__main__":
    main()
