"""Decides what a village's ledger looks like outside: lines of canonical JSON that `jifen-verify` checks by itself.

The first line says what the file is; then come the entries by number, each with its hash; then the accounts that ever
moved, by name, each with its balance; and a last line with how much there is, the chain's head and the SHA-256 of all
bytes before it. A private export has the openings, which are what entries say of people.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from jifen_office.ledger.chain import canonical
from jifen_office.ledger.names import name_of
from jifen_office.ledger.writing import lock, writing
from jifen_office.ledger.written import Written, accounts_of, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_office.register.models import Village

FORMAT: Final = "jifen-ledger"
VERSION: Final = 1


def export(village: Village, *, private: bool) -> Iterator[bytes]:
    """The ledger of a village, line by line; `private` with what entries say of people.

    It is read whole before the first line is handed out, as it was at one moment, so that who reads slowly keeps
    nobody from writing. An entry whose content is not what its hash says is exported as it is: `jifen-verify` finds it.
    """
    with writing():
        head = lock(village)
        entries = [_line(written, private=private) for written in entries_of(village)]
        balances = {name_of(each): each.balance for each in accounts_of(village).values() if each.last_transfer}
    first = {"format": FORMAT, "version": VERSION, "village": village.code, "private": private}
    accounts = [{"account": name, "balance": balances[name]} for name in sorted(balances)]
    last = {"end": FORMAT, "entries": len(entries), "accounts": len(accounts), "head": head.hash}
    return _written([first, *entries, *accounts], last)


def _line(written: Written, *, private: bool) -> dict[str, Any]:
    line: dict[str, Any] = {
        "entry": {**written.form, "request": written.entry.request},
        "hash": written.entry.hash,
    }
    return {**line, "opening": written.opening} if private and written.opening is not None else line


def _written(lines: list[dict[str, Any]], end: dict[str, Any]) -> Iterator[bytes]:
    seen = sha256()
    for line in lines:
        text = canonical(line) + b"\n"
        seen.update(text)
        yield text
    yield canonical({**end, "sha256": seen.hexdigest()}) + b"\n"
