"""Decides which parts of a made `pyproject.toml` are the template's: how it is built, and what of jifen it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE: Final = "pyproject.toml"
WHOLE: Final = (("build-system",), ("project", "requires-python"), ("tool", "hatch", "build", "targets"))
"""Tables and keys that are taken over as the template has them."""
NEEDS: Final = (("project", "dependencies"), ("dependency-groups", "test"))
"""Lists of requirements: those that the template names are taken over, others stay."""


def refreshed(mine: str, fresh: str) -> tuple[str, tuple[str, ...]]:
    """The text of a `pyproject.toml` with the template's parts brought up to date, and which parts were changed.

    Everything else stays as it is: version, description, further requirements, owner, comments.
    """
    document, template = tomlkit.parse(mine), tomlkit.parse(fresh)
    changed = []
    for path in WHOLE:
        new = _at(template, path)
        if new is not None and _plain(new) != _plain(_at(document, path)):
            _table(document, path[:-1])[path[-1]] = new
            changed.append(".".join(path))
    for path in NEEDS:
        new = _at(template, path)
        if new is not None and _require(_table(document, path[:-1]), path[-1], _plain(new)):
            changed.append(".".join(path))
    return tomlkit.dumps(document), tuple(changed)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _at(document: Any, path: Sequence[str]) -> Any:
    for key in path:
        if not isinstance(document, dict) or key not in document:
            return None
        document = document[key]
    return document


def _table(document: Any, path: Sequence[str]) -> Any:
    """The table of a path, made where it is missing."""
    for key in path:
        if key not in document:
            document[key] = tomlkit.table(is_super_table=True)
        document = document[key]
    return document


def _require(table: Any, key: str, wanted: list[str]) -> bool:
    """Puts each wanted requirement in the place of the one for the same distribution, or at the end."""
    if key not in table:
        table[key] = wanted
        return True
    places = {_name(text): at for at, text in enumerate(_plain(table[key]))}
    changed = False
    for text in wanted:
        at = places.get(_name(text))
        if at is None:
            table[key].append(text)
        elif str(table[key][at]) != text:
            table[key][at] = text
        else:
            continue
        changed = True
    return changed


def _name(text: object) -> str:
    """What a requirement is for; a text that is none stands for itself."""
    try:
        return canonicalize_name(Requirement(str(text)).name)
    except InvalidRequirement:
        return str(text)
