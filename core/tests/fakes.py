"""Installs fake distributions into a folder, as an installer leaves them: module, METADATA, entry_points.txt, RECORD."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from attrs import frozen
from jifen.registry import PluginReport, Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOD = """
    from jifen import Category, Town, hookimpl
    from pathlib import Path

    @hookimpl
    def jifen_categories():
        return [Category(name="{entry}.tidy", title={{"en": "tidy yards"}})]

    @hookimpl
    def jifen_towns():
        return [Town(name="{entry}", title={{"en": "a town"}}, folder=Path(__file__).parent, rules=("rules.toml",))]
"""
"""A plugin without fault: the category ``ENTRY.tidy`` and the town ``ENTRY``."""


@frozen
class Site:
    """A folder of installed distributions."""

    folder: Path

    def add(
        self,
        distribution: str,
        source: str = GOOD,
        *,
        entry: str = "",
        module: str = "",
        version: str = "1.0",
        requires: tuple[str, ...] = ("jifen",),
        files: Mapping[str, str] | None = None,
    ) -> str:
        """Install one with the entry point `entry`; `files` makes its module a package. Returns the module's name."""
        entry = entry or distribution.removeprefix("jifen-")
        module = module or f"fake_{re.sub(r'[^a-z0-9]', '_', distribution)}"
        text = dedent(source.format(entry=entry) if source is GOOD else source)
        if files is None:
            (self.folder / f"{module}.py").write_text(text, "utf-8")
        else:
            (self.folder / module).mkdir()
            for name, content in {"__init__.py": text, **files}.items():
                (self.folder / module / name).write_text(dedent(content), "utf-8")
        self.record(distribution, version, f"[jifen]\n{entry} = {module}\n", requires)
        return module

    def record(self, distribution: str, version: str, entry_points: str, requires: tuple[str, ...] = ()) -> Path:
        """Only what an installer writes down about a distribution."""
        about = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        about.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (about / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")
        (about / "entry_points.txt").write_text(entry_points, "utf-8")
        (about / "RECORD").write_text("", "utf-8")
        (about / "INSTALLER").write_text("pip\n", "utf-8")
        return about

    def registry(self) -> Registry:
        """The plugins of this folder and no others."""
        importlib.invalidate_caches()
        return Registry.load([str(self.folder)])

    def report(self, entry: str) -> PluginReport:
        """The report of one plugin."""
        return next(report for report in self.registry().report if report.entry == entry)

    def words(self, entry: str) -> list[str]:
        """What is wrong with one plugin, with the folder left out of the places."""
        return [str(problem).replace(f"{self.folder}/", "") for problem in self.report(entry).problems]

    def forget(self) -> None:
        """Undo the imports from this folder."""
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(str(self.folder)):
                del sys.modules[name]
