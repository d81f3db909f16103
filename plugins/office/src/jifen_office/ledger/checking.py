"""Decides whether a village's ledger is whole: sums, balances, numbers, chain, commitments, triggers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import connection
from jifen.problems import Problem

from jifen_office.ledger.chain import GENESIS, REQUEST, commit, digest
from jifen_office.ledger.names import NEVER_BELOW_0, name_of
from jifen_office.ledger.triggers import missing
from jifen_office.ledger.writing import Head, lock, writing
from jifen_office.ledger.written import Written, accounts_of, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_office.ledger.models import Account
    from jifen_office.register.models import Village


def check(village: Village) -> list[Problem]:
    """All that is wrong with a village's ledger; nothing where it is whole. It writes nothing."""
    with writing():
        head = lock(village)
        accounts = accounts_of(village)
        sums: Counter[int] = Counter()
        problems = [*_guarded(), *_entries(village, accounts, sums, head)]
    return [*problems, *_balances(village, accounts, sums)]


def _guarded() -> Iterator[Problem]:
    if names := missing(connection):
        yield Problem("ledger.check.triggers", facts={"names": ", ".join(names)})


def _entries(village: Village, accounts: dict[int, Account], sums: Counter[int], head: Head) -> Iterator[Problem]:
    number, before = 0, GENESIS
    for written in entries_of(village):
        number += 1
        entry = written.entry
        facts = {"village": village.name, "number": entry.number}
        if entry.number != number:
            yield Problem("ledger.check.number", facts={**facts, "expected": number})
            number = entry.number
        if entry.previous != before:
            yield Problem("ledger.check.previous", facts=facts)
        if digest({**written.form, "request": entry.request}) != entry.hash:
            yield Problem("ledger.check.hash", facts=facts)
        if digest({name: written.form[name] for name in REQUEST}) != entry.request:
            yield Problem("ledger.check.request", facts=facts)
        opening = written.opening
        if opening is not None and commit(opening["salt"], opening["content"]) != entry.commitment:
            yield Problem("ledger.check.opening", facts=facts)
        yield from _moved(village, written, accounts, sums)
        before = entry.hash
    if head != Head(number, before):
        yield Problem("ledger.check.head", facts={"village": village.name, "number": number, "there": head.number})


def _moved(village: Village, written: Written, accounts: dict[int, Account], sums: Counter[int]) -> Iterator[Problem]:
    entry = written.entry
    if entry.moves != len(written.transfers):
        facts = {"village": village.name, "number": entry.number, "moves": entry.moves}
        yield Problem("ledger.check.places", facts={**facts, "there": len(written.transfers)})
    for each in written.transfers:
        sums[each.source_id] -= each.amount
        sums[each.target_id] += each.amount
        source, target = accounts.get(each.source_id), accounts.get(each.target_id)
        if source is None or target is None or source.unit != target.unit:
            wrong = each.source_id if source is None else each.target_id
            facts = {"village": village.name, "number": entry.number, "account": wrong}
            yield Problem("ledger.check.village", facts=facts)


def _balances(village: Village, accounts: dict[int, Account], sums: Counter[int]) -> Iterator[Problem]:
    units: Counter[str] = Counter()
    for pk, account in accounts.items():
        units[account.unit] += account.balance
        facts = {"village": village.name, "account": name_of(account), "there": account.balance}
        if account.balance != sums[pk]:
            yield Problem("ledger.check.balance", facts={**facts, "expected": sums[pk]})
        if account.balance < 0 and account.kind in NEVER_BELOW_0:
            yield Problem("ledger.check.below", facts=facts)
    for unit, total in sorted(units.items()):
        if total:
            yield Problem("ledger.check.sum", facts={"village": village.name, "unit": unit, "sum": total})
