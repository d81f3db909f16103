"""Decides whether an exported points ledger is whole: read line by line, with the standard library alone.

The format stands in the README. `Ledger.judge` says what is wrong with the next line and changes nothing; `Ledger.take`
goes on behind it; `Ledger.finish` says what is missing at the end. `verify` does all three for a file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jifen_verify.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FORMAT: Final = "jifen-ledger"
VERSION: Final = 1
GENESIS: Final = "0" * 64
MOST: Final = 2**53 - 1
OF_HOUSEHOLDS: Final = {"purse", "held"}
OF_GOODS: Final = {"supply", "stock", "kept", "out"}
ACCOUNTS: Final = OF_HOUSEHOLDS | OF_GOODS | {"issue", "goods", "cash", "expiry"}
NEVER_BELOW_0: Final = {"held", "stock", "kept"}
ENTRIES: Final = {
    "credit", "reversal", "reserve", "hand-over", "void", "supply", "stock-taking", "reset", "open", "close",
}  # fmt: skip
NOT_ASKED: Final = {"number", "recorded", "key", "request", "previous"}
"""Fields of an entry that follow from its moment and place; `request` is the digest of the others."""

HEX: Final = re.compile(r"[0-9a-f]{64}")
DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})")
MOMENT: Final = re.compile(DAY.pattern + r"T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}\.[0-9]{6}Z")
UNIT: Final = re.compile(r"(point|good):[^/\s]+")

Told = tuple[str, tuple[object, ...]]
"""The code of something that is wrong, and the facts of it."""


def canonical(value: object) -> bytes:
    """The one way to write a value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical form."""
    return sha256(canonical(value)).hexdigest()


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, in `line` (from 1; 0 where it is about the whole file)."""

    line: int
    code: str
    facts: tuple[object, ...] = ()

    def told(self, language: str) -> str:
        """In words."""
        return (say(language, "place", self.line) if self.line else "") + say(language, self.code, *self.facts)


def _no_number(text: str) -> int:
    raise ValueError(text)


def read(line: bytes) -> dict[str, Any]:
    """The value of a line. Raises `ValueError` where the line is not the one way to write it."""
    try:
        value = json.loads(line, parse_float=_no_number, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError(line) from error
    if not isinstance(value, dict) or canonical(value) + b"\n" != line:
        raise ValueError(line)
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_transfer(value: object) -> bool:
    return isinstance(value, list) and list(map(type, value)) == [str, str, int] and 0 < value[2] <= MOST


def _matches(pattern: re.Pattern[str], *, empty: bool = False) -> Any:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value) or (empty and not value))


def _dated(pattern: re.Pattern[str]) -> Any:
    """That it is written so, with a day that there is."""

    def is_so(value: object) -> bool:
        found = pattern.fullmatch(value) if isinstance(value, str) else None
        try:
            return found is not None and bool(date.fromisoformat(found[1]))
        except ValueError:
            return False

    return is_so


SHAPES: Final[dict[str, dict[str, Any]]] = {
    "header": {"format": _is_text, "version": _is_integer, "village": _is_text, "private": _is_truth},
    "line": {"entry": _is_table, "hash": _matches(HEX)},
    "entry": {
        "village": _is_text, "number": _is_integer, "kind": lambda value: _is_text(value) and value in ENTRIES,
        "occurred": _dated(DAY), "recorded": _dated(MOMENT), "record": _is_text,
        "by": lambda value: value is None or _is_integer(value),
        "settlement": _is_text, "rules": _is_text, "reverses": lambda value: value is None or _is_integer(value),
        "commitment": _matches(HEX, empty=True), "key": _is_text, "request": _matches(HEX), "previous": _matches(HEX),
        "transfers": lambda value: isinstance(value, list) and all(map(_is_transfer, value)),
    },
    "opening": {"content": _is_table, "salt": _is_text},
    "account": {"account": _is_text, "balance": _is_integer},
    "end": {
        "end": lambda value: value == FORMAT, "entries": _is_integer, "accounts": _is_integer, "head": _matches(HEX),
        "sha256": _matches(HEX),
    },
}  # fmt: skip
"""What fields a line has, and what each can be."""


def misshapen(shape: str, value: object) -> list[str]:
    """The fields that are missing, too many, or not what they should be."""
    fields = SHAPES[shape]
    if not isinstance(value, dict):
        return [shape]
    return [
        name
        for name in sorted(fields.keys() | value.keys())
        if name not in fields or name not in value or not fields[name](value[name])
    ]


