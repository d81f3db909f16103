"""Decides how a village is settled from the office's register and records, by the core, and what names a settlement."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from attrs import evolve
from jifen.checking import admit
from jifen.flow import settle
from jifen.frames import plain
from jifen.inputs import Reading
from jifen.known import as_known
from jifen.period import Period
from jifen.problems import Refused

from jifen_office import rules
from jifen_office.ledger.chain import canonical
from jifen_office.register.frames_out import deeds_frame, households_frame, villages_frame

if TYPE_CHECKING:
    from datetime import date

    from jifen.settlement import Settlement

    from jifen_office.register.models import Household, Village


def settle_village(
    village: Village,
    period: str,
    known_at: date | None = None,
    *,
    only: Household | None = None,
    pending_too: bool = False,
) -> Settlement:
    """A village's settlement of a period from its register and records, as they were known at the end of a day.

    Only what is final counts; with `pending_too` also what is on its way. `only` settles one household by itself.
    Raises `Refused` where the town's rules cannot be had or are not those that were approved, and for every record that
    they cannot settle.
    """
    span, town = Period.parse(period), village.town.code
    book = rules.book_in(town, span)
    approved = rules.approvals_of(town, book)
    deeds = deeds_frame(village, span, only=only, pending_too=pending_too)
    tables = {
        "villages": villages_frame([village]),
        "households": households_frame([village], span, only=only),
        "deeds": deeds,
    }
    reading = Reading(tables, rows_in=deeds.height)
    if known_at is not None:
        reading = as_known(reading, known_at)
    inputs = evolve(admit(reading, book, span), known_at=known_at, approved=approved)
    if inputs.set_aside:
        raise Refused([problem for row in inputs.set_aside for problem in row.problems])
    return settle(book, rules.registry(), inputs, span, town=town)


def digest_of(settlement: Settlement) -> str:
    """SHA-256 over a settlement's frames, row by row as text, with its town, period and rules."""
    head = [settlement.town, settlement.period.name, settlement.book.digest]
    found = sha256(canonical(head))
    for name, frame in settlement.frames().items():
        found.update(f"\n{name}\n".encode() + plain(frame).write_ndjson().encode())
    return found.hexdigest()
