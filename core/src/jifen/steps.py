"""Decides in which single steps one value of a rule book becomes another, and to what each of them alone leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs
from attrs import evolve, frozen

from jifen.digest import meaning, meaning_of
from jifen.rules_kept import plain

Path = tuple[str | int, ...]


@frozen
class Step:
    """One change: where it is, what was there, what is there now, and the first value with this change alone."""

    path: Path
    was: object
    now: object
    variant: Any


def steps(old: Any, new: Any) -> Iterator[Step]:
    """The steps from one value to another; none exactly where both mean the same (`jifen.digest`)."""
    if _is_table(old) and _is_table(new):
        if attrs.has(type(old)) and type(old) is type(new):
            yield from steps_of(old, new, attrs.fields_dict(type(old)))
        else:
            # Options of a plugin, kept as plain tables on one side: what is not said is no part of them.
            yield from _by_key(_said(old), _said(new), dict)
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        yield from _of_lists(tuple(old), tuple(new))
    elif meaning(old) != meaning(new):
        yield Step((), old, new, new)


def steps_of(old: Any, new: Any, fields: Iterable[str]) -> Iterator[Step]:
    """The steps within some fields of two values of one class."""
    for name in fields:
        if meaning_of(old, name) == meaning_of(new, name):
            continue
        for step in steps(getattr(old, name), getattr(new, name)):
            yield Step((name, *step.path), step.was, step.now, evolve(old, **{name: step.variant}))


def _of_lists(old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Step]:
    """Tables with a code are the same where their codes are; others of equal number one by one; else all at once."""
    codes = [[_code(each) for each in side] for side in (old, new)]
    if all(None not in side and len(set(side)) == len(side) for side in codes) and (old or new):
        yield from _by_key(
            dict(zip(codes[0], old, strict=True)),
            dict(zip(codes[1], new, strict=True)),
            lambda table: tuple(table.values()),
        )
        first, then = ([code for code in side if code in codes[0] and code in codes[1]] for side in codes)
        if first != then:
            yield Step((), first, then, tuple(sorted(old, key=lambda each: [*then, _code(each)].index(_code(each)))))
    elif len(old) == len(new) and all(_is_table(each) for each in (*old, *new)):
        for at, (before, after) in enumerate(zip(old, new, strict=True)):
            for step in steps(before, after):
                yield Step((at, *step.path), step.was, step.now, (*old[:at], step.variant, *old[at + 1 :]))
    elif meaning(old) != meaning(new):
        yield Step((), old, new, new)


def _by_key(old: Mapping[Any, Any], new: Mapping[Any, Any], made: Callable[[dict[Any, Any]], Any]) -> Iterator[Step]:
    for key in dict.fromkeys((*old, *new)):
        if key not in new:
            yield Step((key,), old[key], None, made({other: value for other, value in old.items() if other != key}))
        elif key not in old:
            yield Step((key,), None, new[key], made({**old, key: new[key]}))
        else:
            for step in steps(old[key], new[key]):
                yield Step((key, *step.path), step.was, step.now, made({**old, key: step.variant}))


def _code(value: object) -> object:
    return value.get("code") if isinstance(value, Mapping) else getattr(value, "code", None)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or attrs.has(type(value))


def _said(value: object) -> dict[str, object]:
    table = value if isinstance(value, Mapping) else plain(value)
    return {key: inner for key, inner in table.items() if inner not in (None, [], (), {})}
