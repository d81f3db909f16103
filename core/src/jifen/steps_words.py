"""Decides in which words a single key of a rule book is told: what it is called, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from jifen.wording import decimal
from jifen.words import LANGUAGES, knows, language, say, title

if TYPE_CHECKING:
    from jifen.steps import Path

_KEYS: Final = (
    *("name", "title", "note", "clause", "category", "subject", "status", "measure", "unit", "points", "each", "whole"),
    *("rates", "tiers", "ladder", "grades", "bands", "marks", "base", "named", "put_right", "veto", "per", "of"),
    *("scored_by_plugin", "inspect", "limits", "times", "gives", "takes", "floor", "ceiling", "partial", "evidence"),
    *("approvals", "not_in", "until", "items", "own", "above", "at_least", "places", "eligibility", "village"),
    *(
        "rewards",
        "ranking",
        "below",
        "changes",
        "off",
        "at_change",
        "goods",
        "purses",
        "layers",
        "yuan",
        "order",
        "use",
    ),
    *("least", "most", "digest", "zh_CN", "en"),
)
"""Keys of the model that have words of their own; others, such as the options of a plugin, are told as written."""


def day(when: date) -> str:
    """A date as people write it in the language in force."""
    from babel.dates import format_date

    return format_date(when, format="long", locale=language())


def told(path: Path, value: object) -> str:
    """A key and what it says: ``小数位数：1``; the options of a plugin as its own keys: ``honours·model·first：10``."""
    options = "options" in path
    names = path[path.index("options") + 1 :] if options else path
    return say("diff.key-says", key=_label(names or path[:1], plain=bool(options and names)), value=in_words(value))


def _label(path: Path, *, plain: bool = False) -> str:
    label = ""
    for part in path:
        if isinstance(part, int):
            label += f"[{part + 1}]"
        else:
            label += ("·" if label else "") + (say(f"diff.key.{part}") if part in _KEYS and not plain else part)
    return label


def in_words(value: Any) -> str:  # noqa: PLR0911 - one return a kind of value
    """A value as a person would say it; what is not there is said to be not there."""
    if value is None or value in ("", (), [], {}):
        return say("diff.nothing")
    if isinstance(value, bool):
        return say("diff.yes" if value else "diff.no")
    if isinstance(value, Enum):
        return _choice(str(value.value))
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, date):
        return day(value)
    if attrs.has(type(value)):
        said = {key: inner for key, inner in attrs.asdict(value, recurse=False).items() if inner not in (None, (), {})}
        return _pairs(said, plain=not type(value).__module__.startswith("jifen."))
    if isinstance(value, Mapping):
        return title(value) if set(value) <= set(LANGUAGES) else _pairs(value, plain=True)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return say("describe.list").join(in_words(each) for each in value)
    return str(value)


def _pairs(table: Mapping[str, object], *, plain: bool) -> str:
    pairs = [
        say("diff.key-says", key=_label((key,), plain=plain), value=in_words(inner)) for key, inner in table.items()
    ]
    return say("diff.together", parts=say("describe.comma").join(pairs))


def _choice(value: str) -> str:
    for key in (f"commands.status.{value}", f"describe.per.{value}", f"describe.effect.{value}", f"diff.value.{value}"):
        if knows(key):
            return say(key)
    return value
