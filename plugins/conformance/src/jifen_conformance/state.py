"""Decides what counts as global state: variables of a plugin's modules and classes, and what the process shares."""

from __future__ import annotations

import decimal
import os
import random
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from jifen_conformance.homes import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = (int, str, float, bytes, bytearray, bool, type(None))
_DEEP = 6


def state(home: Path | None) -> dict[str, str]:
    """Everything global that the plugin's code may have changed, as text by name; what it imports is no change."""
    found = dict(_shared())
    for name, module in list(sys.modules.items()):
        if lies_in(getattr(module, "__file__", None) or "?", home):
            found |= dict(_of_module(name, module))
    return found


def _shared() -> Iterator[tuple[str, str]]:
    yield from ((f"os.environ[{name}]", value) for name, value in os.environ.items())
    yield "the working folder", str(Path.cwd())
    yield "sys.path", repr(sys.path)
    yield "random", repr(hash(random.getstate()))
    yield "numpy.random", repr([str(part) for part in np.random.get_state(legacy=True)])  # noqa: NPY002 - whose state is asked
    yield "decimal context", repr(decimal.getcontext())
    yield "warnings.filters", repr(warnings.filters)
    yield "polars.Config", pl.Config.save()


def _of_module(name: str, module: ModuleType) -> Iterator[tuple[str, str]]:
    for variable, value in list(vars(module).items()):
        if variable.startswith("__") or isinstance(value, ModuleType):
            continue
        yield f"{name}.{variable}", _told(value, _DEEP)
        if isinstance(value, type) and value.__module__ == name:
            for attribute, inner in list(vars(value).items()):
                if not attribute.startswith("__"):
                    yield f"{name}.{variable}.{attribute}", _told(inner, _DEEP)


def _told(value: Any, deep: int) -> str:
    """What a value says, as far as it is plain; of anything else, which one it is."""
    if not deep:
        return "…"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_told(key, deep - 1)}: {_told(each, deep - 1)}' for key, each in value.items())}}}"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(_told(each, deep - 1) for each in value))}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_told(each, deep - 1) for each in value)}]"
    if isinstance(value, pl.DataFrame | pl.Series):
        return str(value.hash_rows().to_list() if isinstance(value, pl.DataFrame) else value.to_list())
    return repr(value) if isinstance(value, _PLAIN) else f"{type(value).__qualname__} at {id(value)}"


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The names of what is different. A name new in a module is one as well, unless the module makes it lazily."""
    changed = [name for name, value in before.items() if after.get(name) != value]
    return changed + [name for name in after if name not in before and not _lazy(name)]


def _lazy(name: str) -> bool:
    module, _, variable = name.rpartition(".")
    known = sys.modules.get(module)
    return known is None or "__getattr__" in vars(known) or variable == ""
