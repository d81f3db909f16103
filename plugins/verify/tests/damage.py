"""Decides what can happen to an exported ledger, and which of it goes unnoticed.

A damaged line is judged by the program where it stands, behind the true lines before it; where that finds nothing, the
whole damaged file is read. So millions of damages are tried of which each would otherwise mean to read the file again.
"""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any

from jifen_verify import Ledger, canonical, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Lines = list[bytes]


def fitted(lines: Lines) -> Lines:
    """The lines with a last line that fits the bytes before it, as whoever damages on purpose would write it."""
    try:
        end = json.loads(lines[-1])
    except ValueError:
        return lines
    if not isinstance(end, dict) or "sha256" not in end:
        return lines
    end["sha256"] = sha256(b"".join(lines[:-1])).hexdigest()
    return [*lines[:-1], canonical(end) + b"\n"]


def unnoticed(lines: Lines, damages: Callable[[int], Iterable[tuple[bytes, Lines]]]) -> Iterator[tuple[int, bytes]]:
    """The damages that nothing finds; `damages` gives for a line what stands there now, and what follows it."""
    ledger = Ledger()
    for at, line in enumerate(lines):
        for damaged, after in damages(at):
            first = damaged.partition(b"\n")[0] + b"\n" if b"\n" in damaged[:-1] else damaged
            if not ledger.judge(first)[0] and not is_found(lines[:at] + damaged.splitlines(keepends=True) + after):
                yield at, damaged
        wrong, value = ledger.judge(line)
        assert wrong == []
        ledger.take(line, value)


def is_found(lines: Lines) -> bool:
    """Whether a whole file is found to be damaged, even where its last line was made to fit."""
    return bool(verify(lines)[1]) and bool(verify(fitted(lines))[1])


def bytes_changed(
    lines: Lines, changes: Callable[[int], Iterable[int]]
) -> Callable[[int], Iterator[tuple[bytes, Lines]]]:
    """Each byte of each line replaced by each byte that `changes` gives for it."""

    def damages(at: int) -> Iterator[tuple[bytes, Lines]]:
        line, after = lines[at], lines[at + 1 :]
        for position, byte in enumerate(line):
            for other in changes(byte):
                damaged = line[:position] + bytes([other]) + line[position + 1 :]
                if position == len(line) - 1 and after:  # it ran into the next line
                    yield damaged + after[0], after[1:]
                else:
                    yield damaged, after

    return damages


def dropped(lines: Lines) -> Callable[[int], Iterator[tuple[bytes, Lines]]]:
    """Each line left out."""

    def damages(at: int) -> Iterator[tuple[bytes, Lines]]:
        if at + 1 < len(lines):
            yield lines[at + 1], lines[at + 2 :]

    return damages


def swapped(lines: Lines, others: Callable[[int], Iterable[int]]) -> Callable[[int], Iterator[tuple[bytes, Lines]]]:
    """Each line in the place of each later one that `others` gives for it."""

    def damages(at: int) -> Iterator[tuple[bytes, Lines]]:
        for other in others(at):
            yield lines[other], [*lines[at + 1 : other], lines[at], *lines[other + 1 :]]

    return damages


def doubled(lines: Lines) -> Callable[[int], Iterator[tuple[bytes, Lines]]]:
    """Each line there twice."""
    return lambda at: iter([(lines[at - 1], lines[at:])] if at else [])


def all_of(*kinds: Callable[[int], Iterable[tuple[bytes, Lines]]]) -> Callable[[int], Iterator[tuple[bytes, Lines]]]:
    """Several kinds of damage."""
    return lambda at: chain.from_iterable(kind(at) for kind in kinds)


def changed(lines: Lines, at: int, change: Callable[[dict[str, Any]], None]) -> Lines:
    """The lines with one value changed by somebody who writes lines as they should be written."""
    value = json.loads(lines[at])
    change(value)
    return fitted([*lines[:at], canonical(value) + b"\n", *lines[at + 1 :]])
