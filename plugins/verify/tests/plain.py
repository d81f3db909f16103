"""Decides how a ledger is exported, written a second time from the README: each test makes its own from this."""

from __future__ import annotations

import json
import random
from collections import Counter
from hashlib import sha256
from typing import Any


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    return sha256(canonical(value)).hexdigest()


class Book:
    """A ledger that is written as it goes."""

    def __init__(self, village: str = "QH01", *, private: bool = True) -> None:
        self.village, self.private = village, private
        self.entries: list[dict[str, Any]] = []
        self.head = "0" * 64
        self.balances: Counter[str] = Counter()

    def post(
        self, kind: str, transfers: list[list[Any]], *, words: dict[str, Any] | None = None, reverses: int | None = None
    ) -> dict[str, Any]:
        number = len(self.entries) + 1
        opening = None if words is None else {"content": words, "salt": f"{number:064x}"}
        asked = {
            "village": self.village, "kind": kind, "occurred": "2025-03-01", "by": None if number % 3 else 7,
            "record": f"R{number}", "settlement": digest("settlement"), "rules": digest("rules"), "reverses": reverses,
            "commitment": "" if opening is None else digest(opening), "transfers": transfers,
        }  # fmt: skip
        entry = {
            **asked, "number": number, "recorded": f"2025-03-05T08:00:00.{number:06}Z", "key": f"form-{number}",
            "request": digest(asked), "previous": self.head,
        }  # fmt: skip
        self.head = digest(entry)
        line = {"entry": entry, "hash": self.head}
        self.entries.append({**line, "opening": opening} if opening is not None and self.private else line)
        for source, target, amount in transfers:
            self.balances[source] -= amount
            self.balances[target] += amount
        return entry

    def lines(self) -> list[bytes]:
        first = {"format": "jifen-ledger", "version": 1, "village": self.village, "private": self.private}
        accounts = [{"account": name, "balance": self.balances[name]} for name in sorted(self.balances)]
        lines = [canonical(each) + b"\n" for each in [first, *self.entries, *accounts]]
        end = {
            "end": "jifen-ledger", "entries": len(self.entries), "accounts": len(accounts), "head": self.head,
            "sha256": sha256(b"".join(lines)).hexdigest(),
        }  # fmt: skip
        return [*lines, canonical(end) + b"\n"]


def months(entries: int, *, households: int = 40, seed: int = 3) -> Book:
    """A village's ledger of so many entries: credits, reversals, exchanges."""
    chance, book = random.Random(seed), Book()
    book.post("open", [])
    book.post("supply", [["supply/good:soap", "stock/good:soap", 10 * entries]])
    while len(book.entries) < entries:
        home = f"QH01-{chance.randrange(households):04}"
        purse, held = f"purse/point:total/{home}", f"held/point:total/{home}"
        points = chance.randint(1, 30)
        words = {"household": "顾建国", "why": "参加“清洁家园”"} if chance.random() < 0.9 else None
        credited = book.post("credit", [["issue/point:total", purse, points]], words=words)
        turn = chance.random()
        if turn < 0.05:
            opposite = [[purse, "issue/point:total", points]]
            book.post("reversal", opposite, words={"why": "记错了户"}, reverses=credited["number"])
        elif turn < 0.2:
            book.post("reserve", [[purse, held, points], ["stock/good:soap", "kept/good:soap", 1]])
            book.post("hand-over", [[held, "goods/point:total", points], ["kept/good:soap", "out/good:soap", 1]])
    return book
