"""Decides how entries that are in the database are read back in their canonical form, in order and a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from jifen_office.ledger.chain import asked, form
from jifen_office.ledger.models import Account, Entry
from jifen_office.ledger.names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen_office.ledger.models import Transfer
    from jifen_office.register.models import Village

_AT_ONCE: Final = 2000


@frozen
class Written:
    """An entry as it stands in the database, and as it is hashed."""

    entry: Entry
    form: dict[str, Any]
    transfers: list[Transfer]

    @property
    def opening(self) -> dict[str, Any] | None:
        """Salt and content; None where there never was one, or it was erased."""
        kept = getattr(self.entry, "opening", None)
        return None if kept is None else {"salt": kept.salt, "content": kept.content}


def accounts_of(village: Village) -> dict[int, Account]:
    """All accounts of a village by id."""
    return {each.pk: each for each in Account.objects.filter(village=village).select_related("household")}


def entries_of(village: Village) -> Iterator[Written]:
    """All entries of a village in the order of their numbers; inside a transaction that locks the chain."""
    names = {pk: name_of(account) for pk, account in accounts_of(village).items()}
    entries = Entry.objects.filter(village=village).select_related("opening", "reverses").order_by("number")
    for entry in entries.prefetch_related("transfers").iterator(_AT_ONCE):
        transfers = sorted(entry.transfers.all(), key=lambda transfer: transfer.place)
        moved = [
            # An account of another village has no name here: it is told by its id and found to be wrong.
            (
                names.get(each.source_id, f"#{each.source_id}"),
                names.get(each.target_id, f"#{each.target_id}"),
                each.amount,
            )
            for each in transfers
        ]
        request = asked(
            village=village.code,
            kind=entry.kind,
            occurred=entry.occurred,
            by=entry.by_id,
            record=entry.record,
            settlement=entry.settlement,
            rules=entry.rules,
            reverses=entry.reverses.number if entry.reverses else None,
            commitment=entry.commitment,
            transfers=moved,
        )
        written = form(request, number=entry.number, recorded=entry.recorded, key=entry.key, previous=entry.previous)
        yield Written(entry, written, transfers)
