"""Decides whose code is whose: the folder or file of a plugin, found without importing it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def home_of(module: str, function: Callable[..., Any] | None = None) -> Path | None:
    """The folder of a plugin's package, or the file of its module; without a module, the file of the function."""
    if module:
        try:
            spec = find_spec(module.partition(".")[0])
        except (ImportError, ValueError):
            return None
        if spec is None:
            return None
        if spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
        return Path(spec.origin) if spec.origin else None
    code = getattr(function, "__code__", None)
    return Path(code.co_filename) if code is not None else None


def lies_in(file: str, home: Path | None) -> bool:
    """Whether a file of code belongs to a home."""
    return home is not None and Path(file).is_relative_to(home)