def unit_of(account: str) -> str | None:
    """The unit of an account by its name; None where it is no account's name."""
    kind, _, rest = account.partition("/")
    unit, slash, household = rest.partition("/")
    if kind not in ACCOUNTS or not UNIT.fullmatch(unit) or unit.startswith("good:") != (kind in OF_GOODS):
        return None
    return unit if bool(slash and household) == (kind in OF_HOUSEHOLDS) and bool(slash) == bool(household) else None


@dataclass
class Ledger:
    """What was read so far."""

    line: int = 0
    village: str | None = None
    private: bool = False
    number: int = 0
    hash: str = GENESIS
    ended: bool = False
    balances: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    moved: dict[int, list[list[Any]]] = field(default_factory=dict)
    reversed: set[int] = field(default_factory=set)
    accounts: list[str] = field(default_factory=list)
    moments: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Number and moment of each entry by its hash."""
    opened: int = 0
    committed: int = 0
    bytes: Any = field(default_factory=sha256)

    def judge(self, line: bytes) -> tuple[list[Told], dict[str, Any] | None]:
        """What is wrong with the next line, and its value where that can be counted on."""
        try:
            value = read(line)
        except ValueError:
            return [("not-canonical", ())], None
        if self.ended:
            return [("after", ())], None
        if self.line == 0:
            found, shape = self._header(value), "header"
        elif "entry" in value and not self.accounts:
            found, shape = self._entry(value), "entry"
        elif "account" in value:
            found, shape = self._account(value), "account"
        elif "end" in value:
            found, shape = self._end(value), "end"
        else:
            return [("unknown", ())], None
        told = list(found)
        return told, None if any(code == "shape" for code, _ in told) else {"shape": shape, **value}

    @staticmethod
    def _header(value: dict[str, Any]) -> Iterator[Told]:
        yield from (("shape", (name,)) for name in misshapen("header", value))
        if (value.get("format"), value.get("version")) != (FORMAT, VERSION):
            yield "header", (FORMAT, VERSION)

    @staticmethod
    def _misshapen_entry(value: dict[str, Any]) -> list[str]:
        inside = {"opening": {}, **value}
        opening = inside.pop("opening")
        wrong = misshapen("line", inside) or misshapen("entry", value["entry"])
        return wrong + (misshapen("opening", opening) if "opening" in value else [])

    def _entry(self, value: dict[str, Any]) -> Iterator[Told]:
        if wrong := self._misshapen_entry(value):
            yield from (("shape", (name,)) for name in wrong)
            return
        entry = value["entry"]
        number, opening = entry["number"], value.get("opening")
        asked = {name: each for name, each in entry.items() if name not in NOT_ASKED}
        is_reversal = entry["kind"] == "reversal" or entry["reverses"] is not None
        for fine, code, facts in (
            (self.village in {None, entry["village"]}, "village", (entry["village"], self.village)),
            (number == self.number + 1, "number", (number, self.number + 1)),
            (entry["previous"] == self.hash, "previous", (number,)),
            (digest(entry) == value["hash"], "hash", (number,)),
            (digest(asked) == entry["request"], "request", (number,)),
            (entry["key"] not in self.keys, "key", (number, entry["key"])),
            (opening is None or self.private, "public", ()),
            (opening is None or digest(opening) == entry["commitment"], "opening", (number,)),
            (not is_reversal or self._is_opposite(entry), "reverses", (number, entry["reverses"])),
        ):
            if not fine:
                yield code, facts
        yield from self._transfers(entry)

    def _transfers(self, entry: dict[str, Any]) -> Iterator[Told]:
        left: dict[str, int] = {}
        for source, target, amount in entry["transfers"]:
            unit = unit_of(source)
            if unit is None or source == target or unit != unit_of(target):
                yield "transfer", (entry["number"], source, target, amount)
            left[source] = left.get(source, self.balances[source]) - amount
            left[target] = left.get(target, self.balances[target]) + amount
            kind = source.partition("/")[0]
            if left[source] < 0 and (kind in NEVER_BELOW_0 or (kind == "purse" and entry["kind"] == "reserve")):
                yield "below", (entry["number"], source, left[source])

    def _is_opposite(self, entry: dict[str, Any]) -> bool:
        before = self.moved.get(entry["reverses"])
        if entry["kind"] != "reversal" or entry["reverses"] in self.reversed or not before:
            return False
        return bool(entry["transfers"] == [[target, source, amount] for source, target, amount in reversed(before)])

    def _account(self, value: dict[str, Any]) -> Iterator[Told]:
        if wrong := misshapen("account", value):
            yield from (("shape", (name,)) for name in wrong)
            return
        name, before = value["account"], self.accounts[-1] if self.accounts else ""
        if name != min((each for each in self.balances if each > before), default=None):
            yield "order", (name,)
        if name in self.balances and value["balance"] != self.balances[name]:
            yield "balance", (name, value["balance"], self.balances[name])

    def _end(self, value: dict[str, Any]) -> Iterator[Told]:
        if wrong := misshapen("end", value):
            yield from (("shape", (name,)) for name in wrong)
            return
        said, there = (value["entries"], value["accounts"]), (self.number, len(self.accounts))
        if said != there or len(self.accounts) != len(self.balances):
            yield "counts", (*said, self.number, len(self.balances))
        if value["head"] != self.hash:
            yield "last", ()
        if value["sha256"] != self.bytes.hexdigest():
            yield "bytes", ()

    def take(self, line: bytes, value: dict[str, Any] | None) -> None:
        """Goes on behind a line that was judged."""
        self.line += 1
        self.bytes.update(line)
        shape = value["shape"] if value else None
        if value is None:
            return
        if shape == "header":
            self.village, self.private = value["village"], value["private"]
        elif shape == "entry":
            self._take_entry(value)
        elif shape == "account":
            self.accounts.append(value["account"])
        else:
            self.ended = True

    def _take_entry(self, value: dict[str, Any]) -> None:
        entry = value["entry"]
        self.number, self.hash = entry["number"], value["hash"]
        self.moments[value["hash"]] = (entry["number"], entry["recorded"])
        self.keys.add(entry["key"])
        self.moved[entry["number"]] = entry["transfers"]
        if entry["reverses"] is not None:
            self.reversed.add(entry["reverses"])
        for source, target, amount in entry["transfers"]:
            self.balances[source] -= amount
            self.balances[target] += amount
        self.opened += "opening" in value
        self.committed += bool(entry["commitment"])

    def finish(self) -> Iterator[Finding]:
        """What is wrong with the whole."""
        if not self.ended:
            yield Finding(0, "end")
        sums: Counter[str] = Counter()
        for name, balance in self.balances.items():
            sums[unit_of(name) or name] += balance
        yield from (Finding(0, "sum", (unit, total)) for unit, total in sorted(sums.items()) if total)


def verify(lines: Iterable[bytes], head: str | None = None) -> tuple[Ledger, list[Finding]]:
    """What was read, and all that is wrong with it; `head` is a hash that one of the entries must have.

    64 zeros stand for the chain before its first entry, which every ledger has behind it.
    """
    ledger, findings = Ledger(), []
    for line in lines:
        wrong, value = ledger.judge(line)
        findings += [Finding(ledger.line + 1, code, facts) for code, facts in wrong]
        ledger.take(line, value)
    findings += ledger.finish()
    if head not in {None, GENESIS} and head not in ledger.moments:
        findings.append(Finding(0, "no-head", (head,)))
    return ledger, findings


def main(arguments: Sequence[str] | None = None) -> int:
    """The program: 0 where the ledger is whole, 1 where it is not, 2 where it cannot be read."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--lang", default=os.environ.get("LANG", ""))
    language = "en" if first.parse_known_args(given)[0].lang.startswith("en") else "zh"
    parser = argparse.ArgumentParser("jifen-verify", description=say(language, "help"))
    parser.add_argument("file", help=say(language, "help.file"))
    parser.add_argument("--head", metavar="HASH", type=str.lower, help=say(language, "help.head"))
    parser.add_argument("--lang", choices=("zh", "zh_CN", "en"), help=say(language, "help.lang"))
    options = parser.parse_args(given)
    try:
        with nullcontext(sys.stdin.buffer) if options.file == "-" else Path(options.file).open("rb") as file:
            ledger, findings = verify(file, options.head)
    except OSError as error:
        sys.stderr.write(say(language, "unreadable", options.file, error.strerror) + "\n")
        return 2
    for line in _report(language, options.file, options.head, ledger, findings):
        sys.stdout.write(line + "\n")
    return 1 if findings else 0


def _report(language: str, file: str, head: str | None, ledger: Ledger, findings: list[Finding]) -> list[str]:
    if findings:
        return [*(each.told(language) for each in findings), say(language, "wrong", file, len(findings))]
    told = [say(language, "whole", ledger.village, ledger.number, len(ledger.accounts), ledger.hash)]
    if ledger.private:
        told.append(say(language, "words", ledger.opened, ledger.committed - ledger.opened))
    if head == GENESIS:
        told.append(say(language, "beginning"))
    elif head is not None:
        told.append(say(language, "found", *ledger.moments[head]))
    return told
